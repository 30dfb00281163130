/** Whole answers to the edge-answered routes, from a snapshot: rules between the dates checked, then search. Pure. */
import { dayNumber } from '../domain/nights.ts'
import { checkCalendarDates, checkStayDates } from '../domain/stay.ts'
import { dateAt, type Instant } from '../domain/zone.ts'
import type { AvailabilityAnswer, CalendarAnswer, getAvailability, getCalendar } from '../routes/availability.ts'
import type { PropertyAnswer } from '../routes/properties.ts'
import type { QueryOf } from '../routes/route.ts'
import { calendarDays, searchStay } from './search.ts'
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
  return {
    property: content.property,
    ...query,
    currency: content.currency,
    ...freshness(confirmed),
    days: calendarDays(confirmed.snapshot, query, dateAt(now, content.timeZone)),
  }
}

function freshness({ snapshot, asOf, stale }: Confirmed) {
  return { ariVersion: snapshot.version, asOf: new Date(asOf).toISOString(), stale }
}
