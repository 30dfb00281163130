import type { Terms } from '../../../shared/domain/cancellation.ts'
import type { Night } from '../../../shared/domain/nights.ts'
import type { TaxAmount } from '../../../shared/domain/taxes.ts'
import type { GuestDetails, ReservationStatus, Stay } from '../../../shared/routes/reservations.ts'
import type { Database, OrganisationId, Tx } from '../../platform/database.ts'
import type { PropertyKey } from '../properties/service.ts'

export interface NightLeft {
  night: Night
  available: number
}

type Nights = { roomType: string; arrival: Night; departure: Night }

/**
 * Takes one room for every night of a stay where one is left. Returns the nights that were taken; where they are fewer
 * than the stay has, roll back.
 */
export async function sellNights(tx: Tx, key: PropertyKey, stay: Nights): Promise<NightLeft[]> {
  return await changeSold(tx, key, stay, 1, tx`n.available > 0`)
}

/**
 * Gives back one room for every night of a stay. Returns what is left now; fewer nights than the stay has where somebody
 * else has given them back already, and then roll back.
 */
export async function releaseNights(tx: Tx, key: PropertyKey, stay: Nights): Promise<NightLeft[]> {
  return await changeSold(tx, key, stay, -1, tx`n.sold > 0`)
}

/** Locks the nights of a stay in their order, then changes what is sold of those that allow it. */
async function changeSold(
  tx: Tx,
  key: PropertyKey,
  stay: Nights,
  by: 1 | -1,
  allowed: ReturnType<Tx>,
): Promise<NightLeft[]> {
  return await tx<NightLeft[]>`
    with locked as materialized (
      select night
      from room_type_night
      where org_id = ${key.organisation} and property_id = ${key.id} and room_type = ${stay.roomType}
        and night >= ${stay.arrival} and night < ${stay.departure}
      order by night
      for update
    )
    update room_type_night as n
    set sold = n.sold + ${by}::integer
    from locked
    where n.org_id = ${key.organisation} and n.property_id = ${key.id} and n.room_type = ${stay.roomType}
      and n.night >= ${stay.arrival} and n.night < ${stay.departure} and n.night = locked.night and ${allowed}
    returning n.night, n.available`
}

export interface NewReservation {
  id: string
  reference: string
  stay: Stay
  guest: GuestDetails
  requests: string | undefined
  currency: string
  total: number
  nightly: readonly { night: Night; amount: number }[]
  taxes: readonly TaxAmount[]
  cancellation: Terms
  channel: string
}

/** Stores a confirmed reservation with its nightly amounts. */
export async function insertReservation(tx: Tx, key: PropertyKey, it: NewReservation): Promise<void> {
  await tx`
    with stored as (
      insert into reservation (org_id, reservation_id, property_id, reference, status, room_type, rate_plan,
        arrival, departure, adults, child_ages, first_name, last_name, email, phone, requests,
        currency, total, taxes, cancellation, channel)
      values (${key.organisation}, ${it.id}, ${key.id}, ${it.reference}, 'confirmed', ${it.stay.roomType},
        ${it.stay.ratePlan}, ${it.stay.arrival}, ${it.stay.departure}, ${it.stay.adults},
        ${`{${it.stay.childAges.join(',')}}`}::smallint[], ${it.guest.firstName}, ${it.guest.lastName},
        ${it.guest.email}, ${it.guest.phone ?? null}, ${it.requests ?? null}, ${it.currency}, ${it.total},
        ${tx.json(it.taxes as never)}, ${tx.json(it.cancellation as never)}, ${it.channel})
      returning org_id, reservation_id
    )
    insert into reservation_night (org_id, reservation_id, night, amount)
    select stored.org_id, stored.reservation_id, nightly.night, nightly.amount
    from stored,
      unnest(${`{${it.nightly.map((night) => night.night).join(',')}}`}::date[],
        ${`{${it.nightly.map((night) => night.amount).join(',')}}`}::bigint[]) as nightly (night, amount)`
}

/** The organisation that holds a reservation, found by its public code over all organisations. */
export async function findOrganisation(database: Database, reference: string): Promise<OrganisationId | undefined> {
  const [row] = await database.directory<{ organisation: OrganisationId }[]>`
    select org_id as organisation
    from reservation_by_reference(${reference})`
  return row?.organisation
}

export interface ReservationRow {
  id: string
  propertyId: string
  reference: string
  status: ReservationStatus
  roomType: string
  ratePlan: string
  arrival: Night
  departure: Night
  adults: number
  childAges: number[]
  firstName: string
  lastName: string
  email: string
  phone: string | null
  requests: string | null
  currency: string
  total: number
  taxes: TaxAmount[]
  cancellation: Terms
  bookedAt: Date
  cancelledAt: Date | null
  cancellationFee: number | null
}

/** Reads a reservation of this organisation. */
export async function readReservation(
  tx: Tx,
  organisation: OrganisationId,
  reference: string,
): Promise<ReservationRow | undefined> {
  const [row] = await tx<ReservationRow[]>`
    select reservation_id as id, property_id as "propertyId", reference, status, room_type as "roomType",
      rate_plan as "ratePlan", arrival, departure, adults, to_json(child_ages) as "childAges",
      first_name as "firstName", last_name as "lastName", email, phone, requests, currency, total, taxes,
      cancellation, booked_at as "bookedAt", cancelled_at as "cancelledAt", cancellation_fee as "cancellationFee"
    from reservation
    where org_id = ${organisation} and reference = ${reference}`
  return row
}

/** The nightly amounts a reservation was sold at, in order. */
export async function readNightly(
  tx: Tx,
  organisation: OrganisationId,
  id: string,
): Promise<{ night: Night; amount: number }[]> {
  return await tx<{ night: Night; amount: number }[]>`
    select night, amount
    from reservation_night
    where org_id = ${organisation} and reservation_id = ${id}
    order by night
    limit 1000`
}

/**
 * Marks a reservation as cancelled if it is still as it was read: same status, same stay. Returns when, or undefined
 * where it has changed since; then roll back.
 */
export async function markCancelled(
  tx: Tx,
  organisation: OrganisationId,
  read: ReservationRow,
  fee: number,
): Promise<Date | undefined> {
  const [row] = await tx<{ cancelledAt: Date }[]>`
    update reservation
    set status = 'cancelled', cancelled_at = now(), cancellation_fee = ${fee}
    where org_id = ${organisation} and reservation_id = ${read.id} and status = ${read.status}
      and room_type = ${read.roomType} and arrival = ${read.arrival} and departure = ${read.departure}
    returning cancelled_at as "cancelledAt"`
  return row?.cancelledAt
}
