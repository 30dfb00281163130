import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const PLACES = 4
const urls = await freshDatabase()
let origin: OriginProcess
let admin: postgres.Sql

beforeAll(async () => {
  admin = postgres(urls.superuserUrl, { max: 2 })
  origin = await originProcess(urls.runtimeUrl, 'node', { REQUESTS_MAX: String(PLACES) })
  const { apiKey } = await addOrganisation(urls, 'harbour')
  const definition = aProperty('harbour-house', { rooms: { DBL: 200, STE: 20 }, days: 190 })
  const headers = () => ({ authorization: `Bearer ${apiKey}`, 'idempotency-key': crypto.randomUUID() })
  expect((await origin.call('POST', '/api/v1/properties', { headers: headers(), body: definition })).status).toBe(201)
  const changes = flatRates(definition)
  await origin.call('PUT', '/api/v1/properties/harbour-house/ari', { headers: headers(), body: { changes } })
})
afterAll(async () => {
  await origin?.service.stop()
  await admin?.end()
})

const book = (trial: number, roomType = 'DBL') => {
  const arrival = addDays(today(), trial % 180)
  return origin.call('POST', '/api/v1/properties/harbour-house/reservations', {
    headers: { 'idempotency-key': crypto.randomUUID() },
    body: {
      stay: { roomType, ratePlan: 'BAR', arrival, departure: addDays(arrival, 1), adults: 2 },
      expectedTotal: 10_800,
      guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
    },
  })
}
const told = async (): Promise<number> => {
  const text = await (await fetch(`${origin.service.url}/metrics`)).text()
  return [...text.matchAll(/^stayzr_http_shed_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}
const stored = async () => {
  const [row] = await admin<[{ count: number }]>`select count(*)::int as count from reservation`
  return row.count
}

it('of many more bookings than places each is done or told when to come back, and nothing in between', async () => {
  const answers = await Promise.all(Array.from({ length: 300 }, (_, trial) => book(trial)))
  const refused = answers.filter(({ status }) => status !== 201)
  expect(refused.length).toBeGreaterThan(0)
  for (const answer of refused) {
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await answer.json()).toMatchObject({ type: expect.stringMatching(/service-unavailable$/), status: 503 })
  }
  expect(await stored()).toBe(answers.length - refused.length)
  expect(await told()).toBe(refused.length)
  expect((await book(0)).status).toBe(201)
})

it('while every place is taken, health, metrics and what edges ask are answered, and the rest soon refused', async () => {
  const release = Promise.withResolvers<void>()
  const holder = admin.begin(async (tx) => {
    await tx`select 1 from room_type_night where room_type = 'STE' for update`
    await release.promise
  })
  const before = await stored()
  const waiting = Array.from({ length: PLACES }, (_, trial) => book(trial, 'STE'))
  await expect
    .poll(async () => {
      const [row] = await admin`select count(*)::int as waiting from pg_locks where not granted`
      return row?.waiting
    })
    .toBe(PLACES)
  expect((await book(1)).status).toBe(503)
  for (const path of ['/health', '/health/ready', '/health/detailed', '/metrics'])
    expect((await fetch(origin.service.url + path)).status).toBe(200)
  expect((await origin.call('GET', '/internal/ari/harbour-house/head')).status).toBe(200)
  release.resolve()
  await holder
  for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(201)
  expect(await stored()).toBe(before + PLACES)
})
