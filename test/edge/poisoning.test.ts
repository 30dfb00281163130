/**
 * Poisoning and deception: after each trick everybody sees what they saw before it, and nobody gets what is somebody
 * else's. Bytes on a socket, against the edge in workerd with its cache and on Node with its own, before a real origin.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../../infra/local/service-process.ts'
import { startOrigin } from '../../infra/local/services.ts'
import { openStaff } from '../../origin/features/staff/service.ts'
import { openDatabase } from '../../origin/platform/database.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { edgeProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { type RawAnswer, requestText, sendRaw } from '../support/raw-http.ts'
import { freshDatabase } from '../support/servers.ts'
import { type Attack, CASES, type Target } from './poisoning-cases.ts'

const database = await freshDatabase()
const files = mkdtempSync(join(tmpdir(), 'stayzr-poison-'))
const signingKey = `test:${randomBytes(32).toString('base64')}`
let origin: Service

/** What one session may see and no other. */
const HARBOUR = { code: 'harbour', house: 'harbour-house', email: 'night.desk@harbour.example' }
const HILL = { code: 'hill', house: 'hill-house', email: 'night.desk@hill.example' }
const GUEST = { firstName: 'Ana', lastName: 'Geheim', email: 'ana.geheim@example.test' }
const arrival = addDays(today(), 14)
const stay = { roomType: 'DBL', ratePlan: 'BAR', arrival, departure: addDays(arrival, 2), adults: 2, childAges: [] }
const question = `arrival=${arrival}&departure=${stay.departure}&adults=2`

const RUNTIMES = ['workerd', 'node'] as const
const photoOf = (runtime: string, at: number) => `case-${at}-${runtime}.webp`
const pictureOf = (name: string) => Buffer.from(`RIFF0000WEBP the photo ${name}`)

beforeAll(async () => {
  for (const [house, names] of [
    [
      HARBOUR.house,
      RUNTIMES.flatMap((runtime) => [
        ...CASES.map((_, at) => photoOf(runtime, at)),
        `spelled-${runtime}.webp`,
        `wanted-${runtime}.webp`,
      ]),
    ],
    [HILL.house, ['own.webp']],
  ] as const) {
    mkdirSync(join(files, `properties/${house}/photos`), { recursive: true })
    for (const name of names) writeFileSync(join(files, `properties/${house}/photos`, name), pictureOf(name))
  }
  origin = await startOrigin({
    runtime: 'node',
    env: {
      STAYZR_ENV: 'test',
      DATABASE_URL: database.runtimeUrl,
      REDIS_URL: 'memory:',
      STORAGE_URL: `file://${files}`,
      EDGE_SIGNING_KEYS: signingKey,
      GUEST_TOKEN_KEY: randomBytes(32).toString('base64'),
      LOG_LEVEL: 'silent',
    },
    log: () => {},
  })
})
afterAll(async () => {
  await origin?.stop()
})

it('tries at least forty tricks, of every class', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(40)
  expect(new Set(CASES.map(({ kind, what }) => `${kind}: ${what}`)).size).toBe(CASES.length)
})

