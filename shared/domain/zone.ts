/**
 * Between instants and the property's calendar. The IANA zone rules come from `Intl`, which workerd, Node and Deno ship.
 */
import { dayNumber, type Night, nightOf } from './nights.ts'

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

const formatters = new Map<string, Intl.DateTimeFormat>()

/** The calendar date at an instant, in a zone. */
export function dateAt(instant: Instant, timeZone: string): Night {
  return nightOf(Math.floor((instant + offsetAt(instant, timeZone)) / 86_400_000))
}

/**
 * The instant at which a zone's clocks show `time` (`HH:MM`) on `night`. Where clocks skip that time, it is moved on by
 * as much as they skip; where they show it twice, it is the first of the two. (Temporal calls this `compatible`.)
 */
export function instantAt(night: Night, time: string, timeZone: string): Instant {
  const wall = dayNumber(night) * 86_400_000 + Number(time.slice(0, 2)) * 3_600_000 + Number(time.slice(3, 5)) * 60_000
  const before = wall - offsetAt(wall - 86_400_000, timeZone)
  const after = wall - offsetAt(wall + 86_400_000, timeZone)
  const earlier = Math.min(before, after)
  const later = Math.max(before, after)
  if (earlier + offsetAt(earlier, timeZone) === wall) return earlier
  if (later + offsetAt(later, timeZone) === wall) return later
  return later
}

/** Whether `Intl` knows the zone. */
export function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

/** Offsets change on quarter hours only (every zone since 1972), so one reading serves a quarter of an hour. */
const QUARTER_MS = 900_000
const OFFSETS_MAX = 2_000
/** By zone, then quarter of an hour. */
const offsets = new Map<string, Map<number, number>>()

function offsetAt(instant: Instant, timeZone: string): number {
  const quarter = Math.floor(instant / QUARTER_MS)
  let known = offsets.get(timeZone)
  if (!known) {
    known = new Map()
    offsets.set(timeZone, known)
  }
  let offset = known.get(quarter)
  if (offset === undefined) {
    offset = readOffset(quarter * QUARTER_MS, timeZone)
    if (known.size >= OFFSETS_MAX) known.clear()
    known.set(quarter, offset)
  }
  return offset
}

function readOffset(instant: Instant, timeZone: string): number {
  const p = localParts(instant, timeZone)
  const wall =
    dayNumber(`${p.year}-${p.month}-${p.day}`) * 86_400_000 +
    Number(p.hour) * 3_600_000 +
    Number(p.minute) * 60_000 +
    Number(p.second) * 1000
  return wall - instant
}

function localParts(instant: Instant, timeZone: string): Record<string, string> {
  let formatter = formatters.get(timeZone)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    formatters.set(timeZone, formatter)
  }
  const parts: Record<string, string> = {}
  for (const { type, value } of formatter.formatToParts(instant)) parts[type] = value
  return parts
}
