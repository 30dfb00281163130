import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const admin = postgres(database.superuserUrl, { max: 1 })
let origin: TestOrigin

beforeAll(async () => {
  // Without statistics, as for a hotel in its first hour: plans made now stay until something analyses the tables.
  await admin`alter table reservation set (autovacuum_enabled = off)`
  origin = await testOrigin(database)
  const { apiKey } = await addOrganisation(database, 'harbour')
  const definition = aProperty('harbour-house', { rooms: { DBL: 400 }, days: 400 })
  await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
  await origin.call('PUT', '/api/v1/properties/harbour-house/ari', {
    token: apiKey,
    body: { changes: flatRates(definition) },
  })
})
afterAll(async () => {
  await origin.origin.close()
  await admin.end()
})

/** Rows of a table that statements have looked at, once the sessions have told of them. */
async function rowsRead(table: string): Promise<number> {
  await sleep(1_500)
  const [row] = await admin<[{ read: number }]>`
    select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as read
    from pg_stat_user_tables
    where relname = ${table}`
  return row.read
}

async function book(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const arrival = addDays(today(), 1 + (i % 50))
    const answer = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', {
      body: {
        stay: { roomType: 'DBL', ratePlan: 'BAR', arrival, departure: addDays(arrival, 2), adults: 2 },
        expectedTotal: 21_600,
        guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
      },
    })
    expect(answer.status, await answer.clone().text()).toBe(201)
  }
}

/** Updates of a table's rows, and those among them that touched no index. */
async function updates(table: string): Promise<{ all: number; hot: number }> {
  const [row] = await admin<[{ all: number; hot: number }]>`
    select n_tup_upd::int as all, n_tup_hot_upd::int as hot
    from pg_stat_user_tables
    where relname = ${table}`
  return row
}

it('a booking raises its property’s version without touching an index', async () => {
  await book(50)
  // Idle sessions tell of theirs after ten seconds.
  await expect.poll(async () => (await updates('property')).all, { timeout: 20_000 }).toBeGreaterThanOrEqual(50)
  const { all, hot } = await updates('property')
  // Now and then a page is full, and the row moves to another.
  expect(hot).toBeGreaterThan(0.8 * all)
})

it('a booking looks at a handful of rows, however many nights and reservations there are', async () => {
  await book(200)
  const before = { reservations: await rowsRead('reservation'), nights: await rowsRead('room_type_night') }
  await book(200)
  const after = { reservations: await rowsRead('reservation'), nights: await rowsRead('room_type_night') }
  expect((after.reservations - before.reservations) / 200).toBeLessThan(10)
  expect((after.nights - before.nights) / 200).toBeLessThan(20)
})
