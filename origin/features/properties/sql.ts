import type { Night } from '../../../shared/domain/nights.ts'
import type { PropertyContent, PropertyDefinition, RatePlan, RoomType } from '../../../shared/domain/property.ts'
import type { Database, OrganisationId, Tx } from '../../platform/database.ts'

export interface PropertyKey {
  organisation: OrganisationId
  id: string
}

export interface PropertyRow {
  contentVersion: number
  ariVersion: number
  firstNight: Night
  lastNight: Night
}

/** Finds a property by its public code, over all organisations. */
export async function findProperty(database: Database, code: string): Promise<PropertyKey | undefined> {
  const [row] = await database.directory<PropertyKey[]>`
    select org_id as organisation, property_id as id
    from property_by_code(${code})`
  return row
}

/** The hotels that are shown to the public, by name; at most `most`. */
export async function listedProperties(
  database: Database,
  most: number,
): Promise<{ code: string; content: Pick<PropertyContent, 'name' | 'tagline' | 'address' | 'photos'> }[]> {
  return await database.directory`
    select code, content
    from listed_properties(${most})`
}

/** Versions and horizon of a property, as they are now. */
export async function readProperty(tx: Tx, key: PropertyKey): Promise<PropertyRow | undefined> {
  const [row] = await tx<PropertyRow[]>`
    select content_version as "contentVersion", ari_version as "ariVersion",
      first_night as "firstNight", last_night as "lastNight"
    from property
    where org_id = ${key.organisation} and property_id = ${key.id}`
  return row
}

/** Assembles what guests read of a property: its own part, room types and rate plans in their order. */
export async function readContent(tx: Tx, key: PropertyKey): Promise<PropertyContent> {
  const [[property], roomTypes, ratePlans] = await Promise.all([
    tx<{ content: Omit<PropertyContent, 'roomTypes' | 'ratePlans'> }[]>`
      select content
      from property
      where org_id = ${key.organisation} and property_id = ${key.id}`,
    tx<{ content: RoomType }[]>`
      select content
      from room_type
      where org_id = ${key.organisation} and property_id = ${key.id}
      order by position
      limit 1000`,
    tx<{ content: RatePlan }[]>`
      select content
      from rate_plan
      where org_id = ${key.organisation} and property_id = ${key.id}
      order by position
      limit 1000`,
  ])
  if (!property) throw new Error('the property is gone')
  return {
    ...property.content,
    roomTypes: roomTypes.map((row) => row.content),
    ratePlans: ratePlans.map((row) => row.content),
  }
}

/** Stores a property with its rooms, plans and inventory. False where the code is taken; then nothing was stored. */
export async function insertProperty(tx: Tx, key: PropertyKey, definition: PropertyDefinition): Promise<boolean> {
  const { roomTypes, ratePlans, ...own } = definition.content
  const inserted = await tx`
    insert into property (org_id, property_id, code, listed, content, first_night, last_night)
    values (${key.organisation}, ${key.id}, ${own.property}, ${definition.listed}, ${tx.json(own)},
      ${definition.inventory.from}, ${definition.inventory.to})
    on conflict (code) do nothing
    returning 1`
  if (inserted.length === 0) return false
  await tx`
    insert into room_type (org_id, property_id, room_type, position, content)
    select ${key.organisation}::uuid, ${key.id}::uuid, t.content ->> 'roomType', t.position, t.content
    from jsonb_array_elements(${tx.json(roomTypes)}) with ordinality as t (content, position)`
  await tx`
    insert into rate_plan (org_id, property_id, rate_plan, position, parent_rate_plan, content)
    select ${key.organisation}::uuid, ${key.id}::uuid, p.content ->> 'ratePlan', p.position,
      p.content #>> '{derived,ratePlan}', p.content
    from jsonb_array_elements(${tx.json(ratePlans)}) with ordinality as p (content, position)`
  await tx`
    insert into room (org_id, property_id, room_number, room_type)
    select ${key.organisation}::uuid, ${key.id}::uuid, room.number, by_type.room_type
    from jsonb_each(${tx.json(definition.rooms)}) as by_type (room_type, numbers),
      jsonb_array_elements_text(by_type.numbers) as room (number)`
  await tx`
    insert into room_type_night (org_id, property_id, room_type, night, physical)
    select t.org_id, t.property_id, t.room_type, night::date, t.physical
    from (
        select rt.org_id, rt.property_id, rt.room_type, count(r.room_number) as physical
        from room_type rt
        left join room r on r.org_id = rt.org_id and r.property_id = rt.property_id and r.room_type = rt.room_type
        where rt.org_id = ${key.organisation} and rt.property_id = ${key.id}
        group by rt.org_id, rt.property_id, rt.room_type
      ) as t,
      generate_series(${definition.inventory.from}::date, ${definition.inventory.to}::date, interval '1 day') as night`
  return true
}
