import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EdgeCache } from '../../edge/ari/cache.ts'
import { BOUND_MS } from '../../edge/ari/store.ts'
import { answerAvailability } from '../../shared/ari/answers.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { freshDatabase } from '../support/servers.ts'
import { type House, house, keepAlive, left, paused, rig as rigOf, sharedCache } from './store-rig.ts'

const database = await freshDatabase()
let set: House
beforeAll(async () => {
  set = await house(database)
})
afterAll(async () => {
  await set.origin.origin.close()
})
const freshProperty = () => set.freshProperty()
const book = (property: string) => set.book(property)
const rig = (cache?: EdgeCache) => rigOf(set.origin, cache === undefined ? {} : { cache })
const arrival = addDays(today(), 20)
const question = { arrival, departure: addDays(arrival, 2), adults: 2, childAges: [] }

describe('the ARI store', () => {
  it('asks the origin once for a head and a snapshot, then answers from memory', async () => {
    const property = await freshProperty()
    const { store, requests } = rig()
    expect(await left(store, property)).toMatchObject({ left: 5, stale: false })
    for (let i = 0; i < 20; i++) await left(store, property)
    expect(requests).toHaveLength(2)
    expect(store.counters.memoryHits).toBe(20)
  })

  it('makes one fill for a thousand guests on a cold property', async () => {
    const property = await freshProperty()
    const { store, requests } = rig()
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => left(store, property)))
    expect(new Set(answers.map((answer) => answer.left))).toEqual(new Set([5]))
    expect(requests).toHaveLength(2)
  })

  it('sees a booking within the bound, by a delta', async () => {
    const property = await freshProperty()
    const { store, requests, advance } = rig()
    await left(store, property)
    const version = await book(property)
    advance(BOUND_MS)
    expect(await left(store, property)).toEqual({ left: 4, version, stale: false })
    expect(requests.at(-1)).toMatch(/deltas/)
  })

  it('shows a guest their own booking at once', async () => {
    const property = await freshProperty()
    const { store } = rig()
    await left(store, property)
    const version = await book(property)
    expect(await left(store, property, version)).toEqual({ left: 4, version, stale: false })
  })

  it('never shows the old version past the bound when a fill is paused while a booking commits', async () => {
    const property = await freshProperty()
    const { store, gate, advance } = rig()
    const pause = paused()
    let first = true
    // The snapshot has been read at the origin and is held back on its way.
    gate.after = async (path) => {
      if (first && path.includes('/versions/')) {
        first = false
        await pause.wait
      }
      return undefined
    }
    const late = left(store, property)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const version = await book(property)
    advance(BOUND_MS)
    const fresh = await left(store, property, version)
    expect(fresh).toMatchObject({ left: 4, version })
    pause.release()
    await late
    // The late fill has landed: what is held and what is answered stay at the new version.
    expect(await left(store, property)).toMatchObject({ left: 4, version })
    advance(BOUND_MS)
    expect(await left(store, property)).toMatchObject({ left: 4, version })
  })

  it('answers stale, and says so, while the origin is away, and is fresh again after', async () => {
    const property = await freshProperty()
    const { store, gate, advance } = rig()
    await left(store, property)
    gate.before = async () => {
      throw new Error('away')
    }
    advance(10 * 60_000)
    expect(await left(store, property)).toMatchObject({ left: 5, stale: true })
    expect(store.counters.staleServed).toBe(1)
    gate.before = async () => {}
    advance(BOUND_MS)
    expect(await left(store, property)).toMatchObject({ left: 5, stale: false })
  })

  it('keeps nobody waiting long for an origin that is known to be away, and notices when it is back', async () => {
    const property = await freshProperty()
    const { store, gate, advance } = rig()
    await left(store, property)
    const version = await book(property)
    gate.before = async () => {
      throw new Error('away')
    }
    advance(BOUND_MS)
    expect(await left(store, property)).toMatchObject({ left: 5 })
    // It is asked again, and now takes for ever to answer.
    const pause = paused()
    gate.before = async () => await pause.wait
    advance(1_001)
    const long = new Promise((resolve) => setTimeout(() => resolve('waited'), 700))
    expect(await Promise.race([left(store, property), long])).toMatchObject({ left: 5, stale: true })
    pause.release()
    await expect.poll(async () => await left(store, property)).toEqual({ left: 4, version, stale: false })
  })

  it('answers from what is held, within a second, while the origin hangs, and lets the fill go on', async () => {
    const property = await freshProperty()
    const { store, gate, advance } = rig()
    await left(store, property)
    const version = await book(property)
    const pause = paused()
    gate.before = async () => await pause.wait
    advance(BOUND_MS + 1)
    const began = Date.now()
    expect(await left(store, property)).toMatchObject({ left: 5, stale: true })
    expect(Date.now() - began).toBeLessThan(2_500)
    pause.release()
    await expect.poll(async () => (await left(store, property)).version).toBe(version)
  })

  it('makes one new fill, not one for each guest, when patience with a slow one runs out', async () => {
    const property = await freshProperty()
    const { store, gate, requests } = rig()
    const pause = paused()
    let first = true
    gate.before = async () => {
      if (!first) return
      first = false
      await pause.wait
    }
    const guests = Array.from({ length: 100 }, () => left(store, property))
    expect(await guests[50]).toMatchObject({ left: 5 })
    pause.release()
    await Promise.all(guests)
    expect(requests.length).toBeLessThanOrEqual(5)
  })

  it('refuses what it has never held, and what is too old, while the origin is away', async () => {
    const property = await freshProperty()
    const { store, gate, advance } = rig()
    await left(store, property)
    gate.before = async () => {
      throw new Error('away')
    }
    await expect(left(store, 'never-held')).rejects.toMatchObject({ slug: 'origin-unavailable' })
    advance(16 * 60_000)
    await expect(left(store, property)).rejects.toMatchObject({ slug: 'origin-unavailable' })
  })

  it('takes a whole snapshot when the property has been restructured', async () => {
    const property = await freshProperty()
    const { store, requests, advance } = rig()
    await left(store, property)
    const definition = aProperty(property)
    await set.origin.call('PUT', `/api/v1/properties/${property}/ari`, {
      token: set.apiKey,
      body: { changes: Array.from({ length: 8 }, () => flatRates(definition, 12_000)).flat() },
    })
    advance(BOUND_MS)
    const confirmed = await store.confirmed(property, undefined, keepAlive)
    const answer = answerAvailability(confirmed, question, Date.now())
    expect(answer.offers[0]?.total).toBe(24_000 + 1_600)
    expect(requests.at(-1)).toMatch(/versions/)
  })

  it('takes the snapshot where what changed would be longer', async () => {
    const property = await freshProperty()
    const { store, requests, advance } = rig()
    await left(store, property)
    const changes = flatRates(aProperty(property), 13_000)
    // Some 12 KB each.
    for (let i = 0; i < 40; i++)
      await set.origin.call('PUT', `/api/v1/properties/${property}/ari`, { token: set.apiKey, body: { changes } })
    advance(BOUND_MS)
    expect((await store.confirmed(property, undefined, keepAlive)).hit).toBe('snapshot')
    expect(requests.at(-1)).toMatch(/versions/)
  })

  it('says that a property does not exist', async () => {
    const { store } = rig()
    await expect(left(store, 'no-such-house')).rejects.toMatchObject({ slug: 'property-not-found' })
  })

  it('does not let a head that was long on its way pass for a fresh one', async () => {
    const property = await freshProperty()
    const { store, gate, advance } = rig()
    await left(store, property)
    advance(BOUND_MS)
    const pause = paused()
    let first = true
    gate.after = async (path) => {
      if (first && path.endsWith('/head')) {
        first = false
        await pause.wait
      }
      return undefined
    }
    const late = left(store, property)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const version = await book(property)
    advance(BOUND_MS)
    pause.release()
    await late
    expect(await left(store, property)).toMatchObject({ left: 4, version })
  })

  it('asks again for a guest whose booking is newer than the fill they joined', async () => {
    const property = await freshProperty()
    const { store, gate, advance } = rig()
    await left(store, property)
    advance(BOUND_MS)
    const pause = paused()
    let first = true
    gate.after = async (path) => {
      if (first && path.endsWith('/head')) {
        first = false
        await pause.wait
      }
      return undefined
    }
    const early = left(store, property)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const version = await book(property)
    const mine = left(store, property, version)
    pause.release()
    expect(await mine).toMatchObject({ left: 4, version })
    await early
    expect(store.counters.floorRefetches).toBe(1)
  })

  it('passes the location’s cache by for a guest whose booking is newer than the head kept there', async () => {
    const property = await freshProperty()
    const { cache } = sharedCache()
    const [one, other] = [rig(cache), rig(cache)]
    await left(one.store, property)
    const version = await book(property)
    expect(await left(other.store, property)).toMatchObject({ left: 5 })
    expect(await left(other.store, property, version)).toMatchObject({ left: 4, version })
  })

  it('fills a second machine of the location from its cache, without the origin', async () => {
    const property = await freshProperty()
    const { cache } = sharedCache()
    const [one, other] = [rig(cache), rig(cache)]
    await left(one.store, property)
    await left(other.store, property)
    expect(one.requests).toHaveLength(2)
    expect(other.requests).toHaveLength(0)
  })

  it('takes nothing damaged from the cache', async () => {
    const property = await freshProperty()
    const { cache, entries } = sharedCache()
    await left(rig(cache).store, property)
    for (const [key, bytes] of entries) {
      if (!key.includes('/snapshot/')) continue
      const damaged = bytes.slice()
      damaged[100] = (damaged[100] ?? 0) ^ 1
      entries.set(key, damaged)
    }
    const { store, requests } = rig(cache)
    expect(await left(store, property)).toMatchObject({ left: 5 })
    expect(requests).toHaveLength(1)
  })
})
