import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureDatabase, ensureRoles, ownerRole, runtimeRole } from '../../infra/local/database.ts'
import { type Postgres, startPostgres } from '../../infra/local/postgres.ts'
import { migrate } from '../../origin/migrate.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { edgeProcess, type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'

const directory = mkdtempSync(join(tmpdir(), 'stayzr-away-'))
const passwords = { ownerPassword: 'owner-password', runtimePassword: 'runtime-password' }
const start = (port?: number) =>
  startPostgres({ directory: join(directory, 'postgres'), log: () => {}, ...(port === undefined ? {} : { port }) })
let server: Postgres
let origin: OriginProcess
let edge: { url: string; stop(): Promise<void> }

beforeAll(async () => {
  server = await start()
  await ensureRoles(server.superuserUrl, passwords)
  await ensureDatabase(server.superuserUrl, 'stayzr')
  const ownerUrl = server.urlFor({ user: ownerRole, password: passwords.ownerPassword, database: 'stayzr' })
  const runtimeUrl = server.urlFor({ user: runtimeRole, password: passwords.runtimePassword, database: 'stayzr' })
  await migrate(ownerUrl, () => {})
  origin = await originProcess(runtimeUrl)
  edge = await edgeProcess('node', { url: origin.service.url, signingKey: origin.signingKey })
  const { apiKey } = await addOrganisation({ ownerUrl, runtimeUrl }, 'harbour')
  const definition = aProperty('harbour-house')
  const headers = () => ({ authorization: `Bearer ${apiKey}`, 'idempotency-key': crypto.randomUUID() })
  await origin.call('POST', '/api/v1/properties', { headers: headers(), body: definition })
  await origin.call('PUT', '/api/v1/properties/harbour-house/ari', {
    headers: headers(),
    body: { changes: flatRates(definition) },
  })
})
afterAll(async () => {
  await edge?.stop()
  await origin?.service.stop()
  await server?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const arrival = addDays(today(), 5)
const health = async (path: string) => {
  const answer = await fetch(origin.service.url + path)
  return { status: answer.status, body: (await answer.json()) as { status: string; database?: { status: string } } }
}
const search = async () => {
  const answer = await fetch(
    `${edge.url}/api/v1/properties/harbour-house/availability?arrival=${arrival}&departure=${addDays(arrival, 1)}&adults=2`,
  )
  return { status: answer.status, body: (await answer.json()) as { stale: boolean } }
}
const book = (idempotencyKey: string) =>
  fetch(`${edge.url}/api/v1/properties/harbour-house/reservations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify({
      stay: { roomType: 'DBL', ratePlan: 'BAR', arrival, departure: addDays(arrival, 1), adults: 2 },
      expectedTotal: 10_800,
      guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
    }),
  })

it('says what is true while the database is away, keeps answering searches, and recovers by itself', async () => {
  expect((await health('/health/ready')).status).toBe(200)
  expect(await search()).toMatchObject({ status: 200, body: { stale: false } })

  const { port } = server
  await server.stop()
  expect(await health('/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
  // Balancers are told the same for half a second.
  await expect
    .poll(() => health('/health/ready'), { timeout: 5_000 })
    .toMatchObject({ status: 503, body: { database: { status: 'failed' } } })
  expect(await health('/health/detailed')).toMatchObject({ status: 503, body: { status: 'failed' } })
  const key = crypto.randomUUID()
  const refused = await book(key)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).not.toBeNull()
  expect(refused.headers.get('content-type')).toBe('application/problem+json')
  await sleep(2_500)
  expect(await search()).toMatchObject({ status: 200, body: { stale: true } })

  server = await start(port)
  await expect.poll(async () => (await health('/health/ready')).status, { timeout: 10_000, interval: 200 }).toBe(200)
  expect((await book(key)).status).toBe(201)
  await expect.poll(async () => (await search()).body.stale, { timeout: 5_000, interval: 200 }).toBe(false)
}, 90_000)
