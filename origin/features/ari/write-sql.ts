import type { Night } from '../../../shared/domain/nights.ts'
import type { AriChange } from '../../../shared/routes/ari.ts'
import type { Tx } from '../../platform/database.ts'
import type { PropertyKey } from '../properties/service.ts'

type ProductChange = AriChange & { ratePlan: string }

/** Lets one request at a time change the rates, restrictions and inventory of a property. Bookings do not wait for it. */
export async function lockChanges(tx: Tx, key: PropertyKey): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`ari ${key.organisation} ${key.id}`}, 0))`
}

/** Locks the inventory of room types over a span, by room type and night, so that changes and bookings queue in one order. */
export async function lockInventory(
  tx: Tx,
  key: PropertyKey,
  span: { roomTypes: string[]; from: Night; to: Night },
): Promise<void> {
  await tx`
    select 1
    from room_type_night
    where org_id = ${key.organisation} and property_id = ${key.id}
      and room_type = any(${`{${span.roomTypes.join(',')}}`}::text[])
      and night between ${span.from} and ${span.to}
    order by room_type, night
    for update`
}

/** Sets the nightly rate of a base plan on the nights of a change. Returns how many. */
export async function setRates(tx: Tx, key: PropertyKey, change: ProductChange & { amount: number }): Promise<number> {
  const written = await tx`
    insert into nightly_rate (org_id, property_id, rate_plan, room_type, night, amount)
    select ${key.organisation}::uuid, ${key.id}::uuid, ${change.ratePlan}, ${change.roomType}, night, ${change.amount}::bigint
    from ${nightsOf(tx, change)}
    on conflict (org_id, property_id, rate_plan, room_type, night) do update
    set amount = excluded.amount`
  return written.count
}

/** Takes the nights of a change off sale by removing their rate. Returns how many had one. */
export async function clearRates(tx: Tx, key: PropertyKey, change: ProductChange): Promise<number> {
  const removed = await tx`
    delete from nightly_rate
    where org_id = ${key.organisation} and property_id = ${key.id}
      and rate_plan = ${change.ratePlan} and room_type = ${change.roomType}
      and night in (select night from ${nightsOf(tx, change)})`
  return removed.count
}

/** Sets the restrictions that a change names and leaves the others as they are. Returns how many nights. */
export async function setRestrictions(tx: Tx, key: PropertyKey, change: ProductChange): Promise<number> {
  const given = (field: keyof AriChange) => change[field] !== undefined
  const written = await tx`
    insert into restriction (org_id, property_id, rate_plan, room_type, night,
      min_stay_arrival, min_stay_through, max_stay, closed_to_arrival, closed_to_departure, closed)
    select ${key.organisation}::uuid, ${key.id}::uuid, ${change.ratePlan}, ${change.roomType}, night,
      ${change.minStayArrival ?? null}::smallint, ${change.minStayThrough ?? null}::smallint,
      ${change.maxStay ?? null}::smallint, ${change.closedToArrival ?? false}::boolean,
      ${change.closedToDeparture ?? false}::boolean, ${change.closed ?? false}::boolean
    from ${nightsOf(tx, change)}
    on conflict (org_id, property_id, rate_plan, room_type, night) do update
    set min_stay_arrival = case when ${given('minStayArrival')}::boolean then excluded.min_stay_arrival else restriction.min_stay_arrival end,
      min_stay_through = case when ${given('minStayThrough')}::boolean then excluded.min_stay_through else restriction.min_stay_through end,
      max_stay = case when ${given('maxStay')}::boolean then excluded.max_stay else restriction.max_stay end,
      closed_to_arrival = case when ${given('closedToArrival')}::boolean then excluded.closed_to_arrival else restriction.closed_to_arrival end,
      closed_to_departure = case when ${given('closedToDeparture')}::boolean then excluded.closed_to_departure else restriction.closed_to_departure end,
      closed = case when ${given('closed')}::boolean then excluded.closed else restriction.closed end`
  return written.count
}

/** Sets the inventory figures that a change names. The database refuses (23514) what would fall below what is sold. */
export async function setInventory(tx: Tx, key: PropertyKey, change: AriChange): Promise<number> {
  const given = (field: keyof AriChange) => change[field] !== undefined
  const written = await tx`
    update room_type_night
    set sell_limit = case when ${given('sellLimit')}::boolean then ${change.sellLimit ?? null}::integer else sell_limit end,
      overbook_limit = case when ${given('overbookLimit')}::boolean then ${change.overbookLimit ?? 0}::integer else overbook_limit end,
      out_of_order = case when ${given('outOfOrder')}::boolean then ${change.outOfOrder ?? 0}::integer else out_of_order end
    where org_id = ${key.organisation} and property_id = ${key.id} and room_type = ${change.roomType}
      and night in (select night from ${nightsOf(tx, change)})`
  return written.count
}

/** The nights of a change as a relation of one column, `night`. */
function nightsOf(tx: Tx, change: AriChange) {
  const weekdays = change.weekdays ?? [1, 2, 3, 4, 5, 6, 7]
  return tx`(
      select day::date as night
      from generate_series(${change.from}::date, ${change.to}::date, interval '1 day') as day
      where extract(isodow from day) = any(${`{${weekdays.join(',')}}`}::int[])
      order by day
    ) as span`
}
