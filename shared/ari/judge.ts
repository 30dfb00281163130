/**
 * Whether a product may be sold for a stay: every restriction of the trade, in one pure function that the edge asks to
 * answer and the origin asks to sell.
 */
import type { CountedParty } from '../domain/party.ts'
import { fits } from '../domain/party.ts'
import type { Reason } from '../routes/availability.ts'
import { CLOSED, CLOSED_TO_ARRIVAL, CLOSED_TO_DEPARTURE, NO_RATE, type Product, type Snapshot } from './snapshot.ts'

/** A stay in a snapshot's own terms: index of the arrival night (may lie outside), nights, days from today to arrival. */
export interface IndexedStay {
  first: number
  nights: number
  leadDays: number
}

/** Why not, and the nights concerned as indexes into the snapshot. */
export interface Refusal {
  reason: Reason
  nights: number[]
}

/**
 * The first rule the stay breaks, in the order of `REASONS`, or undefined where it may be sold. Rooms left are judged
 * last, so that a guest who can change the stay hears about the rule first.
 */
export function judgeStay(
  snapshot: Snapshot,
  product: Product,
  stay: IndexedStay,
  party: CountedParty,
): Refusal | undefined {
  return judgeRules(snapshot, product, stay, party) ?? judgeRoomsLeft(snapshot, product, stay)
}

/** `judgeStay` without the rooms left: the origin counts those under lock. */
export function judgeRules(
  snapshot: Snapshot,
  product: Product,
  stay: IndexedStay,
  party: CountedParty,
): Refusal | undefined {
  const { first, nights } = stay
  if (first < 0 || first + nights > snapshot.nights)
    return { reason: 'outside-horizon', nights: nightsWhere(stay, (i) => i < 0 || i >= snapshot.nights) }
  if (!fits(party, product.roomType.occupancy)) return { reason: 'occupancy', nights: [] }
  const rates = product.amountsRow * snapshot.nights
  if (product.amountsRow === -1) return { reason: 'not-priced', nights: nightsWhere(stay, () => true) }
  for (let i = first; i < first + nights; i++)
    if (snapshot.amounts[rates + i] === NO_RATE)
      return { reason: 'not-priced', nights: nightsWhere(stay, (n) => snapshot.amounts[rates + n] === NO_RATE) }
  return judgeRestrictions(snapshot, product, stay) ?? judgeAdvance(product, stay)
}

function judgeRoomsLeft(snapshot: Snapshot, product: Product, stay: IndexedStay): Refusal | undefined {
  const row = product.roomTypeIndex * snapshot.nights
  for (let i = stay.first; i < stay.first + stay.nights; i++)
    if (snapshot.available[row + i] === 0)
      return { reason: 'sold-out', nights: nightsWhere(stay, (n) => snapshot.available[row + n] === 0) }
  return undefined
}

function judgeRestrictions(snapshot: Snapshot, product: Product, stay: IndexedStay): Refusal | undefined {
  const { first, nights } = stay
  const own = product.index * snapshot.nights
  // A plan without a parent is checked against itself twice: the same answer, and no branch in the loop.
  const other = (product.restrictedBy ?? product.index) * snapshot.nights
  const flagged = (i: number, flag: number) =>
    (((snapshot.flags[own + i] as number) | (snapshot.flags[other + i] as number)) & flag) !== 0
  const strictest = (column: Uint8Array, i: number) => Math.max(column[own + i] as number, column[other + i] as number)

  let anyClosed = false
  let anyThrough = false
  for (let i = first; i < first + nights; i++) {
    if (flagged(i, CLOSED)) anyClosed = true
    if (strictest(snapshot.minStayThrough, i) > nights) anyThrough = true
  }
  if (anyClosed) return { reason: 'closed', nights: nightsWhere(stay, (i) => flagged(i, CLOSED)) }
  if (flagged(first, CLOSED_TO_ARRIVAL)) return { reason: 'closed-to-arrival', nights: [first] }
  const departure = first + nights
  if (departure < snapshot.nights && flagged(departure, CLOSED_TO_DEPARTURE))
    return { reason: 'closed-to-departure', nights: [departure] }
  if (nights < strictest(snapshot.minStayArrival, first)) return { reason: 'min-stay-arrival', nights: [first] }
  if (anyThrough)
    return {
      reason: 'min-stay-through',
      nights: nightsWhere(stay, (i) => strictest(snapshot.minStayThrough, i) > nights),
    }
  const longest = [snapshot.maxStay[own + first] as number, snapshot.maxStay[other + first] as number]
  if (longest.some((most) => most > 0 && nights > most)) return { reason: 'max-stay', nights: [first] }
  return undefined
}

function judgeAdvance(product: Product, stay: IndexedStay): Refusal | undefined {
  const { advanceMin, advanceMax } = product.plan
  if (advanceMin !== null && stay.leadDays < advanceMin) return { reason: 'advance-min', nights: [stay.first] }
  if (advanceMax !== null && stay.leadDays > advanceMax) return { reason: 'advance-max', nights: [stay.first] }
  return undefined
}

function nightsWhere(stay: IndexedStay, holds: (index: number) => boolean): number[] {
  const found: number[] = []
  for (let i = stay.first; i < stay.first + stay.nights; i++) if (holds(i)) found.push(i)
  return found
}
