import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addDays,
  dayNumber,
  daysInMonth,
  isNight,
  nightOf,
  nightsBetween,
  weekday,
} from '../../shared/domain/nights.ts'

/** 1900-01-01, reckoned by hand: 70 years with 17 leap days before 1970. */
const FIRST = -(70 * 365 + 17)
/** 2200-12-31: 231 years with 56 leap days after 1969, less one. */
const LAST = 231 * 365 + 56 - 1

/** Every date from 1900 to 2200 in order, turned over page by page as on a wall calendar, without a formula. */
function* wallCalendar(): Generator<string> {
  const two = (n: number) => String(n).padStart(2, '0')
  for (let year = 1900; year <= 2200; year++) {
    // Of the centuries in this span only 2000 is a leap year.
    const leap = year % 4 === 0 && year !== 1900 && year !== 2100 && year !== 2200
    const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    for (const [month, length] of lengths.entries())
      for (let day = 1; day <= length; day++) yield `${year}-${two(month + 1)}-${two(day)}`
  }
}

const someDay = fc.integer({ min: FIRST, max: LAST })

describe('dayNumber() and nightOf()', () => {
  test('agree with a wall calendar on every date from 1900 to 2200', () => {
    const wrong: string[] = []
    let day = FIRST
    for (const night of wallCalendar()) {
      if (dayNumber(night) !== day || nightOf(day) !== night) wrong.push(`${night} ${dayNumber(night)} ${nightOf(day)}`)
      day += 1
    }
    expect(wrong).toEqual([])
    expect(day - 1).toBe(LAST)
  })

  test.each([
    ['1969-12-31', -1],
    ['1970-01-01', 0],
    ['1970-01-02', 1],
    ['2000-02-29', 11_016],
    ['9999-12-31', 2_932_896],
  ])('%s is day %i', (night, day) => {
    expect(dayNumber(night)).toBe(day)
    expect(nightOf(day)).toBe(night)
  })

  test('order dates as their text does', () => {
    fc.assert(fc.property(someDay, someDay, (a, b) => nightOf(a) < nightOf(b) === a < b))
  })

  test('refuse what is no date with a RangeError that quotes no more than 20 characters', () => {
    expect(() => dayNumber('2027-02-30')).toThrow(new RangeError('not a calendar date: 2027-02-30'))
    expect(() => dayNumber('x'.repeat(1000))).toThrow(new RangeError(`not a calendar date: ${'x'.repeat(20)}`))
  })
})

describe('isNight()', () => {
  test('takes every date of the wall calendar', () => {
    expect([...wallCalendar()].filter((night) => !isNight(night))).toEqual([])
  })

  test.each([
    ['29 February of a common year', '2027-02-29'],
    ['29 February of a century', '2100-02-29'],
    ['30 February of a leap year', '2028-02-30'],
    ['day 31 of a month of 30', '2027-04-31'],
    ['day 32', '2027-01-32'],
    ['day 0', '2027-01-00'],
    ['month 0', '2027-00-10'],
    ['month 13', '2027-13-01'],
    ['a year before 1900', '1899-12-31'],
    ['the year 0', '0000-01-01'],
    ['a year of five digits', '12027-01-01'],
    ['a year of two digits', '27-01-01'],
    ['a month of one digit', '2027-1-01'],
    ['a day of one digit', '2027-01-1'],
    ['a time behind it', '2027-01-01T00:00:00Z'],
    ['a space before it', ' 2027-01-01'],
    ['a line break behind it', '2027-01-01\n'],
    ['other separators', '2027/01/01'],
    ['a sign', '-027-01-01'],
    ['digits of another script', '٢٠٢٧-٠١-٠١'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(isNight(text)).toBe(false)
  })
})

describe('daysInMonth()', () => {
  test.each([
    [1900, 28],
    [2000, 29],
    [2027, 28],
    [2028, 29],
    [2100, 28],
    [2200, 28],
    [2400, 29],
  ])('gives February %i %i days', (year, days) => {
    expect(daysInMonth(year, 2)).toBe(days)
  })

  test('gives the other months their lengths', () => {
    const months = [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    expect(months.map((month) => daysInMonth(2027, month))).toEqual([31, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
  })
})

describe('weekday()', () => {
  test.each([
    ['1900-01-01', 0],
    ['1969-12-28', 6],
    ['1970-01-01', 3],
    ['2000-02-29', 1],
    ['2026-11-23', 0],
    ['2026-11-28', 5],
    ['2026-11-29', 6],
  ])('of %s is %i, Monday being 0', (night, expected) => {
    expect(weekday(dayNumber(night))).toBe(expected)
  })

  test('moves on by one each day and comes round after seven', () => {
    fc.assert(fc.property(someDay, (day) => weekday(day + 1) === (weekday(day) + 1) % 7))
  })
})

describe('addDays()', () => {
  test.each([
    ['2027-02-28', 1, '2027-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2027-12-31', 1, '2028-01-01'],
    ['2028-01-01', -1, '2027-12-31'],
    ['2027-03-01', 0, '2027-03-01'],
    ['2024-02-29', 366, '2025-03-01'],
    ['1970-01-01', -25_567, '1900-01-01'],
  ])('takes %s by %i to %s', (night, days, expected) => {
    expect(addDays(night, days)).toBe(expected)
  })

  test('is undone by as many days back', () => {
    fc.assert(
      fc.property(someDay, fc.integer({ min: -5000, max: 5000 }), (day, days) => {
        const moved = nightOf(Math.min(LAST, Math.max(FIRST, day + days)))
        expect(addDays(moved, day - dayNumber(moved))).toBe(nightOf(day))
      }),
    )
  })
})

describe('nightsBetween()', () => {
  test.each([
    ['2027-03-01', '2027-03-02', ['2027-03-01']],
    ['2027-12-30', '2028-01-02', ['2027-12-30', '2027-12-31', '2028-01-01']],
    ['2028-02-28', '2028-03-01', ['2028-02-28', '2028-02-29']],
    ['2027-03-01', '2027-03-01', []],
    ['2027-03-02', '2027-03-01', []],
  ])('from %s to %s are %j: the arrival night and not the departure', (arrival, departure, nights) => {
    expect(nightsBetween(arrival, departure)).toEqual(nights)
  })

  test('are as many as the days between, each the day after the one before', () => {
    fc.assert(
      fc.property(someDay, fc.integer({ min: 1, max: 90 }), (day, length) => {
        const nights = nightsBetween(nightOf(day), nightOf(day + length))
        expect(nights.map(dayNumber)).toEqual(Array.from({ length }, (_, i) => day + i))
      }),
    )
  })
})
