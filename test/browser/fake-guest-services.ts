/**
 * Guest services in memory: real prices and restrictions from the shared engine, bookings in a map. Written by hand, so
 * that the pages can be tested without an origin and made to meet every refusal.
 */

import type { GuestServices } from '../../edge/pages/guest-services.ts'
import {
  answerAvailability,
  answerCalendar,
  answerFlexibleDates,
  answerProperty,
  type Confirmed,
} from '../../shared/ari/answers.ts'
import { searchDestination } from '../../shared/ari/destination.ts'
import type { AriFacts } from '../../shared/ari/facts.ts'
import { encodeSnapshot, openSnapshot } from '../../shared/ari/snapshot.ts'
import { decideCancellation } from '../../shared/domain/cancellation.ts'
import { destinationNotFound, destinationsIn, findDestination, placesOf } from '../../shared/domain/destinations.ts'
import { dayNumber } from '../../shared/domain/nights.ts'
import { Problem } from '../../shared/problems.ts'
import type { ReservationView } from '../../shared/routes/reservations.ts'

type ServiceName = keyof GuestServices

export interface FakeGuestServices extends GuestServices {
  /** Every call in order, without the context. */
  calls: { name: ServiceName; arguments: unknown[] }[]
  /** The next call of a service throws this instead of doing anything. */
  refuseNext(name: ServiceName, problem: Error): void
  /** Answers say that they could not be confirmed since an instant; null: they could. */
  staleSince: string | null
  bookings: Map<string, ReservationView>
  /** So many hotels of every destination cannot be asked in time. */
  missing: number
}

