import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const admin = postgres(database.superuserUrl, { max: 1, onnotice: () => {} })
const runtime = postgres(database.runtimeUrl, { max: 1, onnotice: () => {} })
let origin: TestOrigin
let ours: { organisation: string; apiKey: string }
let theirs: { organisation: string; apiKey: string }

beforeAll(async () => {
  origin = await testOrigin(database)
  ours = await addOrganisation(database, 'ours')
  theirs = await addOrganisation(database, 'theirs')
  for (const [org, code] of [
    [ours, 'our-house'],
    [theirs, 'their-house'],
  ] as const) {
    const definition = aProperty(code)
    await origin.call('POST', '/api/v1/properties', { token: org.apiKey, body: definition })
    const changes = [
      ...flatRates(definition),
      { roomType: 'DBL', ratePlan: 'BAR', from: today(), to: today(), minStayArrival: 2 },
    ]
    await origin.call('PUT', `/api/v1/properties/${code}/ari`, { token: org.apiKey, body: { changes } })
    await bookIn(code)
  }
  await origin.origin.fetch(new Request('http://origin.test/health'))
})
afterAll(async () => {
  await origin.origin.close()
  await admin.end()
  await runtime.end()
})

async function bookIn(property: string): Promise<{ reference: string; guestToken: string }> {
  const arrival = addDays(today(), 10)
  const body = {
    stay: { roomType: 'DBL', ratePlan: 'BAR', arrival, departure: addDays(arrival, 1), adults: 2 },
    expectedTotal: 10_800,
    guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
  }
  const answer = await origin.call('POST', `/api/v1/properties/${property}/reservations`, { body })
  expect(answer.status, await answer.clone().text()).toBe(201)
  return (await answer.json()) as { reference: string; guestToken: string }
}

const tables = (
  await admin<{ name: string }[]>`
    select c.relname as name
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and c.relname <> 'schema_migration'
    order by 1`
).map((row) => row.name)

describe('row-level security', () => {
  it('covers tables that there are', () => {
    expect(tables.length).toBeGreaterThan(12)
  })

  it.each(tables)('%s: forced, keyed by organisation, and shows this organisation and no other', async (table) => {
    const [flags] = await admin`
      select c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
        (select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
         where i.indrelid = c.oid and i.indisprimary) as first_key
      from pg_class c where c.oid = ${table}::regclass`
    expect(flags).toEqual({ enabled: true, forced: true, first_key: 'org_id' })

    const [granted] = await admin`select has_table_privilege('stayzr_app', ${table}, 'select') as may`
    expect(granted?.may).toBe(true)
    const everything = await admin`select distinct org_id from ${admin(table)}`
    const seen = await runtime.begin(async (tx) => {
      await tx`select set_config('app.org_id', ${ours.organisation}, true)`
      return await tx`select distinct org_id from ${tx(table)}`
    })
    expect(seen.filter((row) => row.org_id !== ours.organisation)).toEqual([])
    // Sessions are the one table that this file's set-up leaves empty.
    if (table !== 'staff_account' && table !== 'staff_session')
      expect(everything.length, 'rows of both organisations').toBe(2)
    // Without an organisation there is nothing.
    const unnamed = await runtime`select 1 from ${runtime(table)} limit 1`
    expect(unnamed).toHaveLength(0)
  })

  it('refuses rows written for another organisation', async () => {
    const write = runtime.begin(async (tx) => {
      await tx`select set_config('app.org_id', ${ours.organisation}, true)`
      await tx`insert into receipt (org_id, key_hash, request_hash, answer) values (${theirs.organisation}, '\\x00', '\\x00', '{}')`
    })
    await expect(write).rejects.toThrow(/row-level security/)
  })

  it('binds a role that owns nothing and cannot bypass it', async () => {
    const [role] = await admin`
      select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
        (select count(*)::int from pg_class where relowner = r.oid) as owned
      from pg_roles r where rolname = 'stayzr_app'`
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, owned: 0 })
    await expect(runtime`set role stayzr_owner`).rejects.toThrow(/permission denied/)
  })

  it('lets the directory functions tell ids and public codes, and nothing of guests', async () => {
    const functions = await admin`
      select p.proname as name, pg_get_function_result(p.oid) as result
      from pg_proc p
      where p.prosecdef and p.pronamespace = 'public'::regnamespace
      order by 1`
    expect(functions.map((row) => `${row.name}: ${row.result}`)).toEqual([
      'listed_heads: TABLE(code text, ari_version bigint, total bigint)',
      'listed_places: TABLE(city text, country text, properties bigint)',
      'listed_properties: TABLE(code text, content jsonb)',
      'listed_versions: TABLE(code text, ari_version bigint)',
      'organisation_by_code: TABLE(org_id uuid)',
      'organisations_to_clean: TABLE(org_id uuid)',
      'property_by_code: TABLE(org_id uuid, property_id uuid)',
      'property_heads: TABLE(code text, ari_version bigint)',
      'reservation_by_reference: TABLE(org_id uuid)',
    ])
  })
})

describe('another organisation’s staff', () => {
  it('cannot change its rates, see its reservations or cancel them', async () => {
    const booked = await bookIn('our-house')
    const change = { changes: [{ roomType: 'DBL', ratePlan: 'BAR', from: today(), to: today(), amount: 1 }] }
    const token = theirs.apiKey
    const put = await origin.call('PUT', '/api/v1/properties/our-house/ari', { token, body: change })
    expect(put.status).toBe(404)
    expect((await origin.call('GET', `/api/v1/reservations/${booked.reference}`, { token })).status).toBe(404)
    expect((await origin.call('GET', `/api/v1/reservations/${booked.reference}?lastName=Reis`, { token })).status).toBe(
      404,
    )
    expect((await origin.call('POST', `/api/v1/reservations/${booked.reference}/cancellation`, { token })).status).toBe(
      404,
    )
    const own = await origin.call('GET', `/api/v1/reservations/${booked.reference}`, { token: ours.apiKey })
    expect(await own.json()).toMatchObject({ masked: false, status: 'confirmed' })
  })

  it('cannot take a property code that is in use, and is not told whose it is', async () => {
    const answer = await origin.call('POST', '/api/v1/properties', {
      token: theirs.apiKey,
      body: aProperty('our-house'),
    })
    expect(answer.status).toBe(409)
    expect(JSON.stringify(await answer.json())).not.toContain(ours.organisation)
  })
})

it('limits look-ups from one address, but not those of staff there', async () => {
  const { origin: desk, call } = await testOrigin(database)
  const { reference } = await bookIn('our-house')
  const path = `/api/v1/reservations/${reference}`
  const statuses: number[] = []
  for (let i = 0; i < 61; i++) statuses.push((await call('GET', `${path}?lastName=Guess`)).status)
  expect(new Set(statuses.slice(0, 60))).toEqual(new Set([404]))
  expect(statuses[60]).toBe(429)
  expect((await call('GET', path, { token: ours.apiKey })).status).toBe(200)
  await desk.close()
})
