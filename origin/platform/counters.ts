/**
 * Counting attempts over a minute, and telling what was seen before, in Redis so that all instances know together. Losing
 * Redis never stops a request: each instance then counts for itself.
 */
import { Redis } from 'ioredis'

export interface Counters {
  /** Which of the two this is, for health and logs. */
  readonly kind: 'redis' | 'memory'
  /** Adds one to a key's count of this minute and returns the count. Never throws. */
  count(key: string): Promise<number>
  /**
   * Whether a key is seen for the first time within so many seconds. Never throws. While Redis is away each instance
   * knows only what it has seen itself.
   */
  first(key: string, seconds: number): Promise<boolean>
  /** Resolves where the counters can be reached; rejects with the reason where they cannot. */
  check(): Promise<void>
  close(): Promise<void>
}

const WINDOW_SECONDS = 60
const MEMORY_KEYS_MAX = 50_000
/** Over a thousand a second for a minute and a half; about 12 MB. */
const SEEN_MAX = 100_000

/** Opens the counters that the URL names; `memory:` counts in this process only. */
export function openCounters(url: string, onError: (error: Error) => void): Counters {
  return url === 'memory:' ? memoryCounters() : redisCounters(url, onError)
}

function memoryCounters(): Counters {
  const seen = new Map<string, number>()
  let minute = 0
  let counts = new Map<string, number>()
  return {
    kind: 'memory',
    async count(key) {
      const now = Math.floor(Date.now() / (WINDOW_SECONDS * 1000))
      if (now !== minute || counts.size > MEMORY_KEYS_MAX) {
        minute = now
        counts = new Map()
      }
      const next = (counts.get(key) ?? 0) + 1
      counts.set(key, next)
      return next
    },
    async first(key, seconds) {
      const now = Date.now()
      // Whatever was seen first runs out first, all being kept for as long.
      for (const [oldest, until] of seen) {
        if (until > now && seen.size < SEEN_MAX) break
        seen.delete(oldest)
      }
      if (seen.has(key)) return false
      seen.set(key, now + seconds * 1000)
      return true
    },
    async check() {},
    async close() {},
  }
}

function redisCounters(url: string, onError: (error: Error) => void): Counters {
  const redis = new Redis(url, {
    // A guest does not wait for Redis: what does not answer at once is counted here instead.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 250,
    connectTimeout: 2_000,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 2_000),
  })
  redis.on('error', onError)
  const fallback = memoryCounters()
  return {
    kind: 'redis',
    async count(key) {
      const minute = Math.floor(Date.now() / (WINDOW_SECONDS * 1000))
      const name = `count:${minute}:${key}`
      try {
        const replies = await redis
          .multi()
          .incr(name)
          .expire(name, WINDOW_SECONDS * 2)
          .exec()
        const [error, value] = replies?.[0] ?? []
        return error || typeof value !== 'number' ? await fallback.count(key) : value
      } catch {
        return await fallback.count(key)
      }
    },
    async first(key, seconds) {
      // Here as well, so that losing Redis does not forget what this instance has seen.
      if (!(await fallback.first(key, seconds))) return false
      try {
        return (await redis.set(`seen:${key}`, 1, 'EX', seconds, 'NX')) === 'OK'
      } catch {
        return true
      }
    },
    async check() {
      await redis.ping()
    },
    async close() {
      redis.disconnect()
    },
  }
}
