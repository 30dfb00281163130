import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { answerCalendar, answerFlexibleDates, type Confirmed } from '../../shared/ari/answers.ts'
import { flexibleStays } from '../../shared/ari/flexible.ts'
import { calendarDays } from '../../shared/ari/search.ts'
import { encodeSnapshot, openSnapshot } from '../../shared/ari/snapshot.ts'
import { Problem } from '../../shared/problems.ts'
import { getCalendar, getFlexibleDates } from '../../shared/routes/availability.ts'
import { parseQuery } from '../../shared/routes/parse.ts'
import { Oracle } from '../support/oracle.ts'
import { factsOf, randomHotel, randomStay } from '../support/oracle-arbitraries.ts'
import { cheapestOfDays, flexibleDates } from '../support/oracle-search.ts'
import { aHouse, leave, price, snapshotOf } from './support/house.ts'

const TODAY = '2027-03-20'
const NOON = Date.parse('2027-03-01T12:00:00Z')
const stay = { arrival: '2027-03-04', departure: '2027-03-06', adults: 2, childAges: [] }

function confirmed(snapshot = snapshotOf(aHouse({ version: 42 }))): Confirmed {
  return { snapshot, asOf: NOON - 1_500, stale: false }
}

describe('flexibleStays()', () => {
  test('finds what asking the oracle for each stay one by one finds', () => {
    fc.assert(
      fc.property(
        randomHotel(TODAY),
        randomStay(TODAY),
        fc.integer({ min: 1, max: 7 }),
        (random, asked, flexibility) => {
          const snapshot = openSnapshot(encodeSnapshot(factsOf(random)))
          const question = { ...asked, childAges: [...asked.childAges], flexibility }
          expect(flexibleStays(snapshot, question, TODAY)).toEqual(
            flexibleDates(new Oracle(random.hotel), asked, flexibility, TODAY),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  test('marks the asked dates, and only them', () => {
    const asked = flexibleStays(snapshotOf(aHouse()), { ...stay, flexibility: 2 }, '2027-03-01').filter(
      (it) => it.asked,
    )
    expect(asked).toMatchObject([{ arrival: stay.arrival, departure: stay.departure, nights: 2 }])
  })

  test('moves both dates, and leaves out what would be no stay', () => {
    const found = flexibleStays(
      snapshotOf(aHouse()),
      { ...stay, departure: '2027-03-05', flexibility: 1 },
      '2027-03-01',
    )
    expect(found.map(({ arrival, departure }) => `${arrival.slice(8)}-${departure.slice(8)}`)).toEqual([
      '03-04',
      '03-05',
      '03-06',
      '04-05',
      '04-06',
      '05-06',
    ])
  })

  test('sells no stay that began before today, and none longer than may be sold', () => {
    const house = snapshotOf(aHouse({ nights: 120 }))
    const long = { ...stay, arrival: '2027-03-01', departure: '2027-05-29', flexibility: 3 }
    const found = flexibleStays(house, long, '2027-03-01')
    expect(Math.max(...found.map((it) => it.nights))).toBe(90)
    const past = found.filter((it) => it.arrival < '2027-03-01')
    expect(new Set(past.map((it) => it.reason))).toEqual(new Set(['outside-horizon']))
    expect(past.length).toBeGreaterThan(0)
  })
})

describe('answerFlexibleDates()', () => {
  test('repeats the question, says its version, and is what its route declares', () => {
    const answer = answerFlexibleDates(confirmed(), { ...stay, flexibility: 3 }, NOON)
    const { stays, ...head } = answer
    expect(head).toEqual({
      property: 'harbour-house',
      currency: 'EUR',
      ...stay,
      flexibility: 3,
      ariVersion: 42,
      asOf: '2027-03-01T11:59:58.500Z',
      stale: false,
    })
    // Seven arrivals by seven departures, without those that leave before or as they arrive.
    expect(stays).toHaveLength(34)
    expect(z.safeParse(getFlexibleDates.responses[200], answer).data).toEqual(answer)
  })

  test.each([
    ['a stay in the past', { ...stay, arrival: '2027-02-28' }],
    ['a stay of no night', { ...stay, departure: stay.arrival }],
    ['a stay of 91 nights', { ...stay, departure: '2027-06-03' }],
  ])('refuses %s', (_, asked) => {
    expect(() => answerFlexibleDates(confirmed(), { ...asked, flexibility: 3 }, NOON)).toThrow(Problem)
  })
})

describe('the query of flexible dates', () => {
  const ask = (text: string) => parseQuery(getFlexibleDates, new URLSearchParams(text))
  const dates = 'arrival=2027-03-04&departure=2027-03-06&adults=2'

  test('is three nights where it does not say', () => {
    expect(ask(dates)).toMatchObject({ flexibility: 3, childAges: [] })
  })

  test.each(['0', '8', '-1', '1.5', 'many', ''])('refuses to be moved by %j nights, says where', (flexibility) => {
    expect(() => ask(`${dates}&flexibility=${flexibility}`)).toThrow(/^\?flexibility/)
  })

  test('takes nothing that it does not know', () => {
    expect(() => ask(`${dates}&rooms=2`)).toThrow(/^\?rooms/)
  })
})

describe('the cheapest of a calendar', () => {
  const span = { from: '2027-03-01', to: '2027-03-05', nights: 1, adults: 2, childAges: [] }
  const cheapest = (house = aHouse()) => answerCalendar(confirmed(snapshotOf(house)), span, NOON).cheapest

  test('is the day with the lowest total, with what it buys', () => {
    const house = aHouse()
    price(house, ['STE', 'BAR'], '2027-03-03', 5_000)
    // 50.00 less ten percent for the derived plan, and city tax for two.
    expect(cheapest(house)).toEqual({ arrival: '2027-03-03', total: 5_300, roomType: 'STE', ratePlan: 'NRF' })
  })

  test('is the earliest of days at one price, and null where nothing is offered', () => {
    expect(cheapest()?.arrival).toBe('2027-03-01')
    const house = aHouse()
    for (const type of ['DBL', 'STE']) for (let day = 1; day <= 9; day++) leave(house, type, `2027-03-0${day}`, 0)
    expect(cheapest(house)).toBeNull()
  })

  test('is the oracle’s, whatever the house', () => {
    fc.assert(
      fc.property(randomHotel(TODAY), randomStay(TODAY), (random, { adults, childAges }) => {
        const snapshot = openSnapshot(encodeSnapshot(factsOf(random)))
        const question = { from: TODAY, to: '2027-04-19', nights: 2, adults, childAges: [...childAges] }
        const now = Date.parse(`${TODAY}T12:00:00Z`)
        const answer = answerCalendar(confirmed(snapshot), question, now)
        expect(answer.cheapest).toEqual(cheapestOfDays(answer.days))
        expect(answer.days).toEqual(calendarDays(snapshot, question, new Oracle(random.hotel).today(now)))
        expect(z.safeParse(getCalendar.responses[200], answer).data).toEqual(answer)
      }),
      { numRuns: 40 },
    )
  })
})
