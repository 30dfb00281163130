import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ROUNDINGS } from '../../shared/domain/money.ts'
import { nightlyAmount, occupancySupplement } from '../../shared/domain/pricing.ts'
import type { Derivation } from '../../shared/domain/property.ts'
import { aRoomType } from '../support/builders.ts'

const room = (over = {}) =>
  aRoomType('DBL', { base: 2, singleUse: -1_000, extraAdult: 3_000, childAmounts: [0, 1_500], ...over }).occupancy

function derived(over: Partial<Derivation> = {}): Derivation {
  return {
    ratePlan: 'BAR',
    percentBasisPoints: 0,
    amount: 0,
    rounding: 'half-up',
    increment: 1,
    inheritRestrictions: false,
    ...over,
  }
}

describe('occupancySupplement()', () => {
  test.each([
    ['one adult alone gets single use', 1, [0, 0], -1_000],
    ['one adult with an infant gets none', 1, [1, 0], 0],
    ['one adult with a child pays for the child', 1, [0, 1], 1_500],
    ['as many adults as the rate is for pay nothing', 2, [0, 0], 0],
    ['one adult more pays once', 3, [0, 0], 3_000],
    ['two adults more pay twice', 4, [0, 0], 6_000],
    ['children pay by their band', 2, [2, 3], 4_500],
    ['adults and children add up', 3, [1, 2], 6_000],
  ])('%s', (_, adults, byBand, expected) => {
    const children = byBand.reduce((sum, count) => sum + count, 0)
    expect(occupancySupplement(room(), { adults, children, byBand })).toBe(expected)
  })

  test('of single use is not given where the rate is for one adult anyway', () => {
    expect(occupancySupplement(room({ base: 1 }), { adults: 1, children: 0, byBand: [0, 0] })).toBe(0)
  })

  test('of single use may be a surcharge', () => {
    expect(occupancySupplement(room({ singleUse: 500 }), { adults: 1, children: 0, byBand: [0, 0] })).toBe(500)
  })
})

describe('nightlyAmount()', () => {
  test.each([
    [10_000, 0, 10_000],
    [10_000, 3_000, 13_000],
    [10_000, -1_000, 9_000],
    [1_000, -1_000, 0],
    [1_000, -1_001, 0],
    [0, 0, 0],
  ])('of a base plan at %i with %i for the party is %i, never below zero', (rate, supplement, expected) => {
    expect(nightlyAmount(rate, supplement, null)).toBe(expected)
  })

  test.each<[string, number, number, Partial<Derivation>, number]>([
    ['10 % less', 10_000, 0, { percentBasisPoints: -1_000 }, 9_000],
    ['12.5 % more, half a cent up', 9_999, 0, { percentBasisPoints: 1_250 }, 11_249],
    ['the percentage after the supplement', 10_000, 3_000, { percentBasisPoints: -1_000 }, 11_700],
    ['the amount after the percentage', 10_000, 0, { percentBasisPoints: -1_000, amount: 2_500 }, 11_500],
    ['the increment last', 10_000, 0, { percentBasisPoints: -1_000, amount: 1, increment: 100 }, 9_000],
    ['half an increment up', 10_050, 0, { increment: 100 }, 10_100],
    ['half an increment to even', 10_050, 0, { increment: 100, rounding: 'half-even' }, 10_000],
    ['each increment begun', 10_001, 0, { increment: 100, rounding: 'up' }, 10_100],
    ['each increment ended', 10_099, 0, { increment: 100, rounding: 'down' }, 10_000],
    ['both roundings by the rule', 10_001, 0, { percentBasisPoints: 1, increment: 5, rounding: 'up' }, 10_005],
    ['both roundings, one after the other', 10_005, 0, { percentBasisPoints: 1, increment: 5, rounding: 'up' }, 10_010],
    ['nothing below zero before the amount', 1_000, -5_000, { amount: 700 }, 700],
    ['nothing below zero after the amount', 1_000, 0, { amount: -1_001 }, 0],
  ])('of a derived plan reckons %s', (_, rate, supplement, derivation, expected) => {
    expect(nightlyAmount(rate, supplement, derived(derivation))).toBe(expected)
  })

  const derivations = fc.record({
    ratePlan: fc.constant('BAR'),
    percentBasisPoints: fc.integer({ min: -9_999, max: 100_000 }),
    amount: fc.integer({ min: -10_000_000, max: 10_000_000 }),
    rounding: fc.constantFrom(...ROUNDINGS),
    increment: fc.constantFrom(1, 5, 100, 333, 100_000),
    inheritRestrictions: fc.boolean(),
  })
  const rate = fc.integer({ min: 0, max: 100_000_000 })
  const supplement = fc.integer({ min: -1_000_000, max: 100_000_000 })

  test('is a whole number of at least zero, and of the increment', () => {
    fc.assert(
      fc.property(rate, supplement, derivations, (base, extra, derivation) => {
        const amount = nightlyAmount(base, extra, derivation)
        expect(Number.isSafeInteger(amount) && amount >= 0 && !Object.is(amount, -0)).toBe(true)
        expect(amount % derivation.increment).toBe(0)
      }),
    )
  })

  test('does not fall where the rate rises', () => {
    fc.assert(
      fc.property(rate, fc.nat(10_000), supplement, fc.option(derivations), (base, more, extra, derivation) => {
        expect(nightlyAmount(base + more, extra, derivation)).toBeGreaterThanOrEqual(
          nightlyAmount(base, extra, derivation),
        )
      }),
    )
  })
})
