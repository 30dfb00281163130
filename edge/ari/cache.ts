/**
 * What the machines of one location share between a worker's memory and the origin. Entries are bytes under a key that
 * names all they depend on: a version never changes, and a head says itself when it was read. Losing an entry costs a
 * request to the origin and nothing else, so no purge is ever needed.
 */
export interface EdgeCache {
  get(key: string): Promise<Uint8Array | undefined>
  /** Keeps the bytes for about so many seconds. Never throws: a cache that does not work is an empty one. */
  put(key: string, bytes: Uint8Array, seconds: number): Promise<void>
}

/** Cloudflare's cache of the location the worker runs in. */
export function cloudflareCache(cache: Cache): EdgeCache {
  // The host exists nowhere: no request from outside can name these entries. Encoded, so that no part of a key is taken
  // for a fragment or a query of its own.
  const address = (key: string) => `https://ari.cache.invalid/${encodeURIComponent(key)}`
  return {
    async get(key) {
      const hit = await cache.match(address(key)).catch(() => undefined)
      return hit ? new Uint8Array(await hit.arrayBuffer()) : undefined
    },
    async put(key, bytes, seconds) {
      const response = new Response(bytes as Uint8Array<ArrayBuffer>, {
        headers: { 'cache-control': `public, max-age=${seconds}`, 'content-type': 'application/octet-stream' },
      })
      await cache.put(address(key), response).catch(() => {})
    },
  }
}

/** For a single process, whose memory is all there is to share. */
export const noCache: EdgeCache = {
  async get() {
    return undefined
  },
  async put() {},
}
