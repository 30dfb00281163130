import { decideCancellation } from '../../../shared/domain/cancellation.ts'
import { nightsBetween } from '../../../shared/domain/nights.ts'
import type { Instant } from '../../../shared/domain/zone.ts'
import { Problem, type ProblemSlug } from '../../../shared/problems.ts'
import type { BookedReservation, CancelledReservation, ReservationView } from '../../../shared/routes/reservations.ts'
import { type Actor, actorName } from '../../platform/actors.ts'
import { appendAudit } from '../../platform/audit.ts'
import type { Database, OrganisationId, Tx } from '../../platform/database.ts'
import { type KeepReceipt, once, writeIdentity } from '../../platform/receipts.ts'
import { guestToken } from '../../platform/tokens.ts'
import { availableCells, bumpAriVersion } from '../ari/service.ts'
import type { Properties } from '../properties/service.ts'
import { alternativesTo, type BookingBody, type Sold, sell } from './book.ts'
import {
  findOrganisation,
  markCancelled,
  type ReservationRow,
  readNightly,
  readReservation,
  releaseNights,
} from './sql.ts'
import { sameName, viewOf } from './view.ts'

interface WriteCall {
  actor: Actor
  idempotencyKey: string
  requestId: string
}

export interface Reservations {
  /** Sells a stay at the total the guest was shown. Throws `restricted`, `price-changed`, `sold-out`. */
  book(property: string, body: BookingBody, call: WriteCall): Promise<BookedReservation>
  /** One reservation, masked unless the actor is its booker or staff of its organisation. Throws `reservation-not-found`. */
  view(reference: string, lastName: string | undefined, actor: Actor): Promise<ReservationView>
  /** Cancels under the policy it was sold with. Throws `reservation-not-found`, `not-cancellable`. */
  cancel(reference: string, call: WriteCall): Promise<CancelledReservation>
}

export interface ReservationDependencies {
  database: Database
  properties: Properties
  guestTokenKey: Uint8Array
  clock: { now(): Instant }
  /** Counts what became of each booking asked for: `confirmed` or the refusal's slug. */
  countBooking: (outcome: 'confirmed' | ProblemSlug) => void
  /** Counts what became of each cancellation asked for: `cancelled` or the refusal's slug. */
  countCancellation?: (outcome: 'cancelled' | ProblemSlug) => void
}

export function openReservations(deps: ReservationDependencies): Reservations {
  const { database, properties, clock } = deps

  return {
    async book(code, body, call) {
      try {
        const sold = await bookOnce(code, body, call)
        deps.countBooking('confirmed')
        return { ...sold, guestToken: guestToken(deps.guestTokenKey, sold.reference) }
      } catch (error) {
        if (error instanceof Problem) deps.countBooking(error.slug)
        throw error
      }
    },

    async view(reference, lastName, actor) {
      const organisation = await organisationOf(reference, actor)
      return await database.inOrganisation(organisation, async (tx) => {
        const row = await readReservation(tx, organisation, reference)
        if (!row) throw new Problem('reservation-not-found')
        const whole =
          (actor.kind === 'guest' && actor.reference === reference) ||
          ('permissions' in actor && actor.permissions.includes('reservations.read'))
        if (!whole && (lastName === undefined || !sameName(lastName, row.lastName)))
          throw new Problem('reservation-not-found', {
            detail: 'No reservation has this reference and last name.',
          })
        const { content } = await properties.current(tx, { organisation, id: row.propertyId })
        return viewOf(row, await readNightly(tx, organisation, row.id), content, clock.now(), !whole)
      })
    },

    async cancel(reference, call) {
      try {
        const cancelled = await cancelOnce(reference, call)
        deps.countCancellation?.('cancelled')
        return cancelled
      } catch (error) {
        if (error instanceof Problem) deps.countCancellation?.(error.slug)
        throw error
      }
    },
  }

  async function cancelOnce(reference: string, call: WriteCall): Promise<CancelledReservation> {
    const { actor } = call
    if (actor.kind === 'guest' && actor.reference !== reference) throw new Problem('reservation-not-found')
    const organisation = await organisationOf(reference, actor)
    const identity = writeIdentity({
      organisation,
      route: 'cancelReservation',
      actor: actorName(actor),
      idempotencyKey: call.idempotencyKey,
      request: { reference },
    })
    return await once(database, identity, {
      read: (tx) => readReservation(tx, organisation, reference),
      work: (tx, row, keep) => cancelIn(tx, organisation, row, call, keep),
    })
  }

  async function bookOnce(code: string, body: BookingBody, call: WriteCall): Promise<Sold> {
    const key = await properties.locate(code)
    const { actor } = call
    const identity = writeIdentity({
      organisation: key.organisation,
      route: 'createReservation',
      actor: actorName(actor),
      idempotencyKey: call.idempotencyKey,
      request: { code, body },
    })
    const now = clock.now()
    try {
      return await once(database, identity, {
        read: (tx) => properties.current(tx, key),
        work: (tx, property, keep) =>
          sell(tx, property, body, {
            now,
            actor: actorName(actor),
            channel: 'direct',
            requestId: call.requestId,
            keep,
          }),
      })
    } catch (error) {
      if (!(error instanceof Problem) || error.slug !== 'sold-out') throw error
      // Looked up after the rollback, so that nobody waits for the nights meanwhile.
      const alternatives = await database.readInOrganisation(key.organisation, async (tx) =>
        alternativesTo(tx, await properties.current(tx, key), body.stay, now),
      )
      throw new Problem('sold-out', { ...error.extensions, alternatives })
    }
  }

  async function cancelIn(
    tx: Tx,
    organisation: OrganisationId,
    row: ReservationRow | undefined,
    call: WriteCall,
    keep: KeepReceipt,
  ): Promise<CancelledReservation> {
    if (!row) throw new Problem('reservation-not-found')
    const key = { organisation, id: row.propertyId }
    const { content } = await properties.current(tx, key)
    const decision = decideCancellation(
      { status: row.status, arrival: row.arrival, timeZone: content.timeZone, terms: row.cancellation },
      clock.now(),
    )
    if (!decision.allowed) throw new Problem('not-cancellable', { detail: decision.why })
    // Nights before the reservation: the order in which everybody locks.
    const [left, cancelledAt] = await Promise.all([
      releaseNights(tx, key, row),
      markCancelled(tx, organisation, row, decision.fee),
    ])
    if (!cancelledAt) throw new Problem('not-cancellable', { detail: 'It has just been changed. Look at it again.' })
    if (left.length !== nightsBetween(row.arrival, row.departure).length)
      throw new Error(`reservation ${row.reference} has nights that are not counted as sold`)
    const cancelled = {
      reference: row.reference,
      property: content.property,
      status: 'cancelled' as const,
      cancelledAt: cancelledAt.toISOString(),
      cancellationFee: decision.fee,
      currency: row.currency,
    }
    const [, ariVersion] = await Promise.all([
      appendAudit(tx, {
        organisation,
        actor: actorName(call.actor),
        action: 'reservation.cancelled',
        subject: row.reference,
        requestId: call.requestId,
        details: { fee: decision.fee },
      }),
      bumpAriVersion(tx, key, availableCells(row.roomType, left)),
      keep(cancelled, key),
    ])
    return { ...cancelled, ariVersion }
  }

  /** Staff look in their own organisation; for everybody else the public code says where. */
  async function organisationOf(reference: string, actor: Actor): Promise<OrganisationId> {
    if ('organisation' in actor) return actor.organisation
    const found = await findOrganisation(database, reference)
    if (found === undefined) throw new Problem('reservation-not-found')
    return found
  }
}
