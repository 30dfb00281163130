/** The oracle judges everything else, so its own answers are worked out by hand here. */
import { describe, expect, it } from 'vitest'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { aRatePlan, aRoomType, someContent } from '../support/builders.ts'
import { Oracle, type OracleProduct } from '../support/oracle.ts'
import { dateIn, daysFromTo, instantOf, nightsOf, plusDays } from '../support/oracle-dates.ts'
import { NO_RESTRICTION, newHotel, roomsLeft } from '../support/oracle-hotel.ts'
import { quotient, toMultiple } from '../support/oracle-money.ts'

const TODAY = '2027-02-01'

/** Ten nights from 1 March, one room of DBL, every night at 100.00. */
function anOracle(over: Partial<PropertyContent> = {}): Oracle {
  const content = someContent('harbour-house', { roomTypes: [aRoomType('DBL')], ...over })
  const plans = content.ratePlans.map((plan) => ({ ...plan, roomTypes: ['DBL'] }))
  const hotel = newHotel({ ...content, ratePlans: plans }, { from: '2027-03-01', to: '2027-03-10' }, { DBL: 1 })
  for (const night of nightsOf('2027-03-01', '2027-03-11')) hotel.rates.set(`DBL|BAR|${night}`, 10_000)
  return new Oracle(hotel)
}

function aStay(over: Partial<OracleProduct> = {}): OracleProduct {
  return {
    roomType: 'DBL',
    ratePlan: 'BAR',
    arrival: '2027-03-01',
    departure: '2027-03-03',
    adults: 2,
    childAges: [],
    ...over,
  }
}

