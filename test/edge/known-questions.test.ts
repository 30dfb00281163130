/** A question that was answered before: answered as at first, with all that has changed since, and never past a check. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEdge } from '../../edge/app.ts'
import { noCache } from '../../edge/ari/cache.ts'
import type { AllowCall } from '../../edge/http/address-limits.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { dateAt, instantAt } from '../../shared/domain/zone.ts'
import { signingKeyFrom } from '../../shared/signing.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const HOST = 'http://edge.test'
const HOTEL = `${HOST}/api/v1/properties/harbour-house`
// Its name has more bytes than characters, and stands in front of the rest.
const definition = aProperty('harbour-house', { rooms: { DBL: 4 }, content: { name: 'Hôtel du Port 湯' } })
const arrival = addDays(today(), 30)
const AVAILABILITY = `${HOTEL}/availability?arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`
let origin: TestOrigin
let apiKey: string

beforeAll(async () => {
  origin = await testOrigin(database)
  apiKey = (await addOrganisation(database, 'harbour')).apiKey
  for (const body of [definition, aProperty('garden-house', { rooms: { DBL: 4 } })])
    expect((await origin.call('POST', '/api/v1/properties', { token: apiKey, body })).status).toBe(201)
})
beforeEach(async () => {
  await price(10_000)
})
afterAll(async () => {
  await origin.origin.close()
})

async function price(amount: number): Promise<string> {
  const body = { changes: flatRates(definition, amount) }
  const answer = await origin.call('PUT', '/api/v1/properties/harbour-house/ari', { token: apiKey, body })
  return answer.headers.get('x-ari-version') ?? ''
}

/** An edge before the origin, with a clock that stands until it is moved, an origin that can be taken away, and whoever is let in. */
function rig({ memoryBytesMax = 10_000_000, publicHosts = 'edge.test' } = {}) {
  const state = { now: Date.now(), later: 0, away: false, allow: (() => true) as AllowCall, calls: 0 }
  const { app, store } = createEdge({
    originUrl: 'http://origin.test',
    signingKey: signingKeyFrom(origin.signingKey),
    cache: noCache,
    assets: {},
    memoryBytesMax,
    staleMaxMs: 900_000,
    build: 'test',
    publicHosts,
    runtime: 'node',
    clientAddress: () => '192.0.2.1',
    allowCall: (kind, address) => {
      state.calls++
      return state.allow(kind, address)
    },
    now: () => state.now + state.later,
    fetch: async (input, init) => {
      if (state.away) throw new TypeError('fetch failed')
      return await origin.origin.fetch(new Request(input as string, init))
    },
  })
  const ask = async (url: string | Request, init?: RequestInit) =>
    await app.fetch(url instanceof Request ? url : new Request(url, init))
  /** Asked before, so that it is known. */
  const known = async (url: string) => {
    const first = await ask(url)
    expect(first.status).toBe(200)
    return { first, second: await ask(url) }
  }
  const held = async () =>
    ((await (await ask(`${HOST}/health`)).json()) as { ari: { known: { questions: number; bytes: number } } }).ari.known
  return { state, ask, known, held, store }
}

async function total(answer: Response): Promise<{ total: number; version: number; stale: boolean; asOf: string }> {
  const { offers, ariVersion, stale, asOf } = (await answer.json()) as {
    offers: { total: number }[]
    ariVersion: number
    stale: boolean
    asOf: string
  }
  expect(String(ariVersion)).toBe(answer.headers.get('x-ari-version'))
  return { total: offers[0]?.total ?? 0, version: ariVersion, stale, asOf }
}

const CALENDAR = `${HOTEL}/calendar?from=${arrival}&to=${addDays(arrival, 9)}&nights=2&adults=2`