describe.each(RUNTIMES)('on %s', (runtime) => {
  let edge: { url: string; stop(): Promise<void> }
  let host: string
  let reference: string
  let sessions: { harbour: string; hill: string }
  /** What each of them sees while nobody tries anything. */
  let usual: Record<string, string>

  beforeAll(async () => {
    edge = await edgeProcess(runtime, { url: origin.url, signingKey })
    host = new URL(edge.url).host
    if (runtime === RUNTIMES[0]) await setUp()
    sessions = { harbour: await signIn(HARBOUR), hill: await signIn(HILL) }
    const book = { stay, expectedTotal: 27_600, guest: GUEST }
    const booked = await call('POST', `/api/v1/properties/${HARBOUR.house}/reservations`, book)
    expect(booked.status, await booked.clone().text()).toBe(201)
    reference = ((await booked.json()) as { reference: string }).reference
    // The version the booking made is everywhere within the bound; nothing is booked after it.
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    usual = await whatEverybodySees()
    expect(usual['session of harbour']).toContain(HARBOUR.email)
    expect(usual['session of hill']).toContain(HILL.email)
    expect(usual['reservation for harbour']).toContain(GUEST.lastName)
    const statuses = Object.entries(usual).map(([who, seen]) => [who, seen.slice(0, 3)])
    const others = statuses.filter(([, status]) => status !== '200')
    expect(others).toEqual([
      ['session of nobody', '401'],
      ['reservation for hill', '404'],
    ])
  })
  afterAll(async () => {
    await edge?.stop()
  })

  const call = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(edge.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...headers },
      body: JSON.stringify(body),
    })

  async function setUp(): Promise<void> {
    const pool = openDatabase({ url: database.runtimeUrl, poolMax: 1 })
    for (const { code, house, email } of [HARBOUR, HILL]) {
      const { organisation, apiKey } = await addOrganisation(database, code)
      await openStaff(pool).addStaff(organisation, email, 'correct horse battery', ['reservations.read'])
      const definition = aProperty(house, { rooms: { DBL: 40 } })
      const staff = { authorization: `Bearer ${apiKey}` }
      expect((await call('POST', '/api/v1/properties', definition, staff)).status).toBe(201)
      const changes = { changes: flatRates(definition, 13_000) }
      expect((await call('PUT', `/api/v1/properties/${house}/ari`, changes, staff)).status).toBe(200)
    }
    await pool.close()
  }

  async function signIn({ code, email }: { code: string; email: string }): Promise<string> {
    const answer = await call('POST', '/api/v1/auth/login', {
      organization: code,
      email,
      password: 'correct horse battery',
    })
    expect(answer.status, await answer.clone().text()).toBe(200)
    return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  }

  const ask = (path: string, cookie?: string) =>
    sendRaw(edge.url, requestText(host, `GET ${path}`, cookie === undefined ? [] : [['Cookie', cookie]]))

  async function whatEverybodySees(): Promise<Record<string, string>> {
    const reservation = `/api/v1/reservations/${reference}`
    const asked: Record<string, Promise<RawAnswer>> = {
      list: ask('/api/v1/properties'),
      document: ask('/api/v1/openapi.json'),
      property: ask(`/api/v1/properties/${HARBOUR.house}`),
      availability: ask(`/api/v1/properties/${HARBOUR.house}/availability?${question}`),
      'photo of hill': ask(`/api/v1/properties/${HILL.house}/photos/own.webp`),
      page: ask('/'),
      'session of nobody': ask('/api/v1/auth/session'),
      'session of harbour': ask('/api/v1/auth/session', sessions.harbour),
      'session of hill': ask('/api/v1/auth/session', sessions.hill),
      'reservation for harbour': ask(reservation, sessions.harbour),
      'reservation for hill': ask(reservation, sessions.hill),
    }
    const seen = await Promise.all(Object.entries(asked).map(async ([who, answer]) => [who, viewOf(await answer)]))
    return Object.fromEntries(seen) as Record<string, string>
  }

  function bytesOf({ line = 'GET /', headers = [], body = '', raw }: Attack, cookie?: string): string | undefined {
    if (raw !== undefined) return cookie === undefined ? raw : undefined
    if (cookie === undefined) return requestText(host, line, headers, body)
    if (headers.some(([name]) => name === 'Cookie')) return undefined
    return requestText(host, line, [...headers, ['Cookie', cookie]], body)
  }

  it.each(CASES.map((it, at) => ({ ...it, at })))('$kind: $what', async ({ kind, attack, isRefused, at }) => {
    const photo = `/api/v1/properties/${HARBOUR.house}/photos/${photoOf(runtime, at)}`
    const target: Target = { host, photo, question, reference }
    const trick = attack(target)
    const tried: { by: string; answer: RawAnswer }[] = []
    // Nobody, so that it meets a cold cache; then whoever is tricked into it; then who waits for what they left behind.
    for (const [by, cookie] of [
      ['nobody', undefined],
      ['harbour', sessions.harbour],
      ['nobody after harbour', undefined],
      ['hill', sessions.hill],
    ] as const) {
      const bytes = bytesOf(trick, cookie)
      if (bytes === undefined) continue
      tried.push({ by, answer: await sendRaw(edge.url, bytes, trick.raw === undefined ? 3_000 : 300) })
    }
    for (const { by, answer } of tried) {
      const all = JSON.stringify(answer)
      if (by !== 'harbour')
        for (const secret of [HARBOUR.email, GUEST.lastName, GUEST.email]) expect(all, by).not.toContain(secret)
      if (by !== 'hill') expect(all, by).not.toContain(HILL.email)
      expect(answer.headers['access-control-allow-origin'], by).toBeUndefined()
      if (isRefused) expect(answer.status, by).toBeGreaterThanOrEqual(400)
      // One request by one reading and two by another is refused, not guessed at; Cloudflare's own front does that there.
      if (kind === 'smuggling' && runtime === 'node') expect([answer.answers, answer.status], by).toEqual([1, 400])
      // None of them holds an answer: being told so would leave them, or a cache, with nothing.
      expect(answer.status, by).not.toBe(304)
      const isPrivate = [HARBOUR.email, HILL.email, GUEST.lastName].some((secret) => all.includes(secret))
      const cacheControl = answer.headers['cache-control'] ?? ''
      // What is said to be public is the photo, the list or the document as everybody gets them, or nothing at all.
      if (isPrivate || answer.headers['set-cookie'] !== undefined) expect(cacheControl, by).toBe('private, no-store')
      if (/public/.test(cacheControl)) expect([200, 304], by).toContain(answer.status)
      if (cacheControl !== '' && !/no-store/.test(cacheControl))
        expect(all.toLowerCase(), by).not.toContain('evil.example')
    }
    const after = await ask(photo)
    expect(viewOf(after)).toBe(viewOf({ ...after, status: 200, body: pictureOf(photoOf(runtime, at)).toString() }))
    expect([after.headers['content-type'], after.headers['cache-control']]).toEqual([
      'image/webp',
      'public, max-age=31536000, immutable',
    ])
    expect(await whatEverybodySees()).toEqual(usual)
  })

  it('asks the origin once for a kept address, however it is spelled', async () => {
    const photo = `/api/v1/properties/${HARBOUR.house}/photos/spelled-${runtime}.webp`
    const before = await photosAsked()
    for (const spelling of ['', '?', '?&', '?&&&', '?utm_source=a', '?utm_source=b', '?x', '?=', '#a', '?#b', '?a&a'])
      await ask(photo + spelling)
    expect((await photosAsked()) - before).toBe(1)
  })

  it('asks the origin once for a kept address that a hundred guests want at once', async () => {
    const photo = `/api/v1/properties/${HARBOUR.house}/photos/wanted-${runtime}.webp`
    const before = await photosAsked()
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(photo)))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    expect((await photosAsked()) - before).toBe(1)
  })
})

/** How often the origin was asked for photos. */
async function photosAsked(): Promise<number> {
  const metrics = await (await fetch(`${origin.url}/metrics`)).text()
  const counted =
    /_count\{[^}]*method="GET",route="\/api\/v1\/properties\/:property\/photos\/:photo"|_count\{[^}]*route="\/api\/v1\/properties\/:property\/photos\/:photo",method="GET"/
  const lines = metrics.split('\n').filter((line) => counted.test(line))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').pop()), 0)
}

/** All of an answer that may not change between two askings of the same. */
function viewOf({ status, headers, body }: RawAnswer): string {
  const told = ['content-type', 'cache-control', 'etag', 'set-cookie', 'location', 'content-security-policy', 'allow']
  const said = told.map((name) => `${name}: ${headers[name] ?? ''}`.replace(/\.(?:stale|fresh)\./, '.'))
  const text = body
    .replace(/"asOf":"[^"]*"/, '')
    .replace(/"stale":(?:true|false)/, '')
    .replace(/"requestId":"[^"]*"/, '')
  const hash = createHash('sha256').update(text).digest('hex')
  return [String(status), ...said, text.length > 2_000 ? hash : text].join(' \n')
}
