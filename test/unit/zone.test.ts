import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dateAt, instantAt, isTimeZone } from '../../shared/domain/zone.ts'

const at = (text: string) => Date.parse(text)
const utc = (instant: number) => new Date(instant).toISOString()

describe('dateAt()', () => {
  // The last millisecond of a day and the first of the next, where each begins at another instant of UTC.
  test.each([
    ['Europe/Lisbon', '2027-01-14T23:59:59.999Z', '2027-01-14', '2027-01-15'],
    ['Europe/Lisbon', '2027-07-14T22:59:59.999Z', '2027-07-14', '2027-07-15'],
    ['Europe/Zurich', '2027-01-14T22:59:59.999Z', '2027-01-14', '2027-01-15'],
    ['Europe/Zurich', '2027-07-14T21:59:59.999Z', '2027-07-14', '2027-07-15'],
    ['America/New_York', '2027-01-15T04:59:59.999Z', '2027-01-14', '2027-01-15'],
    ['America/New_York', '2027-07-15T03:59:59.999Z', '2027-07-14', '2027-07-15'],
    ['Pacific/Apia', '2027-01-14T10:59:59.999Z', '2027-01-14', '2027-01-15'],
    ['Asia/Kathmandu', '2027-01-14T18:14:59.999Z', '2027-01-14', '2027-01-15'],
    ['Pacific/Kiritimati', '2027-01-14T09:59:59.999Z', '2027-01-14', '2027-01-15'],
    ['Pacific/Pago_Pago', '2027-01-15T10:59:59.999Z', '2027-01-14', '2027-01-15'],
    ['UTC', '2027-12-31T23:59:59.999Z', '2027-12-31', '2028-01-01'],
    ['UTC', '1969-12-31T23:59:59.999Z', '1969-12-31', '1970-01-01'],
  ])('in %s turns one millisecond after %s', (zone, instant, today, tomorrow) => {
    expect(dateAt(at(instant), zone)).toBe(today)
    expect(dateAt(at(instant) + 1, zone)).toBe(tomorrow)
  })

  test('leaves out the day that Samoa left out, 30 December 2011', () => {
    expect(dateAt(at('2011-12-30T09:59:59.999Z'), 'Pacific/Apia')).toBe('2011-12-29')
    expect(dateAt(at('2011-12-30T10:00:00.000Z'), 'Pacific/Apia')).toBe('2011-12-31')
  })
})

