import { describe, expect, test } from 'vitest'
import { answerAvailability } from '../../shared/ari/answers.ts'
import { availabilityText } from '../../shared/ari/availability-text.ts'
import { applyDelta } from '../../shared/ari/delta.ts'
import { calendarDays, searchStay } from '../../shared/ari/search.ts'
import type { Snapshot } from '../../shared/ari/snapshot.ts'
import { dayNumber } from '../../shared/domain/nights.ts'
import { aRatePlan } from '../support/builders.ts'
import { aHouse, snapshotOf } from './support/house.ts'

const TODAY = '2027-02-20'
const stay = { arrival: '2027-03-02', departure: '2027-03-04', adults: 2, childAges: [] }
const derivedBy = (percentBasisPoints: number) =>
  aRatePlan('FLEX', {
    derived: {
      ratePlan: 'BAR',
      percentBasisPoints,
      amount: 0,
      rounding: 'half-up',
      increment: 1,
      inheritRestrictions: true,
    },
  })
const nightly = (snapshot: Snapshot, ratePlan: string) =>
  searchStay(snapshot, stay, TODAY)
    .offers.find((offer) => offer.roomType === 'DBL' && offer.ratePlan === ratePlan)
    ?.nightly.map((night) => night.amount)
const cheapest = (snapshot: Snapshot) =>
  calendarDays(snapshot, { ...stay, from: stay.arrival, to: stay.arrival, nights: 2 }, TODAY)[0]?.total

describe('amounts that are kept beside a snapshot', () => {
  test('move with a rate, and so do those of the plans derived from it', () => {
    const snapshot = snapshotOf(aHouse({ content: { ratePlans: [aRatePlan('BAR'), derivedBy(-1_000)], taxes: [] } }))
    expect([nightly(snapshot, 'BAR'), nightly(snapshot, 'FLEX'), cheapest(snapshot)]).toEqual([
      [10_000, 10_000],
      [9_000, 9_000],
      18_000,
    ])
    const day = dayNumber('2027-03-03')
    const amounts: [string, string, number, number][] = ['DBL', 'STE'].map((type) => [type, 'BAR', day, 20_000])
    expect(applyDelta(snapshot, { format: 1, from: 1, to: 2, changes: [{ amounts }] })).toBe(true)
    expect([nightly(snapshot, 'BAR'), nightly(snapshot, 'FLEX'), cheapest(snapshot)]).toEqual([
      [10_000, 20_000],
      [9_000, 18_000],
      27_000,
    ])
  })

  test('are not kept where they do not fit, and right all the same', () => {
    const ratePlans = [aRatePlan('BAR'), derivedBy(50_000)]
    const snapshot = snapshotOf(aHouse({ content: { ratePlans, taxes: [] }, rate: 900_000_000 }))
    expect(nightly(snapshot, 'FLEX')).toEqual([5_400_000_000, 5_400_000_000])
    expect(cheapest(snapshot)).toBe(1_800_000_000)
    const confirmed = { snapshot, asOf: 0, stale: false }
    const now = Date.parse(`${TODAY}T12:00:00Z`)
    expect(availabilityText(confirmed, stay, now)).toBe(JSON.stringify(answerAvailability(confirmed, stay, now)))
  })
})
