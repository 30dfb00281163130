/** One contract for every edge cache: Cloudflare's own in workerd, and the one in a process's memory. */
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EdgeCache, memoryCache, noCache } from '../../edge/ari/cache.ts'
import { bundleWorker } from '../../infra/local/worker-bundle.ts'

let workerd: Miniflare
let address: string
beforeAll(async () => {
  const { code } = await bundleWorker(join(import.meta.dirname, 'cache-worker.ts'), { define: {}, minify: false })
  workerd = new Miniflare(
    convertV4MiniflareOptions({
      log: new NoOpLog(),
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          name: 'cache',
          modules: [{ type: 'ESModule', path: 'worker.js', contents: code }],
          compatibilityDate: '2026-10-01',
        },
      ],
    }),
  )
  address = (await workerd.ready).origin
})
afterAll(() => workerd?.dispose())

/** An adapter that runs in workerd. */
function inWorkerd(name: string): EdgeCache {
  const at = (key: string, seconds = 0) => `${address}/${name}?key=${encodeURIComponent(key)}&seconds=${seconds}`
  return {
    async get(key) {
      const answer = await fetch(at(key))
      if (answer.status === 204) return undefined
      if (answer.status !== 200) throw new Error(`get: ${answer.status} ${await answer.text()}`)
      return new Uint8Array(await answer.arrayBuffer())
    },
    async put(key, bytes, seconds) {
      const answer = await fetch(at(key, seconds), { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer> })
      if (answer.status !== 204) throw new Error(`put: ${answer.status} ${await answer.text()}`)
    },
  }
}

const MEGABYTE = 1_000_000
let keys = 0
/** A key that no other test has used. */
const freshKey = () => `ari2/versions/house-${++keys}/1`
const bytesOf = (...bytes: number[]) => new Uint8Array(bytes)

describe.each([
  ['Cloudflare’s cache', () => inWorkerd('cache')],
  ['memory', () => memoryCache(64 * MEGABYTE)],
])('%s', (_, open) => {
  let cache: EdgeCache
  beforeAll(() => {
    cache = open()
  })

  it('gives back what was put, and nothing that was not', async () => {
    const key = freshKey()
    expect(await cache.get(key)).toBeUndefined()
    await cache.put(key, bytesOf(1, 2, 3), 60)
    expect(await cache.get(key)).toEqual(bytesOf(1, 2, 3))
  })

  it('keeps bytes, not text: all 256 values, and 2 MB of them', async () => {
    const [small, large] = [freshKey(), freshKey()]
    const every = Uint8Array.from({ length: 256 }, (_, i) => i)
    const many = Uint8Array.from({ length: 2 * MEGABYTE }, (_, i) => (i * 31) % 251)
    await cache.put(small, every, 60)
    await cache.put(large, many, 60)
    expect(await cache.get(small)).toEqual(every)
    expect(Buffer.compare((await cache.get(large)) ?? bytesOf(), many)).toBe(0)
  })

  it('keeps an entry of no bytes as one', async () => {
    const key = freshKey()
    await cache.put(key, bytesOf(), 60)
    expect(await cache.get(key)).toEqual(bytesOf())
  })

  it('puts the newer bytes in the place of the older', async () => {
    const key = freshKey()
    await cache.put(key, bytesOf(1), 60)
    await cache.put(key, bytesOf(2, 2), 60)
    expect(await cache.get(key)).toEqual(bytesOf(2, 2))
  })

  it('gives nothing once the time is over, and only of that entry', async () => {
    const [short, long] = [freshKey(), freshKey()]
    await cache.put(short, bytesOf(1), 1)
    await cache.put(long, bytesOf(2), 60)
    await expect.poll(() => cache.get(short), { timeout: 10_000, interval: 100 }).toBeUndefined()
    expect(await cache.get(long)).toEqual(bytesOf(2))
  })

  it('gives each reader bytes of their own, and keeps none of the writer’s', async () => {
    const key = freshKey()
    const written = bytesOf(1, 2, 3)
    await cache.put(key, written, 60)
    written.fill(9)
    const read = await cache.get(key)
    read?.fill(8)
    expect(await cache.get(key)).toEqual(bytesOf(1, 2, 3))
  })

  it('is left with one of the writes, whole, when many come at once', async () => {
    const key = freshKey()
    await Promise.all(Array.from({ length: 20 }, (_, i) => cache.put(key, new Uint8Array(50_000).fill(i), 60)))
    const kept = (await cache.get(key)) ?? bytesOf()
    expect(kept).toHaveLength(50_000)
    expect(new Set(kept).size).toBe(1)
  })

  it('tells apart keys that look alike', async () => {
    const alike = [
      'ari2/head/a',
      'ari2/head/A',
      'ari2/head/a/',
      'ari2/head/a?',
      'ari2/head/a?x=1',
      'ari2/head/a#x',
      'ari2/head/%61',
      'ari2/head/a%2F',
      'ari2//head/a',
      'ari2/./head/a',
      'ari2/x/../head/a',
      'ari2/head/a ',
      'ari2/head/a\n',
      'ari2/head/a+',
      'ari2\\head\\a',
      'ari2/head/ä',
      'ari2/head/a\u0308',
      '',
    ]
    await Promise.all(alike.map((key, i) => cache.put(key, bytesOf(i), 60)))
    expect(await Promise.all(alike.map((key) => cache.get(key)))).toEqual(alike.map((_, i) => bytesOf(i)))
  })
})