describe('the oracle', () => {
  it('prices two adults and two children for two nights, 6 % contained, city tax added', () => {
    // 100.00 + 15.00 for the child of 7, none for the one of 2: 115.00 a night. 230.00 × 6/106 = 13.02 contained.
    // City tax 4.00 from 13 years: two adults, two nights, 16.00.
    const [offer] = anOracle().availability(aStay({ childAges: [7, 2] }), TODAY).offers
    expect(offer).toEqual({
      roomType: 'DBL',
      ratePlan: 'BAR',
      available: 1,
      nightly: [
        { night: '2027-03-01', amount: 11_500 },
        { night: '2027-03-02', amount: 11_500 },
      ],
      taxes: [
        { code: 'VAT', name: 'VAT 6 %', amount: 1_302, included: true },
        { code: 'CITY', name: 'City tax', amount: 1_600, included: false },
      ],
      total: 24_600,
      cancellation: { freeUntil: '2027-02-27T18:00:00.000Z', penalty: 11_500 },
    })
  })

  it('prices a derived plan for one adult: single use off, ten percent off, rounded to whole tens', () => {
    const derived = { ratePlan: 'BAR', percentBasisPoints: -1_000, amount: 1, inheritRestrictions: false }
    const oracle = anOracle({
      taxes: [],
      ratePlans: [aRatePlan('BAR'), aRatePlan('NRF', { derived: { ...derived, rounding: 'up', increment: 1_000 } })],
    })
    const { offers } = oracle.availability(aStay({ adults: 1 }), TODAY)
    // (100.00 − 10.00) × 0.9 + 0.01 = 81.01, up to 90.00.
    expect(offers.map(({ ratePlan, total }) => [ratePlan, total])).toEqual([
      ['BAR', 18_000],
      ['NRF', 18_000],
    ])
  })

  it('adds a tax that is not contained on what is left of the charge without the contained one', () => {
    const taxes: PropertyContent['taxes'] = [
      { kind: 'percent', code: 'VAT', name: 'VAT', basisPoints: 1_000, included: true },
      { kind: 'percent', code: 'FEE', name: 'Fee', basisPoints: 500, included: false },
    ]
    const [offer] = anOracle({ taxes }).availability(aStay(), TODAY).offers
    // 200.00 holds 18.18; 181.82 × 5 % = 9.091.
    expect(offer?.taxes.map((tax) => tax.amount)).toEqual([1_818, 909])
    expect(offer?.total).toBe(20_909)
  })

  it('sells the last room once, names the night that is sold, and sells it again after a cancellation', () => {
    const oracle = anOracle()
    expect(oracle.book(aStay(), 21_600, TODAY)).toMatchObject({ outcome: 'booked', booking: 0 })
    expect(oracle.availability(aStay({ arrival: '2027-03-02', departure: '2027-03-04' }), TODAY)).toMatchObject({
      offers: [],
      unavailable: [
        { ratePlan: 'BAR', reason: 'sold-out', nights: ['2027-03-02'] },
        { ratePlan: 'NRF', reason: 'sold-out', nights: ['2027-03-02'] },
      ],
    })
    expect(oracle.book(aStay(), 21_600, TODAY)).toEqual({
      outcome: 'sold-out',
      nights: ['2027-03-01', '2027-03-02'],
      alternatives: [],
    })
    expect(oracle.recount()).toEqual(
      new Map([
        ['DBL|2027-03-01', 1],
        ['DBL|2027-03-02', 1],
      ]),
    )
    const deadline = Date.parse('2027-02-27T18:00:00Z')
    expect(oracle.cancel(0, deadline - 1)).toEqual({ outcome: 'cancelled', fee: 0 })
    expect(oracle.cancel(0, deadline - 1)).toEqual({ outcome: 'not-cancellable' })
    expect(oracle.recount()).toEqual(new Map())
    expect(oracle.book(aStay(), 21_600, TODAY)).toMatchObject({ outcome: 'booked', booking: 1 })
    expect(oracle.cancel(1, deadline)).toEqual({ outcome: 'cancelled', fee: 10_000 })
  })

  it('cancels on the day of arrival and not the day after', () => {
    const oracle = anOracle()
    oracle.book(aStay(), 21_600, TODAY)
    expect(oracle.cancel(0, Date.parse('2027-03-02T00:00:00Z'))).toEqual({ outcome: 'not-cancellable' })
    expect(oracle.cancel(0, Date.parse('2027-03-01T23:59:59Z'))).toEqual({ outcome: 'cancelled', fee: 10_000 })
  })

  it('says what is wrong in the order: dates and codes, rules, price, rooms', () => {
    const oracle = anOracle()
    oracle.book(aStay(), 21_600, TODAY)
    expect(oracle.book(aStay({ arrival: '2027-01-31' }), 1, TODAY)).toEqual({
      outcome: 'invalid-request',
      pointers: ['/stay/arrival'],
    })
    expect(oracle.book(aStay({ roomType: 'XXX' }), 1, TODAY)).toMatchObject({ outcome: 'invalid-request' })
    expect(oracle.book(aStay({ departure: '2027-03-12' }), 1, TODAY)).toEqual({
      outcome: 'restricted',
      reason: 'outside-horizon',
      nights: ['2027-03-11'],
    })
    expect(oracle.book(aStay(), 21_599, TODAY)).toMatchObject({
      outcome: 'price-changed',
      offer: { total: 21_600, available: 0 },
    })
    expect(oracle.book(aStay(), 21_600, TODAY)).toMatchObject({ outcome: 'sold-out' })
  })

  it('holds the parent’s rules against a plan that inherits them, and only then', () => {
    const oracle = anOracle()
    oracle.hotel.restrictions.set('DBL|BAR|2027-03-02', { ...NO_RESTRICTION, minStayThrough: 3 })
    const refused = { reason: 'min-stay-through', nights: ['2027-03-02'] }
    expect(oracle.availability(aStay(), TODAY).unavailable).toMatchObject([
      { ratePlan: 'BAR', ...refused },
      { ratePlan: 'NRF', ...refused },
    ])
    const [, nrf] = oracle.hotel.content.ratePlans
    if (nrf?.derived) nrf.derived.inheritRestrictions = false
    expect(oracle.availability(aStay(), TODAY).offers.map((offer) => offer.ratePlan)).toEqual(['NRF'])
  })

  it('shows the cheapest product of a day, or the reason that comes last', () => {
    const oracle = anOracle()
    oracle.book(aStay({ departure: '2027-03-02' }), 10_800, TODAY)
    const days = oracle.calendar({ from: '2027-02-28', to: '2027-03-02', nights: 1, adults: 2, childAges: [] }, TODAY)
    expect(days).toEqual([
      { arrival: '2027-02-28', total: null, roomType: null, ratePlan: null, reason: 'outside-horizon' },
      { arrival: '2027-03-01', total: null, roomType: null, ratePlan: null, reason: 'sold-out' },
      { arrival: '2027-03-02', total: 9_800, roomType: 'DBL', ratePlan: 'NRF', reason: null },
    ])
  })

  it.each([
    [{}, 4],
    [{ sold: 3, held: 1 }, 0],
    [{ outOfOrder: 1, blocked: 1 }, 2],
    [{ sold: 4, overbookLimit: 2 }, 2],
    [{ sellLimit: 2, sold: 1 }, 1],
    [{ sellLimit: 2, sold: 2, held: 1 }, 0],
    [{ sellLimit: 9 }, 4],
  ])('counts the rooms left of four with %j as %i', (change, left) => {
    const { hotel } = anOracle()
    Object.assign(hotel.inventory.get('DBL|2027-03-01') ?? {}, { physical: 4, ...change })
    expect(roomsLeft(hotel, 'DBL', '2027-03-01')).toBe(left)
  })
})

