/** The oracle's own rounding: exact integers of any size, one rule at a time. Shares nothing with shared/domain. */

export type OracleRounding = 'half-up' | 'half-even' | 'up' | 'down'

/** `numerator / denominator` as a whole number by the named rule. Both are whole; the quotient is not negative. */
export function quotient(numerator: bigint, denominator: bigint, rounding: OracleRounding): number {
  if (numerator < 0n || denominator <= 0n) throw new RangeError(`${numerator}/${denominator} is not for this rounding`)
  const whole = numerator / denominator
  const rest = numerator % denominator
  return Number(rest > 0n && goesUp(whole, rest, denominator, rounding) ? whole + 1n : whole)
}

/** The multiple of `increment` that the rule says. */
export function toMultiple(amount: number, increment: number, rounding: OracleRounding): number {
  return quotient(BigInt(amount), BigInt(increment), rounding) * increment
}

function goesUp(whole: bigint, rest: bigint, denominator: bigint, rounding: OracleRounding): boolean {
  if (rounding === 'up') return true
  if (rounding === 'down') return false
  if (rest * 2n !== denominator) return rest * 2n > denominator
  return rounding === 'half-up' || whole % 2n === 1n
}
