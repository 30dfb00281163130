/** The properties the bench asks for, and how they get into the database. */
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { addDays, type Night } from '../../../shared/domain/nights.ts'
import type { PropertyDefinition, RatePlan } from '../../../shared/domain/property.ts'
import { dateAt } from '../../../shared/domain/zone.ts'
import type { AriChange } from '../../../shared/routes/ari.ts'
import { REPLAY_ZONE, replayContent } from '../replay/replay-hotel.ts'
import { someRestrictions } from '../replay/restrictions.ts'
import type { DataStack, OriginProcess } from './origin-stack.ts'

/** Nights on sale. */
export const NIGHTS = 730

export type Hotel = {
  definition: PropertyDefinition
  changes: AriChange[]
  rooms: number
}

/** Names for plans in pairs: a base plan and one derived from it, as replayed hotels have. */
const MEALS = ['room-only', 'breakfast', 'half-board', 'full-board', 'all-inclusive', 'room-only'] as const

/**
 * A property of so many room types and plans, half of the plans derived from the other half, 730 nights from today, rates
 * that change every two weeks, and a restriction of some kind on a stretch of nights of each room type
 * every three weeks.
 */
export function benchHotel(code: string, size: { roomTypes: number; plans: number; rooms: number }): Hotel {
  const today = dateAt(Date.now(), REPLAY_ZONE)
  const inventory = { from: today, to: addDays(today, NIGHTS - 1) }
  const types = Array.from({ length: size.roomTypes }, (_, i) => `R${String(i + 1).padStart(2, '0')}`)
  const content = replayContent(code, types, [])
  for (const roomType of content.roomTypes)
    roomType.occupancy = { ...roomType.occupancy, max: 4, maxAdults: 3, maxChildren: 2 }
  const pair = content.ratePlans
  content.ratePlans = Array.from({ length: size.plans / 2 }, (_, i) => pair.map((plan) => planOfPair(plan, i))).flat()
  const definition: PropertyDefinition = {
    content,
    rooms: Object.fromEntries(
      types.map((type) => [type, Array.from({ length: size.rooms }, (_, i) => `${type}-${i + 1}`)]),
    ),
    inventory,
    listed: true,
  }
  const rates = types.flatMap((roomType, t) =>
    content.ratePlans
      .filter(({ derived }) => !derived)
      .flatMap(({ ratePlan }, p) => ratesOf(roomType, ratePlan, { inventory, from: 8_000 + t * 1_500 + p * 900 })),
  )
  return { definition, changes: [...rates, ...someRestrictions(definition, 1)], rooms: size.rooms }
}

/** The first pair keeps the replay's codes, for which restrictions are made up. */
function planOfPair(plan: RatePlan, pair: number): RatePlan {
  const renamed = (code: string) => (pair === 0 ? code : `${code}${pair + 1}`)
  return {
    ...plan,
    ratePlan: renamed(plan.ratePlan),
    meal: MEALS[pair % MEALS.length] as RatePlan['meal'],
    derived: plan.derived && { ...plan.derived, ratePlan: renamed(plan.derived.ratePlan) },
  }
}

function ratesOf(
  roomType: string,
  ratePlan: string,
  { inventory, from }: { inventory: { from: Night; to: Night }; from: number },
): AriChange[] {
  const changes: AriChange[] = []
  for (let day = 0; day < NIGHTS; day += 14) {
    const last = addDays(inventory.from, day + 13)
    const span = { from: addDays(inventory.from, day), to: last > inventory.to ? inventory.to : last }
    changes.push({ roomType, ratePlan, ...span, amount: from + ((day / 14) % 9) * 600 })
  }
  return changes
}

/** As many as one call takes. */
const CHANGES_EACH = 2_000

/** Sets a property up through the origin's API, as a hotel would. */
export async function setUp(origin: OriginProcess, apiKey: string, { definition, changes }: Hotel): Promise<void> {
  const call = async (method: string, path: string, body: unknown): Promise<void> => {
    const answer = await origin.call(method, path, { body, token: apiKey })
    const text = await answer.text()
    if (answer.status >= 300) throw new Error(`Setting up a property: ${method} ${path}: ${answer.status} ${text}`)
  }
  await call('POST', '/api/v1/properties', definition)
  const path = `/api/v1/properties/${definition.content.property}/ari`
  for (let at = 0; at < changes.length; at += CHANGES_EACH)
    await call('PUT', path, { changes: changes.slice(at, at + CHANGES_EACH) })
}

