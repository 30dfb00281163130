import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { answerSeveralRooms } from '../../shared/ari/answers.ts'
import { cheapestCombination, searchRooms } from '../../shared/ari/several-rooms.ts'
import { encodeSnapshot, openSnapshot } from '../../shared/ari/snapshot.ts'
import { Problem } from '../../shared/problems.ts'
import { getSeveralRooms, type Offer } from '../../shared/routes/availability.ts'
import { parseQuery } from '../../shared/routes/parse.ts'
import { Oracle } from '../support/oracle.ts'
import { factsOf, randomHotel, randomStay } from '../support/oracle-arbitraries.ts'
import { combinations } from '../support/oracle-search.ts'
import { aHouse, leave, snapshotOf } from './support/house.ts'

const TODAY = '2027-03-20'
const couple = { adults: 2, childAges: [] }
const family = { adults: 2, childAges: [7, 4] }
const stay = { arrival: '2027-03-04', departure: '2027-03-06' }

/** Offers that differ in what matters here. Room types have one number of rooms left, whoever asks. */
function offersOf(totals: readonly (readonly (number | null)[])[], left: readonly number[]): Offer[][] {
  return totals.map((byType) =>
    byType.flatMap((total, type) =>
      total === null || left[type] === 0
        ? []
        : {
            roomType: `TYPE${type}`,
            ratePlan: 'BAR',
            available: left[type] ?? 0,
            nightly: [],
            taxes: [],
            total,
            cancellation: { freeUntil: null, penalty: 0 },
          },
    ),
  )
}

describe('cheapestCombination()', () => {
  test('costs what the best of all combinations costs, and uses no room twice', () => {
    const rooms = fc.integer({ min: 1, max: 5 })
    const types = fc.integer({ min: 1, max: 6 })
    const house = fc.tuple(rooms, types).chain(([parties, count]) =>
      fc.record({
        left: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: count, maxLength: count }),
        totals: fc.array(
          // Few prices, so that many combinations cost the same.
          fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { freq: 4 }), { minLength: count, maxLength: count }),
          { minLength: parties, maxLength: parties },
        ),
      }),
    )
    fc.assert(
      fc.property(house, ({ left, totals }) => {
        const offers = offersOf(totals, left)
        const found = cheapestCombination(offers)
        const [best] = combinations(offers)
        expect(found?.total).toBe(best?.total)
        if (found) expect(combinations(offers)).toContainEqual(found)
      }),
      { numRuns: 400 },
    )
  })

  test('gives the one room to the party that would pay most for another', () => {
    const offers = offersOf(
      [
        [100, 110],
        [100, 180],
      ],
      [1, 5],
    )
    expect(cheapestCombination(offers)).toEqual({
      total: 210,
      rooms: [
        { roomType: 'TYPE1', ratePlan: 'BAR', total: 110 },
        { roomType: 'TYPE0', ratePlan: 'BAR', total: 100 },
      ],
    })
  })

  test('looks at no more combinations than six parties and six room types make', () => {
    // A hundred types at one price, a room left of each: nothing but the bound keeps this from 10^12 combinations.
    const offers = offersOf(Array(6).fill(Array(100).fill(100)), Array(100).fill(1))
    expect(cheapestCombination(offers)?.total).toBe(600)
    const none = offersOf(Array(6).fill([...Array(5).fill(100), ...Array(95).fill(null)]), Array(100).fill(1))
    expect(cheapestCombination(none)).toBeUndefined()
  })
})

