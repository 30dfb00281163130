import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { answerAvailability, answerCalendar, answerProperty, type Confirmed } from '../../shared/ari/answers.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { Problem } from '../../shared/problems.ts'
import { getAvailability, getCalendar } from '../../shared/routes/availability.ts'
import { getProperty } from '../../shared/routes/properties.ts'
import { aHouse, snapshotOf } from './support/house.ts'

const NOON = Date.parse('2027-03-01T12:00:00Z')

function confirmed(over: Partial<Confirmed> & { timeZone?: string } = {}): Confirmed {
  const { timeZone = 'Europe/Lisbon', ...rest } = over
  const snapshot = snapshotOf(aHouse({ content: { timeZone }, version: 42 }))
  return { snapshot, asOf: NOON - 1_500, stale: false, ...rest }
}

const stay = { arrival: '2027-03-01', departure: '2027-03-03', adults: 2, childAges: [4] }
const span = { from: '2027-02-28', to: '2027-03-02', nights: 2, adults: 2, childAges: [] }
const FRESHNESS = { ariVersion: 42, asOf: '2027-03-01T11:59:58.500Z', stale: false }

describe('every answer', () => {
  const answers = (from: Confirmed) => [
    { answer: answerProperty(from), schema: getProperty.responses[200] },
    { answer: answerAvailability(from, stay, NOON), schema: getAvailability.responses[200] },
    { answer: answerCalendar(from, span, NOON), schema: getCalendar.responses[200] },
  ]

  test('says which version it is from and when that was last confirmed', () => {
    for (const { answer } of answers(confirmed())) expect(answer).toMatchObject(FRESHNESS)
  })

  test('says where it is stale', () => {
    for (const { answer } of answers(confirmed({ stale: true }))) expect(answer).toMatchObject({ stale: true })
  })

  test('is what its route declares, and survives JSON as it is', () => {
    for (const { answer, schema } of answers(confirmed())) {
      expect(z.safeParse(schema, answer).data).toEqual(answer)
      expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
    }
  })
})

describe('answerAvailability()', () => {
  test('repeats the question beside the offers', () => {
    const { offers, unavailable, ...head } = answerAvailability(confirmed(), stay, NOON)
    expect(head).toEqual({ property: 'harbour-house', currency: 'EUR', nights: 2, ...stay, ...FRESHNESS })
    expect(offers).toHaveLength(4)
    expect(unavailable).toEqual([])
  })

  // Noon of 1 March in Lisbon is 2 March in Apia and, at 03:00 UTC, still 28 February in New York.
  test.each([
    ['Europe/Lisbon', NOON, '2027-03-01'],
    ['Pacific/Apia', NOON, '2027-03-02'],
    ['America/New_York', NOON - 9 * 3_600_000, '2027-02-28'],
  ])('takes today from the clocks of the hotel in %s', (timeZone, now, today) => {
    const ask = (arrival: string) => () =>
      answerAvailability(confirmed({ timeZone }), { ...stay, arrival, departure: '2027-03-05' }, now)
    expect(ask(today)).not.toThrow()
    expect(ask(addDays(today, -1))).toThrow(`arrival must not be before today at the hotel, ${today}`)
  })

  test('refuses dates that make no stay', () => {
    const ask = () => answerAvailability(confirmed(), { ...stay, departure: stay.arrival }, NOON)
    expect(ask).toThrow(Problem)
  })
})

describe('answerCalendar()', () => {
  test('repeats the question beside the days, and has nothing for days that are over', () => {
    const { days, cheapest: _, ...head } = answerCalendar(confirmed(), span, NOON)
    expect(head).toEqual({ property: 'harbour-house', currency: 'EUR', ...span, ...FRESHNESS })
    expect(days.map(({ arrival, reason }) => [arrival, reason])).toEqual([
      ['2027-02-28', 'outside-horizon'],
      ['2027-03-01', null],
      ['2027-03-02', null],
    ])
  })

  test('refuses dates that make no span', () => {
    expect(() => answerCalendar(confirmed(), { ...span, to: '2027-02-27' }, NOON)).toThrow(Problem)
  })
})
