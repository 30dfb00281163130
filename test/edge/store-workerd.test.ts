/** The store in real workerd: fills that outlive their request, isolates that begin, copies in R2. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openAriCopies } from '../../origin/features/ari/copies.ts'
import { openAri } from '../../origin/features/ari/service.ts'
import { openProperties } from '../../origin/features/properties/service.ts'
import { openDatabase } from '../../origin/platform/database.ts'
import { addDays } from '../../shared/domain/nights.ts'
import type { AvailabilityAnswer } from '../../shared/routes/availability.ts'
import { today } from '../support/builders.ts'
import { type OriginProxy, originProxy } from '../support/origin-proxy.ts'
import { freshDatabase } from '../support/servers.ts'
import { type WorkerEdge, workerEdge } from '../support/worker-edge.ts'
import { type House, house } from './store-rig.ts'

const database = await freshDatabase()
let set: House
let edge: WorkerEdge
let proxy: OriginProxy
let property: string

beforeAll(async () => {
  set = await house(database)
  proxy = await originProxy((request) => set.origin.origin.fetch(request))
  edge = await workerEdge({ url: proxy.url, signingKey: set.origin.signingKey })
})
afterAll(async () => {
  await edge?.stop()
  await proxy?.close()
  await set.origin.origin.close()
})
beforeEach(async () => {
  property = await set.freshProperty()
  proxy.requests.length = 0
})
afterEach(() => proxy.cutOff(false))

const arrival = addDays(today(), 20)
const search = (signal?: AbortSignal) =>
  fetch(
    `${edge.url}/api/v1/properties/${property}/availability?arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`,
    signal ? { signal } : {},
  )
const read = async (answer: Response) => {
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  const { offers, stale, ariVersion } = JSON.parse(text) as AvailabilityAnswer
  const hit = /desc=(\w+)/.exec(answer.headers.get('server-timing') ?? '')?.[1]
  return { left: offers.find((it) => it.roomType === 'DBL')?.available, stale, version: ariVersion, hit }
}
const asked = (document: string) => proxy.requests.filter((request) => request.includes(`/${property}/${document}`))

describe('one fill', () => {
  it('for a thousand guests at once on a cold property, in an isolate that has just begun', async () => {
    await edge.freshLocation()
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => search()))
    const seen = await Promise.all(answers.map(read))
    expect(new Set(seen.map((it) => it.left))).toEqual(new Set([5]))
    expect(asked('versions')).toHaveLength(1)
    // Where a thousand answers take longer than a second, what is held is confirmed anew meanwhile.
    expect(asked('head').length).toBeLessThan(10)
  })

  it('goes on for the others when the guest who began it leaves', async () => {
    const held = proxy.hold(/versions/)
    const leaving = new AbortController()
    const first = search(leaving.signal).catch(() => 'left')
    await held.reached
    const others = Array.from({ length: 20 }, () => search())
    leaving.abort()
    expect(await first).toBe('left')
    held.release()
    const seen = await Promise.all((await Promise.all(others)).map(read))
    expect(seen.every((it) => it.left === 5 && !it.stale)).toBe(true)
    expect(asked('versions').length).toBeLessThanOrEqual(2)
  })

  it('that never ends holds up nobody for long, and the property is filled by another', async () => {
    const held = proxy.hold(/versions/)
    const guests = Array.from({ length: 10 }, () => search())
    const seen = await Promise.all((await Promise.all(guests.slice(1))).map(read))
    expect(seen.every((it) => it.left === 5)).toBe(true)
    expect(asked('versions')).toHaveLength(2)
    held.release()
    await guests[0]
  })
})

describe('an isolate that has just begun', () => {
  it('asks the origin for one head at most where the location’s cache is warm', async () => {
    await read(await search())
    proxy.requests.length = 0
    await edge.freshIsolate()
    const seen = await read(await search())
    expect(seen).toMatchObject({ left: 5, stale: false })
    expect(proxy.requests.filter((request) => !request.endsWith('/head'))).toEqual([])
    expect(asked('head').length).toBeLessThanOrEqual(1)
  })

  it('asks for no more than what has changed where the location’s snapshot is behind', async () => {
    await read(await search())
    await set.book(property)
    await expect.poll(async () => (await read(await search())).left, { timeout: 5_000 }).toBe(4)
    proxy.requests.length = 0
    await edge.freshIsolate()
    await set.book(property)
    await expect.poll(async () => (await read(await search())).left, { timeout: 5_000 }).toBe(3)
    expect(asked('versions')).toEqual([])
    expect(asked('deltas').length).toBeLessThanOrEqual(2)
  })
})

describe('while the origin cannot be reached', () => {
  it('a location that has never held the property answers from R2, marked as stale', async () => {
    await set.book(property)
    await keepCopies()
    await edge.freshLocation()
    proxy.cutOff(true)
    expect(await read(await search())).toMatchObject({ left: 4, stale: true, hit: 'copy' })
    expect(await read(await search())).toMatchObject({ left: 4, stale: true, hit: 'memory' })
    proxy.cutOff(false)
    await set.book(property)
    await expect
      .poll(async () => await read(await search()), { timeout: 5_000 })
      .toMatchObject({ left: 3, stale: false })
    // From the copy it went on by what had changed since.
    expect(asked('versions')).toEqual([])
  })

  it('refuses what is neither held nor copied, with Retry-After', async () => {
    await edge.freshLocation()
    proxy.cutOff(true)
    const refused = await search()
    expect(refused.status).toBe(503)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  /** What the origin's job does, dated a minute ago, with R2 as its storage. */
  async function keepCopies(): Promise<void> {
    const pool = openDatabase({ url: database.runtimeUrl, poolMax: 2 })
    const objects = new Map<string, Uint8Array>()
    const storage = {
      get: async (key: string) => objects.get(key),
      put: async (key: string, bytes: Uint8Array) => {
        objects.set(key, bytes)
        await edge.putCopy(key, bytes)
      },
      check: async () => {},
    }
    const copies = openAriCopies({
      database: pool,
      storage: storage as never,
      ari: openAri(pool, openProperties(pool, storage as never)),
      clock: { now: () => Date.now() - 60_000 },
      failed: (_, error) => {
        throw error
      },
    })
    await copies.keep(new AbortController().signal)
    await pool.close()
  }
})