describe('searchRooms()', () => {
  test('offers each party what it is offered alone, and the best combination the oracle finds', () => {
    const party = randomStay(TODAY).map(({ adults, childAges }) => ({ adults, childAges: [...childAges] }))
    fc.assert(
      fc.property(
        randomHotel(TODAY),
        randomStay(TODAY),
        fc.array(party, { minLength: 1, maxLength: 3 }),
        (random, { arrival, departure }, parties) => {
          const oracle = new Oracle(random.hotel)
          const snapshot = openSnapshot(encodeSnapshot(factsOf(random)))
          const found = searchRooms(snapshot, { arrival, departure, parties }, TODAY)
          const offers = parties.map((it) => oracle.availability({ arrival, departure, ...it }, TODAY).offers)
          expect(found.parties.map((it) => it.offers)).toEqual(offers)
          const all = combinations(offers)
          expect(found.cheapest?.total).toBe(all[0]?.total)
          if (found.cheapest) expect(all).toContainEqual(found.cheapest)
          expect(found.cheapest === null).toBe(found.none !== null)
          if (found.none?.reason === 'no-offer') for (const i of found.none.parties) expect(offers[i]).toEqual([])
          // Those who are in the way cannot all be given a room even with nobody else there.
          else if (found.none) expect(combinations(found.none.parties.map((i) => offers[i] ?? []))).toEqual([])
        },
      ),
      { numRuns: 80 },
    )
  })

  test('names the parties that are in each other’s way', () => {
    const house = aHouse()
    leave(house, 'STE', '2027-03-04', 1)
    leave(house, 'DBL', '2027-03-05', 2)
    // A suite takes five, a double four: both large parties need the one suite.
    const large = { adults: 3, childAges: [5, 6] }
    const parties = [large, couple, large]
    const { cheapest, none } = searchRooms(snapshotOf(house), { ...stay, parties }, '2027-03-01')
    expect([cheapest, none]).toEqual([null, { reason: 'too-few-left', parties: [0, 2] }])
  })

  test('says why a party is offered nothing: the reason nearest to selling', () => {
    const parties = [couple, { adults: 9, childAges: [] }]
    const found = searchRooms(snapshotOf(aHouse()), { ...stay, parties }, '2027-03-01')
    expect(found.parties.map((it) => it.reason)).toEqual([null, 'occupancy'])
    expect(found.none).toEqual({ reason: 'no-offer', parties: [1] })
  })
})

describe('answerSeveralRooms()', () => {
  const confirmed = { snapshot: snapshotOf(aHouse({ version: 42 })), asOf: 0, stale: false }
  const now = Date.parse('2027-03-01T12:00:00Z')

  test('says its version and is what its route declares', () => {
    const answer = answerSeveralRooms(confirmed, { ...stay, parties: [couple, family] }, now)
    expect(answer).toMatchObject({ property: 'harbour-house', nights: 2, ariVersion: 42, none: null })
    expect(answer.cheapest?.rooms).toHaveLength(2)
    expect(z.safeParse(getSeveralRooms.responses[200], answer).data).toEqual(answer)
  })

  test('refuses dates that make no stay', () => {
    const ask = () => answerSeveralRooms(confirmed, { ...stay, departure: stay.arrival, parties: [couple] }, now)
    expect(ask).toThrow(Problem)
  })
})

describe('the parties of a query', () => {
  const ask = (parties: string) =>
    parseQuery(getSeveralRooms, new URLSearchParams({ ...stay, parties })) as { parties: unknown }

  test.each([
    ['2', [couple]],
    ['2-2,7,4', [couple, family]],
    ['1-1-1-1-1-60', [...Array(5).fill({ adults: 1, childAges: [] }), { adults: 60, childAges: [] }]],
    ['1,0,17', [{ adults: 1, childAges: [0, 17] }]],
  ])('%s are read', (text, parties) => {
    expect(ask(text).parties).toEqual(parties)
  })

  test.each([
    '',
    '0',
    '61',
    '2-',
    '-2',
    '2--2',
    '2,',
    '2,18',
    '2,7,,4',
    'two',
    '2 - 2',
    '1-1-1-1-1-1-1',
    `1${',1'.repeat(21)}`,
  ])('%j are refused, says where', (text) => {
    expect(() => ask(text)).toThrow(/^\?parties/)
  })
})
