/** The origin killed under load, in front of it an edge that goes on, and one that begins meanwhile. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import S3rver from '@20minutes/s3rver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BOUND_MS } from '../../edge/ari/store.ts'
import { freePort } from '../../infra/local/ports.ts'
import type { Service } from '../../infra/local/service-process.ts'
import { startOrigin } from '../../infra/local/services.ts'
import { openStorage } from '../../origin/platform/storage.ts'
import { AS_OF_KEY, copyKey } from '../../shared/ari/copy.ts'
import { addDays } from '../../shared/domain/nights.ts'
import type { AvailabilityAnswer } from '../../shared/routes/availability.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { type EdgeRuntime, edgeProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const directory = mkdtempSync(join(tmpdir(), 'stayzr-origin-away-'))
const signingKey = `test:${randomBytes(32).toString('base64')}`
const guestTokenKey = randomBytes(32).toString('base64')
const s3 = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory,
  configureBuckets: [{ name: 'stayzr', configs: [] }],
})
const properties = ['north', 'south', 'west']
/** What production gives 15 minutes, in seconds. */
const STALE_SECONDS = 10
/** From the origin's return to fresh answers. */
const RETURN_MS = 3_000
let storageUrl: string
let port: number
let origin: Service
let edges: Record<EdgeRuntime, { url: string; stop(): Promise<void> }>

const start = () =>
  startOrigin({
    runtime: 'node',
    env: {
      STAYZR_ENV: 'test',
      PORT: String(port),
      DATABASE_URL: database.runtimeUrl,
      REDIS_URL: 'memory:',
      STORAGE_URL: storageUrl,
      ARI_COPY_SECONDS: '1',
      EDGE_SIGNING_KEYS: signingKey,
      GUEST_TOKEN_KEY: guestTokenKey,
      LOG_LEVEL: 'warn',
    },
    log: () => {},
  })
const startEdge = (runtime: EdgeRuntime, env: Record<string, string> = {}) =>
  edgeProcess(runtime, { url: `http://127.0.0.1:${port}`, signingKey }, env)

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'S3RVER'
  process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER'
  const endpoint = encodeURIComponent(`http://127.0.0.1:${(await s3.run()).port}`)
  storageUrl = `s3://stayzr/files?endpoint=${endpoint}&region=eu`
  port = await freePort()
  origin = await start()
  const stale = { ARI_STALE_SECONDS_MAX: String(STALE_SECONDS) }
  const [workerd, node, deno] = await Promise.all([
    startEdge('workerd', stale),
    startEdge('node', stale),
    startEdge('deno', stale),
  ])
  edges = { workerd, node, deno }
  const { apiKey } = await addOrganisation(database, 'harbour')
  for (const property of properties) {
    const definition = aProperty(property, { rooms: { DBL: 50 } })
    await staff('POST', '/api/v1/properties', apiKey, definition)
    await staff('PUT', `/api/v1/properties/${property}/ari`, apiKey, { changes: flatRates(definition) })
  }
}, 120_000)
afterAll(async () => {
  await Promise.all(Object.values(edges ?? {}).map((edge) => edge.stop()))
  await origin?.stop()
  await s3.close()
  rmSync(directory, { recursive: true, force: true })
})

async function staff(method: string, path: string, apiKey: string, body: object): Promise<void> {
  const answer = await fetch(edges.node.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
      authorization: `Bearer ${apiKey}`,
    },
    body: JSON.stringify(body),
  })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
}

