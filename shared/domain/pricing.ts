import { divideRounded, roundToIncrement } from './money.ts'
import type { CountedParty } from './party.ts'
import type { Derivation, Occupancy } from './property.ts'

/**
 * What a party adds to the nightly rate of a room, minor units, possibly negative: single use where one adult stays
 * alone in a room priced for more, each adult beyond the base, each child by age band.
 */
export function occupancySupplement(room: Occupancy, party: CountedParty): number {
  const alone = party.adults === 1 && party.children === 0 && room.base > 1
  let supplement = alone ? room.singleUse : 0
  supplement += room.extraAdult * Math.max(0, party.adults - room.base)
  party.byBand.forEach((count, band) => {
    supplement += count * (room.childAmounts[band] ?? 0)
  })
  return supplement
}

/**
 * The amount for one night, minor units, never below zero. `rate` is the base plan's; a derived plan moves it by its
 * percentage, then its amount, then rounds to its increment.
 */
export function nightlyAmount(rate: number, supplement: number, derived: Derivation | null): number {
  const base = Math.max(0, rate + supplement)
  if (!derived) return base
  const moved = divideRounded(base * (10_000 + derived.percentBasisPoints), 10_000, derived.rounding) + derived.amount
  return roundToIncrement(Math.max(0, moved), derived.increment, derived.rounding)
}