describe('the oracle’s arithmetic', () => {
  it.each([
    ['half-up', [0, 1, 1, 2, 2]],
    ['half-even', [0, 0, 1, 2, 2]],
    ['up', [0, 1, 1, 2, 2]],
    ['down', [0, 0, 1, 1, 2]],
  ] as const)('rounds 0, 0.5, 1, 1.5 and 2 %s', (rounding, expected) => {
    expect([0n, 1n, 2n, 3n, 4n].map((halves) => quotient(halves, 2n, rounding))).toEqual(expected)
  })

  it('rounds thirds to the nearer and amounts to multiples', () => {
    expect(quotient(10n, 3n, 'half-even')).toBe(3)
    expect(quotient(11n, 3n, 'half-up')).toBe(4)
    expect(toMultiple(8_101, 1_000, 'down')).toBe(8_000)
  })

  it('counts days over a leap day and a change of clocks', () => {
    expect(plusDays('2028-02-28', 2)).toBe('2028-03-01')
    expect(daysFromTo('2027-03-27', '2027-03-29')).toBe(2)
    expect(nightsOf('2027-12-30', '2028-01-02')).toEqual(['2027-12-30', '2027-12-31', '2028-01-01'])
  })

  it.each([
    ['Europe/Zurich', '2027-07-01', '18:00', '2027-07-01T16:00:00Z'],
    ['Asia/Kolkata', '2027-07-01', '00:15', '2027-06-30T18:45:00Z'],
    // Skipped: 02:30 does not exist and is read as 03:30.
    ['Europe/Zurich', '2027-03-28', '02:30', '2027-03-28T01:30:00Z'],
    // Shown twice: the first.
    ['Europe/Zurich', '2027-10-31', '02:30', '2027-10-31T00:30:00Z'],
    // By half an hour.
    ['Australia/Lord_Howe', '2027-10-03', '02:10', '2027-10-02T15:40:00Z'],
  ])('finds the instant in %s on %s at %s', (zone, date, time, expected) => {
    expect(instantOf(zone, date, time)).toBe(Date.parse(expected))
  })

  it('knows the date at the hotel on both sides of its midnight', () => {
    expect(dateIn('Pacific/Apia', Date.parse('2027-03-01T10:59:59Z'))).toBe('2027-03-01')
    expect(dateIn('Pacific/Apia', Date.parse('2027-03-01T11:00:00Z'))).toBe('2027-03-02')
  })
})
