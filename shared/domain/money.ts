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
  const magnitude = Math.abs(numerator)
  // Not `%`, which is slow beyond 31 bits. The quotient of two doubles may be rounded up to the next whole number, and
  // then the remainder shows it.
  let quotient = Math.floor(magnitude / denominator)
  let remainder = magnitude - quotient * denominator
  if (remainder < 0) {
    quotient -= 1
    remainder += denominator
  }
  if (roundsAway(quotient, remainder, denominator, rounding)) quotient += 1
  return numerator < 0 ? 0 - quotient : quotient
}

/** An amount as the nearest multiple of `increment` minor units: 5 for Swiss cash, 100 for whole euros. */
export function roundToIncrement(amount: number, increment: number, rounding: Rounding): number {
  return increment === 1 ? amount : divideRounded(amount, increment, rounding) * increment
}

function roundsAway(quotient: number, remainder: number, denominator: number, rounding: Rounding): boolean {
  if (remainder === 0) return false
  if (rounding === 'half-up') return remainder * 2 >= denominator
  if (rounding === 'half-even')
    return remainder * 2 > denominator || (remainder * 2 === denominator && quotient % 2 === 1)
  return rounding === 'up'
}
