import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ROUNDINGS, type Rounding } from '../../shared/domain/money.ts'
import type { Tax } from '../../shared/domain/property.ts'
import { type Taxable, taxesOn, totalOf } from '../../shared/domain/taxes.ts'

function percent(basisPoints: number, included: boolean, code = 'VAT'): Tax {
  return { kind: 'percent', code, name: `Tax ${code}`, basisPoints, included }
}

function city(over: Partial<Extract<Tax, { kind: 'person-night' }>> = {}): Tax {
  return {
    kind: 'person-night',
    code: 'CITY',
    name: 'City tax',
    amount: 400,
    minAge: 13,
    maxNights: 7,
    included: false,
    ...over,
  }
}

function aStay(over: Partial<Taxable> = {}): Taxable {
  return { charge: 20_000, nights: 2, adults: 2, childAges: [], ...over }
}

const amounts = (stay: Taxable, taxes: readonly Tax[], rounding: Rounding = 'half-up') =>
  taxesOn(stay, taxes, rounding).map((tax) => tax.amount)

describe('taxesOn() a percentage', () => {
  test.each<[string, number, Tax[], Rounding, number[]]>([
    ['contained: 6 % of 106.00', 10_600, [percent(600, true)], 'half-up', [600]],
    ['contained: 6 % in 100.00, 5.6603', 10_000, [percent(600, true)], 'half-up', [566]],
    ['contained, up', 10_000, [percent(600, true)], 'up', [567]],
    ['contained, down', 10_050, [percent(600, true)], 'down', [568]],
    [
      'two contained, taken out of the same charge',
      12_000,
      [percent(1_500, true), percent(500, true)],
      'half-up',
      [1_500, 500],
    ],
    ['on top: 7.7 % of 100.00', 10_000, [percent(770, false)], 'half-up', [770]],
    ['on top, half a cent up', 50, [percent(100, false)], 'half-up', [1]],
    ['on top, half a cent to even', 50, [percent(100, false)], 'half-even', [0]],
    [
      'on top of what is left after the contained',
      10_600,
      [percent(600, true), percent(1_000, false)],
      'half-up',
      [600, 1_000],
    ],
    [
      'on top, though it stands before the contained',
      10_600,
      [percent(1_000, false), percent(600, true)],
      'half-up',
      [1_000, 600],
    ],
    ['two on top, neither on the other', 10_000, [percent(1_000, false), percent(500, false)], 'half-up', [1_000, 500]],
    ['of zero, listed all the same', 10_000, [percent(0, false)], 'up', [0]],
    ['of nothing', 0, [percent(600, true), percent(600, false)], 'up', [0, 0]],
    ['of everything', 10_000, [percent(10_000, false)], 'half-up', [10_000]],
  ])('reckons %s', (_, charge, taxes, rounding, expected) => {
    expect(amounts(aStay({ charge }), taxes, rounding)).toEqual(expected)
  })

  test('leaves the net charge alone where the city tax is contained', () => {
    expect(amounts(aStay({ charge: 10_000 }), [city({ included: true }), percent(1_000, false)])).toEqual([
      1_600, 1_000,
    ])
  })
})

describe('taxesOn() a person and night', () => {
  test.each([
    ['every adult, every night', { adults: 2, nights: 3 }, {}, 2_400],
    ['the last night it is due for', { adults: 1, nights: 7 }, {}, 2_800],
    ['no night after that', { adults: 1, nights: 8 }, {}, 2_800],
    ['a child of its age', { adults: 1, nights: 1, childAges: [13] }, {}, 800],
    ['no child below its age', { adults: 1, nights: 1, childAges: [12] }, {}, 400],
    ['children by true age, whatever the bands say', { adults: 1, nights: 2, childAges: [17, 13, 12, 0] }, {}, 2_400],
    ['every child where it is due from birth', { adults: 1, nights: 1, childAges: [0] }, { minAge: 0 }, 800],
    ['no child where it is due from 18', { adults: 1, nights: 1, childAges: [17] }, { minAge: 18 }, 400],
    ['nothing where it is nothing', { adults: 3, nights: 3 }, { amount: 0 }, 0],
  ])('counts %s', (_, stay, tax, expected) => {
    expect(amounts(aStay(stay), [city(tax)])).toEqual([expected])
  })
})

describe('taxesOn() and totalOf()', () => {
  test('keep the order, code and name of the property and say what is contained', () => {
    expect(taxesOn(aStay(), [city(), percent(600, true)], 'half-up')).toEqual([
      { code: 'CITY', name: 'City tax', amount: 1_600, included: false },
      { code: 'VAT', name: 'Tax VAT', amount: 1_132, included: true },
    ])
  })

  test('add what is not contained, and nothing else', () => {
    const taxes = [percent(600, true), percent(1_000, false), city(), city({ included: true })]
    const lines = taxesOn(aStay({ charge: 10_600 }), taxes, 'half-up')
    expect(totalOf(10_600, lines)).toBe(10_600 + 1_000 + 1_600)
  })

  test('are the charge where the property has no taxes', () => {
    expect(taxesOn(aStay(), [], 'half-up')).toEqual([])
    expect(totalOf(20_000, [])).toBe(20_000)
  })

  const rounding = fc.constantFrom(...ROUNDINGS)
  const basisPoints = fc.integer({ min: 0, max: 10_000 })
  const charge = fc.nat(100_000_000)

  test('take contained taxes out of the charge to within half a cent or one a line', () => {
    fc.assert(
      fc.property(charge, fc.array(basisPoints, { maxLength: 4 }), rounding, (room, rates, rule) => {
        const taxes = rates.map((rate, i) => percent(rate, true, `T${i}`))
        const net = room - amounts(aStay({ charge: room }), taxes, rule).reduce((sum, tax) => sum + tax, 0)
        const exact = (room * 10_000) / (10_000 + rates.reduce((sum, rate) => sum + rate, 0))
        expect(Math.abs(net - exact)).toBeLessThanOrEqual(rates.length * (rule.startsWith('half') ? 0.5 : 1) + 1e-6)
      }),
    )
  })

  test('come to the same total whichever order the property lists them in', () => {
    const taxes = fc.array(fc.tuple(basisPoints, fc.boolean()), { maxLength: 5 })
    fc.assert(
      fc.property(charge, taxes, rounding, (room, rates, rule) => {
        const list = [...rates.map(([rate, included], i) => percent(rate, included, `T${i}`)), city()]
        const total = (order: Tax[]) => totalOf(room, taxesOn(aStay({ charge: room }), order, rule))
        expect(total(list.toReversed())).toBe(total(list))
      }),
    )
  })
})
