import { describe, expect, test } from 'vitest'
import { contradictions, PropertyContent, PropertyDefinition } from '../../shared/domain/property.ts'
import { aProperty, aRatePlan, aRoomType } from '../support/builders.ts'

type Definition = ReturnType<typeof aProperty>

const BAND = (code: string, minAge: number, maxAge: number) => ({ code, minAge, maxAge })
const derivedFrom = (parent: string) => ({
  derived: {
    ratePlan: parent,
    percentBasisPoints: -1_000,
    amount: 0,
    rounding: 'half-up' as const,
    increment: 1,
    inheritRestrictions: true,
  },
})

/** The pointers of what contradicts itself once the definition was changed. */
function pointersAfter(change: (definition: Definition) => void): string[] {
  const definition = aProperty('harbour-house')
  change(definition)
  return contradictions(definition).map(({ pointer }) => pointer)
}

describe('contradictions()', () => {
  test('finds none in a property that can be set up', () => {
    expect(pointersAfter(() => {})).toEqual([])
  })

  test.each<[string, (definition: Definition) => void]>([
    ['no child bands', ({ content }) => bands(content, [])],
    ['one band for every age', ({ content }) => bands(content, [BAND('CHILD', 0, 17)])],
    ['a band of one year', ({ content }) => bands(content, [BAND('BABY', 0, 0), BAND('CHILD', 1, 12)])],
    [
      'a room for as many as its rate',
      ({ content }) => Object.assign(content.roomTypes[0]?.occupancy ?? {}, { base: 4 }),
    ],
    ['one night on sale', (definition) => Object.assign(definition.inventory, { to: definition.inventory.from })],
    ['a room type without rooms', ({ rooms }) => delete rooms.STE],
    [
      'a derived plan for room types its parent does not sell',
      ({ content }) =>
        content.ratePlans.push(aRatePlan('CORP', { roomTypes: ['STE'] }), aRatePlan('LATE', derivedFrom('CORP'))),
    ],
  ])('lets %s be', (_, change) => {
    expect(pointersAfter(change)).toEqual([])
  })

  test.each<[string, (definition: Definition) => void, string[]]>([
    ['two room types of one code', ({ content }) => content.roomTypes.push(aRoomType('DBL')), ['/content/roomTypes']],
    ['two rate plans of one code', ({ content }) => content.ratePlans.push(aRatePlan('BAR')), ['/content/ratePlans']],
    [
      'an amount for a band there is not',
      ({ content }) => content.roomTypes[1]?.occupancy.childAmounts.push(1),
      ['/content/roomTypes/1/occupancy/childAmounts'],
    ],
    [
      'no amount for a band',
      ({ content }) => content.roomTypes[0]?.occupancy.childAmounts.pop(),
      ['/content/roomTypes/0/occupancy/childAmounts'],
    ],
    [
      'a rate for more than fit',
      ({ content }) => Object.assign(content.roomTypes[0]?.occupancy ?? {}, { base: 5 }),
      ['/content/roomTypes/0/occupancy/base'],
    ],
    [
      'a plan for a room type there is not',
      ({ content }) => content.ratePlans[0]?.roomTypes.push('TWN'),
      ['/content/ratePlans/0/roomTypes'],
    ],
    [
      'a plan derived from one there is not',
      ({ content }) => content.ratePlans.push(aRatePlan('LATE', derivedFrom('CORP'))),
      ['/content/ratePlans/2/derived/ratePlan'],
    ],
    [
      'a plan derived from a derived one',
      ({ content }) => content.ratePlans.push(aRatePlan('LATE', derivedFrom('NRF'))),
      ['/content/ratePlans/2/derived/ratePlan'],
    ],
    [
      'a plan derived from itself',
      ({ content }) => content.ratePlans.push(aRatePlan('LATE', derivedFrom('LATE'))),
      ['/content/ratePlans/2/derived/ratePlan'],
    ],
    [
      'bands that do not begin at 0',
      ({ content }) => bands(content, [BAND('CHILD', 1, 12)]),
      ['/content/childBands/0/minAge'],
    ],
    [
      'bands with a gap',
      ({ content }) => bands(content, [BAND('BABY', 0, 2), BAND('CHILD', 4, 12)]),
      ['/content/childBands/1/minAge'],
    ],
    [
      'bands that overlap',
      ({ content }) => bands(content, [BAND('BABY', 0, 2), BAND('CHILD', 2, 12)]),
      ['/content/childBands/1/minAge'],
    ],
    [
      'a band backwards',
      ({ content }) => bands(content, [BAND('BABY', 0, 5), BAND('CHILD', 6, 5)]),
      ['/content/childBands/1'],
    ],
    ['rooms of a type there is not', ({ rooms }) => Object.assign(rooms, { TWN: ['1'] }), ['/rooms']],
    [
      'nights that end before they begin',
      (definition) => Object.assign(definition, { inventory: { from: '2027-03-02', to: '2027-03-01' } }),
      ['/inventory/to'],
    ],
  ])('finds %s', (_, change, expected) => {
    expect(pointersAfter(change)).toEqual(expected)
  })
})

describe('PropertyDefinition', () => {
  test('takes what the builders make, as it is', () => {
    const definition = aProperty('harbour-house')
    expect(PropertyDefinition.parse(definition)).toEqual(definition)
  })

  test.each<[string, unknown]>([
    ['a time zone there is not', { timeZone: 'Europe/Atlantis' }],
    ['a currency in small letters', { currency: 'eur' }],
    ['an hour there is not', { checkInFrom: '24:00' }],
    ['a country by its name', { address: { street: 'Quay 1', postalCode: '1', city: 'Lisbon', country: 'Portugal' } }],
    ['a name of two lines', { name: 'Harbour\nHouse' }],
    ['no room types', { roomTypes: [] }],
    ['no rate plans', { ratePlans: [] }],
    [
      'a tax beyond the whole',
      { taxes: [{ kind: 'percent', code: 'VAT', name: 'VAT', basisPoints: 10_001, included: true }] },
    ],
    ['a field it does not know', { stars: 5 }],
  ])('refuses %s', (_, over) => {
    const { content } = aProperty('harbour-house')
    expect(PropertyContent.safeParse({ ...content, ...(over as object) }).success).toBe(false)
  })

  test('takes a description of several lines', () => {
    const { content } = aProperty('harbour-house', { content: { description: 'By the water.\n\nQuiet.' } })
    expect(PropertyContent.parse(content).description).toBe('By the water.\n\nQuiet.')
  })
})

/** Sets the bands, and an amount for each at every room type. */
function bands(content: Definition['content'], list: Definition['content']['childBands']): void {
  content.childBands = list
  for (const { occupancy } of content.roomTypes) occupancy.childAmounts = list.map(() => 0)
}