describe.each([
  ['Cloudflare’s cache that fails', () => inWorkerd('broken')],
  ['Cloudflare without caches', () => inWorkerd('shut')],
  ['memory without room', () => memoryCache(0)],
  ['no cache', () => noCache],
])('%s', (_, open) => {
  it('is an empty cache', async () => {
    const cache = open()
    const key = freshKey()
    await expect(cache.put(key, bytesOf(1), 60)).resolves.toBeUndefined()
    await expect(cache.get(key)).resolves.toBeUndefined()
  })
})

describe('Cloudflare’s cache', () => {
  it('keeps two installations apart that share a zone', async () => {
    const [production, staging] = [inWorkerd('cache'), inWorkerd('staging')]
    const key = freshKey()
    await production.put(key, bytesOf(1), 60)
    expect(await staging.get(key)).toBeUndefined()
    await staging.put(key, bytesOf(2), 60)
    expect(await production.get(key)).toEqual(bytesOf(1))
  })
})

describe('the cache in memory', () => {
  it('stays within its bytes, the least recently used out first', async () => {
    const cache = memoryCache(MEGABYTE)
    for (let i = 0; i < 12; i++) {
      await cache.put(`entry-${i}`, new Uint8Array(100_000), 60)
      await cache.get('entry-0')
    }
    const kept = []
    for (let i = 0; i < 12; i++) if (await cache.get(`entry-${i}`)) kept.push(i)
    expect(kept).toEqual([0, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('does not let one entry take the room of all others', async () => {
    const cache = memoryCache(MEGABYTE)
    await cache.put('small', bytesOf(1), 60)
    await cache.put('large', new Uint8Array(MEGABYTE / 2), 60)
    expect(await cache.get('small')).toEqual(bytesOf(1))
    expect(await cache.get('large')).toBeUndefined()
  })

  it('forgets what it had where a larger entry under the same key is not taken', async () => {
    const cache = memoryCache(MEGABYTE)
    await cache.put('key', bytesOf(1), 60)
    await cache.put('key', new Uint8Array(MEGABYTE), 60)
    expect(await cache.get('key')).toBeUndefined()
  })

  it('does not keep an entry for longer because the clock was set back', async () => {
    let now = 100_000
    const cache = memoryCache(MEGABYTE, () => now)
    await cache.put('key', bytesOf(1), 1)
    now -= 50_000
    expect(await cache.get('key')).toBeUndefined()
  })
})
