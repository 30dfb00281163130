/**
 * The oracle's answers to questions about more than one stay: every possibility asked one by one, and the best of them
 * picked by looking at all. No bound, no shortcut.
 */
import type { CalendarDay, FlexibleStay, Offer, PricedProduct } from '../../shared/routes/availability.ts'
import type { Oracle } from './oracle.ts'
import { daysFromTo, plusDays } from './oracle-dates.ts'
import { ORACLE_REASONS, type OracleReason } from './oracle-judge.ts'
import type { OracleStay } from './oracle-price.ts'

/** What a calendar's cheapest day buys: the lowest total, and of several the earliest. */
export function cheapestOfDays(
  days: readonly CalendarDay[],
): { arrival: string; total: number; roomType: string; ratePlan: string } | null {
  const [best] = days
    .filter((day) => day.total !== null)
    .sort((a, b) => (a.total ?? 0) - (b.total ?? 0) || daysFromTo(b.arrival, a.arrival))
  if (!best) return null
  const { arrival, total, roomType, ratePlan } = best
  return { arrival, total: total ?? 0, roomType: roomType ?? '', ratePlan: ratePlan ?? '' }
}

/** Every stay with arrival and departure moved by up to so many nights, by arrival and then departure. */
export function flexibleDates(oracle: Oracle, stay: OracleStay, flexibility: number, today: string): FlexibleStay[] {
  const found: FlexibleStay[] = []
  const { adults, childAges } = stay
  for (let before = -flexibility; before <= flexibility; before++)
    for (let after = -flexibility; after <= flexibility; after++) {
      const arrival = plusDays(stay.arrival, before)
      const departure = plusDays(stay.departure, after)
      const nights = daysFromTo(arrival, departure)
      if (nights < 1 || nights > 90) continue
      const [day] = oracle.calendar({ from: arrival, to: arrival, nights, adults, childAges }, today)
      if (!day) throw new Error('a calendar of one day has one day')
      found.push({ ...day, departure, nights, asked: before === 0 && after === 0 })
    }
  return found
}

/**
 * Every way to give each party one of its offers without using a room type more often than is left, cheapest first.
 * Empty where there is none.
 */
export function combinations(offers: readonly (readonly Offer[])[]): { total: number; rooms: PricedProduct[] }[] {
  let found: { total: number; rooms: PricedProduct[] }[] = [{ total: 0, rooms: [] }]
  for (const choices of offers)
    found = found.flatMap(({ total, rooms }) =>
      choices.map(({ roomType, ratePlan, total: price }) => ({
        total: total + price,
        rooms: [...rooms, { roomType, ratePlan, total: price }],
      })),
    )
  const left = new Map(offers.flat().map((offer) => [offer.roomType, offer.available]))
  return found
    .filter(({ rooms }) =>
      [...left].every(([roomType, most]) => rooms.filter((room) => room.roomType === roomType).length <= most),
    )
    .sort((a, b) => a.total - b.total)
}

/** A hotel's line in a search over many, as far as sorting and deciding goes. */
export interface OracleLine {
  property: string
  name: string
  currency: string
  total: number | null
  roomType: string | null
  ratePlan: string | null
  reason: OracleReason | null
}

/**
 * Every hotel's line in the order guests see: what is free by currency (most hotels first) and price, or by name; then
 * the rest by how late in the order of reasons they fail. Found by comparing each with each.
 */
export function destinationLines(
  oracles: readonly Oracle[],
  stay: OracleStay,
  sort: 'price' | 'name',
  instant: number,
): OracleLine[] {
  const { arrival, departure, adults, childAges } = stay
  const lines = oracles.map((oracle): OracleLine => {
    const { property, name, currency } = oracle.hotel.content
    const nights = daysFromTo(arrival, departure)
    const days = oracle.calendar({ from: arrival, to: arrival, nights, adults, childAges }, oracle.today(instant))
    const { total, roomType, ratePlan, reason } = days[0] as CalendarDay
    return { property, name, currency, total, roomType, ratePlan, reason }
  })
  const free = lines.filter((line) => line.total !== null)
  const inCurrency = (currency: string) => free.filter((line) => line.currency === currency).length
  const isBefore = (a: OracleLine, b: OracleLine): boolean => {
    if ((a.total === null) !== (b.total === null)) return a.total !== null
    if (a.total === null && a.reason !== b.reason)
      return ORACLE_REASONS.indexOf(a.reason as OracleReason) > ORACLE_REASONS.indexOf(b.reason as OracleReason)
    if (a.total !== null && b.total !== null && sort === 'price') {
      if (a.currency !== b.currency) {
        const [m, n] = [inCurrency(a.currency), inCurrency(b.currency)]
        return m === n ? a.currency < b.currency : m > n
      }
      if (a.total !== b.total) return a.total < b.total
    }
    return a.name === b.name ? a.property < b.property : a.name < b.name
  }
  const sorted: OracleLine[] = []
  for (const line of lines) {
    const place = sorted.findIndex((other) => isBefore(line, other))
    sorted.splice(place === -1 ? sorted.length : place, 0, line)
  }
  return sorted
}
