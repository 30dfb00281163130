/**
 * How long a stay must be where this one is too short. The answer says only that it is; asking again for longer stays
 * finds the number, from the same snapshot and without a new format.
 */
import { addDays, dayNumber } from '../../shared/domain/nights.ts'
import { STAY_NIGHTS_MAX } from '../../shared/domain/values.ts'
import type { AvailabilityAnswer } from '../../shared/routes/availability.ts'
import type { StayWish } from './stay-search.ts'

/** Longer minimum stays exist, but nobody who asked for a night or two goes that far. */
const NIGHTS_TRIED_MAX = 14

export interface ShortestStay {
  nights: number
  /** Whether it can be booked, too. */
  isFree: boolean
}

/** By `roomType ratePlan`, for the products that are refused as too short. Empty where none is. */
export type ShortestStays = ReadonlyMap<string, ShortestStay>

/** The key of a product in `ShortestStays`. */
export function productKey(product: { roomType: string; ratePlan: string }): string {
  return `${product.roomType} ${product.ratePlan}`
}

/** Finds the shortest stay from the same arrival that each too short product takes. `ask` answers for another stay. */
export async function findShortestStays(
  answer: AvailabilityAnswer,
  ask: (stay: StayWish) => Promise<AvailabilityAnswer>,
): Promise<ShortestStays> {
  const found = new Map<string, ShortestStay>()
  let open = tooShort(answer)
  const asked = dayNumber(answer.departure) - dayNumber(answer.arrival)
  const most = Math.min(NIGHTS_TRIED_MAX, STAY_NIGHTS_MAX)
  for (let nights = asked + 1; nights <= most && open.size > 0; nights++) {
    const { arrival, adults, childAges } = answer
    const longer = await ask({ arrival, departure: addDays(arrival, nights), adults, childAges })
    const still = tooShort(longer)
    const free = new Set(longer.offers.map(productKey))
    for (const key of open) if (!still.has(key)) found.set(key, { nights, isFree: free.has(key) })
    open = new Set([...open].filter((key) => still.has(key)))
  }
  return found
}

/** The products refused as too short, where a longer stay could help: a sold-out room stays sold out. */
function tooShort(answer: AvailabilityAnswer): Set<string> {
  const soldOut = new Set(answer.unavailable.filter((it) => it.reason === 'sold-out').map((it) => it.roomType))
  return new Set(
    answer.unavailable
      .filter((it) => it.reason === 'min-stay-arrival' || it.reason === 'min-stay-through')
      .filter((it) => !soldOut.has(it.roomType))
      .map(productKey),
  )
}
