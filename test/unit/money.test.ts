import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AMOUNT_MAX, divideRounded, ROUNDINGS, type Rounding, roundToIncrement } from '../../shared/domain/money.ts'

const someRounding = fc.constantFrom(...ROUNDINGS)
const whole = fc.maxSafeInteger()
const divisor = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200_000 }))

/** The same division on integers without limit, each rule as its definition says. */
function exactly(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const towardsZero = numerator / denominator
  const rest = numerator - towardsZero * denominator
  if (rest === 0n) return towardsZero
  const away = towardsZero + (numerator < 0n ? -1n : 1n)
  const twice = (rest < 0n ? -rest : rest) * 2n
  if (rounding === 'up') return away
  if (rounding === 'down') return towardsZero
  if (twice !== denominator) return twice > denominator ? away : towardsZero
  return rounding === 'half-up' || towardsZero % 2n !== 0n ? away : towardsZero
}

describe('divideRounded()', () => {
  //          n    d    half-up half-even up down
  test.each([
    [0, 4, 0, 0, 0, 0],
    [8, 4, 2, 2, 2, 2],
    [1, 4, 0, 0, 1, 0],
    [2, 4, 1, 0, 1, 0],
    [3, 4, 1, 1, 1, 0],
    [6, 4, 2, 2, 2, 1],
    [10, 4, 3, 2, 3, 2],
    [14, 4, 4, 4, 4, 3],
    [1, 3, 0, 0, 1, 0],
    [2, 3, 1, 1, 1, 0],
    [49_999, 100_000, 0, 0, 1, 0],
    [50_000, 100_000, 1, 0, 1, 0],
    [50_001, 100_000, 1, 1, 1, 0],
    [149_999, 100_000, 1, 1, 2, 1],
    [150_000, 100_000, 2, 2, 2, 1],
    [7, 1, 7, 7, 7, 7],
  ])('of %i by %i is %i half-up, %i half-even, %i up, %i down', (n, d, halfUp, halfEven, up, down) => {
    const by = (rounding: Rounding) => divideRounded(n, d, rounding)
    expect([by('half-up'), by('half-even'), by('up'), by('down')]).toEqual([halfUp, halfEven, up, down])
  })

  test.each([
    [-1, 4, 0, 0, -1, 0],
    [-2, 4, -1, 0, -1, 0],
    [-3, 4, -1, -1, -1, 0],
    [-6, 4, -2, -2, -2, -1],
    [-10, 4, -3, -2, -3, -2],
    [-8, 4, -2, -2, -2, -2],
  ])('of %i by %i moves away from zero or towards it as above', (n, d, halfUp, halfEven, up, down) => {
    const by = (rounding: Rounding) => divideRounded(n, d, rounding)
    expect([by('half-up'), by('half-even'), by('up'), by('down')]).toEqual([halfUp, halfEven, up, down])
  })

  test('is exact for every whole number a double holds', () => {
    fc.assert(
      fc.property(whole, divisor, someRounding, (n, d, rounding) => {
        expect(BigInt(divideRounded(n, d, rounding))).toBe(exactly(BigInt(n), BigInt(d), rounding))
      }),
      { numRuns: 2000 },
    )
  })

  test('settles halves by their rule however large they are', () => {
    const half = fc.tuple(fc.integer({ min: 0, max: AMOUNT_MAX }), fc.integer({ min: 1, max: 100_000 }))
    fc.assert(
      fc.property(half, someRounding, ([quotient, d], rounding) => {
        const n = quotient * 2 * d + d
        expect(BigInt(divideRounded(n, 2 * d, rounding))).toBe(exactly(BigInt(n), BigInt(2 * d), rounding))
      }),
    )
  })

  test('of a discount is that of a charge of the same size', () => {
    fc.assert(
      fc.property(whole, divisor, someRounding, (n, d, rounding) => {
        expect(divideRounded(-n, d, rounding) + divideRounded(n, d, rounding)).toBe(0)
      }),
    )
  })

  test('never gives minus zero, which JSON and Object.is tell from zero', () => {
    for (const rounding of ROUNDINGS)
      for (const n of [0, -0, -1]) expect(Object.is(divideRounded(n, 1_000_000, rounding), -0)).toBe(false)
  })
})

describe('roundToIncrement()', () => {
  test.each<[number, number, Rounding, number]>([
    [1_002, 5, 'half-up', 1_000],
    [1_003, 5, 'half-up', 1_005],
    [1_001, 5, 'up', 1_005],
    [1_004, 5, 'down', 1_000],
    [10_049, 100, 'half-up', 10_000],
    [10_050, 100, 'half-up', 10_100],
    [10_050, 100, 'half-even', 10_000],
    [10_150, 100, 'half-even', 10_200],
    [0, 100, 'up', 0],
    [1, 100_000, 'up', 100_000],
  ])('of %i to multiples of %i, %s, is %i', (amount, increment, rounding, expected) => {
    expect(roundToIncrement(amount, increment, rounding)).toBe(expected)
  })

  test('of 1 leaves every amount as it is', () => {
    fc.assert(fc.property(whole, someRounding, (amount, rounding) => roundToIncrement(amount, 1, rounding) === amount))
  })

  test('gives a multiple less than one increment away', () => {
    const amounts = fc.integer({ min: 0, max: AMOUNT_MAX })
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 100_000 }), someRounding, (amount, increment, rounding) => {
        const rounded = roundToIncrement(amount, increment, rounding)
        expect(rounded % increment).toBe(0)
        expect(Math.abs(rounded - amount)).toBeLessThan(increment)
      }),
    )
  })
})
