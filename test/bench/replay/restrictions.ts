/** Rules that a revenue manager might set, spread over the replayed nights by a seed, to see them all enforced. */
import { addDays, dayNumber, type Night } from '../../../shared/domain/nights.ts'
import type { PropertyDefinition } from '../../../shared/domain/property.ts'
import type { AriChange } from '../../../shared/routes/ari.ts'
import { BASE_PLAN, DERIVED_PLAN } from './replay-hotel.ts'

/** One stretch of some kind for every so many nights of a room type. */
const NIGHTS_EACH = 20

/** The same definition and seed give the same restrictions. No room type loses all its nights. */
export function someRestrictions(definition: PropertyDefinition, seed: number): AriChange[] {
  const { from, to } = definition.inventory
  const nights = dayNumber(to) - dayNumber(from) + 1
  const chance = randomNumbers(seed)
  const kinds: ((roomType: string, span: { from: Night; to: Night }) => AriChange)[] = [
    (roomType, span) => ({ roomType, ...span, ratePlan: BASE_PLAN, minStayArrival: 2 + chance(3) }),
    (roomType, span) => ({ roomType, ...span, ratePlan: BASE_PLAN, minStayThrough: 2 + chance(3) }),
    (roomType, span) => ({ roomType, ...span, ratePlan: DERIVED_PLAN, minStayThrough: 2 + chance(2) }),
    (roomType, span) => ({ roomType, ...span, ratePlan: DERIVED_PLAN, maxStay: 3 + chance(5) }),
    (roomType, span) => ({ roomType, ...span, ratePlan: BASE_PLAN, closedToArrival: true }),
    (roomType, span) => ({ roomType, ...span, ratePlan: BASE_PLAN, closedToDeparture: true }),
    (roomType, span) => ({ roomType, ...span, ratePlan: DERIVED_PLAN, closed: true }),
    (roomType, span) => ({ roomType, ...span, ratePlan: BASE_PLAN, amount: null }),
    (roomType, span) => ({ roomType, ...span, sellLimit: chance(12) }),
    (roomType, span) => ({ roomType, ...span, overbookLimit: 1 + chance(2) }),
    (roomType, span) => ({ roomType, ...span, outOfOrder: 1 }),
  ]
  return definition.content.roomTypes.flatMap(({ roomType }) =>
    Array.from({ length: Math.ceil(nights / NIGHTS_EACH) }, () => {
      const first = addDays(from, chance(nights))
      const wanted = addDays(first, chance(4))
      const make = kinds[chance(kinds.length)] as (typeof kinds)[number]
      return make(roomType, { from: first, to: wanted > to ? to : wanted })
    }),
  )
}

/** Whole numbers from 0 up to, and not including, what is asked for (mulberry32). The same seed gives the same numbers. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
