import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerAvailability, type Confirmed } from '../../shared/ari/answers.ts'
import { availabilityText } from '../../shared/ari/availability-text.ts'
import { applyDelta, type CellChange, RESTRICTION_FLAGS } from '../../shared/ari/delta.ts'
import { encodeSnapshot, openSnapshot } from '../../shared/ari/snapshot.ts'
import { addDays, dayNumber } from '../../shared/domain/nights.ts'
import { dateAt } from '../../shared/domain/zone.ts'
import { Problem } from '../../shared/problems.ts'
import { factsOf, randomHotel, randomStay } from '../support/oracle-arbitraries.ts'
import { aHouse, snapshotOf } from './support/house.ts'

const NOW = Date.parse('2027-02-20T12:00:00Z')
const TODAY = '2027-02-20'
const confirmed = (snapshot: Confirmed['snapshot'], stale = false): Confirmed => ({ snapshot, asOf: NOW - 700, stale })

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function usedHeap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

describe('availabilityText()', () => {
  test('is the answer as JSON to the letter, whatever the hotel and the stay', () => {
    let offers = 0
    let refusals = 0
    fc.assert(
      fc.property(randomHotel(TODAY), fc.array(randomStay(TODAY), { minLength: 3, maxLength: 12 }), (hotel, stays) => {
        const snapshot = openSnapshot(encodeSnapshot(factsOf(hotel)))
        for (const stay of stays) {
          const query = { ...stay, childAges: [...stay.childAges] }
          // Where the hotel has a later date already, both refuse.
          if (query.arrival < dateAt(NOW, snapshot.content.timeZone)) continue
          const answer = answerAvailability(confirmed(snapshot), query, NOW)
          offers += answer.offers.length
          refusals += answer.unavailable.length
          // What is asked for a second time is kept; the third time is from that.
          for (let time = 0; time < 3; time++)
            expect(availabilityText(confirmed(snapshot), query, NOW)).toBe(JSON.stringify(answer))
        }
      }),
      { numRuns: 400 },
    )
    expect(offers).toBeGreaterThan(1_000)
    expect(refusals).toBeGreaterThan(1_000)
  })

  test('escapes what a hotel wrote, and says that it is stale', () => {
    const house = aHouse({ content: { taxes: [] } })
    house.content.taxes = [
      { kind: 'percent', code: 'VAT', name: 'VAT "net" \\ 湯\u2028', basisPoints: 600, included: true },
    ]
    const query = { arrival: '2027-03-01', departure: '2027-03-03', adults: 2, childAges: [4] }
    const answer = answerAvailability(confirmed(snapshotOf(house), true), query, NOW)
    expect(answer.offers.length).toBeGreaterThan(0)
    expect(availabilityText(confirmed(snapshotOf(house), true), query, NOW)).toBe(JSON.stringify(answer))
  })

  test('follows a booking and a change of rates, for each party', () => {
    const snapshot = snapshotOf(aHouse({ version: 1 }))
    const day = dayNumber('2027-03-02')
    const changes: CellChange[] = [
      { available: [['DBL', day, 1]] },
      { amounts: [['DBL', 'BAR', day, 12_345]] },
      { restrictions: [['STE', 'BAR', day, 0, 0, 0, 4]] },
      { available: [['DBL', day, 0]] },
      { available: [['DBL', day, 3]], amounts: [['DBL', 'BAR', day, 9_999]] },
      // The day of departure is no night of the stay, and counts.
      { restrictions: [['DBL', 'BAR', day + 2, 0, 0, 0, RESTRICTION_FLAGS.CLOSED_TO_DEPARTURE]] },
    ]
    const seen = new Set<string>()
    for (let version = 1; ; version++) {
      for (const [adults, childAges] of [
        [2, []],
        [1, []],
        [2, [4]],
      ] as const) {
        const query = { arrival: '2027-03-01', departure: '2027-03-04', adults, childAges: [...childAges] }
        // Twice, so that it is kept before the next change.
        for (let time = 0; time < 2; time++) {
          const text = availabilityText(confirmed(snapshot), query, NOW)
          expect(text).toBe(JSON.stringify(answerAvailability(confirmed(snapshot), query, NOW)))
          seen.add(text)
        }
      }
      const change = changes[version - 1]
      if (!change) break
      expect(applyDelta(snapshot, { format: 1, from: version, to: version + 1, changes: [change] })).toBe(true)
    }
    expect(seen.size).toBe(21)
  })

  test('keeps no more than its bound, however many stays are asked for', () => {
    const snapshot = snapshotOf(aHouse({ nights: 700 }))
    const before = usedHeap()
    for (let i = 0; i < 30_000; i++) {
      const arrival = addDays('2027-03-01', i % 600)
      const query = { arrival, departure: addDays(arrival, 1 + Math.floor(i / 600)), adults: 2, childAges: [] }
      for (let time = 0; time < 2; time++) availabilityText(confirmed(snapshot), query, NOW)
    }
    // Without the bound it is 150 MB.
    expect(usedHeap() - before).toBeLessThan(30_000_000)
    // Still held, and with it what is kept beside it.
    expect(snapshot.nights).toBe(700)
  })

  test('keeps next to nothing of what is asked for once', () => {
    const snapshot = snapshotOf(aHouse({ nights: 700 }))
    const before = usedHeap()
    for (let i = 0; i < 100_000; i++) {
      const arrival = addDays('2027-03-01', i % 600)
      const query = { arrival, departure: addDays(arrival, 1), adults: 3 + Math.floor(i / 600), childAges: [] }
      availabilityText(confirmed(snapshot), query, NOW)
    }
    // Of each of them its name would be 12 MB.
    expect(usedHeap() - before).toBeLessThan(4_000_000)
    expect(snapshot.nights).toBe(700)
  })

  test('refuses the dates that make no stay', () => {
    const query = { arrival: '2027-03-03', departure: '2027-03-01', adults: 2, childAges: [] }
    expect(() => availabilityText(confirmed(snapshotOf(aHouse())), query, NOW)).toThrow(Problem)
  })
})
