import { decideCancellation } from '../../../shared/domain/cancellation.ts'
import type { Night } from '../../../shared/domain/nights.ts'
import type { PropertyContent } from '../../../shared/domain/property.ts'
import type { Instant } from '../../../shared/domain/zone.ts'
import type { ReservationView } from '../../../shared/routes/reservations.ts'
import type { ReservationRow } from './sql.ts'

/** A reservation as its reader may see it. Masked: the stay, and of the guest first letters only. */
export function viewOf(
  row: ReservationRow,
  nightly: readonly { night: Night; amount: number }[],
  content: PropertyContent,
  now: Instant,
  masked: boolean,
): ReservationView {
  const decision = decideCancellation(
    { status: row.status, arrival: row.arrival, timeZone: content.timeZone, terms: row.cancellation },
    now,
  )
  return {
    reference: row.reference,
    property: content.property,
    status: row.status,
    stay: {
      roomType: row.roomType,
      ratePlan: row.ratePlan,
      arrival: row.arrival,
      departure: row.departure,
      adults: row.adults,
      childAges: row.childAges,
    },
    nightly: [...nightly],
    taxes: row.taxes,
    total: row.total,
    currency: row.currency,
    cancellation: row.cancellation,
    masked,
    guest: masked
      ? { firstName: initial(row.firstName), lastName: initial(row.lastName), email: null, phone: null }
      : { firstName: row.firstName, lastName: row.lastName, email: row.email, phone: row.phone },
    requests: masked ? null : row.requests,
    bookedAt: row.bookedAt.toISOString(),
    cancelledAt: row.cancelledAt?.toISOString() ?? null,
    cancellationFee: row.cancellationFee,
    cancellationFeeNow: decision.allowed ? decision.fee : null,
  }
}

/** Whether a name someone typed is the name on the reservation: case, spaces and accents aside. */
export function sameName(a: string, b: string): boolean {
  return folded(a) === folded(b)
}

function folded(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').trim().toLowerCase()
}

function initial(name: string): string {
  return `${[...name][0] ?? ''}…`
}
