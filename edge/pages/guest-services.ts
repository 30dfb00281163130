/** What the guest pages need done; the edge app provides it, tests provide a fake. */
import type { Context } from 'hono'
import type { KnownDestination } from '../../shared/domain/destinations.ts'
import type {
  AvailabilityAnswer,
  CalendarAnswer,
  FlexibleDatesAnswer,
  getAvailability,
  getCalendar,
  getFlexibleDates,
} from '../../shared/routes/availability.ts'
import type { listProperties, PropertyAnswer } from '../../shared/routes/properties.ts'
import type {
  BookedReservation,
  CancelledReservation,
  createReservation,
  ReservationView,
} from '../../shared/routes/reservations.ts'
import type { AnswerOf, BodyInput, QueryOf } from '../../shared/routes/route.ts'
import type { SearchAnswer, searchProperties } from '../../shared/routes/search.ts'

/**
 * Reads and writes on behalf of one guest's request. Every function throws a `Problem` where it refuses, with the
 * problem's extensions (`errors`, `offer`, `alternatives`, `nights`, `reason`). `minVersion` is the lowest ARI version
 * this guest may be shown: their own booking is in it.
 */
export interface GuestServices {
  properties(c: Context): Promise<AnswerOf<typeof listProperties>>
  destinations(c: Context): Promise<readonly KnownDestination[]>
  /** `floors`: the lowest ARI version that this guest may be shown, by property. */
  search(
    c: Context,
    query: QueryOf<typeof searchProperties>,
    floors: ReadonlyMap<string, number>,
  ): Promise<SearchAnswer>
  property(c: Context, property: string, minVersion?: number): Promise<PropertyAnswer>
  availability(
    c: Context,
    property: string,
    query: QueryOf<typeof getAvailability>,
    minVersion?: number,
  ): Promise<AvailabilityAnswer>
  calendar(
    c: Context,
    property: string,
    query: QueryOf<typeof getCalendar>,
    minVersion?: number,
  ): Promise<CalendarAnswer>
  flexibleDates(
    c: Context,
    property: string,
    query: QueryOf<typeof getFlexibleDates>,
    minVersion?: number,
  ): Promise<FlexibleDatesAnswer>
  book(
    c: Context,
    property: string,
    body: BodyInput<typeof createReservation>,
    idempotencyKey: string,
  ): Promise<BookedReservation>
  /** With the booker's token everything, with the last name the masked stay. */
  reservation(c: Context, reference: string, proof: { token?: string; lastName?: string }): Promise<ReservationView>
  cancel(c: Context, reference: string, token: string, idempotencyKey: string): Promise<CancelledReservation>
}