const arrival = addDays(today(), 20)
const departure = addDays(arrival, 1)
interface Seen {
  askedAt: number
  answeredAt: number
  status: number
  stale: boolean | undefined
  asOf: number
  type: string | null
  retryAfter: string | null
}
async function search(url: string, property: string): Promise<Seen> {
  const askedAt = Date.now()
  const answer = await fetch(
    `${url}/api/v1/properties/${property}/availability?arrival=${arrival}&departure=${departure}&adults=2`,
  )
  const body = (await answer.json()) as Partial<AvailabilityAnswer>
  return {
    askedAt,
    answeredAt: Date.now(),
    status: answer.status,
    stale: body.stale,
    asOf: Date.parse(body.asOf ?? ''),
    type: answer.headers.get('content-type'),
    retryAfter: answer.headers.get('retry-after'),
  }
}
const book = (url: string, property: string) =>
  fetch(`${url}/api/v1/properties/${property}/reservations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({
      stay: { roomType: 'DBL', ratePlan: 'BAR', arrival, departure, adults: 2 },
      expectedTotal: 10_800,
      guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
    }),
  })

/** Ten guests who search without a pause, until told to stop. */
function load(url: string): { seen: Seen[]; stop(): Promise<void> } {
  const seen: Seen[] = []
  let over = false
  const guests = Array.from({ length: 10 }, async (_, i) => {
    for (let n = i; !over; n++) seen.push(await search(url, properties[n % properties.length] as string))
  })
  return {
    seen,
    async stop() {
      over = true
      await Promise.all(guests)
    },
  }
}

describe.each(['workerd', 'node', 'deno'] as const)(
  'the edge on %s while the origin is killed and comes back',
  (runtime) => {
    it('fails no search for the stale period, says so, and is fresh soon after', async () => {
      const { url } = edges[runtime]
      for (const property of properties) expect((await book(url, property)).status).toBe(201)
      const guests = load(url)
      await sleep(1_500)
      await origin.kill()
      const killedAt = Date.now()

      const refused = await book(url, 'north')
      expect(refused.status).toBe(503)
      expect(refused.headers.get('content-type')).toBe('application/problem+json')
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)

      await sleep(killedAt + (STALE_SECONDS - 3) * 1_000 - Date.now())
      await guests.stop()
      expect(guests.seen.filter((it) => it.status !== 200)).toEqual([])
      expect(guests.seen.length).toBeGreaterThan(200)
      // Whatever is older than the bound says so, whenever it was asked for.
      expect(guests.seen.filter((it) => it.stale === false && it.askedAt - it.asOf > BOUND_MS)).toEqual([])
      const late = guests.seen.filter((it) => it.askedAt > killedAt + BOUND_MS)
      expect(late.length).toBeGreaterThan(100)
      expect(late.filter((it) => it.stale !== true)).toEqual([])

      // Past the period nothing is told, rather than something old.
      await expect.poll(async () => (await search(url, 'north')).status, { timeout: 15_000, interval: 200 }).toBe(503)
      const told = await search(url, 'north')
      expect(told).toMatchObject({ status: 503, type: 'application/problem+json' })
      expect(Number(told.retryAfter)).toBeGreaterThan(0)

      const again = load(url)
      origin = await start()
      const backAt = Date.now()
      await sleep(RETURN_MS + 1_500)
      await again.stop()
      const fresh = again.seen.filter((it) => it.askedAt > backAt + RETURN_MS)
      expect(fresh.length).toBeGreaterThan(50)
      expect(fresh.filter((it) => it.status !== 200 || it.stale !== false)).toEqual([])
      expect((await book(url, 'north')).status).toBe(201)
    }, 90_000)
  },
)

describe('an edge that begins while the origin is away', () => {
  it.each(['node', 'deno'] as const)(
    'answers on %s from the copies in object storage, marked as stale',
    async (runtime) => {
      const storage = openStorage({
        kind: 's3',
        bucket: 'stayzr',
        prefix: 'files/',
        endpoint: new URL(storageUrl).searchParams.get('endpoint') ?? '',
        region: 'eu',
      })
      for (const key of [AS_OF_KEY, ...properties.map(copyKey)])
        await expect.poll(async () => (await storage.get(key)) !== undefined, { timeout: 10_000 }).toBe(true)
      await origin.kill()
      const aware = await startEdge(runtime, { ARI_COPIES_URL: storageUrl, ARI_WARM_UP_SECONDS: '0' })
      const warm = await startEdge(runtime, { ARI_COPIES_URL: storageUrl })
      const unaware = await startEdge(runtime)
      try {
        await sleep(BOUND_MS)
        for (const property of properties) {
          expect(await search(aware.url, property)).toMatchObject({ status: 200, stale: true })
          expect(await search(warm.url, property)).toMatchObject({ status: 200, stale: true })
        }
        expect((await search(unaware.url, 'north')).status).toBe(503)
        expect((await search(aware.url, 'never-heard-of')).status).toBe(503)
        const counted = (await (await fetch(`${aware.url}/health`)).json()) as { ari: { copies: number } }
        expect(counted.ari.copies).toBe(properties.length)
      } finally {
        await Promise.all([aware.stop(), warm.stop(), unaware.stop()])
        origin = await start()
      }
    },
    90_000,
  )
})
