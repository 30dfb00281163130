/** The oracle's judgement of a stay: every reason written out in the order in which they are looked for. */
import type { RatePlan, RoomType } from '../../shared/domain/property.ts'
import { daysFromTo, nightsOf } from './oracle-dates.ts'
import { NO_RESTRICTION, type OracleHotel, type OracleRestriction, roomsLeft } from './oracle-hotel.ts'
import { type OracleStay, partyOf, rateOf } from './oracle-price.ts'

export const ORACLE_REASONS = [
  'outside-horizon',
  'occupancy',
  'not-priced',
  'closed',
  'closed-to-arrival',
  'closed-to-departure',
  'min-stay-arrival',
  'min-stay-through',
  'max-stay',
  'advance-min',
  'advance-max',
  'sold-out',
] as const
export type OracleReason = (typeof ORACLE_REASONS)[number]

export type OracleRefusal = { reason: OracleReason; nights: string[] }

/** Why the product cannot be had for the stay, sold-out rooms left aside; undefined where it can. */
export function judgedByRules(
  hotel: OracleHotel,
  roomType: RoomType,
  plan: RatePlan,
  stay: OracleStay,
  today: string,
): OracleRefusal | undefined {
  const { arrival, departure } = stay
  const nights = nightsOf(arrival, departure)
  const stayLength = nights.length
  const cells = (night: string) => cellsOn(hotel, roomType, plan, night)

  const outside = nights.filter((night) => !hotel.inventory.has(`${roomType.roomType}|${night}`))
  if (outside.length > 0) return { reason: 'outside-horizon', nights: outside }
  if (!hasPlaceFor(hotel, roomType, stay)) return { reason: 'occupancy', nights: [] }
  const unpriced = nights.filter((night) => rateOf(hotel, roomType, plan, night) === undefined)
  if (unpriced.length > 0) return { reason: 'not-priced', nights: unpriced }
  const closed = nights.filter((night) => cells(night).some((cell) => cell.closed))
  if (closed.length > 0) return { reason: 'closed', nights: closed }
  if (cells(arrival).some((cell) => cell.closedToArrival)) return { reason: 'closed-to-arrival', nights: [arrival] }
  if (cells(departure).some((cell) => cell.closedToDeparture))
    return { reason: 'closed-to-departure', nights: [departure] }
  if (cells(arrival).some((cell) => cell.minStayArrival !== null && stayLength < cell.minStayArrival))
    return { reason: 'min-stay-arrival', nights: [arrival] }
  const longer = nights.filter((night) =>
    cells(night).some((cell) => cell.minStayThrough !== null && stayLength < cell.minStayThrough),
  )
  if (longer.length > 0) return { reason: 'min-stay-through', nights: longer }
  if (cells(arrival).some((cell) => cell.maxStay !== null && stayLength > cell.maxStay))
    return { reason: 'max-stay', nights: [arrival] }
  const ahead = daysFromTo(today, arrival)
  if (plan.advanceMin !== null && ahead < plan.advanceMin) return { reason: 'advance-min', nights: [arrival] }
  if (plan.advanceMax !== null && ahead > plan.advanceMax) return { reason: 'advance-max', nights: [arrival] }
  return undefined
}

/** The nights of the stay on which no room of the type is left. */
export function soldOutNights(hotel: OracleHotel, roomType: RoomType, stay: OracleStay): string[] {
  return nightsOf(stay.arrival, stay.departure).filter((night) => roomsLeft(hotel, roomType.roomType, night) === 0)
}

function hasPlaceFor(hotel: OracleHotel, roomType: RoomType, stay: OracleStay): boolean {
  const { adults, children } = partyOf(hotel.content, stay)
  const { max, maxAdults, maxChildren } = roomType.occupancy
  return adults <= maxAdults && children.length <= maxChildren && adults + children.length <= max
}

/** The product's own restriction on a date and, where it inherits, its parent's. None beyond the horizon. */
function cellsOn(hotel: OracleHotel, roomType: RoomType, plan: RatePlan, date: string): OracleRestriction[] {
  if (!hotel.inventory.has(`${roomType.roomType}|${date}`)) return []
  const codes = [plan.ratePlan, ...(plan.derived?.inheritRestrictions ? [plan.derived.ratePlan] : [])]
  return codes.map((code) => hotel.restrictions.get(`${roomType.roomType}|${code}|${date}`) ?? NO_RESTRICTION)
}
