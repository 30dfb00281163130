/**
 * Counting attempts over a minute, and telling what was seen before, in Redis so that all instances know together. Losing
 * Redis never stops a request: each instance then counts for itself.
 */
import type { RedisConfig } from '../config.ts'
import { openRedis } from './redis.ts'

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

/** Opens the counters that the configuration names; `memory:` counts in this process only. */
export function openCounters(config: RedisConfig, onError: (error: Error) => void): Counters {
  return config.url === 'memory:' ? memoryCounters() : redisCounters(config, onError)
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

function redisCounters(config: RedisConfig, onError: (error: Error) => void): Counters {
  const redis = openRedis(config, onError)
  const fallback = memoryCounters()
  return {
    kind: 'redis',
    async count(key) {
      const minute = Math.floor(Date.now() / (WINDOW_SECONDS * 1000))
      const name = `count:${minute}:${key}`
      try {
        const replies = await redis.ask((client) =>
          client
            .multi()
            .incr(name)
            .expire(name, WINDOW_SECONDS * 2)
            .exec(),
        )
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
        return (await redis.ask((client) => client.set(`seen:${key}`, 1, 'EX', seconds, 'NX'))) === 'OK'
      } catch {
        return true
      }
    },
    check: () => redis.check(),
    close: () => redis.close(),
  }
}