describe.each([
  ['the property', HOTEL],
  ['availability', AVAILABILITY],
  ['the calendar', CALENDAR],
])('%s', (_, url) => {
  it('is answered with the same bytes and headers, under an id of its own', async () => {
    const { known, held } = rig()
    const { first, second } = await known(url)
    const headers = (answer: Response) =>
      Object.fromEntries([...answer.headers].filter(([name]) => !['x-request-id', 'server-timing'].includes(name)))
    expect(headers(second)).toEqual(headers(first))
    expect(second.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
    expect(second.headers.get('server-timing')).toMatch(/^ari;desc=memory;dur=[\d.]+, eval;dur=[\d.]+$/)
    const text = await second.text()
    // Here by the short way: by the whole one nothing would be kept.
    expect(await held()).toEqual({ questions: 1, bytes: 1_000 + new TextEncoder().encode(text).byteLength })
    const withoutTime = (it: string) => it.replace(/"asOf":"[^"]+"/, '')
    expect(withoutTime(text)).toBe(withoutTime(await first.text()))
  })

  it('tells the instant of each confirmation, and the rest to the letter', async () => {
    const { state, known, ask } = rig()
    let before = await (await known(url)).second.text()
    for (state.later = 2_000; state.later <= 6_000; state.later += 2_000) {
      // The one that finds it out goes the whole way.
      const whole = await (await ask(url)).text()
      const after = await (await ask(url)).text()
      expect(after).toBe(whole)
      expect(after).not.toBe(before)
      before = after
    }
  })

  it('carries strict-transport-security where it was asked over TLS, and only there', async () => {
    const { known } = rig()
    const secure = await known(url.replace('http:', 'https:'))
    for (const answer of Object.values(secure))
      expect(answer.headers.get('strict-transport-security')).toContain('max-age=')
    for (const answer of Object.values(await known(url)))
      expect(answer.headers.get('strict-transport-security')).toBeNull()
  })
})

it('hosts that no URL takes are answered as before', async () => {
  const { ask } = rig({ publicHosts: '' })
  const request = (path: string) => Object.defineProperty(new Request(HOTEL), 'url', { value: `http://edge.1/${path}` })
  for (let i = 0; i < 3; i++) expect((await ask(request('api/v1/properties/harbour-house'))).status).toBe(200)
})

describe('what has changed since', () => {
  it('is in the answer within the bound, and at once to who made it', async () => {
    const { state, known, ask } = rig()
    const before = await total((await known(AVAILABILITY)).second)
    const version = await price(12_345)
    const mine = await total(await ask(AVAILABILITY, { headers: { 'x-ari-min-version': version } }))
    expect(mine).toMatchObject({ version: Number(version) })
    expect(mine.total).not.toBe(before.total)
    // By a clock that stands, so nothing but the version tells them apart.
    expect(mine.asOf).toBe(before.asOf)
    expect(await total(await ask(AVAILABILITY))).toEqual(mine)
    const later = await price(20_000)
    state.later = 2_000
    expect(await total(await ask(AVAILABILITY))).toMatchObject({ version: Number(later) })
  })

  it('is nothing but the time: it is told as it is', async () => {
    const { state, known, ask } = rig()
    const before = await total((await known(AVAILABILITY)).second)
    state.later = 2_000
    await ask(AVAILABILITY)
    const after = await total(await ask(AVAILABILITY))
    expect(Date.parse(after.asOf) - Date.parse(before.asOf)).toBe(2_000)
    expect(after).toEqual({ ...before, asOf: after.asOf })
  })

  it('is that the origin has gone: marked stale', async () => {
    const { state, known, ask } = rig()
    expect(await total((await known(AVAILABILITY)).second)).toMatchObject({ stale: false })
    state.away = true
    state.later = 5_000
    expect(await total(await ask(AVAILABILITY))).toMatchObject({ stale: true })
    state.away = false
    state.later = 10_000
    expect(await total(await ask(AVAILABILITY))).toMatchObject({ stale: false })
  })

  it('is the date at the hotel: an arrival that is yesterday by now is refused, and forgotten', async () => {
    const { state, ask, known, held } = rig()
    const night = dateAt(state.now, definition.content.timeZone)
    const tonight = `${HOTEL}/availability?arrival=${night}&departure=${addDays(night, 1)}&adults=2`
    const midnight = instantAt(addDays(night, 1), '00:00', definition.content.timeZone)
    state.later = midnight - 200 - state.now
    await known(tonight)
    expect((await held()).bytes).toBeGreaterThan(0)
    // What is held is fresh still, and so is the answer's version.
    state.later += 400
    const refused = await ask(tonight)
    expect(refused.status).toBe(422)
    expect(((await refused.json()) as { type: string }).type).toContain('invalid-request')
    expect(await held()).toEqual({ questions: 0, bytes: 0 })
  })
})

describe('a request for a known address goes the whole way', () => {
  it.each<[string, RequestInit, number, string?]>([
    ['with a version that is none', { headers: { 'x-ari-min-version': 'newest' } }, 422, 'invalid-request'],
    ['for another host', { headers: { host: 'other.test' } }, 421, 'misdirected-request'],
    ['with a length', { headers: { 'content-length': '3' } }, 400, 'unexpected-body'],
    ['with a chunked body', { headers: { 'transfer-encoding': 'chunked' } }, 400, 'unexpected-body'],
    ['by another method', { method: 'POST' }, 405, 'method-not-allowed'],
    ['by HEAD', { method: 'HEAD' }, 200],
  ])('%s', async (_, init, status, slug) => {
    const { known, ask } = rig()
    await known(AVAILABILITY)
    const answer = await ask(AVAILABILITY, init)
    expect(answer.status).toBe(status)
    const text = await answer.text()
    if (slug) expect(JSON.parse(text).type).toContain(slug)
    if (init.method === 'HEAD') expect(text).toBe('')
  })

  it('and is told 304 where it has the answer', async () => {
    const { known, ask } = rig()
    const { second } = await known(AVAILABILITY)
    const answer = await ask(AVAILABILITY, { headers: { 'if-none-match': second.headers.get('etag') ?? '' } })
    expect([answer.status, await answer.text()]).toEqual([304, ''])
  })

  it('and cookies or credentials change nothing', async () => {
    const { known, ask } = rig()
    const { second } = await known(AVAILABILITY)
    const answer = await ask(AVAILABILITY, { headers: { cookie: 'session=x', authorization: 'Bearer x' } })
    expect(await total(answer)).toEqual(await total(second))
  })
})

describe('the limit by address', () => {
  it.each<[string, AllowCall]>([
    ['at once', () => false],
    ['after asking a counter', async () => false],
  ])('holds, said %s', async (_, allow) => {
    const { state, known, ask, store } = rig()
    await known(AVAILABILITY)
    state.allow = allow
    const hits = store.counters.memoryHits
    const refused = await ask(AVAILABILITY)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
    // Nothing was looked up for it, so a flood keeps no hotel in memory.
    expect(store.counters.memoryHits).toBe(hits)
    expect(((await refused.json()) as { type: string }).type).toContain('too-many-requests')
  })

  it('is asked first: what is answered is held afterwards, however long a counter takes', async () => {
    const { state, known, ask } = rig()
    const before = await total((await known(AVAILABILITY)).second)
    const later = await price(23_456)
    state.allow = async () => {
      state.later += 3_000
      return true
    }
    const after = await total(await ask(AVAILABILITY))
    expect(after).toMatchObject({ version: Number(later), stale: false })
    expect(after.total).not.toBe(before.total)
  })

  it('counts each request once, and lets those go on that a counter allows', async () => {
    const { state, known, ask } = rig()
    await known(AVAILABILITY)
    state.allow = async () => true
    state.calls = 0
    expect((await ask(AVAILABILITY)).status).toBe(200)
    expect(state.calls).toBe(1)
  })
})

describe('what memory holds of questions', () => {
  const stay = (i: number) => {
    const from = addDays(arrival, i % 300)
    return `${HOTEL}/availability?arrival=${from}&departure=${addDays(from, 1 + Math.floor(i / 300))}&adults=2`
  }
  const calendar = (i: number) => {
    const from = addDays(arrival, i % 300)
    return `${HOTEL}/calendar?from=${from}&to=${addDays(from, 61)}&nights=${1 + Math.floor(i / 300)}&adults=2`
  }

  it('is 8 MB, a question without an answer counted as 1 KB', async () => {
    const { ask, held } = rig()
    for (let i = 0; i < 100; i++) expect((await ask(stay(i))).status).toBe(200)
    expect(await held()).toEqual({ questions: 100, bytes: 100_000 })
    for (let i = 100; i < 8_200; i++) await ask(stay(i))
    expect(await held()).toEqual({ questions: 8_000, bytes: 8_000_000 })
  })

  it('is a question once, however often it went the whole way', async () => {
    const { ask, known, held } = rig()
    await known(AVAILABILITY)
    const once = await held()
    for (let i = 0; i < 3; i++) await ask(AVAILABILITY, { headers: { 'if-none-match': '"x"' } })
    expect(await held()).toEqual(once)
  })

  it('is what was answered lately: the rest goes first, answers and all', async () => {
    const { state, ask, known, held } = rig()
    // Smaller than the rest, so that putting it out for one of them and taking it in again would be seen.
    await known(CALENDAR)
    for (let i = 0; i < 1_400; i++) {
      await known(calendar(i))
      if (i % 100 === 0) {
        const before = await held()
        state.now += 2_000
        await known(CALENDAR)
        expect(await held()).toEqual(before)
      }
    }
    const full = await held()
    expect(full.bytes).toBeLessThanOrEqual(8_000_000)
    expect(full.bytes).toBeGreaterThan(7_900_000)
    expect(full.questions).toBeLessThan(1_400)
    // Known still: nothing is added by asking for it. The first of the rest is not.
    await ask(CALENDAR)
    expect(await held()).toEqual(full)
    await ask(calendar(0))
    expect(await held()).not.toEqual(full)
  })

  it('is no snapshot: one that is put out of memory is let go of', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    // Room for one hotel.
    const { known, store } = rig({ memoryBytesMax: 1 })
    await known(AVAILABILITY)
    const snapshot = new WeakRef(store.freshlyHeld('harbour-house', undefined)?.snapshot as object)
    await known(AVAILABILITY.replace('harbour-house', 'garden-house'))
    expect(store.freshlyHeld('harbour-house', undefined)).toBeUndefined()
    await new Promise((resolve) => setTimeout(resolve, 50))
    collect()
    expect(snapshot.deref()).toBeUndefined()
  })
})
