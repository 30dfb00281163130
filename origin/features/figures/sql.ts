import type { Night } from '../../../shared/domain/nights.ts'
import { STAY_NIGHTS_MAX } from '../../../shared/domain/values.ts'
import type { Database, OrganisationId, Tx } from '../../platform/database.ts'

/** Everybody's ids, for a job that goes through all of them. */
export async function everyOrganisation(database: Database): Promise<OrganisationId[]> {
  const rows = await database.directory<{ organisation: OrganisationId }[]>`
    select org_id as organisation
    from organisations_to_clean()`
  return rows.map(({ organisation }) => organisation)
}

export interface CountedProperty {
  id: string
  code: string
  timeZone: string
  currency: string
}

export async function readProperties(tx: Tx, organisation: OrganisationId): Promise<CountedProperty[]> {
  return await tx<CountedProperty[]>`
    select property_id as id, code, content ->> 'timeZone' as "timeZone", content ->> 'currency' as currency
    from property
    where org_id = ${organisation}
    order by code
    limit 10000`
}

/** How much waits to be sent, up to a thousand, and for how many seconds the oldest has waited. */
export async function readUnsent(tx: Tx, organisation: OrganisationId): Promise<{ rows: number; lagSeconds: number }> {
  const [row] = await tx<{ rows: number; lagSeconds: number }[]>`
    with unsent as (
      select created_at
      from outbox
      where org_id = ${organisation} and published_at is null and kind <> 'ari.changed'
      order by created_at
      limit 1000
    )
    select count(*)::int as rows,
      greatest(0, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0))::float8 as "lagSeconds"
    from unsent`
  return row ?? { rows: 0, lagSeconds: 0 }
}

export interface Recounted {
  /** Nights whose counter of rooms sold is not the number of reservations that stand. */
  drift: number
  /** Nights on which more rooms are sold, by either count, than may be. */
  oversold: number
}

/**
 * Counts each night's reservations anew, from `from` on, and compares them with the counters that sell. One statement, so
 * that both are of one moment. Whoever was marked as no-show or cancelled holds no night.
 */
export async function recountNights(
  tx: Tx,
  organisation: OrganisationId,
  property: string,
  from: Night,
): Promise<Recounted> {
  const [row] = await tx<Recounted[]>`
    with standing as (
      select room_type, arrival, departure
      from reservation
      where org_id = ${organisation} and property_id = ${property}
        and arrival > ${from}::date - ${STAY_NIGHTS_MAX}::integer and departure > ${from}
        and status in ('hold', 'confirmed', 'inHouse', 'checkedOut')
    ), counted as (
      select s.room_type, s.arrival + i as night, count(*)::int as rooms
      from standing s, generate_series(0, s.departure - s.arrival - 1) i
      group by s.room_type, s.arrival + i
    )
    select
      count(*) filter (where n.sold + n.held <> coalesce(c.rooms, 0))::int as drift,
      count(*) filter (
        where greatest(n.sold + n.held, c.rooms) + n.blocked > n.physical - n.out_of_order + n.overbook_limit
      )::int as oversold
    from room_type_night n
    left join counted c on c.room_type = n.room_type and c.night = n.night
    where n.org_id = ${organisation} and n.property_id = ${property} and n.night >= ${from}`
  return row ?? { drift: 0, oversold: 0 }
}

export interface DayFigures {
  roomsSold: number
  roomsSellable: number
  arrivals: number
  departures: number
  /** Room revenue of the night in the currency's minor units. */
  revenueMinor: number
}

/** One day at a property: tonight's rooms and what they bring, and who comes and goes. */
export async function readDay(tx: Tx, organisation: OrganisationId, property: string, day: Night): Promise<DayFigures> {
  const [row] = await tx<DayFigures[]>`
    with stay as (
      select reservation_id, arrival, departure
      from reservation
      where org_id = ${organisation} and property_id = ${property}
        and arrival between ${day}::date - ${STAY_NIGHTS_MAX}::integer and ${day} and departure >= ${day}
        and status in ('confirmed', 'inHouse', 'checkedOut')
    ), rooms as (
      select sum(sold + held)::int as sold, sum(greatest(0, physical - out_of_order))::int as sellable
      from room_type_night
      where org_id = ${organisation} and property_id = ${property} and night = ${day}
    )
    select coalesce(rooms.sold, 0) as "roomsSold", coalesce(rooms.sellable, 0) as "roomsSellable",
      (select count(*)::int from stay where arrival = ${day}) as arrivals,
      (select count(*)::int from stay where departure = ${day}) as departures,
      (select coalesce(sum(n.amount), 0)::bigint
       from reservation_night n
       join stay on stay.reservation_id = n.reservation_id
       where n.org_id = ${organisation} and n.night = ${day}) as "revenueMinor"
    from rooms`
  return row ?? { roomsSold: 0, roomsSellable: 0, arrivals: 0, departures: 0, revenueMinor: 0 }
}
