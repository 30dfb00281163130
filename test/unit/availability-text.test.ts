import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerAvailability, type Confirmed } from '../../shared/ari/answers.ts'
import { availabilityText } from '../../shared/ari/availability-text.ts'
import { encodeSnapshot, openSnapshot } from '../../shared/ari/snapshot.ts'
import { dateAt } from '../../shared/domain/zone.ts'
import { Problem } from '../../shared/problems.ts'
import { factsOf, randomHotel, randomStay } from '../support/oracle-arbitraries.ts'
import { aHouse, snapshotOf } from './support/house.ts'

const NOW = Date.parse('2027-02-20T12:00:00Z')
const TODAY = '2027-02-20'
const confirmed = (snapshot: Confirmed['snapshot'], stale = false): Confirmed => ({ snapshot, asOf: NOW - 700, stale })

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

  test('refuses the dates that make no stay', () => {
    const query = { arrival: '2027-03-03', departure: '2027-03-01', adults: 2, childAges: [] }
    expect(() => availabilityText(confirmed(snapshotOf(aHouse())), query, NOW)).toThrow(Problem)
  })
})
