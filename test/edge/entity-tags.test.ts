/** Entity tags of what is answered from the snapshot: the same while the answer is, another as soon as it is not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEdge } from '../../edge/app.ts'
import { noCache } from '../../edge/ari/cache.ts'
import { isNamed } from '../../edge/http/entity-tags.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { signingKeyFrom } from '../../shared/signing.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const HOTEL = '/api/v1/properties/harbour-house'
const definition = aProperty('harbour-house', { rooms: { DBL: 4 } })
const arrival = addDays(today(), 30)
const AVAILABILITY = `${HOTEL}/availability?arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`
const CALENDAR = `${HOTEL}/calendar?from=${arrival}&to=${addDays(arrival, 9)}&nights=2&adults=2`
let origin: TestOrigin
let apiKey: string

beforeAll(async () => {
  origin = await testOrigin(database)
  apiKey = (await addOrganisation(database, 'harbour')).apiKey
  await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
  await price(10_000)
})
afterAll(async () => {
  await origin.origin.close()
})

async function price(amount: number): Promise<string> {
  const body = { changes: flatRates(definition, amount) }
  const answer = await origin.call('PUT', `${HOTEL}/ari`, { token: apiKey, body })
  return answer.headers.get('x-ari-version') ?? ''
}

/** An edge before the origin, with a clock of its own and an origin that can be taken away. */
function rig(build = 'one') {
  const state = { later: 0, away: false }
  const { app } = createEdge({
    originUrl: 'http://origin.test',
    signingKey: signingKeyFrom(origin.signingKey),
    cache: noCache,
    assets: {},
    memoryBytesMax: 1_000_000,
    staleMaxMs: 900_000,
    build,
    runtime: 'node',
    clientAddress: () => '192.0.2.1',
    now: () => Date.now() + state.later,
    fetch: async (input, init) => {
      if (state.away) throw new TypeError('fetch failed')
      return await origin.origin.fetch(new Request(input as string, init))
    },
  })
  const get = async (path: string, headers: Record<string, string> = {}) => await app.request(path, { headers })
  const tagOf = async (path: string) => (await get(path)).headers.get('etag') ?? ''
  const statusWith = async (path: string, tag: string, headers: Record<string, string> = {}) =>
    (await get(path, { 'if-none-match': tag, ...headers })).status
  return { state, get, tagOf, statusWith }
}

describe.each([
  ['the property', HOTEL],
  ['availability', AVAILABILITY],
  ['the calendar', CALENDAR],
])('%s', (_, path) => {
  it('has a weak tag, may be kept by a browser that asks again, and is 304 to who has it', async () => {
    const { get } = rig()
    const whole = await get(path)
    expect([whole.status, whole.headers.get('cache-control')]).toEqual([200, 'private, no-cache'])
    const tag = whole.headers.get('etag') ?? ''
    expect(tag).toMatch(/^W\/"[^"]+"$/)
    const unchanged = await get(path, { 'if-none-match': tag })
    expect([unchanged.status, await unchanged.text()]).toEqual([304, ''])
    for (const name of ['etag', 'cache-control', 'x-ari-version'])
      expect(unchanged.headers.get(name), name).toBe(whole.headers.get(name))
    expect(Date.parse(unchanged.headers.get('x-ari-as-of') ?? '')).toBeGreaterThan(Date.now() - 2_000)
  })

  it('is whole again after a change, at once to who made it and within the bound to all', async () => {
    const { state, get, tagOf, statusWith } = rig()
    const tag = await tagOf(path)
    const version = await price(10_000 + Math.floor(Math.random() * 1_000))
    const mine = await get(path, { 'if-none-match': tag, 'x-ari-min-version': version })
    expect([mine.status, mine.headers.get('x-ari-version')]).toEqual([200, version])
    state.later = 2_000
    expect(await statusWith(path, tag)).toBe(200)
    expect(await statusWith(path, await tagOf(path), { 'x-ari-min-version': version })).toBe(304)
  })

  it('has another tag on another day at the hotel, of another build, and once it is stale', async () => {
    const { state, tagOf } = rig()
    const tag = await tagOf(path)
    expect(await rig('one').tagOf(path)).toBe(tag)
    expect(await rig('two').tagOf(path)).not.toBe(tag)
    state.away = true
    state.later = 5_000
    const stale = await tagOf(path)
    expect(stale).not.toBe(tag)
    state.away = false
    state.later = 86_400_000
    expect(await tagOf(path)).not.toBe(tag)
  })
})

it('a refusal has no tag and is kept nowhere, whatever is named', async () => {
  const { get } = rig()
  const answer = await get(`${HOTEL}/availability?arrival=${arrival}&departure=${arrival}&adults=2`, {
    'if-none-match': '*',
  })
  expect([answer.status, answer.headers.get('etag'), answer.headers.get('cache-control')]).toEqual([
    422,
    null,
    'private, no-store',
  ])
})

describe('isNamed()', () => {
  it.each([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['"b", W/"a" , "c"', 'W/"a"', true],
    ['"b","a"', '"a"', true],
    ['"a,b"', '"a"', false],
    ['"aa"', '"a"', false],
    ['a', '"a"', false],
    ['', '"a"', false],
    ['*', '"a"', false],
    [`"${'b'.repeat(2_000)}", "a"`, '"a"', false],
  ])('of %s names %s: %s', (header, tag, expected) => {
    expect(isNamed(header, tag)).toBe(expected)
  })

  it('is not where nothing is named', () => {
    expect(isNamed(undefined, '"a"')).toBe(false)
  })
})
