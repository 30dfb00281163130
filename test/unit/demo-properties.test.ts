import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { alpine } from '../../infra/local/demo/alpine.ts'
import { factsAfter } from '../../infra/local/demo/ari-facts.ts'
import type { DemoProperty } from '../../infra/local/demo/demo-property.ts'
import { lisbon } from '../../infra/local/demo/lisbon.ts'
import { calendarDays, searchStay } from '../../shared/ari/search.ts'
import { amountAt, encodeSnapshot, openSnapshot, writeAvailable } from '../../shared/ari/snapshot.ts'
import { addDays, dayNumber, nightsBetween } from '../../shared/domain/nights.ts'
import { contradictions, PropertyDefinition } from '../../shared/domain/property.ts'
import { AriChange } from '../../shared/routes/ari.ts'
import { createReservation } from '../../shared/routes/reservations.ts'

// Late November (the lodge is shut), the eve of the June festival, a leap day, the last night of a year.
const DAYS = ['2026-11-23', '2027-06-11', '2028-02-29', '2026-12-31']
const CASES = DAYS.flatMap((today) => [
  { name: 'lisbon', make: lisbon, today },
  { name: 'alpine', make: alpine, today },
])

/** A snapshot whose rooms go down as stays are taken. */
function selling({ definition, changes }: DemoProperty) {
  const facts = factsAfter(definition, changes)
  const snapshot = openSnapshot(encodeSnapshot(facts))
  const left = facts.available.map((row) => [...row])
  return {
    snapshot,
    left,
    take(roomType: string, arrival: string, departure: string) {
      const type = snapshot.content.roomTypes.findIndex((it) => it.roomType === roomType)
      for (const night of nightsBetween(arrival, departure)) {
        const index = dayNumber(night) - snapshot.firstDay
        const rooms = (left[type]?.[index] ?? 0) - 1
        if (left[type]) left[type][index] = rooms
        writeAvailable(snapshot, type, index, rooms)
      }
    },
  }
}

describe.each(CASES)('$name made on $today', ({ make, today }) => {
  const made = make(today)
  const facts = factsAfter(made.definition, made.changes)

  test('is a valid definition without contradictions', () => {
    expect(PropertyDefinition.safeParse(made.definition).error).toBeUndefined()
    expect(contradictions(made.definition)).toEqual([])
  })

  test('has changes that fit one call', () => {
    const all = z.array(AriChange).check(z.maxLength(2000)).safeParse(made.changes)
    expect(all.error).toBeUndefined()
  })

  test('sells 730 nights from today, each priced for every room at the flexible plan', () => {
    expect(facts.nights).toBe(730)
    expect(made.definition.inventory).toEqual({ from: today, to: addDays(today, 729) })
    const flexible = facts.products.filter((it) => it.ratePlan === 'BAR')
    expect(flexible).toHaveLength(made.definition.content.roomTypes.length)
    for (const { amounts } of flexible) expect(amounts?.every((it) => it !== null && it >= 5000)).toBe(true)
  })

  test('touches no night of a product twice, so that the order of changes does not matter', () => {
    expect(factsAfter(made.definition, made.changes.toReversed())).toEqual(facts)
  })

  test('is the same when made again', () => {
    expect(make(today)).toEqual(made)
  })

  test('has taken stays that can be booked in their order at their totals', () => {
    const house = selling(made)
    for (const { stay, expectedTotal } of made.demand) {
      const { offers } = searchStay(house.snapshot, stay, today)
      const offer = offers.find((it) => it.roomType === stay.roomType && it.ratePlan === stay.ratePlan)
      expect(offer?.total, JSON.stringify(stay)).toBe(expectedTotal)
      house.take(stay.roomType, stay.arrival, stay.departure)
    }
  })

  test('has taken 120 to 200 bookings, most of them for the next 120 days, in the shape of the route', () => {
    const bodies = z.array(createReservation.body).safeParse(made.demand)
    expect(bodies.error).toBeUndefined()
    expect(made.demand.length).toBeGreaterThanOrEqual(120)
    expect(made.demand.length).toBeLessThanOrEqual(200)
    const soon = made.demand.filter(({ stay }) => stay.arrival < addDays(today, 120))
    expect(soon.length / made.demand.length).toBeGreaterThan(0.75)
  })

  test('shows nights with nothing or almost nothing left, and many with plenty', () => {
    const house = selling(made)
    for (const { stay } of made.demand) house.take(stay.roomType, stay.arrival, stay.departure)
    const roomsLeft = Array.from({ length: 120 }, (_, i) => house.left.reduce((sum, row) => sum + (row[i] ?? 0), 0))
    const total = roomsIn(made)
    expect(roomsLeft.filter((left) => left <= total * 0.15).length).toBeGreaterThanOrEqual(2)
    expect(roomsLeft.filter((left) => left >= total * 0.5).length).toBeGreaterThanOrEqual(30)
    expect(house.left.flat().every((left) => left >= 0)).toBe(true)
  })
})

