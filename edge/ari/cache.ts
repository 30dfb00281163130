/**
 * What the machines of one location share between a worker's memory and the origin. Entries are bytes under a key that
 * names all they depend on: a version never changes, and a head says itself when it was read. Losing an entry costs a
 * request to the origin and nothing else, so no purge is ever needed. Who reads an entry checks that it is whole and what
 * its key says; a cache is not trusted.
 */
export interface EdgeCache {
  /** The caller's own copy of what was put under exactly this key, or undefined. Never throws. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Keeps the bytes for about so many seconds, unless there is no room. Never throws: a cache that does not work is an empty one. */
  put(key: string, bytes: Uint8Array, seconds: number): Promise<void>
}

/**
 * Cloudflare's cache of the location the worker runs in. Workers of one zone share it, staging and production among them:
 * `scope` keeps them apart.
 */
export function cloudflareCache(open: () => Promise<Cache>, scope: string): EdgeCache {
  // The host exists nowhere: no request from outside can name these entries. Encoded, so that no part of a key is taken
  // for a fragment or a query of its own.
  const address = (key: string) => `https://ari.cache.invalid/${encodeURIComponent(scope)}/${encodeURIComponent(key)}`
  return {
    async get(key) {
      try {
        const hit = await (await open()).match(address(key))
        return hit ? new Uint8Array(await hit.arrayBuffer()) : undefined
      } catch {
        return undefined
      }
    },
    async put(key, bytes, seconds) {
      const response = new Response(bytes as Uint8Array<ArrayBuffer>, {
        headers: { 'cache-control': `public, max-age=${seconds}`, 'content-type': 'application/octet-stream' },
      })
      try {
        await (await open()).put(address(key), response)
      } catch {
        // An empty cache is slower, and nothing else.
      }
    },
  }
}

/** One entry may take this part of the room, so that no single one empties the rest. */
const ENTRY_SHARE_MAX = 1 / 8
/** Keys and the map's own entries, about. */
const OVERHEAD_BYTES = 200

/** A cache in this process's memory, for Node and Deno: bounded by bytes, the least recently used out first. */
export function memoryCache(bytesMax: number, now: () => number = () => Date.now()): EdgeCache {
  const entries = new Map<string, { bytes: Uint8Array; keptAt: number; goneAt: number }>()
  let total = 0
  const forget = (key: string) => {
    const entry = entries.get(key)
    if (!entry) return
    entries.delete(key)
    total -= entry.bytes.byteLength + OVERHEAD_BYTES
  }
  return {
    async get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      // Before it was kept: the clock was set back, and how old it is nobody knows.
      if (now() >= entry.goneAt || now() < entry.keptAt) {
        forget(key)
        return undefined
      }
      entries.delete(key)
      entries.set(key, entry)
      return entry.bytes.slice()
    },
    async put(key, bytes, seconds) {
      forget(key)
      const cost = bytes.byteLength + OVERHEAD_BYTES
      if (cost > bytesMax * ENTRY_SHARE_MAX) return
      entries.set(key, { bytes: new Uint8Array(bytes), keptAt: now(), goneAt: now() + seconds * 1_000 })
      total += cost
      for (const [oldest] of entries) {
        if (total <= bytesMax) break
        forget(oldest)
      }
    },
  }
}

/** For a single process whose memory is all there is to share. */
export const noCache: EdgeCache = {
  async get() {
    return undefined
  },
  async put() {},
}
