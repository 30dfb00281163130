/** Hotels of two organisations in two cities behind a real origin, and edges before it with a clock and a line to cut. */
import { expect } from 'vitest'
import { createEdge, type EdgeApp } from '../../edge/app.ts'
import { type EdgeCache, noCache } from '../../edge/ari/cache.ts'
import { addDays } from '../../shared/domain/nights.ts'
import type { SearchAnswer } from '../../shared/routes/search.ts'
import { signingKeyFrom } from '../../shared/signing.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import type { FreshDatabase } from '../support/servers.ts'

/** So many in Lisbon, `casa-00` and on; one more, `dorf`, in Klosters. */
export const HOTELS = 12
export const STALE_MS = 15 * 60_000
const MEMORY = 64 * 1024 * 1024
export const arrival = addDays(today(), 20)
export const dates = `arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`
export const lisbon = `/api/v1/search?destination=lisboa&${dates}`

export interface Town {
  origin: TestOrigin
  /** Books one room and returns the ARI version after it. */
  book(property: string, roomType?: string): Promise<number>
  /** A new edge that has been asked nothing yet. */
  rig(options?: { cache?: EdgeCache; memoryBytesMax?: number }): Rig
}

export interface Rig extends EdgeApp {
  get(path: string): Promise<Response>
  search(path?: string): Promise<SearchAnswer>
  /** What the edge asked the origin for since it was last looked at. */
  asked(): string[]
  advance(ms: number): void
  gate: { before: (path: string) => Promise<void> }
}

export async function town(database: FreshDatabase): Promise<Town> {
  const origin = await testOrigin(database)
  const keys = [await addOrganisation(database, 'ours'), await addOrganisation(database, 'theirs')]
  for (let i = 0; i < HOTELS; i++)
    await makeHotel(origin, keys[i % 2]?.apiKey ?? '', `casa-${String(i).padStart(2, '0')}`, i)
  const klosters = { city: 'Klosters Dorf', country: 'CH', currency: 'CHF' }
  await makeHotel(origin, keys[0]?.apiKey ?? '', 'dorf', 3, klosters)
  return {
    origin,
    book: (property, roomType) => book(origin, property, roomType),
    rig: (options) => rig(origin, options),
  }
}

async function makeHotel(
  origin: TestOrigin,
  token: string,
  code: string,
  rank: number,
  { city = 'Lisboa', country = 'PT', currency = 'EUR' } = {},
): Promise<void> {
  const address = { street: 'Quay 1', postalCode: '1200-001', city, country }
  const definition = aProperty(code, { content: { name: `House ${code}`, address, currency, taxes: [] } })
  const made = await origin.call('POST', '/api/v1/properties', { token, body: definition })
  expect(made.status, await made.clone().text()).toBe(201)
  // Not in the order of their codes.
  const body = { changes: flatRates(definition, 10_000 + ((rank * 7) % HOTELS) * 1_000) }
  expect((await origin.call('PUT', `/api/v1/properties/${code}/ari`, { token, body })).status).toBe(200)
}

async function book(origin: TestOrigin, property: string, roomType = 'DBL'): Promise<number> {
  const search = `/api/v1/properties/${property}/availability?${dates}`
  const { offers } = (await (await origin.call('GET', search)).json()) as {
    offers: { roomType: string; ratePlan: string; total: number }[]
  }
  const offer = offers.find((it) => it.roomType === roomType && it.ratePlan === 'BAR')
  const body = {
    stay: { roomType, ratePlan: 'BAR', arrival, departure: addDays(arrival, 2), adults: 2, childAges: [] },
    expectedTotal: offer?.total,
    guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
  }
  const answer = await origin.call('POST', `/api/v1/properties/${property}/reservations`, { body })
  expect(answer.status, await answer.clone().text()).toBe(201)
  return ((await answer.json()) as { ariVersion: number }).ariVersion
}

function rig(origin: TestOrigin, options: { cache?: EdgeCache; memoryBytesMax?: number } = {}): Rig {
  let ahead = 0
  let requests: string[] = []
  const gate: Rig['gate'] = { before: async () => {} }
  const edge = createEdge({
    originUrl: 'http://origin.test',
    signingKey: signingKeyFrom(origin.signingKey),
    cache: options.cache ?? noCache,
    assets: {},
    memoryBytesMax: options.memoryBytesMax ?? MEMORY,
    staleMaxMs: STALE_MS,
    build: 'test',
    runtime: 'node',
    clientAddress: () => '192.0.2.1',
    fetch: (async (url: string, init: RequestInit) => {
      const { pathname, search } = new URL(url)
      requests.push(pathname + search)
      await gate.before(pathname)
      return await origin.origin.fetch(new Request(url, init))
    }) as typeof fetch,
    now: () => Date.now() + ahead,
  })
  const get = async (path: string) => await edge.app.request(`http://edge.test${path}`)
  return {
    ...edge,
    get,
    gate,
    async search(path = lisbon) {
      const answer = await get(path)
      expect(answer.status, await answer.clone().text()).toBe(200)
      return (await answer.json()) as SearchAnswer
    },
    asked() {
      const before = requests
      requests = []
      return before
    },
    advance: (ms) => {
      ahead += ms
    },
  }
}

/** How often each kind of document was asked for. */
export function kinds(paths: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(paths, kindOf)].map(([kind, all]) => [kind, all.length]))
}

function kindOf(path: string): string {
  return path
    .replace(/\?.*/, '')
    .replace(/casa-\d+|dorf/, ':')
    .replace(/\d+/g, 'n')
}
