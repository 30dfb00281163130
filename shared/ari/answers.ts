/** Whole answers to the edge-answered routes, from a snapshot: rules between the dates checked, then search. Pure. */
import { dayNumber } from '../domain/nights.ts'
import { checkCalendarDates, checkStayDates } from '../domain/stay.ts'
import { dateAt, type Instant } from '../domain/zone.ts'
import type {
  AvailabilityAnswer,
  CalendarAnswer,
  FlexibleDatesAnswer,
  getAvailability,
  getCalendar,
  getFlexibleDates,
  getSeveralRooms,
  SeveralRoomsAnswer,
} from '../routes/availability.ts'
import type { PropertyAnswer } from '../routes/properties.ts'
import type { QueryOf } from '../routes/route.ts'
import { cheapestDay } from './cheapest.ts'
import { flexibleStays } from './flexible.ts'
import { calendarDays, searchStay } from './search.ts'
import { searchRooms } from './several-rooms.ts'
import type { Snapshot } from './snapshot.ts'

/** A snapshot with what is known of its freshness. */
export interface Confirmed {
  snapshot: Snapshot
  /** When the version was last known to be the current one. */
  asOf: Instant
  /** Older than the bound because the origin cannot be reached. */
  stale: boolean
}

/** The property as guests read it. */
export function answerProperty(confirmed: Confirmed): PropertyAnswer {
  return { ...confirmed.snapshot.content, ...freshness(confirmed) }
}

/** What can be booked for a stay. Throws `invalid-request` where the dates make no stay. */
export function answerAvailability(
  confirmed: Confirmed,
  query: QueryOf<typeof getAvailability>,
  now: Instant,
): AvailabilityAnswer {
  const { content } = confirmed.snapshot
  const today = dateAt(now, content.timeZone)
  checkStayDates(query, today, '?')
  return {
    property: content.property,
    arrival: query.arrival,
    departure: query.departure,
    nights: dayNumber(query.departure) - dayNumber(query.arrival),
    adults: query.adults,
    childAges: query.childAges,
    currency: content.currency,
    ...freshness(confirmed),
    ...searchStay(confirmed.snapshot, query, today),
  }
}

/** The cheapest total by arrival date. Throws `invalid-request` where the dates make no span. */
export function answerCalendar(confirmed: Confirmed, query: QueryOf<typeof getCalendar>, now: Instant): CalendarAnswer {
  const { content } = confirmed.snapshot
  checkCalendarDates(query)
  const days = calendarDays(confirmed.snapshot, query, dateAt(now, content.timeZone))
  return {
    property: content.property,
    ...query,
    currency: content.currency,
    ...freshness(confirmed),
    days,
    cheapest: pricedDay(days),
  }
}

/** The lowest total of a calendar's days and what it buys. */
function pricedDay(days: CalendarAnswer['days']): CalendarAnswer['cheapest'] {
  const day = cheapestDay(days)
  if (!day || day.roomType === null || day.ratePlan === null) return null
  const { arrival, total, roomType, ratePlan } = day
  return { arrival, total, roomType, ratePlan }
}

/** Cheapest totals around the asked dates. Throws `invalid-request` where the asked dates make no stay. */
export function answerFlexibleDates(
  confirmed: Confirmed,
  query: QueryOf<typeof getFlexibleDates>,
  now: Instant,
): FlexibleDatesAnswer {
  const { content } = confirmed.snapshot
  const today = dateAt(now, content.timeZone)
  checkStayDates(query, today, '?')
  return {
    property: content.property,
    ...query,
    currency: content.currency,
    ...freshness(confirmed),
    stays: flexibleStays(confirmed.snapshot, query, today),
  }
}

/** What several parties can book for one stay. Throws `invalid-request` where the dates make no stay. */
export function answerSeveralRooms(
  confirmed: Confirmed,
  query: QueryOf<typeof getSeveralRooms>,
  now: Instant,
): SeveralRoomsAnswer {
  const { content } = confirmed.snapshot
  const today = dateAt(now, content.timeZone)
  checkStayDates(query, today, '?')
  const { arrival, departure } = query
  return {
    property: content.property,
    arrival,
    departure,
    nights: dayNumber(departure) - dayNumber(arrival),
    currency: content.currency,
    ...freshness(confirmed),
    ...searchRooms(confirmed.snapshot, query, today),
  }
}

/** Which version an answer is from and when that was last confirmed. */
export function freshness({ snapshot, asOf, stale }: Confirmed) {
  return { ariVersion: snapshot.version, asOf: new Date(asOf).toISOString(), stale }
}
