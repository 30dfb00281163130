/** Dates that a hotel's year turns on, in any year. */
import { addDays, dayNumber, type Night, nightOf, weekday } from '../../../shared/domain/nights.ts'

/** Monday to Sunday as AriChange counts them, 1 to 7. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7
export const FRIDAY: Weekday = 5
export const SATURDAY: Weekday = 6

/** Nights from the first to the last, both included. */
export interface Spell {
  from: Night
  to: Night
}

/** ISO day of the week, 1 Monday to 7 Sunday. */
export function weekdayOf(night: Night): Weekday {
  return (weekday(dayNumber(night)) + 1) as Weekday
}

/** The year of a night. */
export function yearOf(night: Night): number {
  return Number(night.slice(0, 4))
}

export function within(night: Night, spell: Spell): boolean {
  return night >= spell.from && night <= spell.to
}

/**
 * Whether a night lies in a part of the year, both ends as `MM-DD` and included. An end before the start means the part
 * runs over New Year.
 */
export function inPartOfYear(night: Night, from: string, to: string): boolean {
  const day = night.slice(5)
  return from <= to ? day >= from && day <= to : day >= from || day <= to
}

/**
 * Easter Sunday of a year in the Gregorian calendar.
 * Formula: the anonymous algorithm published in Nature, 20 April 1876, as given by Meeus, Astronomical Algorithms, ch. 8.
 */
export function easterSunday(year: number): Night {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor(b / 4)
  const e = b % 4
  const f = Math.floor((b + 8) / 25)
  const g = Math.floor((b - f + 1) / 3)
  const h = (19 * a + b - d - g + 15) % 30
  const i = Math.floor(c / 4)
  const k = c % 4
  const l = (32 + 2 * e + 2 * i - h - k) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const month = Math.floor((h + l - 7 * m + 114) / 31)
  const day = ((h + l - 7 * m + 114) % 31) + 1
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** The nth (1 for first) weekday of a month. */
export function nthWeekday(year: number, month: number, day: Weekday, nth: number): Night {
  return firstOnOrAfter(addDays(`${year}-${String(month).padStart(2, '0')}-01`, 7 * (nth - 1)), day)
}

/** The first night of that weekday, the given night included. */
export function firstOnOrAfter(night: Night, day: Weekday): Night {
  return addDays(night, (day - weekdayOf(night) + 7) % 7)
}

/** Every night of a horizon, first to last. */
export function horizon(today: Night, nights: number): Night[] {
  const first = dayNumber(today)
  return Array.from({ length: nights }, (_, i) => nightOf(first + i))
}
