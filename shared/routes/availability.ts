/** Availability questions: answered at the edge from the ARI snapshot, by the same functions as at the origin. */
import * as z from 'zod/mini'
import {
  ADULTS_MAX,
  CalendarDate,
  ChildAgesText,
  Currency,
  InstantText,
  ProductCode,
  PropertyCode,
  STAY_NIGHTS_MAX,
  wholeNumber,
} from '../domain/values.ts'
import { PropertyParams } from './properties.ts'
import { anyone, route } from './route.ts'

/** Why a room type at a rate plan is not offered; the first that holds, in the order a stay is judged. */
export const REASONS = [
  'outside-horizon',
  'occupancy',
  'not-priced',
  'closed',
  'closed-to-arrival',
  'closed-to-departure',
  'min-stay-arrival',
  'min-stay-through',
  'max-stay',
  'advance-min',
  'advance-max',
  'sold-out',
] as const
export type Reason = (typeof REASONS)[number]

export const NightlyAmount = z.object({ night: CalendarDate, amount: z.int() })
export const TaxLine = z.object({ code: z.string(), name: z.string(), amount: z.int(), included: z.boolean() })
/** Free until an instant (null: never free), and what cancelling costs from then on, in minor units. */
export const CancellationTerms = z.object({ freeUntil: z.nullable(InstantText), penalty: z.int() })

export const Offer = z.object({
  roomType: ProductCode,
  ratePlan: ProductCode,
  /** Rooms left for the whole stay; 9 means nine or more. */
  available: z.int(),
  nightly: z.array(NightlyAmount),
  taxes: z.array(TaxLine),
  total: z.int(),
  cancellation: CancellationTerms,
})
export type Offer = z.infer<typeof Offer>

export const Unavailable = z.object({
  roomType: ProductCode,
  ratePlan: ProductCode,
  reason: z.enum(REASONS as unknown as [Reason, ...Reason[]]),
  nights: z.array(CalendarDate),
})
export type Unavailable = z.infer<typeof Unavailable>

const AnswerHead = {
  property: PropertyCode,
  currency: Currency,
  ariVersion: z.int(),
  asOf: InstantText,
  stale: z.boolean(),
}

export const AvailabilityAnswer = z.object({
  ...AnswerHead,
  arrival: CalendarDate,
  departure: CalendarDate,
  nights: z.int(),
  adults: z.int(),
  childAges: z.array(z.int()),
  offers: z.array(Offer),
  unavailable: z.array(Unavailable),
})
export type AvailabilityAnswer = z.infer<typeof AvailabilityAnswer>

/** An arrival date: the cheapest total and what it buys, or the reason why nothing is offered. */
export const CalendarDay = z.object({
  arrival: CalendarDate,
  total: z.nullable(z.int()),
  roomType: z.nullable(ProductCode),
  ratePlan: z.nullable(ProductCode),
  reason: z.nullable(z.enum(REASONS as unknown as [Reason, ...Reason[]])),
})
export type CalendarDay = z.infer<typeof CalendarDay>

export const CalendarAnswer = z.object({
  ...AnswerHead,
  from: CalendarDate,
  to: CalendarDate,
  nights: z.int(),
  adults: z.int(),
  childAges: z.array(z.int()),
  days: z.array(CalendarDay),
})
export type CalendarAnswer = z.infer<typeof CalendarAnswer>

/** Rules between the fields (order of the dates, past, length) are judged by `checkStayDates` in shared/domain/stay.ts. */
export const AvailabilityQuery = z.strictObject({
  arrival: CalendarDate,
  departure: CalendarDate,
  adults: wholeNumber(1, ADULTS_MAX),
  childAges: z._default(ChildAgesText, []),
})

export const getAvailability = route({
  method: 'get',
  path: '/api/v1/properties/:property/availability',
  summary: 'What can be booked for a stay and a party, and why the rest cannot',
  access: anyone,
  cache: 'edge-answered',
  rateLimit: 'guest-read',
  params: PropertyParams,
  query: AvailabilityQuery,
  responses: { 200: AvailabilityAnswer },
  problems: ['property-not-found'],
})

export const getCalendar = route({
  method: 'get',
  path: '/api/v1/properties/:property/calendar',
  summary: 'The cheapest total for each arrival date from `from` to `to`, both included, or why there is none',
  access: anyone,
  cache: 'edge-answered',
  rateLimit: 'guest-read',
  params: PropertyParams,
  query: z.strictObject({
    from: CalendarDate,
    to: CalendarDate,
    nights: wholeNumber(1, STAY_NIGHTS_MAX),
    adults: wholeNumber(1, ADULTS_MAX),
    childAges: z._default(ChildAgesText, []),
  }),
  responses: { 200: CalendarAnswer },
  problems: ['property-not-found'],
})
