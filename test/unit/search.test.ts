import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calendarDays, type StayQuestion, searchStay } from '../../shared/ari/search.ts'
import { addDays, dayNumber, nightsBetween } from '../../shared/domain/nights.ts'
import { type CalendarDay, type Offer, REASONS } from '../../shared/routes/availability.ts'
import { aHouse, type House, leave, price, restrict, snapshotOf } from './support/house.ts'
import { someHouse, someStay, TODAY } from './support/house-arbitraries.ts'

const search = (house: House, stay: StayQuestion) => searchStay(snapshotOf(house), stay, TODAY)
const code = (it: { roomType: string; ratePlan: string }) => `${it.roomType} ${it.ratePlan}`

/** How the house answers, before and after a change to a copy of it. */
function beforeAndAfter(house: House, stay: StayQuestion, change: (copy: House) => void): [Offer[], Offer[]] {
  const copy = structuredClone(house)
  change(copy)
  return [search(house, stay).offers, search(copy, stay).offers]
}

describe('searchStay()', () => {
  test('says of every product either what it offers or why not, in the order of the content', () => {
    fc.assert(
      fc.property(someHouse(), someStay, (house, stay) => {
        const { offers, unavailable } = search(house, stay)
        const all = house.products.map(code)
        const place = (it: { roomType: string; ratePlan: string }) => all.indexOf(code(it))
        for (const list of [offers.map(place), unavailable.map(place)])
          expect(list).toEqual(list.toSorted((a, b) => a - b))
        expect([...offers, ...unavailable].map(code).sort()).toEqual(all.sort())
      }),
    )
  })

  test('itemises an offer: every night once, taxes and total that add up, rooms left, a penalty within the total', () => {
    fc.assert(
      fc.property(someHouse(), someStay, (house, stay) => {
        const nights = nightsBetween(stay.arrival, stay.departure)
        for (const offer of search(house, stay).offers) {
          expect(offer.nightly.map((it) => it.night)).toEqual(nights)
          expect(offer.taxes.map((tax) => tax.code)).toEqual(house.content.taxes.map((tax) => tax.code))
          const added = offer.taxes.filter((tax) => !tax.included)
          const sum = [...offer.nightly, ...added].reduce((total, it) => total + it.amount, 0)
          expect(offer.total).toBe(sum)
          expect(offer.cancellation.penalty).toBeLessThanOrEqual(offer.total)
        }
      }),
    )
  })

  test('offers as many rooms as are left on the fullest night, and says 9 for more', () => {
    fc.assert(
      fc.property(someHouse(), someStay, (house, stay) => {
        for (const offer of search(house, stay).offers) {
          const row = house.available[house.content.roomTypes.findIndex((it) => it.roomType === offer.roomType)] ?? []
          const from = dayNumber(stay.arrival) - dayNumber(house.firstNight)
          const fewest = Math.min(...row.slice(from, from + offer.nightly.length))
          expect(offer.available).toBe(Math.min(9, fewest))
        }
      }),
    )
  })

  test('never names a night outside the stay, but the day of departure where that is closed to departure', () => {
    fc.assert(
      fc.property(someHouse(), someStay, (house, stay) => {
        for (const { reason, nights } of search(house, stay).unavailable) {
          const allowed =
            reason === 'closed-to-departure' ? [stay.departure] : nightsBetween(stay.arrival, stay.departure)
          expect(nights.filter((night) => !allowed.includes(night))).toEqual([])
        }
      }),
    )
  })

  const cell = fc.record({ product: fc.nat(), night: fc.nat() })
  const tightening = fc.constantFrom(
    { closed: true },
    { closedToArrival: true },
    { closedToDeparture: true },
    { minStayArrival: 250 },
    { minStayThrough: 250 },
  )

  test('never offers more because of a restriction, and what it still offers stays as it was', () => {
    fc.assert(
      fc.property(someHouse(), someStay, cell, tightening, (house, stay, at, restriction) => {
        const [before, after] = beforeAndAfter(house, stay, (copy) => {
          const product = copy.products[at.product % copy.products.length]
          if (product) restrict(copy, [product.roomType, product.ratePlan], nightAt(copy, at.night), restriction)
        })
        expect(before).toEqual(expect.arrayContaining(after))
      }),
    )
  })

  test('never offers more because fewer rooms are left', () => {
    fc.assert(
      fc.property(someHouse(), someStay, cell, fc.nat(12), (house, stay, at, rooms) => {
        const [before, after] = beforeAndAfter(house, stay, (copy) => {
          const type = at.product % copy.available.length
          const row = copy.available[type] ?? []
          row[at.night % copy.nights] = Math.min(rooms, row[at.night % copy.nights] ?? 0)
        })
        const offered = new Map(before.map((offer) => [code(offer), offer]))
        for (const offer of after) {
          expect(offer.available).toBeLessThanOrEqual(offered.get(code(offer))?.available ?? -1)
          expect({ ...offer, available: 0 }).toEqual({ ...offered.get(code(offer)), available: 0 })
        }
      }),
    )
  })

  test('does not depend on nights that the stay neither stays nor leaves on', () => {
    fc.assert(
      fc.property(someHouse(), someStay, fc.nat(), (house, stay, at) => {
        const night = nightAt(house, at)
        fc.pre(night < stay.arrival || night > stay.departure)
        const [before, after] = beforeAndAfter(house, stay, (copy) => {
          for (const { roomType, ratePlan } of copy.products) {
            restrict(copy, [roomType, ratePlan], night, { closed: true, minStayArrival: 250, maxStay: 1 })
            price(copy, [roomType, ratePlan], night, null)
            leave(copy, roomType, night, 0)
          }
        })
        expect(after).toEqual(before)
      }),
    )
  })
})