export function fakeGuestServices(properties: readonly AriFacts[]): FakeGuestServices {
  const facts = new Map(properties.map((it) => [it.content.property, structuredClone(it) as Writable]))
  const bookings = new Map<string, ReservationView>()
  const receipts = new Map<string, string>()
  const refusals = new Map<ServiceName, Error>()
  const calls: FakeGuestServices['calls'] = []

  const called = (name: ServiceName, ...args: unknown[]) => {
    calls.push({ name, arguments: args })
    const refusal = refusals.get(name)
    refusals.delete(name)
    if (refusal) throw refusal
  }
  const confirmed = (property: string): Confirmed => {
    const known = facts.get(property)
    if (!known) throw new Problem('property-not-found')
    const asOf = fake.staleSince === null ? Date.now() : Date.parse(fake.staleSince)
    return { snapshot: openSnapshot(encodeSnapshot(known)), asOf, stale: fake.staleSince !== null }
  }
  const places = () => [...facts.values()].map(({ content }) => ({ ...content.address, properties: 1 }))
  /** Takes (or gives back) the nights of a stay. */
  const sell = (property: string, stay: ReservationView['stay'], rooms: number) => {
    const known = facts.get(property)
    const row = known?.available[known.content.roomTypes.findIndex((type) => type.roomType === stay.roomType)]
    if (!known || !row) return 0
    const first = dayNumber(stay.arrival) - dayNumber(known.firstNight)
    for (let i = first; i < first + dayNumber(stay.departure) - dayNumber(stay.arrival); i++)
      row[i] = (row[i] ?? 0) - rooms
    known.version += 1
    return known.version
  }
  const viewOf = (booking: ReservationView): ReservationView => {
    const decision = decideCancellation(
      {
        status: booking.status,
        arrival: booking.stay.arrival,
        timeZone: confirmed(booking.property).snapshot.content.timeZone,
        terms: booking.cancellation,
      },
      Date.now(),
    )
    return { ...booking, cancellationFeeNow: decision.allowed ? decision.fee : null }
  }

  const fake: FakeGuestServices = {
    calls,
    bookings,
    staleSince: null,
    missing: 0,
    refuseNext(name, problem) {
      refusals.set(name, problem)
    },
    async properties() {
      called('properties')
      const contents = [...facts.values()].map((it) => it.content)
      return {
        properties: contents.map(({ property, name, tagline, address, photos }) => ({
          property,
          name,
          tagline,
          address,
          photo: photos[0] ?? null,
        })),
      }
    },
    async destinations() {
      called('destinations')
      return destinationsIn(places(), (code) => ({ PT: 'Portugal', CH: 'Switzerland' })[code] ?? code)
    },
    async search(c, query, floors) {
      called('search', query, floors)
      const search = searchDestination(query, Date.now())
      const known = await fake.destinations(c)
      const destination = findDestination(known, query.destination)
      if (!destination) throw destinationNotFound(query.destination, known)
      const cities = placesOf(places(), destination.destination).map((place) => place.city)
      for (const { content } of facts.values())
        if (cities.includes(content.address.city)) search.add(confirmed(content.property))
      return search.answer(destination, fake.missing, Date.now() - 2_000)
    },
    async flexibleDates(_, property, query, minVersion) {
      called('flexibleDates', property, query, minVersion)
      return answerFlexibleDates(confirmed(property), query, Date.now())
    },
    async property(_, property, minVersion) {
      called('property', property, minVersion)
      return answerProperty(confirmed(property))
    },
    async availability(_, property, query, minVersion) {
      called('availability', property, query, minVersion)
      return answerAvailability(confirmed(property), query, Date.now())
    },
    async calendar(_, property, query, minVersion) {
      called('calendar', property, query, minVersion)
      return answerCalendar(confirmed(property), query, Date.now())
    },
    async book(_, property, body, key) {
      called('book', property, body, key)
      const done = bookings.get(receipts.get(key) ?? '')
      if (done) return { ...done, ariVersion: 1, guestToken: tokenOf(done.reference) }
      const stay = { ...body.stay, childAges: body.stay.childAges ?? [] }
      const answer = answerAvailability(confirmed(property), stay, Date.now())
      const same = (it: { roomType: string; ratePlan: string }) =>
        it.roomType === stay.roomType && it.ratePlan === stay.ratePlan
      const refused = answer.unavailable.find(same)
      if (refused?.reason === 'sold-out')
        throw new Problem('sold-out', { nights: refused.nights, alternatives: answer.offers })
      if (refused) throw new Problem('restricted', { reason: refused.reason, nights: refused.nights })
      const offer = answer.offers.find(same)
      if (!offer) throw new Problem('invalid-request')
      if (offer.total !== body.expectedTotal) throw new Problem('price-changed', { offer })
      const reference = referenceOf(bookings.size)
      bookings.set(reference, {
        reference,
        property,
        status: 'confirmed',
        stay,
        nightly: offer.nightly,
        taxes: offer.taxes,
        total: offer.total,
        currency: answer.currency,
        cancellation: offer.cancellation,
        masked: false,
        guest: {
          firstName: body.guest.firstName,
          lastName: body.guest.lastName,
          email: body.guest.email,
          phone: body.guest.phone ?? null,
        },
        requests: body.requests ?? null,
        bookedAt: new Date().toISOString(),
        cancelledAt: null,
        cancellationFee: null,
        cancellationFeeNow: null,
      })
      receipts.set(key, reference)
      const booked = bookings.get(reference) as ReservationView
      return { ...booked, ariVersion: sell(property, stay, 1), guestToken: tokenOf(reference) }
    },
    async reservation(_, reference, proof) {
      called('reservation', reference, proof)
      const booking = bookings.get(reference)
      if (booking && proof.token === tokenOf(reference)) return viewOf(booking)
      if (booking && proof.lastName?.toLowerCase() === booking.guest.lastName.toLowerCase())
        return {
          ...viewOf(booking),
          masked: true,
          guest: {
            firstName: `${booking.guest.firstName.slice(0, 1)}…`,
            lastName: `${booking.guest.lastName.slice(0, 1)}…`,
            email: null,
            phone: null,
          },
          requests: null,
        }
      throw new Problem('reservation-not-found')
    },
    async cancel(_, reference, token, key) {
      called('cancel', reference, token, key)
      const booking = bookings.get(reference)
      if (!booking || token !== tokenOf(reference)) throw new Problem('reservation-not-found')
      const fee = viewOf(booking).cancellationFeeNow
      if (fee === null) throw new Problem('not-cancellable')
      const cancelledAt = new Date().toISOString()
      bookings.set(reference, { ...booking, status: 'cancelled', cancelledAt, cancellationFee: fee })
      const { property, currency } = booking
      return {
        reference,
        property,
        status: 'cancelled',
        cancelledAt,
        cancellationFee: fee,
        currency,
        ariVersion: sell(property, booking.stay, -1),
      }
    },
  }
  return fake
}

type Writable = Omit<AriFacts, 'available' | 'version'> & { available: number[][]; version: number }

/** The token that the fake gives for a booking. */
export function tokenOf(reference: string): string {
  return `gt_${reference}_secret-${reference.toLowerCase()}`
}

function referenceOf(index: number): string {
  return `7K2M9QX4${String(index).padStart(2, '0')}`
}
