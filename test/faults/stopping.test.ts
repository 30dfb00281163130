import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { REQUEST_ID_HEADER, sign, signingKeyFrom } from '../../shared/signing.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
let trial = 0
/** A balancer that looks four times as often needs no longer to notice. */
const LOOK_MS = 250
const env = {
  DRAIN_SECONDS: '2',
  LOG_LEVEL: 'info',
  EDGE_SIGNING_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
}
const key = await signingKeyFrom(env.EDGE_SIGNING_KEYS)
let admin: postgres.Sql
const running: OriginProcess[] = []
const start = async () => {
  const origin = await originProcess(urls.runtimeUrl, 'node', env)
  running.push(origin)
  return origin
}

beforeAll(async () => {
  admin = postgres(urls.superuserUrl, { max: 1 })
  const { apiKey } = await addOrganisation(urls, 'harbour')
  const origin = await start()
  const definition = aProperty('harbour-house', { rooms: { DBL: 200, STE: 1 }, days: 190 })
  const staff = { authorization: `Bearer ${apiKey}` }
  expect((await send(origin, 'POST', '/api/v1/properties', definition, staff)).status).toBe(201)
  const changes = flatRates(definition)
  expect((await send(origin, 'PUT', '/api/v1/properties/harbour-house/ari', { changes }, staff)).status).toBe(200)
})
afterAll(async () => {
  for (const one of running) await one.service.stop()
  await admin?.end()
})

interface Sent {
  status: number
  closes: boolean
  body: string
}

/** As nginx would: over connections that are kept, and never a second time. */
const agents = new Map<OriginProcess, Agent>()
async function send(
  origin: OriginProcess,
  method: string,
  path: string,
  content?: object,
  more: Record<string, string> = {},
): Promise<Sent> {
  const agent = agents.get(origin) ?? new Agent({ keepAlive: true, maxSockets: 8 })
  agents.set(origin, agent)
  const text = content === undefined ? '' : JSON.stringify(content)
  const parts = {
    requestId: crypto.randomUUID(),
    clientAddress: '192.0.2.1',
    method,
    target: path,
    body: new TextEncoder().encode(text),
  }
  const headers = {
    [REQUEST_ID_HEADER]: parts.requestId,
    'x-client-address': parts.clientAddress,
    'x-stayzr-signature': await sign(key, parts, Date.now()),
    'idempotency-key': crypto.randomUUID(),
    ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    ...more,
  }
  return await new Promise((resolve, reject) => {
    const sent = request(origin.service.url + path, { agent, method, headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => {
        body += piece
      })
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, closes: answer.headers.connection === 'close', body }),
      )
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(text)
  })
}
const book = (origin: OriginProcess, roomType = 'DBL') => {
  const arrival = addDays(today(), trial++ % 180)
  return send(origin, 'POST', '/api/v1/properties/harbour-house/reservations', {
    stay: { roomType, ratePlan: 'BAR', arrival, departure: addDays(arrival, 1), adults: 2 },
    expectedTotal: 10_800,
    guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
  })
}
const isReady = (origin: OriginProcess) =>
  send(origin, 'GET', '/health/ready').then(
    ({ status }) => status === 200,
    () => false,
  )
const hasEnded = (origin: OriginProcess) => origin.lines.some((line) => line.includes('"msg":"stopped"'))

it('loses no booking while one instance after the other is replaced under load', async () => {
  let instances = [running[0] as OriginProcess, await start()]
  let ready = instances
  let isOver = false
  const look = async () => {
    while (!isOver) {
      const seen = await Promise.all(instances.map(isReady))
      ready = instances.filter((_, i) => seen[i])
      await sleep(LOOK_MS)
    }
  }
  const outcomes: Record<string, number> = {}
  let turn = 0
  const guest = async () => {
    while (!isOver) {
      const outcome = await book(ready[turn++ % ready.length] as OriginProcess).then(
        ({ status }) => String(status),
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      )
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }
  }
  const load = [look(), ...Array.from({ length: 8 }, guest)]
  for (const old of instances) {
    const fresh = await start()
    instances = [...instances, fresh]
    await expect.poll(() => ready.includes(fresh)).toBe(true)
    process.kill(old.service.pid, 'SIGTERM')
    await expect.poll(() => hasEnded(old), { timeout: 20_000 }).toBe(true)
    instances = instances.filter((one) => one !== old)
  }
  isOver = true
  await Promise.all(load)

  expect(outcomes).toEqual({ 201: expect.any(Number) })
  expect(outcomes[201]).toBeGreaterThan(50)
  const [stored] = await admin`select count(*)::int as count from reservation`
  expect(stored).toEqual({ count: outcomes[201] })
}, 90_000)

it('told to stop says so at once, answers all the same, and finishes what it has begun', async () => {
  const origin = await start()
  expect((await book(origin)).closes).toBe(false)
  // Somebody holds the nights of the suites, so this booking waits.
  const held = Promise.withResolvers<void>()
  const holder = admin.begin(async (tx) => {
    await tx`select 1 from room_type_night where room_type = 'STE' for update`
    await held.promise
  })
  const waiting = book(origin, 'STE')
  await expect
    .poll(async () => (await fetch(`${origin.service.url}/metrics`)).text(), { timeout: 5_000 })
    .toMatch(/stayzr_http_in_flight 2\b/)

  process.kill(origin.service.pid, 'SIGTERM')
  await expect.poll(() => origin.lines.some((line) => line.includes('stopping'))).toBe(true)
  expect(await send(origin, 'GET', '/health/ready')).toMatchObject({ status: 503, body: '{"status":"stopping"}' })
  expect(await book(origin)).toMatchObject({ status: 201, closes: true })
  // No longer reachable for what is new, while the old one is still waiting.
  await expect
    .poll(() => isReady(origin).then(() => send(origin, 'GET', '/health').catch((e) => e.code)), { timeout: 10_000 })
    .toBe('ECONNREFUSED')
  expect(hasEnded(origin)).toBe(false)
  held.resolve()
  await holder
  expect(await waiting).toMatchObject({ status: 201, closes: true })
  await expect.poll(() => hasEnded(origin), { timeout: 10_000 }).toBe(true)
}, 60_000)
