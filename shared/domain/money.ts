/**
 * Money is whole minor units (cents, Rappen) with the property's currency beside it. Every division is rounded by a
 * named rule, on integers, so that edge, origin and a hand calculator agree to the cent.
 */

/** How a division that does not come out even is settled. `half-even` is banker's rounding (IEEE 754 roundTiesToEven). */
export type Rounding = 'half-up' | 'half-even' | 'up' | 'down'

export const ROUNDINGS: readonly Rounding[] = ['half-up', 'half-even', 'up', 'down']

/** The largest amount that takes part in arithmetic: 1e9 minor units keeps every product of a rate exact in a double. */
export const AMOUNT_MAX = 1_000_000_000

/**
 * `numerator / denominator` as a whole number under a rounding. `half-up` and `up` move away from zero, `down` moves
 * towards it, so a discount and a charge of the same size round to the same size. `denominator` is positive.
 */
export function divideRounded(numerator: number, denominator: number, rounding: Rounding): number {
  const sign = numerator < 0 ? -1 : 1
  const magnitude = Math.abs(numerator)
  const remainder = magnitude % denominator
  const quotient = (magnitude - remainder) / denominator
  return sign * (quotient + (roundsAway(quotient, remainder, denominator, rounding) ? 1 : 0)) + 0
}

/** An amount as the nearest multiple of `increment` minor units: 5 for Swiss cash, 100 for whole euros. */
export function roundToIncrement(amount: number, increment: number, rounding: Rounding): number {
  return increment === 1 ? amount : divideRounded(amount, increment, rounding) * increment
}

function roundsAway(quotient: number, remainder: number, denominator: number, rounding: Rounding): boolean {
  if (remainder === 0) return false
  if (rounding === 'up') return true
  if (rounding === 'down') return false
  if (remainder * 2 !== denominator) return remainder * 2 > denominator
  return rounding === 'half-up' || quotient % 2 === 1
}
