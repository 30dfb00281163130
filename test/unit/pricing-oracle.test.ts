import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarDays, searchStay } from '../../shared/ari/search.ts'
import { encodeSnapshot, openSnapshot } from '../../shared/ari/snapshot.ts'
import { contradictions, PropertyContent } from '../../shared/domain/property.ts'
import { Oracle } from '../support/oracle.ts'
import { factsOf, randomHotel, randomStay } from '../support/oracle-arbitraries.ts'
import { plusDays } from '../support/oracle-dates.ts'
import { ORACLE_REASONS } from '../support/oracle-judge.ts'

/** Two nights before the clocks go forward in Europe, so that deadlines fall into the hour that is skipped. */
const TODAY = '2027-03-26'
const SEED = 20_270_326
const HOTELS = 600
const STAYS_EACH = 40

describe('search and prices', () => {
  it('agree with the oracle to the cent on 24,000 random stays, offers and reasons alike', () => {
    let stays = 0
    const seen = new Map<string, number>()
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
    const questions = fc.array(randomStay(TODAY), { minLength: STAYS_EACH, maxLength: STAYS_EACH })
    fc.assert(
      fc.property(randomHotel(TODAY), questions, (random, asked) => {
        const snapshot = openSnapshot(encodeSnapshot(factsOf(random)))
        const oracle = new Oracle(random.hotel)
        for (const stay of asked) {
          const expected = oracle.availability(stay, TODAY)
          expect(searchStay(snapshot, { ...stay, childAges: [...stay.childAges] }, TODAY)).toEqual(expected)
          stays++
          for (const { reason } of expected.unavailable) count(reason)
          for (const offer of expected.offers) count(offer.ratePlan.startsWith('BASE') ? 'base offer' : 'derived offer')
        }
      }),
      { seed: SEED, numRuns: HOTELS },
    )
    expect(stays).toBeGreaterThanOrEqual(20_000)
    // Nothing is shown by agreeing on cases that never came up.
    for (const kind of [...ORACLE_REASONS, 'base offer', 'derived offer'])
      expect(seen.get(kind) ?? 0, `${kind} came up`).toBeGreaterThan(100)
  }, 120_000)

  it('agree with the oracle on every day of 300 random calendars', () => {
    const question = fc.record({
      ahead: fc.integer({ min: -3, max: 30 }),
      days: fc.integer({ min: 0, max: 25 }),
      nights: fc.integer({ min: 1, max: 9 }),
      stay: randomStay(TODAY),
    })
    fc.assert(
      fc.property(randomHotel(TODAY), question, (random, { ahead, days, nights, stay }) => {
        const snapshot = openSnapshot(encodeSnapshot(factsOf(random)))
        const from = plusDays(TODAY, ahead)
        const asked = { from, to: plusDays(from, days), nights, adults: stay.adults, childAges: [...stay.childAges] }
        expect(calendarDays(snapshot, asked, TODAY)).toEqual(new Oracle(random.hotel).calendar(asked, TODAY))
      }),
      { seed: SEED, numRuns: 300 },
    )
  }, 60_000)

  it('are asked about hotels that could really be set up', () => {
    fc.assert(
      fc.property(randomHotel(TODAY), ({ hotel, from, to }) => {
        PropertyContent.parse(hotel.content)
        const definition = { content: hotel.content, rooms: {}, inventory: { from, to }, listed: false }
        expect(contradictions(definition)).toEqual([])
      }),
      { seed: SEED, numRuns: 100 },
    )
  })
})
