/**
 * Nights are calendar dates in the property's zone, written `YYYY-MM-DD`. Inside the domain a night is its day number:
 * whole days since 1970-01-01, so that counting and comparing are integer arithmetic. No JavaScript `Date` stands for
 * a night: a `Date` is an instant, and turning one into the other moves stays by a day around midnight.
 */

/** A calendar date, `YYYY-MM-DD`. */
export type Night = string

/** Whole days since 1970-01-01. */
export type DayNumber = number

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const
const DASH = 45
const ZERO = 48

/** Whether the text is a real calendar date: right shape, month 1 to 12, a day that month has that year. */
export function isNight(text: string): boolean {
  return partsOf(text) !== NO_DATE
}

const NO_DATE = -1

/**
 * A date as one number, year × 10,000 + month × 100 + day, or `NO_DATE`. By hand, since a question at the edge reads its
 * dates half a dozen times, and a regular expression was most of that.
 */
function partsOf(text: string): number {
  if (text.length !== 10 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return NO_DATE
  let parts = 0
  for (let at = 0; at < 10; at++) {
    if (at === 4 || at === 7) continue
    const digit = text.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return NO_DATE
    parts = parts * 10 + digit
  }
  const year = Math.floor(parts / 10_000)
  const month = Math.floor(parts / 100) % 100
  const day = parts % 100
  return year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) ? parts : NO_DATE
}

/** Days in a month of the Gregorian calendar; `month` is 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0)
}

/**
 * The day number of a date. Throws a RangeError where the text is no calendar date.
 * Formula: Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
 */
export function dayNumber(night: Night): DayNumber {
  const parts = partsOf(night)
  if (parts === NO_DATE) throw new RangeError(`not a calendar date: ${night.slice(0, 20)}`)
  const month = Math.floor(parts / 100) % 100
  const day = parts % 100
  const year = Math.floor(parts / 10_000) - (month <= 2 ? 1 : 0)
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146097 + dayOfEra - 719468
}

/** The date of a day number; the inverse of `dayNumber`. Formula: Hinnant, civil_from_days. */
export function nightOf(day: DayNumber): Night {
  const shifted = day + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`
}

/** Day of the week, 0 Monday to 6 Sunday (ISO 8601 order). */
export function weekday(day: DayNumber): number {
  return (((day + 3) % 7) + 7) % 7
}

/** Every night of a stay `[arrival, departure)`, first to last. */
export function nightsBetween(arrival: Night, departure: Night): Night[] {
  const first = dayNumber(arrival)
  return Array.from({ length: Math.max(0, dayNumber(departure) - first) }, (_, i) => nightOf(first + i))
}

/** The date `days` later (earlier where negative). */
export function addDays(night: Night, days: number): Night {
  return nightOf(dayNumber(night) + days)
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}
