/**
 * The oracle's answers to questions about more than one stay: every possibility asked one by one, and the best of them
 * picked by looking at all. No bound, no shortcut.
 */
import type { CalendarDay, FlexibleStay, Offer, PricedProduct } from '../../shared/routes/availability.ts'
import type { Oracle } from './oracle.ts'
import { daysFromTo, plusDays } from './oracle-dates.ts'
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
