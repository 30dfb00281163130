/**
 * The oracle's own calendar: plain strings in and out, the arithmetic left to `Date.UTC`. It shares nothing with
 * shared/domain, so that a mistake there is not made here as well.
 */

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** The date `days` after `date`, both `YYYY-MM-DD`. */
export function plusDays(date: string, days: number): string {
  return new Date(utcMidnight(date) + days * DAY_MS).toISOString().slice(0, 10)
}

/** Whole days from one date to a later one; negative the other way round. */
export function daysFromTo(from: string, to: string): number {
  return Math.round((utcMidnight(to) - utcMidnight(from)) / DAY_MS)
}

/** Every night of the stay `[arrival, departure)`. */
export function nightsOf(arrival: string, departure: string): string[] {
  const nights: string[] = []
  for (let night = arrival; night < departure; night = plusDays(night, 1)) nights.push(night)
  return nights
}

/** What a wall calendar in the zone shows at an instant. */
export function dateIn(timeZone: string, instant: number): string {
  return new Date(wallAt(timeZone, instant)).toISOString().slice(0, 10)
}

const remembered = new Map<string, number>()

/**
 * The instant at which clocks in the zone show `time` (`HH:MM`) on `date`; the first of two where they show it twice.
 * Where they skip it, the instant as many minutes after the jump as `time` is after the last minute shown: the
 * "compatible" reading of Temporal and RFC 5545. Found by trying every quarter of an hour that could be it.
 */
export function instantOf(timeZone: string, date: string, time: string): number {
  const key = `${timeZone}|${date}|${time}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  const found = searchInstant(timeZone, utcMidnight(date) + minutesOf(time) * MINUTE_MS)
  remembered.set(key, found)
  return found
}

function searchInstant(timeZone: string, wall: number): number {
  const quarter = 15 * MINUTE_MS
  // No zone is further from UTC than 14 h, ahead or behind.
  const earliest = wall - 15 * 4 * quarter
  const latest = wall + 15 * 4 * quarter
  for (let instant = earliest; instant <= latest; instant += quarter)
    if (wallAt(timeZone, instant) === wall) return instant
  // Skipped. The jump is at the last instant before which clocks still showed less than `wall`.
  let jump = earliest
  while (wallAt(timeZone, jump) < wall) jump += MINUTE_MS
  const shownJustBefore = wallAt(timeZone, jump - MINUTE_MS) + MINUTE_MS
  return jump + (wall - shownJustBefore)
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** The date and time that clocks show, as if it were UTC. */
function wallAt(timeZone: string, instant: number): number {
  let formatter = formatters.get(timeZone)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    formatters.set(timeZone, formatter)
  }
  // Swedish writes 2027-03-28 03:30:00.
  return Date.parse(`${formatter.format(instant).replace(' ', 'T')}Z`)
}

function utcMidnight(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8, 10)))
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}
