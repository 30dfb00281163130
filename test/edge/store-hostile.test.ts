/** What a cache, a gateway, a clock and another deploy may do to the store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EdgeCache } from '../../edge/ari/cache.ts'
import { BOUND_MS } from '../../edge/ari/store.ts'
import { freshDatabase } from '../support/servers.ts'
import { type House, house, left, paused, rig, sharedCache } from './store-rig.ts'

const database = await freshDatabase()
let set: House
beforeAll(async () => {
  set = await house(database)
})
afterAll(async () => {
  await set.origin.origin.close()
})

describe('a cache that is not to be trusted', () => {
  const kinds = ['head', 'deltas'] as const
  const damages: [string, (bytes: Uint8Array) => Uint8Array][] = [
    ['empty', () => new Uint8Array()],
    ['cut short', (bytes) => bytes.slice(0, -3)],
    ['changed by a bit', (bytes) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))],
    ['a page of something else', () => new TextEncoder().encode('<html>sign in</html>')],
    ['null', () => new TextEncoder().encode('null')],
    ['a list', () => new TextEncoder().encode('[1,2]')],
  ]

  it.each(kinds.flatMap((kind) => damages.map(([name, damage]) => ({ kind, name, damage }))))(
    'asks the origin where $kind is $name',
    async ({ kind, damage }) => {
      const property = await set.freshProperty()
      const { cache, entries } = sharedCache()
      const [one, other] = [rig(set.origin, { cache }), rig(set.origin, { cache })]
      await left(one.store, property)
      await left(other.store, property)
      const version = await set.book(property)
      one.advance(BOUND_MS)
      await left(one.store, property)
      for (const [key, bytes] of entries) if (key.includes(`/${kind}/`)) entries.set(key, damage(bytes))
      other.advance(BOUND_MS)
      const seen = await left(other.store, property)
      expect(seen).toEqual({ left: 4, version, stale: false })
      expect(other.store.counters.damaged).toBe(1)
    },
  )

  it.each(damages)('asks the origin where a snapshot is %s', async (_, damage) => {
    const property = await set.freshProperty()
    const { cache, entries } = sharedCache()
    await left(rig(set.origin, { cache }).store, property)
    for (const [key, bytes] of entries) if (key.includes('/snapshot/')) entries.set(key, damage(bytes))
    const { store } = rig(set.origin, { cache })
    expect(await left(store, property)).toMatchObject({ left: 5, stale: false })
    expect(store.counters).toMatchObject({ damaged: 1, snapshots: 1, snapshotsFromCache: 0 })
  })

  it('does not take the snapshot of another property for the one it asked for', async () => {
    const [property, stranger] = [await set.freshProperty(), await set.freshProperty()]
    await set.book(stranger)
    await set.book(property)
    const { cache, entries } = sharedCache()
    await left(rig(set.origin, { cache }).store, stranger)
    for (const [key, bytes] of [...entries]) entries.set(key.replace(stranger, property), bytes)
    const { store } = rig(set.origin, { cache })
    await left(store, property)
    expect(store.counters).toMatchObject({ damaged: 2, snapshots: 1 })
  })

  it('does not believe a head from a machine whose clock is ahead', async () => {
    const property = await set.freshProperty()
    const { cache } = sharedCache()
    await left(rig(set.origin, { cache, aheadMs: 60_000 }).store, property)
    const version = await set.book(property)
    const { store } = rig(set.origin, { cache })
    expect(await left(store, property)).toMatchObject({ left: 4, version, stale: false })
  })

  it('answers without a cache that throws, and without one that never answers', async () => {
    const throwing: EdgeCache = {
      get: () => Promise.reject(new Error('broken')),
      put: () => Promise.reject(new Error('broken')),
    }
    const silent: EdgeCache = { get: () => new Promise(() => {}), put: () => new Promise(() => {}) }
    for (const cache of [throwing, silent]) {
      const property = await set.freshProperty()
      expect(await left(rig(set.origin, { cache }).store, property)).toMatchObject({ left: 5, stale: false })
    }
  })
})

describe('a gateway in the origin’s place', () => {
  const answers: [string, () => Response][] = [
    ['its own 404 page', () => new Response('<h1>Not Found</h1>', { status: 404 })],
    ['a page with status 200', () => new Response('<h1>Welcome</h1>', { status: 200 })],
    ['a head without a version', () => Response.json({ version: 'new' })],
    ['a 500', () => new Response('', { status: 500 })],
    ['a 302', () => new Response('', { status: 302, headers: { location: '/login' } })],
  ]
  it.each(answers)('keeps what is held when it answers with %s', async (_, answer) => {
    const property = await set.freshProperty()
    const { store, gate, advance } = rig(set.origin)
    await left(store, property)
    gate.after = async () => answer()
    advance(BOUND_MS + 1)
    expect(await left(store, property)).toMatchObject({ left: 5, stale: true })
    gate.after = async () => undefined
    advance(BOUND_MS)
    expect(await left(store, property)).toMatchObject({ left: 5, stale: false })
  })
})

describe('a clock that is set', () => {
  it('does not take what was confirmed in its future for fresh', async () => {
    const property = await set.freshProperty()
    const { store, advance } = rig(set.origin)
    await left(store, property)
    const version = await set.book(property)
    advance(-60_000)
    expect(await left(store, property)).toMatchObject({ left: 4, version, stale: false })
    expect(await left(store, property)).toMatchObject({ left: 4, version, stale: false })
    expect(store.counters.memoryHits).toBe(1)
  })
})

describe('many guests at once', () => {
  it('costs two requests to the origin, not a thousand, when they ask for versions there are not', async () => {
    const property = await set.freshProperty()
    const { store, requests } = rig(set.origin)
    await left(store, property)
    const before = requests.length
    await Promise.all(Array.from({ length: 1_000 }, () => left(store, property, 999_999)))
    expect(requests.length - before).toBeLessThanOrEqual(2)
  })

  it('does not let a fill that hangs hold up a guest who has just booked', async () => {
    const property = await set.freshProperty()
    const { store, gate, advance } = rig(set.origin)
    await left(store, property)
    advance(BOUND_MS)
    const pause = paused()
    let first = true
    gate.before = async () => {
      if (!first) return
      first = false
      await pause.wait
    }
    const hung = left(store, property)
    const version = await set.book(property)
    let late = false
    void hung.then(() => {
      late = true
    })
    expect(await left(store, property, version)).toMatchObject({ left: 4, version })
    expect(late).toBe(false)
    pause.release()
    await hung
  })

  it('takes the version a refusal names instead of asking for the head again', async () => {
    const property = await set.freshProperty()
    const { store, gate, requests } = rig(set.origin)
    let bookings = 0
    gate.before = async (path) => {
      if (path.includes('/versions/') && bookings < 3) {
        bookings += 1
        await set.book(property)
      }
    }
    expect(await left(store, property)).toMatchObject({ left: 2, stale: false })
    expect(requests.filter((path) => path.endsWith('/head'))).toHaveLength(1)
  })
})
