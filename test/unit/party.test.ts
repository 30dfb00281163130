import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countParty, fits } from '../../shared/domain/party.ts'
import { aRoomType } from '../support/builders.ts'

const BANDS = [
  { code: 'INFANT', minAge: 0, maxAge: 2 },
  { code: 'CHILD', minAge: 3, maxAge: 12 },
]

describe('countParty()', () => {
  test.each([
    ['adults alone', 2, [], { adults: 2, children: 0, byBand: [0, 0] }],
    ['a newborn', 2, [0], { adults: 2, children: 1, byBand: [1, 0] }],
    ['the last age of the first band', 2, [2], { adults: 2, children: 1, byBand: [1, 0] }],
    ['the first age of the second band', 2, [3], { adults: 2, children: 1, byBand: [0, 1] }],
    ['the last age of the last band', 2, [12], { adults: 2, children: 1, byBand: [0, 1] }],
    ['a year beyond the last band', 2, [13], { adults: 3, children: 0, byBand: [0, 0] }],
    ['a family', 1, [17, 12, 5, 2, 0], { adults: 2, children: 4, byBand: [2, 2] }],
  ])('puts %s where the bands say', (_, adults, childAges, expected) => {
    expect(countParty({ adults, childAges }, BANDS)).toEqual(expected)
  })

  test('counts every child as an adult where the property has no bands', () => {
    expect(countParty({ adults: 2, childAges: [0, 9] }, [])).toEqual({ adults: 4, children: 0, byBand: [] })
  })

  test('loses nobody, whatever the order of the ages', () => {
    const ages = fc.array(fc.integer({ min: 0, max: 17 }), { maxLength: 20 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), ages, (adults, childAges) => {
        const counted = countParty({ adults, childAges }, BANDS)
        expect(counted.adults + counted.children).toBe(adults + childAges.length)
        expect(counted.byBand.reduce((sum, count) => sum + count, 0)).toBe(counted.children)
        expect(countParty({ adults, childAges: childAges.toReversed() }, BANDS)).toEqual(counted)
      }),
    )
  })
})

describe('fits()', () => {
  const { occupancy } = aRoomType('DBL', { base: 2, max: 4, maxAdults: 3, maxChildren: 2 })

  test.each([
    [1, 0, true],
    [3, 0, true],
    [4, 0, false],
    [1, 2, true],
    [1, 3, false],
    [2, 2, true],
    [3, 1, true],
    [3, 2, false],
  ])(
    'of %i adults and %i children is %s in a room for 4, of them 3 adults and 2 children',
    (adults, children, takes) => {
      expect(fits({ adults, children, byBand: [] }, occupancy)).toBe(takes)
    },
  )

  test('counts a child beyond the bands against the adults', () => {
    const party = countParty({ adults: 3, childAges: [13] }, BANDS)
    expect(fits(party, occupancy)).toBe(false)
  })
})