describe('instantAt()', () => {
  test.each([
    ['Europe/Lisbon', '2027-01-15', '18:00', '2027-01-15T18:00:00.000Z'],
    ['Europe/Lisbon', '2027-07-15', '18:00', '2027-07-15T17:00:00.000Z'],
    ['Europe/Zurich', '2027-01-15', '00:00', '2027-01-14T23:00:00.000Z'],
    ['Europe/Zurich', '2027-07-15', '23:59', '2027-07-15T21:59:00.000Z'],
    ['America/New_York', '2027-01-15', '18:00', '2027-01-15T23:00:00.000Z'],
    ['America/New_York', '2027-07-15', '20:00', '2027-07-16T00:00:00.000Z'],
    ['Pacific/Apia', '2027-01-15', '12:59', '2027-01-14T23:59:00.000Z'],
    ['Asia/Kathmandu', '2027-01-15', '00:00', '2027-01-14T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2027-01-15', '00:00', '2027-01-14T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2027-01-15', '23:59', '2027-01-16T10:59:00.000Z'],
    ['UTC', '1960-02-29', '00:01', '1960-02-29T00:01:00.000Z'],
  ])('in %s on %s at %s is %s', (zone, night, time, expected) => {
    expect(utc(instantAt(night, time, zone))).toBe(expected)
  })

  // The minute before the gap, its first and last minute, and the minute after it.
  test.each([
    ['Europe/Lisbon', '2027-03-28', '00:59', '2027-03-28T00:59:00.000Z'],
    ['Europe/Lisbon', '2027-03-28', '01:00', '2027-03-28T01:00:00.000Z'],
    ['Europe/Lisbon', '2027-03-28', '01:59', '2027-03-28T01:59:00.000Z'],
    ['Europe/Lisbon', '2027-03-28', '02:00', '2027-03-28T01:00:00.000Z'],
    ['Europe/Zurich', '2027-03-28', '01:59', '2027-03-28T00:59:00.000Z'],
    ['Europe/Zurich', '2027-03-28', '02:00', '2027-03-28T01:00:00.000Z'],
    ['Europe/Zurich', '2027-03-28', '02:59', '2027-03-28T01:59:00.000Z'],
    ['Europe/Zurich', '2027-03-28', '03:00', '2027-03-28T01:00:00.000Z'],
    ['America/New_York', '2027-03-14', '01:59', '2027-03-14T06:59:00.000Z'],
    ['America/New_York', '2027-03-14', '02:30', '2027-03-14T07:30:00.000Z'],
    ['America/New_York', '2027-03-14', '03:00', '2027-03-14T07:00:00.000Z'],
    ['Pacific/Apia', '2020-09-27', '02:59', '2020-09-26T13:59:00.000Z'],
    ['Pacific/Apia', '2020-09-27', '03:30', '2020-09-26T14:30:00.000Z'],
    ['Pacific/Apia', '2020-09-27', '04:00', '2020-09-26T14:00:00.000Z'],
    ['Australia/Lord_Howe', '2027-10-03', '02:15', '2027-10-02T15:45:00.000Z'],
    ['Asia/Beirut', '2027-03-28', '00:00', '2027-03-27T22:00:00.000Z'],
  ])(
    'in %s on %s moves a time that clocks skip on by as much as they skip: %s is %s',
    (zone, night, time, expected) => {
      expect(utc(instantAt(night, time, zone))).toBe(expected)
    },
  )

  // The minute before the hour that comes twice, its first and last minute, and the minute after it.
  test.each([
    ['Europe/Lisbon', '2027-10-31', '00:59', '2027-10-30T23:59:00.000Z'],
    ['Europe/Lisbon', '2027-10-31', '01:00', '2027-10-31T00:00:00.000Z'],
    ['Europe/Lisbon', '2027-10-31', '01:59', '2027-10-31T00:59:00.000Z'],
    ['Europe/Lisbon', '2027-10-31', '02:00', '2027-10-31T02:00:00.000Z'],
    ['Europe/Zurich', '2027-10-31', '01:59', '2027-10-30T23:59:00.000Z'],
    ['Europe/Zurich', '2027-10-31', '02:00', '2027-10-31T00:00:00.000Z'],
    ['Europe/Zurich', '2027-10-31', '02:59', '2027-10-31T00:59:00.000Z'],
    ['Europe/Zurich', '2027-10-31', '03:00', '2027-10-31T02:00:00.000Z'],
    ['America/New_York', '2027-11-07', '00:59', '2027-11-07T04:59:00.000Z'],
    ['America/New_York', '2027-11-07', '01:30', '2027-11-07T05:30:00.000Z'],
    ['America/New_York', '2027-11-07', '02:00', '2027-11-07T07:00:00.000Z'],
    ['Pacific/Apia', '2021-04-04', '02:59', '2021-04-03T12:59:00.000Z'],
    ['Pacific/Apia', '2021-04-04', '03:30', '2021-04-03T13:30:00.000Z'],
    ['Pacific/Apia', '2021-04-04', '04:00', '2021-04-03T15:00:00.000Z'],
    ['Australia/Lord_Howe', '2027-04-04', '01:45', '2027-04-03T14:45:00.000Z'],
  ])('in %s on %s takes the first of a time that clocks show twice: %s is %s', (zone, night, time, expected) => {
    expect(utc(instantAt(night, time, zone))).toBe(expected)
  })

  test('moves a time of the day that Samoa left out to the day after', () => {
    expect(utc(instantAt('2011-12-30', '12:00', 'Pacific/Apia'))).toBe('2011-12-30T22:00:00.000Z')
    expect(dateAt(instantAt('2011-12-30', '12:00', 'Pacific/Apia'), 'Pacific/Apia')).toBe('2011-12-31')
  })

  test('finds the first instant that shows what any instant shows', () => {
    const zones = ['Europe/Lisbon', 'Europe/Zurich', 'America/New_York', 'Pacific/Apia', 'Australia/Lord_Howe']
    const minutes = fc.integer({ min: at('2010-01-01') / 60_000, max: at('2037-12-31') / 60_000 })
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, (zone, minute) => {
        const instant = minute * 60_000
        const [night, time] = wallClock(instant, zone)
        const found = instantAt(night, time, zone)
        expect(wallClock(found, zone)).toEqual([night, time])
        expect(found).toBeLessThanOrEqual(instant)
        // Clocks go back by half an hour or a whole one.
        for (const back of [30, 60]) expect(wallClock(found - back * 60_000, zone)).not.toEqual([night, time])
      }),
      { numRuns: 500 },
    )
  })
})

describe('isTimeZone()', () => {
  test.each(['Europe/Lisbon', 'America/Argentina/Buenos_Aires', 'UTC'])('takes %s', (zone) => {
    expect(isTimeZone(zone)).toBe(true)
  })

  test.each(['', 'Lisbon', 'Europe/Atlantis', 'Europe/Lisbon ', '__proto__'])('refuses %j', (zone) => {
    expect(isTimeZone(zone)).toBe(false)
  })
})

/** Date and time that a zone's clocks show, by another formatter than the code's. */
function wallClock(instant: number, timeZone: string): [string, string] {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(instant)
  return [text.slice(0, 10), text.slice(11, 16)]
}
