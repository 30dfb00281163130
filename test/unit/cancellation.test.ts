import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Cancellable, decideCancellation, freeUntil, penaltyOf } from '../../shared/domain/cancellation.ts'
import { ROUNDINGS, type Rounding } from '../../shared/domain/money.ts'
import type { CancellationPolicy } from '../../shared/domain/property.ts'
import { RESERVATION_STATUSES } from '../../shared/routes/reservations.ts'

function policy(over: Partial<CancellationPolicy> = {}): CancellationPolicy {
  return { freeUntilDays: 2, freeUntilTime: '18:00', penalty: 'first-night', penaltyPercent: 0, ...over }
}

const DEADLINE = '2027-02-27T18:00:00.000Z'

function aReservation(over: Partial<Cancellable> = {}): Cancellable {
  return {
    status: 'confirmed',
    arrival: '2027-03-01',
    timeZone: 'Europe/Lisbon',
    terms: { freeUntil: DEADLINE, penalty: 12_000 },
    ...over,
  }
}

describe('freeUntil()', () => {
  test.each<[string, Partial<CancellationPolicy>, string, string, string | null]>([
    ['two days before arrival', {}, '2027-03-01', 'Europe/Lisbon', '2027-02-27T18:00:00.000Z'],
    ['the day of arrival', { freeUntilDays: 0 }, '2027-03-01', 'Europe/Lisbon', '2027-03-01T18:00:00.000Z'],
    ['the last minute of a day', { freeUntilTime: '23:59' }, '2027-03-01', 'Europe/Zurich', '2027-02-27T22:59:00.000Z'],
    ['midnight', { freeUntilTime: '00:00' }, '2027-03-01', 'America/New_York', '2027-02-27T05:00:00.000Z'],
    ['a year before', { freeUntilDays: 365 }, '2028-03-01', 'UTC', '2027-03-02T18:00:00.000Z'],
    ['a day ahead of UTC', { freeUntilTime: '09:00' }, '2027-03-01', 'Pacific/Apia', '2027-02-26T20:00:00.000Z'],
    ['never', { freeUntilDays: null }, '2027-03-01', 'Europe/Lisbon', null],
  ])('is %s', (_, terms, arrival, zone, expected) => {
    expect(freeUntil(policy(terms), arrival, zone)).toBe(expected)
  })

  // Clocks go forward on 28 March and back on 31 October 2027 in Europe.
  test.each([
    ['before clocks go forward', '2027-03-29', '18:00', 'Europe/Lisbon', '2027-03-27T18:00:00.000Z'],
    ['after clocks have gone forward', '2027-03-30', '18:00', 'Europe/Lisbon', '2027-03-28T17:00:00.000Z'],
    ['in the hour that is skipped', '2027-03-30', '01:30', 'Europe/Lisbon', '2027-03-28T01:30:00.000Z'],
    ['before clocks go back', '2027-11-01', '18:00', 'Europe/Zurich', '2027-10-30T16:00:00.000Z'],
    ['after clocks have gone back', '2027-11-02', '18:00', 'Europe/Zurich', '2027-10-31T17:00:00.000Z'],
    ['in the hour that comes twice', '2027-11-02', '02:30', 'Europe/Zurich', '2027-10-31T00:30:00.000Z'],
  ])('%s is by the clocks of that day, not of the arrival', (_, arrival, time, zone, expected) => {
    expect(freeUntil(policy({ freeUntilTime: time }), arrival, zone)).toBe(expected)
  })
})

describe('penaltyOf()', () => {
  const sold = { firstNight: 12_000, total: 25_553 }

  test.each<[string, Partial<CancellationPolicy>, Rounding, number]>([
    ['the first night', { penalty: 'first-night' }, 'half-up', 12_000],
    ['the whole stay', { penalty: 'full-stay' }, 'half-up', 25_553],
    ['half, half a cent up', { penalty: 'percent', penaltyPercent: 50 }, 'half-up', 12_777],
    ['half, half a cent to even', { penalty: 'percent', penaltyPercent: 50 }, 'half-even', 12_776],
    ['half, down', { penalty: 'percent', penaltyPercent: 50 }, 'down', 12_776],
    ['one percent, up', { penalty: 'percent', penaltyPercent: 1 }, 'up', 256],
    ['no percent', { penalty: 'percent', penaltyPercent: 0 }, 'up', 0],
    ['every percent', { penalty: 'percent', penaltyPercent: 100 }, 'half-up', 25_553],
    ['the first night, though a percentage is written', { penaltyPercent: 50 }, 'half-up', 12_000],
  ])('is %s', (_, terms, rounding, expected) => {
    expect(penaltyOf(policy(terms), sold, rounding)).toBe(expected)
  })

  test('is never more than the total', () => {
    const terms = fc.record({
      penalty: fc.constantFrom('first-night' as const, 'full-stay' as const, 'percent' as const),
      penaltyPercent: fc.integer({ min: 0, max: 100 }),
    })
    fc.assert(
      fc.property(terms, fc.nat(), fc.nat(), fc.constantFrom(...ROUNDINGS), (over, firstNight, total, rounding) => {
        const penalty = penaltyOf(policy(over), { firstNight, total }, rounding)
        expect(penalty >= 0 && penalty <= total).toBe(true)
      }),
    )
  })
})

describe('decideCancellation()', () => {
  test.each([
    ['a millisecond before the deadline costs nothing', Date.parse(DEADLINE) - 1, 0],
    ['at the deadline costs the penalty', Date.parse(DEADLINE), 12_000],
    ['a millisecond after the deadline costs the penalty', Date.parse(DEADLINE) + 1, 12_000],
    ['in the last minute of the arrival date costs the penalty', Date.parse('2027-03-01T23:59:59.999Z'), 12_000],
  ])('%s', (_, now, fee) => {
    expect(decideCancellation(aReservation(), now)).toEqual({ allowed: true, fee })
  })

  test('where it is never free costs the penalty at once', () => {
    const terms = { freeUntil: null, penalty: 30_000 }
    expect(decideCancellation(aReservation({ terms }), 0)).toEqual({ allowed: true, fee: 30_000 })
  })

  test.each([
    ['Europe/Lisbon', '2027-03-01T23:59:59.999Z'],
    ['America/New_York', '2027-03-02T04:59:59.999Z'],
    ['Pacific/Apia', '2027-03-01T10:59:59.999Z'],
  ])('is allowed until the arrival date is over in %s', (timeZone, lastMoment) => {
    const reservation = aReservation({ timeZone })
    expect(decideCancellation(reservation, Date.parse(lastMoment)).allowed).toBe(true)
    expect(decideCancellation(reservation, Date.parse(lastMoment) + 1)).toEqual({
      allowed: false,
      why: 'The arrival date has passed; please speak to the front desk.',
    })
  })

  test.each(RESERVATION_STATUSES)('of a reservation that is %s', (status) => {
    const decision = decideCancellation(aReservation({ status }), 0)
    expect(decision.allowed).toBe(status === 'confirmed' || status === 'hold')
  })

  test('says of a cancelled reservation that it is, and of a stay begun whom to speak to', () => {
    const why = (status: string) => decideCancellation(aReservation({ status }), 0)
    expect(why('cancelled')).toMatchObject({ why: 'It is cancelled already.' })
    expect(why('inHouse')).toMatchObject({ why: expect.stringContaining('front desk') })
  })
})
