/** Booking a stay, looking it up, cancelling it. */
import * as z from 'zod/mini'
import {
  Adults,
  CalendarDate,
  ChildAges,
  Currency,
  Email,
  InstantText,
  ProductCode,
  PropertyCode,
  ReservationReference,
  Total,
  writtenLine,
  writtenText,
} from '../domain/values.ts'
import { CancellationTerms, NightlyAmount, TaxLine } from './availability.ts'
import { PropertyParams } from './properties.ts'
import { anyone, guestOrStaff, route } from './route.ts'

export const RESERVATION_STATUSES = ['hold', 'confirmed', 'inHouse', 'checkedOut', 'cancelled', 'noShow'] as const
export type ReservationStatus = (typeof RESERVATION_STATUSES)[number]

export const Stay = z.strictObject({
  roomType: ProductCode,
  ratePlan: ProductCode,
  arrival: CalendarDate,
  departure: CalendarDate,
  adults: Adults,
  childAges: z._default(ChildAges, []),
})
export type Stay = z.infer<typeof Stay>

export const GuestDetails = z.strictObject({
  firstName: writtenLine(80),
  lastName: writtenLine(80),
  email: Email,
  phone: z.optional(writtenLine(40)),
})
export type GuestDetails = z.infer<typeof GuestDetails>

const Sold = {
  reference: ReservationReference,
  property: PropertyCode,
  status: z.enum(RESERVATION_STATUSES),
  stay: Stay,
  nightly: z.array(NightlyAmount),
  taxes: z.array(TaxLine),
  total: z.int(),
  currency: Currency,
  cancellation: CancellationTerms,
}

export const BookedReservation = z.object({
  ...Sold,
  ariVersion: z.int(),
  /** Lets the booker act on this reservation: send it as `Authorization: Bearer`. */
  guestToken: z.string(),
})
export type BookedReservation = z.infer<typeof BookedReservation>

export const createReservation = route({
  method: 'post',
  path: '/api/v1/properties/:property/reservations',
  summary: 'Book a stay at the total the guest was shown',
  access: anyone,
  cache: 'never',
  rateLimit: 'guest-write',
  idempotencyKey: 'required',
  params: PropertyParams,
  body: z.strictObject({
    stay: Stay,
    /** Minor units, from the offer. Another total now: 409 `price-changed`, and nothing is booked. */
    expectedTotal: Total,
    guest: GuestDetails,
    requests: z.optional(writtenText(1000)),
  }),
  responses: { 201: BookedReservation },
  problems: ['property-not-found', 'sold-out', 'price-changed', 'restricted'],
})

/**
 * Who asks decides how much is shown: the booker's token and staff see everything; reference and last name alone show
 * the stay with names masked, enough to recognise it and no more.
 */
export const ReservationView = z.object({
  ...Sold,
  masked: z.boolean(),
  /** Masked: first letters only, no address. */
  guest: z.object({
    firstName: z.string(),
    lastName: z.string(),
    email: z.nullable(z.string()),
    phone: z.nullable(z.string()),
  }),
  requests: z.nullable(z.string()),
  bookedAt: InstantText,
  cancelledAt: z.nullable(InstantText),
  cancellationFee: z.nullable(z.int()),
  /** What cancelling now would cost; null where it can no longer be cancelled. */
  cancellationFeeNow: z.nullable(z.int()),
})
export type ReservationView = z.infer<typeof ReservationView>

export const getReservation = route({
  method: 'get',
  path: '/api/v1/reservations/:reference',
  summary: 'One reservation: whole for the booker and staff, masked for reference and last name',
  access: anyone,
  cache: 'never',
  rateLimit: 'lookup',
  params: z.strictObject({ reference: ReservationReference }),
  query: z.strictObject({ lastName: z.optional(writtenLine(80)) }),
  responses: { 200: ReservationView },
  problems: ['reservation-not-found'],
})

export const CancelledReservation = z.object({
  reference: ReservationReference,
  property: PropertyCode,
  status: z.literal('cancelled'),
  cancelledAt: InstantText,
  /** Minor units owed under the policy it was sold with. */
  cancellationFee: z.int(),
  currency: Currency,
  ariVersion: z.int(),
})
export type CancelledReservation = z.infer<typeof CancelledReservation>

export const cancelReservation = route({
  method: 'post',
  path: '/api/v1/reservations/:reference/cancellation',
  summary: 'Cancel a reservation under the policy it was sold with',
  access: guestOrStaff('reservations.cancel'),
  cache: 'never',
  rateLimit: 'guest-write',
  idempotencyKey: 'required',
  params: z.strictObject({ reference: ReservationReference }),
  responses: { 200: CancelledReservation },
  problems: ['reservation-not-found', 'not-cancellable'],
})