describe('calendarDays()', () => {
  const question = fc.record({
    from: fc.integer({ min: -3, max: 12 }),
    days: fc.nat(14),
    nights: fc.integer({ min: 1, max: 4 }),
    adults: fc.integer({ min: 1, max: 4 }),
    childAges: fc.array(fc.nat(17), { maxLength: 2 }),
  })

  test('gives each date the cheapest offer of a search for it, or the reason nearest to selling', () => {
    fc.assert(
      fc.property(someHouse(), question, (house, { from, days, nights, ...party }) => {
        const span = { from: addDays(TODAY, from), to: addDays(TODAY, from + days) }
        const expected = nightsBetween(span.from, addDays(span.to, 1)).map((arrival) =>
          arrival < TODAY
            ? nothing(arrival, 'outside-horizon')
            : dayBySearch(house, { arrival, departure: addDays(arrival, nights), ...party }),
        )
        expect(calendarDays(snapshotOf(house), { ...span, nights, ...party }, TODAY)).toEqual(expected)
      }),
    )
  })

  test('gives every date from the first to the last, both included, in order', () => {
    const days = calendarDays(
      snapshotOf(aHouse()),
      { from: '2027-02-27', to: '2027-03-02', nights: 1, adults: 2, childAges: [] },
      '2027-02-28',
    )
    expect(days.map((day) => day.arrival)).toEqual(['2027-02-27', '2027-02-28', '2027-03-01', '2027-03-02'])
  })

  test('gives the first of two equal totals, in the order of the content', () => {
    const house = aHouse()
    const cheapest = () =>
      calendarDays(
        snapshotOf(house),
        { from: '2027-03-01', to: '2027-03-01', nights: 1, adults: 2, childAges: [] },
        '2027-03-01',
      ).map(code as (day: CalendarDay) => string)
    expect(cheapest()).toEqual(['DBL NRF'])
    price(house, ['STE', 'BAR'], '2027-03-01', 9_999)
    expect(cheapest()).toEqual(['STE NRF'])
  })

  test('says nothing is on sale where the property has no product on any of the dates', () => {
    const asked = { from: '2028-01-01', to: '2028-01-01', nights: 1, adults: 1, childAges: [] }
    expect(calendarDays(snapshotOf(aHouse()), asked, TODAY)).toEqual([nothing('2028-01-01', 'outside-horizon')])
  })
})

function dayBySearch(house: House, stay: StayQuestion): CalendarDay {
  const { offers, unavailable } = search(house, stay)
  const cheapest = Math.min(...offers.map((offer) => offer.total))
  const best = offers.find((offer) => offer.total === cheapest)
  if (!best) return nothing(stay.arrival, REASONS[Math.max(...unavailable.map((it) => REASONS.indexOf(it.reason)))])
  const { roomType, ratePlan, total } = best
  return { arrival: stay.arrival, total, roomType, ratePlan, reason: null }
}

function nothing(arrival: string, reason: CalendarDay['reason'] | undefined): CalendarDay {
  return { arrival, total: null, roomType: null, ratePlan: null, reason: reason ?? null }
}

function nightAt(house: House, index: number): string {
  return addDays(house.firstNight, index % house.nights)
}
