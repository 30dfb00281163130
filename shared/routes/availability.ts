/** Availability questions: answered at the edge from the ARI snapshot, by the same functions as at the origin. */
import * as z from 'zod/mini'
import {
  ADULTS_MAX,
  CalendarDate,
  ChildAgesText,
  Currency,
  FLEXIBILITY_MAX,
  InstantText,
  PartiesText,
  ProductCode,
  PropertyCode,
  STAY_NIGHTS_MAX,
  wholeNumber,
} from '../domain/values.ts'
import { PropertyParams } from './properties.ts'
import { anyone, route } from './route.ts'

/** Nights that arrival and departure are moved by where the question does not say. */
const FLEXIBILITY_USUALLY = 3

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

const ReasonText = z.enum(REASONS as unknown as [Reason, ...Reason[]])

export const Unavailable = z.object({
  roomType: ProductCode,
  ratePlan: ProductCode,
  reason: ReasonText,
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

/** The cheapest total and what it buys, or the reason why nothing is offered: the one nearest to selling. */
export const CheapestFields = {
  total: z.nullable(z.int()),
  roomType: z.nullable(ProductCode),
  ratePlan: z.nullable(ProductCode),
  reason: z.nullable(ReasonText),
}

export const CalendarDay = z.object({ arrival: CalendarDate, ...CheapestFields })
export type CalendarDay = z.infer<typeof CalendarDay>

/** What a product costs for a stay, without the nights and taxes that make it up. */
export const PricedProduct = z.object({ roomType: ProductCode, ratePlan: ProductCode, total: z.int() })
export type PricedProduct = z.infer<typeof PricedProduct>

export const CalendarAnswer = z.object({
  ...AnswerHead,
  from: CalendarDate,
  to: CalendarDate,
  nights: z.int(),
  adults: z.int(),
  childAges: z.array(z.int()),
  days: z.array(CalendarDay),
  /** The lowest total of all days, the earliest of several; null where nothing is offered. */
  cheapest: z.nullable(z.extend(PricedProduct, { arrival: CalendarDate })),
})
export type CalendarAnswer = z.infer<typeof CalendarAnswer>

/** One of the stays around the asked one. */
export const FlexibleStay = z.object({
  arrival: CalendarDate,
  departure: CalendarDate,
  nights: z.int(),
  /** Whether these are the dates that were asked for. */
  asked: z.boolean(),
  ...CheapestFields,
})
export type FlexibleStay = z.infer<typeof FlexibleStay>

export const FlexibleDatesAnswer = z.object({
  ...AnswerHead,
  arrival: CalendarDate,
  departure: CalendarDate,
  adults: z.int(),
  childAges: z.array(z.int()),
  flexibility: z.int(),
  /** By arrival, then departure. What would be no stay (no night, too many) is left out. */
  stays: z.array(FlexibleStay),
})
export type FlexibleDatesAnswer = z.infer<typeof FlexibleDatesAnswer>

export const RoomParty = z.object({ adults: z.int(), childAges: z.array(z.int()) })
export type RoomParty = z.infer<typeof RoomParty>

/** What one party can book: its offers, and where there are none the reason nearest to selling. */
export const PartyOffers = z.extend(RoomParty, { offers: z.array(Offer), reason: z.nullable(ReasonText) })
export type PartyOffers = z.infer<typeof PartyOffers>

/** One product for each party, in the parties' order. */
export const RoomCombination = z.object({ total: z.int(), rooms: z.array(PricedProduct) })
export type RoomCombination = z.infer<typeof RoomCombination>

/**
 * Why the parties cannot all be given a room: `no-offer`, nothing is offered to these; `too-few-left`, these together
 * need more rooms than are left of the types they could have. `parties` counts from 0.
 */
export const NoCombination = z.object({
  reason: z.enum(['no-offer', 'too-few-left']),
  parties: z.array(z.int()),
})
export type NoCombination = z.infer<typeof NoCombination>

export const SeveralRoomsAnswer = z.object({
  ...AnswerHead,
  arrival: CalendarDate,
  departure: CalendarDate,
  nights: z.int(),
  parties: z.array(PartyOffers),
  /** The cheapest in which no room type is used more often than is left; null where there is none. */
  cheapest: z.nullable(RoomCombination),
  none: z.nullable(NoCombination),
})
export type SeveralRoomsAnswer = z.infer<typeof SeveralRoomsAnswer>

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

export const getFlexibleDates = route({
  method: 'get',
  path: '/api/v1/properties/:property/flexible-dates',
  summary: 'The cheapest total with arrival and departure each moved by a few nights, or why there is none',
  access: anyone,
  cache: 'edge-answered',
  rateLimit: 'guest-read',
  params: PropertyParams,
  query: z.extend(AvailabilityQuery, {
    flexibility: z._default(wholeNumber(1, FLEXIBILITY_MAX), FLEXIBILITY_USUALLY),
  }),
  responses: { 200: FlexibleDatesAnswer },
  problems: ['property-not-found'],
})

export const getSeveralRooms = route({
  method: 'get',
  path: '/api/v1/properties/:property/rooms',
  summary: 'What each of several parties can book, and the cheapest rooms for all of them together',
  access: anyone,
  cache: 'edge-answered',
  rateLimit: 'guest-read',
  params: PropertyParams,
  query: z.strictObject({ arrival: CalendarDate, departure: CalendarDate, parties: PartiesText }),
  responses: { 200: SeveralRoomsAnswer },
  problems: ['property-not-found'],
})