/** The code of the n-th copy. */
export function copyCode(code: string, n: number): string {
  return `${code}-${String(n).padStart(3, '0')}`
}

/** How much dearer the n-th copy is, in minor units a night, so that no two properties give the same answers. */
export function copySurcharge(n: number): number {
  return n * 7
}

/** The n-th copy as it was put into the database. */
export function copyOf(hotel: Hotel, n: number): Hotel {
  const { content } = hotel.definition
  return {
    ...hotel,
    definition: { ...hotel.definition, content: { ...content, property: copyCode(content.property, n) } },
    changes: hotel.changes.map((change) =>
      typeof change.amount === 'number' ? { ...change, amount: change.amount + copySurcharge(n) } : change,
    ),
  }
}

/**
 * Copies a property that was set up through the API, table by table in the database: setting up 200 with their
 * two million nights one by one would take longer than all the measuring.
 */
export async function addCopies(data: DataStack, code: string, copies: number): Promise<void> {
  const sql = postgres(data.superuserUrl, { max: 1, onnotice: () => {} })
  try {
    // The original's rows keep all the rules there are.
    await sql`set session_replication_role = replica`
    const [original] = await sql<{ id: string }[]>`select property_id as id from property where code = ${code}`
    if (!original) throw new Error(`there is no property ${code}`)
    const tables = await sql<{ name: string; columns: string[] }[]>`
      select c.table_name as name, array_agg(c.column_name::text order by c.ordinal_position) as columns
      from information_schema.columns c
      join information_schema.columns p
        on p.table_schema = c.table_schema and p.table_name = c.table_name and p.column_name = 'property_id'
      join information_schema.tables t
        on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
      where c.table_schema = 'public' and c.is_generated = 'NEVER' and c.is_identity = 'NO'
        and c.table_name not in ('outbox', 'reservation', 'receipt', 'audit')
      group by c.table_name
      order by c.table_name`
    const targets = Array.from({ length: copies }, (_, i) => ({
      id: randomUUID(),
      code: copyCode(code, i + 1),
      surcharge: copySurcharge(i + 1),
    }))
    for (const { name, columns } of tables) {
      const values = columns.map((column) => {
        if (column === 'property_id') return sql`copy.id`
        if (column === 'amount') return sql`it.amount + copy.surcharge`
        if (name === 'property' && column === 'code') return sql`copy.code`
        if (name === 'property' && column === 'content')
          return sql`jsonb_set(it.content, '{property}', to_jsonb(copy.code))`
        return sql`it.${sql(column)}`
      })
      await sql`
        insert into ${sql(name)} (${sql(columns)})
        select ${values.flatMap((value, i) => (i === 0 ? [value] : [sql`, `, value]))}
        from ${sql(name)} it
        cross join jsonb_to_recordset(${sql.json(targets)}) as copy (id uuid, code text, surcharge bigint)
        where it.property_id = ${original.id}`
    }
    // Otherwise the server tidies up behind us while the first system is being measured.
    await sql`vacuum (freeze, analyze)`
    await sql`checkpoint`
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** When each version of each property was committed, in epoch milliseconds, by `property version`. */
export async function commitTimes(data: DataStack): Promise<Map<string, number>> {
  const sql = postgres(data.superuserUrl, { max: 1, onnotice: () => {} })
  try {
    const rows = await sql<{ code: string; version: number; at: number }[]>`
      select p.code, o.ari_version::float8 as version,
        (extract(epoch from pg_xact_commit_timestamp(o.xmin)) * 1000)::float8 as at
      from outbox o
      join property p on p.org_id = o.org_id and p.property_id = o.property_id
      where o.ari_version is not null`
    return new Map(rows.map(({ code, version, at }) => [`${code} ${version}`, at]))
  } finally {
    await sql.end({ timeout: 5 })
  }
}
