/** A store in front of a real origin in this process, with a clock that can be moved and requests that can be held. */
import { type EdgeCache, noCache } from '../../edge/ari/cache.ts'
import type { CopyReader } from '../../edge/ari/copies.ts'
import { type AriStore, openAriStore } from '../../edge/ari/store.ts'
import { originSender } from '../../edge/forward.ts'
import { answerAvailability } from '../../shared/ari/answers.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { signingKeyFrom } from '../../shared/signing.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import type { FreshDatabase } from '../support/servers.ts'

const arrival = addDays(today(), 20)
const stay = { roomType: 'DBL', ratePlan: 'BAR', arrival, departure: addDays(arrival, 2), adults: 2, childAges: [] }
const question = { arrival: stay.arrival, departure: stay.departure, adults: 2, childAges: [] }
export const keepAlive = () => {}

export interface House {
  origin: TestOrigin
  apiKey: string
  /** A property of its own for each test: five doubles, with rates. */
  freshProperty(): Promise<string>
  /** Books one room and returns the ARI version after it. */
  book(property: string): Promise<number>
}

export async function house(database: FreshDatabase): Promise<House> {
  const origin = await testOrigin(database)
  const { apiKey } = await addOrganisation(database, 'harbour')
  let count = 0
  return {
    origin,
    apiKey,
    async freshProperty() {
      const code = `house-${++count}`
      const definition = aProperty(code, { rooms: { DBL: 5 } })
      await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
      const path = `/api/v1/properties/${code}/ari`
      const changed = await origin.call('PUT', path, { token: apiKey, body: { changes: flatRates(definition) } })
      if (changed.status !== 200) throw new Error(await changed.text())
      return code
    },
    async book(property) {
      const body = {
        stay,
        expectedTotal: 21_600,
        guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
      }
      const answer = await origin.call('POST', `/api/v1/properties/${property}/reservations`, { body })
      if (answer.status !== 201) throw new Error(await answer.text())
      return ((await answer.json()) as { ariVersion: number }).ariVersion
    },
  }
}

export interface Rig {
  store: AriStore
  /** Moves the store's clock; below zero sets it back. */
  advance(ms: number): void
  requests: string[]
  /** Called before a request goes to the origin and before its answer comes back; may wait or throw. */
  gate: {
    before: (path: string) => Promise<void>
    after: (path: string, response: Response) => Promise<Response | undefined>
  }
}

export function rig(
  origin: TestOrigin,
  options: { cache?: EdgeCache; copies?: CopyReader; aheadMs?: number } = {},
): Rig {
  let ahead = options.aheadMs ?? 0
  const requests: string[] = []
  const gate: Rig['gate'] = { before: async () => {}, after: async () => undefined }
  const send = originSender({
    originUrl: 'http://origin.test',
    signingKey: signingKeyFrom(origin.signingKey),
    fetch: (async (url: string, init: RequestInit) =>
      await origin.origin.fetch(new Request(url, init))) as typeof fetch,
  })
  const store = openAriStore({
    cache: options.cache ?? noCache,
    ...(options.copies === undefined ? {} : { copies: options.copies }),
    memoryBytesMax: 64 * 1024 * 1024,
    staleMaxMs: 15 * 60_000,
    now: () => Date.now() + ahead,
    async askOrigin(path, { timeoutMs, traceparent }) {
      requests.push(path)
      await gate.before(path)
      const response = await send({
        method: 'GET',
        target: path,
        headers: new Headers(traceparent === undefined ? {} : { traceparent }),
        body: new Uint8Array(),
        requestId: crypto.randomUUID(),
        clientAddress: 'edge',
        timeoutMs,
      })
      return (await gate.after(path, response)) ?? response
    },
  })
  return {
    store,
    requests,
    gate,
    advance: (ms) => {
      ahead += ms
    },
  }
}

/** A promise that waits until it is let go. */
export function paused(): { wait: Promise<void>; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { wait: promise, release: resolve }
}

/** What the machines of one location share. */
export function sharedCache(): { cache: EdgeCache; entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>()
  const cache: EdgeCache = {
    async get(key) {
      return entries.get(key)?.slice()
    },
    async put(key, bytes) {
      entries.set(key, bytes.slice())
    },
  }
  return { cache, entries }
}

export interface Seen {
  left: number
  version: number
  stale: boolean
}

/** How many doubles a guest is told are left. */
export async function left(store: AriStore, property: string, minVersion?: number): Promise<Seen> {
  const confirmed = await store.confirmed(property, minVersion, keepAlive)
  const answer = answerAvailability(confirmed, question, Date.now())
  const offer = answer.offers.find((it) => it.roomType === 'DBL' && it.ratePlan === 'BAR')
  return { left: offer?.available ?? 0, version: answer.ariVersion, stale: answer.stale }
}
