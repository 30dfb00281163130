/** From a file's bookings to what is replayed: a property, its rates, and what happens in which order. */
import { addDays, dayNumber, type Night, nightOf, nightsBetween } from '../../../shared/domain/nights.ts'
import type { PropertyDefinition } from '../../../shared/domain/property.ts'
import type { AriChange } from '../../../shared/routes/ari.ts'
import { type FileBooking, weeksAhead } from './bookings-file.ts'
import { BASE_PLAN, childAgesOf, DERIVED_PLAN, replayContent } from './replay-hotel.ts'
import { someRestrictions } from './restrictions.ts'

/** What one guest wants. */
export type WantedStay = {
  roomType: string
  ratePlan: string
  arrival: Night
  departure: Night
  adults: number
  childAges: number[]
}

export type PlannedBooking = { line: number; stay: WantedStay; cancels: boolean }

/** `booking` is a place in the plan's bookings. */
export type ReplayEvent = { kind: 'book' | 'cancel'; booking: number }

export type ReplayPlan = {
  definition: PropertyDefinition
  /** Rates of every night, and restrictions where they were asked for. */
  changes: AriChange[]
  bookings: PlannedBooking[]
  events: ReplayEvent[]
  /** Rooms by type: the share of the most that would be on the books at once if all found a room. */
  capacity: Map<string, number>
  weeksShifted: number
}

export type PlanOptions = {
  property: string
  today: Night
  /** Rooms as a share of each type's peak demand. */
  capacityShare: number
  seed: number
  restrictions: boolean
}

/** The same file, options and day give the same plan. */
export function planReplay(file: readonly FileBooking[], options: PlanOptions): ReplayPlan {
  const weeksShifted = weeksAhead(file, options.today)
  const codes = roomTypeCodes(file)
  const bookings = file.map((row): PlannedBooking => {
    const arrival = addDays(row.arrival, weeksShifted * 7)
    return {
      line: row.line,
      stay: {
        roomType: codes.get(typeKey(row)) ?? '',
        ratePlan: row.nonRefundable ? DERIVED_PLAN : BASE_PLAN,
        arrival,
        departure: addDays(arrival, row.nights),
        adults: row.adults,
        childAges: childAgesOf(row, options.seed),
      },
      cancels: row.cancelledOn !== null,
    }
  })
  const events = eventsInOrder(file)
  const capacity = new Map(
    [...peakDemand(bookings, events)].map(([type, peak]) => [
      type,
      Math.max(1, Math.floor(peak * options.capacityShare)),
    ]),
  )
  const inventory = {
    from: nightOf(Math.min(...bookings.map(({ stay }) => dayNumber(stay.arrival)))),
    to: nightOf(Math.max(...bookings.map(({ stay }) => dayNumber(stay.departure)))),
  }
  const content = replayContent(options.property, [...capacity.keys()], bookings)
  const definition: PropertyDefinition = {
    content,
    rooms: Object.fromEntries(
      [...capacity].map(([type, rooms]) => [type, Array.from({ length: rooms }, (_, i) => `${type}-${i + 1}`)]),
    ),
    inventory,
    listed: false,
  }
  const changes = [
    ...nightlyRates(file, bookings, inventory),
    ...(options.restrictions ? someRestrictions(definition, options.seed) : []),
  ]
  return { definition, changes, bookings, events, capacity, weeksShifted }
}

/**
 * Bookings on the day they were booked, cancellations on the day they were cancelled, in the order of the file within a
 * day, and each cancellation after its booking.
 */
export function eventsInOrder(file: readonly FileBooking[]): ReplayEvent[] {
  const dated = file.flatMap(({ bookedOn, cancelledOn }, booking) => [
    { day: dayNumber(bookedOn), event: { kind: 'book' as const, booking } },
    ...(cancelledOn === null ? [] : [{ day: dayNumber(cancelledOn), event: { kind: 'cancel' as const, booking } }]),
  ])
  return dated.sort((a, b) => a.day - b.day || a.event.booking - b.event.booking).map(({ event }) => event)
}

/** For each room type the most rooms that would be on the books for one night at any moment, if all found a room. */
export function peakDemand(bookings: readonly PlannedBooking[], events: readonly ReplayEvent[]): Map<string, number> {
  const onTheBooks = new Map<string, number>()
  const peak = new Map<string, number>()
  for (const { stay } of bookings) peak.set(stay.roomType, 0)
  for (const { kind, booking } of events) {
    const stay = bookings[booking]?.stay
    if (!stay) continue
    for (const night of nightsBetween(stay.arrival, stay.departure)) {
      const key = `${stay.roomType}|${night}`
      const rooms = (onTheBooks.get(key) ?? 0) + (kind === 'book' ? 1 : -1)
      onTheBooks.set(key, rooms)
      peak.set(stay.roomType, Math.max(peak.get(stay.roomType) ?? 0, rooms))
    }
  }
  return new Map([...peak].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The hotel's initial and the file's letter: two hotels of one file may use the same letter for different rooms. */
function roomTypeCodes(file: readonly FileBooking[]): Map<string, string> {
  const hotels = [...new Set(file.map(({ hotel }) => hotel))]
  const initials = hotels.map((hotel) => (/[A-Z0-9]/.exec(hotel.toUpperCase()) ?? ['X'])[0])
  const prefixes = new Map(
    hotels.map((hotel, i) => {
      const before = initials.slice(0, i).filter((initial) => initial === initials[i]).length
      return [hotel, `${initials[i]}${before === 0 ? '' : before + 1}`]
    }),
  )
  return new Map(
    file.map((row) => {
      const letters = row.roomType.toUpperCase().replaceAll(/[^A-Z0-9_-]/g, '-')
      return [typeKey(row), `${prefixes.get(row.hotel)}${letters}`.slice(0, 20)]
    }),
  )
}

function typeKey({ hotel, roomType }: FileBooking): string {
  return `${hotel}|${roomType}`
}

/** The median of what the file's guests paid for the type that night; of all its nights where nobody stayed. */
function nightlyRates(
  file: readonly FileBooking[],
  bookings: readonly PlannedBooking[],
  inventory: { from: Night; to: Night },
): AriChange[] {
  const paid = new Map<string, number[]>()
  const note = (key: string, amount: number) => {
    const amounts = paid.get(key)
    if (amounts) amounts.push(amount)
    else paid.set(key, [amount])
  }
  bookings.forEach(({ stay }, i) => {
    const amount = file[i]?.rateMinor ?? 0
    for (const night of nightsBetween(stay.arrival, stay.departure)) {
      note(`${stay.roomType}|${night}`, amount)
      note(stay.roomType, amount)
    }
  })
  const nights = nightsBetween(inventory.from, addDays(inventory.to, 1))
  const roomTypes = [...new Set(bookings.map(({ stay }) => stay.roomType))].sort()
  return roomTypes.flatMap((roomType) => {
    const usual = median(paid.get(roomType) ?? [0])
    const spans: (AriChange & { amount: number })[] = []
    for (const night of nights) {
      const amounts = paid.get(`${roomType}|${night}`)
      const amount = amounts ? median(amounts) : usual
      const last = spans.at(-1)
      if (last && last.amount === amount) last.to = night
      else spans.push({ roomType, ratePlan: BASE_PLAN, from: night, to: night, amount })
    }
    return spans
  })
}

function median(amounts: readonly number[]): number {
  const sorted = amounts.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
