/** Reading a file of hotel bookings: one row a booking, columns found by their names. */
import { addDays, dayNumber, isNight, type Night } from '../../../shared/domain/nights.ts'
import { ADULTS_MAX, CHILDREN_MAX, STAY_NIGHTS_MAX } from '../../../shared/domain/values.ts'

/** One booking of the file, dates as they stand there. */
export type FileBooking = {
  /** Line in the file; the header is line 1. */
  line: number
  hotel: string
  roomType: string
  arrival: Night
  nights: number
  adults: number
  children: number
  babies: number
  /** Average daily rate in minor units. */
  rateMinor: number
  bookedOn: Night
  /** When the guest cancelled; null where they came, or simply did not show. */
  cancelledOn: Night | null
  nonRefundable: boolean
}

/** Rows that cannot be booked: why, and their lines. */
export type Skipped = Map<string, number[]>

/** A file that cannot be replayed at all; the message says why in a sentence. */
export class UnusableFile extends Error {}

const COLUMNS = [
  'hotel',
  'lead_time',
  'arrival_date_year',
  'arrival_date_month',
  'arrival_date_day_of_month',
  'stays_in_weekend_nights',
  'stays_in_week_nights',
  'adults',
  'children',
  'babies',
  'reserved_room_type',
  'deposit_type',
  'adr',
  'reservation_status',
  'reservation_status_date',
] as const
type Column = (typeof COLUMNS)[number]

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

/**
 * The bookings in the order of the file, and the rows that nobody could book. Stops after `rowsMax` rows. Throws
 * UnusableFile where a column is missing or no row can be booked.
 */
export function readBookings(
  text: string,
  rowsMax = Number.POSITIVE_INFINITY,
): { bookings: FileBooking[]; skipped: Skipped; rows: number } {
  const lines = text.split(/\r?\n/)
  const header = fieldsOf(lines[0] ?? '').map((name) => name.trim().replace(/^\uFEFF/, ''))
  const missing = COLUMNS.filter((column) => !header.includes(column))
  if (missing.length > 0)
    throw new UnusableFile(`The file has no column ${missing.join(', ')}: is it a file of bookings?`)
  const bookings: FileBooking[] = []
  const skipped: Skipped = new Map()
  let rows = 0
  for (let i = 1; i < lines.length && rows < rowsMax; i++) {
    const written = lines[i] ?? ''
    if (written.trim() === '') continue
    rows++
    const fields = fieldsOf(written)
    const booking = bookingOf((column) => (fields[header.indexOf(column)] ?? '').trim(), i + 1)
    const obstacle = booking === undefined ? 'unreadable' : obstacleOf(booking)
    if (booking !== undefined && obstacle === undefined) bookings.push(booking)
    else skipped.set(obstacle ?? '', [...(skipped.get(obstacle ?? '') ?? []), i + 1])
  }
  if (bookings.length === 0) throw new UnusableFile('The file holds no row that could be booked.')
  return { bookings, skipped, rows }
}

function bookingOf(field: (column: Column) => string, line: number): FileBooking | undefined {
  const arrival = dateOf(field('arrival_date_year'), field('arrival_date_month'), field('arrival_date_day_of_month'))
  const closed = statusDateOf(field('reservation_status_date'))
  const leadDays = count(field('lead_time'))
  const nights = count(field('stays_in_weekend_nights')) + count(field('stays_in_week_nights'))
  const adults = count(field('adults'))
  const children = count(field('children'))
  const babies = count(field('babies'))
  const rateMinor = Math.round(Number(field('adr')) * 100)
  const numbers = [leadDays, nights, adults, children, babies, rateMinor]
  if (arrival === undefined || numbers.some((number) => !Number.isFinite(number))) return undefined
  const cancelled = field('reservation_status') === 'Canceled'
  if (cancelled && closed === undefined) return undefined
  const bookedOn = addDays(arrival, -leadDays)
  const cancelledOn = cancelled && closed !== undefined ? (closed < bookedOn ? bookedOn : closed) : null
  return {
    line,
    hotel: field('hotel'),
    roomType: field('reserved_room_type'),
    arrival,
    nights,
    adults,
    children,
    babies,
    rateMinor: Math.max(0, rateMinor),
    bookedOn,
    cancelledOn,
    nonRefundable: field('deposit_type') === 'Non Refund',
  }
}

function obstacleOf({ adults, nights, children, babies }: FileBooking): string | undefined {
  if (adults === 0) return 'no adult'
  if (nights === 0) return 'no night'
  if (nights > STAY_NIGHTS_MAX) return `more than ${STAY_NIGHTS_MAX} nights`
  if (adults > ADULTS_MAX) return `more than ${ADULTS_MAX} adults`
  if (children + babies > CHILDREN_MAX) return `more than ${CHILDREN_MAX} children`
  return undefined
}

/** A count; the published data says NA for a few unknown children, which are none. NaN where it is no number. */
function count(text: string): number {
  if (text === 'NA' || text === 'NULL') return 0
  return /^\d+(?:\.0+)?$/.test(text) ? Number(text) : Number.NaN
}

function dateOf(year: string, month: string, day: string): Night | undefined {
  const named = MONTHS.indexOf(month.toLowerCase()) + 1
  const number = named > 0 ? named : Number(month)
  const date = `${year.padStart(4, '0')}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`
  return isNight(date) ? date : undefined
}

/** `7/31/2015` as in this file, or `2015-07-31` as it was first published. */
function statusDateOf(text: string): Night | undefined {
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text)
  if (american) return dateOf(american[3] ?? '', american[1] ?? '', american[2] ?? '')
  return isNight(text) ? text : undefined
}

/** The fields of one line of comma-separated values; a quoted field may hold commas and doubled quotes. */
function fieldsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
  return fields
}

/** How many whole weeks later the file has to happen for its first arrival to lie after `today`. */
export function weeksAhead(bookings: readonly FileBooking[], today: Night): number {
  const first = bookings.reduce((least, { arrival }) => Math.min(least, dayNumber(arrival)), Number.POSITIVE_INFINITY)
  return Math.floor((dayNumber(today) - first) / 7) + 1
}
