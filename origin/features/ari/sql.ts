import type { CellChange } from '../../../shared/ari/delta.ts'
import type { RestrictionCell } from '../../../shared/ari/facts.ts'
import type { Place } from '../../../shared/domain/destinations.ts'
import type { Night } from '../../../shared/domain/nights.ts'
import type { Database, Tx } from '../../platform/database.ts'
import type { PropertyKey } from '../properties/service.ts'

export interface RateRow {
  roomType: string
  ratePlan: string
  night: Night
  amount: number
}
export interface RestrictionRow extends RestrictionCell {
  roomType: string
  ratePlan: string
  night: Night
}
export interface InventoryRow {
  roomType: string
  night: Night
  available: number
}

/** Which nights and, where named, which room type and plans. `to` is included. */
export interface Span {
  from: Night
  to: Night
  roomType?: string
  ratePlans?: string[]
}

/** Nightly rates of base plans in a span. At most one row for each product and night of the span. */
export async function readRates(tx: Tx, key: PropertyKey, span: Span): Promise<RateRow[]> {
  return await tx<RateRow[]>`
    select room_type as "roomType", rate_plan as "ratePlan", night, amount
    from nightly_rate
    where org_id = ${key.organisation} and property_id = ${key.id}
      and night between ${span.from} and ${span.to}
      ${span.roomType === undefined ? tx`` : tx`and room_type = ${span.roomType}`}
      ${span.ratePlans === undefined ? tx`` : tx`and rate_plan = any(${textArray(span.ratePlans)}::text[])`}
    order by rate_plan, room_type, night
    limit 20000000`
}

/** Restriction cells in a span that restrict anything. */
export async function readRestrictions(tx: Tx, key: PropertyKey, span: Span): Promise<RestrictionRow[]> {
  return await tx<RestrictionRow[]>`
    select room_type as "roomType", rate_plan as "ratePlan", night,
      min_stay_arrival as "minStayArrival", min_stay_through as "minStayThrough", max_stay as "maxStay",
      closed_to_arrival as "closedToArrival", closed_to_departure as "closedToDeparture", closed
    from restriction
    where org_id = ${key.organisation} and property_id = ${key.id}
      and night between ${span.from} and ${span.to}
      ${span.roomType === undefined ? tx`` : tx`and room_type = ${span.roomType}`}
      ${span.ratePlans === undefined ? tx`` : tx`and rate_plan = any(${textArray(span.ratePlans)}::text[])`}
    order by rate_plan, room_type, night
    limit 20000000`
}

/** The codes and dates of a stay. */
export interface StayCodes {
  roomType: string
  ratePlan: string
  arrival: Night
  departure: Night
}

/** The nightly rates of a stay: of its plan, or of the plan's parent where it is derived. */
export async function readStayRates(tx: Tx, key: PropertyKey, stay: StayCodes): Promise<RateRow[]> {
  return await tx<RateRow[]>`
    select room_type as "roomType", rate_plan as "ratePlan", night, amount
    from nightly_rate
    where org_id = ${key.organisation} and property_id = ${key.id} and room_type = ${stay.roomType}
      and night >= ${stay.arrival} and night < ${stay.departure}
      and rate_plan = (
        select coalesce(p.parent_rate_plan, p.rate_plan)
        from rate_plan p
        where p.org_id = ${key.organisation} and p.property_id = ${key.id} and p.rate_plan = ${stay.ratePlan})
    order by night
    limit 400`
}