const roomsIn = ({ definition }: DemoProperty) =>
  Object.values(definition.rooms).reduce((sum, numbers) => sum + numbers.length, 0)

describe('lisbon()', () => {
  const made = lisbon('2026-11-23')
  const snapshot = selling(made).snapshot

  test('has 42 rooms with a number each', () => {
    expect(roomsIn(made)).toBe(42)
    expect(new Set(Object.values(made.definition.rooms).flat()).size).toBe(42)
  })

  test('asks more at Santo António and New Year than in February', () => {
    const [quiet, festival, newYear] = ['2027-02-16', '2027-06-12', '2026-12-31'].map((from) =>
      nightAmount(snapshot, 'AZULEJO', from),
    ) as [number, number, number]
    expect(festival).toBeGreaterThan(quiet * 1.5)
    expect(newYear).toBeGreaterThan(quiet * 1.8)
  })

  test('refuses a single night at New Year', () => {
    const { unavailable } = searchStay(
      snapshot,
      { arrival: '2026-12-30', departure: '2026-12-31', adults: 2, childAges: [] },
      '2026-11-23',
    )
    expect(unavailable.find((it) => it.roomType === 'RIVER' && it.ratePlan === 'BAR')?.reason).toBe(
      'closed-to-departure',
    )
  })

  test('charges the city tax from 13 years for seven nights', () => {
    const { offers } = searchStay(
      snapshot,
      { arrival: '2027-02-01', departure: '2027-02-10', adults: 2, childAges: [12, 13] },
      '2026-11-23',
    )
    expect(offers[0]?.taxes.find((it) => it.code === 'CITYTAX')).toMatchObject({ amount: 400 * 3 * 7, included: false })
  })
})

describe('alpine()', () => {
  const made = alpine('2026-11-23')
  const snapshot = selling(made).snapshot
  const reasonFor = (roomType: string, arrival: string, departure: string) =>
    searchStay(snapshot, { arrival, departure, adults: 2, childAges: [] }, '2026-11-23').unavailable.find(
      (it) => it.roomType === roomType && it.ratePlan === 'BAR',
    )?.reason

  test('has 24 rooms with a number each', () => {
    expect(roomsIn(made)).toBe(24)
    expect(new Set(Object.values(made.definition.rooms).flat()).size).toBe(24)
  })

  test('is shut in November and for a month after winter', () => {
    const closed = ['2026-11-28', '2027-04-20', '2027-05-21', '2027-11-02', '2027-11-30']
    const open = ['2026-12-01', '2027-04-19', '2027-05-22', '2027-11-01', '2027-12-01']
    const days = (dates: string[]) =>
      dates.map(
        (from) =>
          calendarDays(snapshot, { from, to: from, nights: 1, adults: 1, childAges: [] }, '2026-11-23')[0]?.reason,
      )
    expect(days(closed)).toEqual(closed.map(() => 'closed'))
    expect(days(open)).toEqual(open.map(() => null))
  })

  test('lets the cabin from Saturday to Saturday in ski weeks only', () => {
    expect(reasonFor('MAIENSAESS', '2027-02-06', '2027-02-13')).toBeUndefined()
    expect(reasonFor('MAIENSAESS', '2027-02-07', '2027-02-14')).toBe('closed-to-arrival')
    expect(reasonFor('MAIENSAESS', '2027-02-06', '2027-02-12')).toBe('closed-to-departure')
    expect(reasonFor('MAIENSAESS', '2027-03-16', '2027-03-18')).toBeUndefined()
  })

  test('rounds derived rates to five Rappen or whole francs', () => {
    const { offers } = searchStay(
      snapshot,
      { arrival: '2027-03-08', departure: '2027-03-13', adults: 1, childAges: [] },
      '2026-11-23',
    )
    const nightly = (plan: string) =>
      offers.filter((it) => it.ratePlan === plan).flatMap((it) => it.nightly.map(({ amount }) => amount))
    expect(nightly('SKIWOCHE').length).toBeGreaterThan(0)
    for (const amount of [...nightly('SKIWOCHE'), ...nightly('FRUEH')]) expect(amount % 5).toBe(0)
    for (const amount of nightly('HALBPENSION')) expect(amount % 100).toBe(0)
  })
})

function nightAmount(snapshot: Parameters<typeof searchStay>[0], roomType: string, night: string): number {
  const product = snapshot.products.find((it) => it.roomType.roomType === roomType && it.plan.ratePlan === 'BAR')
  if (!product) throw new Error(`there is no ${roomType} at BAR`)
  return amountAt(snapshot, product, dayNumber(night) - snapshot.firstDay)
}