/** The restrictions of a stay's nights and departure date: of its plan, and of the plan's parent. */
export async function readStayRestrictions(tx: Tx, key: PropertyKey, stay: StayCodes): Promise<RestrictionRow[]> {
  return await tx<RestrictionRow[]>`
    select room_type as "roomType", rate_plan as "ratePlan", night,
      min_stay_arrival as "minStayArrival", min_stay_through as "minStayThrough", max_stay as "maxStay",
      closed_to_arrival as "closedToArrival", closed_to_departure as "closedToDeparture", closed
    from restriction
    where org_id = ${key.organisation} and property_id = ${key.id} and room_type = ${stay.roomType}
      and night between ${stay.arrival} and ${stay.departure}
      and rate_plan in (
        select unnest(array[p.rate_plan, p.parent_rate_plan])
        from rate_plan p
        where p.org_id = ${key.organisation} and p.property_id = ${key.id} and p.rate_plan = ${stay.ratePlan})
    order by rate_plan, night
    limit 800`
}

/** The versions of properties as they are now, in one statement; one that does not exist is missing. */
export async function propertyHeads(
  database: Database,
  codes: readonly string[],
): Promise<{ property: string; version: number }[]> {
  return await database.directory<{ property: string; version: number }[]>`
    select code as property, ari_version as version
    from property_heads(${`{${codes.join(',')}}`}::text[])`
}

/** Where listed hotels are, over all organisations, and how many in each place. */
export async function listedPlaces(database: Database): Promise<Place[]> {
  return await database.directory<Place[]>`
    select city, country, properties
    from listed_places()`
}

/** Codes and versions of the listed hotels in some places as they are now, by code; `total` counts those beyond `most`. */
export async function listedHeads(
  database: Database,
  places: readonly Place[],
  most: number,
): Promise<{ property: string; version: number; total: number }[]> {
  return await database.directory<{ property: string; version: number; total: number }[]>`
    select code as property, ari_version as version, total
    from listed_heads(${database.directory.json(places as never)}, ${most})`
}

/** Rooms left in a span. */
export async function readInventory(tx: Tx, key: PropertyKey, span: Span): Promise<InventoryRow[]> {
  return await tx<InventoryRow[]>`
    select room_type as "roomType", night, available
    from room_type_night
    where org_id = ${key.organisation} and property_id = ${key.id}
      and night between ${span.from} and ${span.to}
    order by room_type, night
    limit 20000000`
}

/**
 * The last statement before a write's receipt: raises the property's version and appends the changed cells under it.
 * The row is hot, so nothing slow may follow. Its instant is that of the statement: a transaction may have waited long.
 */
export async function bumpAriVersion(tx: Tx, key: PropertyKey, change: CellChange): Promise<number> {
  const [row] = await tx<{ version: number }[]>`
    with bumped as (
      update property
      set ari_version = ari_version + 1
      where org_id = ${key.organisation} and property_id = ${key.id}
      returning ari_version
    )
    insert into outbox (org_id, property_id, kind, ari_version, payload, created_at)
    select ${key.organisation}::uuid, ${key.id}::uuid, 'ari.changed', ari_version, ${tx.json(change as never)}::jsonb,
      clock_timestamp()
    from bumped
    returning ari_version as version`
  if (!row) throw new Error('the property is gone')
  return row.version
}

/**
 * The changes after version `from` up to `to`, oldest first; a version that is no longer kept is missing. None where
 * together they are longer than `lengthMax`: two thousand bulk changes would be a hundred megabytes.
 */
export async function readChanges(
  tx: Tx,
  key: PropertyKey,
  span: { from: number; to: number; lengthMax: number },
): Promise<{ version: number; change: CellChange }[]> {
  return await tx<{ version: number; change: CellChange }[]>`
    with change as (
      select ari_version, payload
      from outbox
      where org_id = ${key.organisation} and property_id = ${key.id}
        and ari_version > ${span.from} and ari_version <= ${span.to}
    )
    select ari_version as version, payload as change
    from change
    where (select coalesce(sum(octet_length(payload::text)), 0) from change) <= ${span.lengthMax}
    order by ari_version
    limit 10000`
}

/** PostgreSQL's text form of a list of codes; codes hold no quotes, commas or braces. */
function textArray(codes: string[]): string {
  return `{${codes.join(',')}}`
}
