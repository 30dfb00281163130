/**
 * What the origin says about many properties at once, remembered: in memory, shared through the edge cache, one request
 * at a time a key, and while the origin is away the last of it. The time with it is that of asking, not of arriving.
 */
import { Problem, problemSlug } from '../../shared/problems.ts'
import type { EdgeCache } from './cache.ts'
import type { AskOrigin, Visit } from './documents.ts'
import { withPatience } from './patience.ts'

/** A document that takes longer says nothing that is still new. */
const TIMEOUT_MS = 1_500
/** How long others wait for a request before they make their own. */
const FLIGHT_PATIENCE_MS = 3_000
/** How long anybody waits who could be answered from what is remembered. */
const HELD_PATIENCE_MS = 1_000
/** A cache that takes longer is slower than the origin. */
const CACHE_PATIENCE_MS = 500
/** After it could not be reached the origin is left alone for this long. */
const ORIGIN_PAUSE_MS = 1_000
/** Raise it with the shape of anything that is kept, as deploys overlap. */
const KEPT_FORMAT = 'many1'

export interface RememberedValue<T> {
  value: T
  /** Whatever was committed after it may be missing. */
  askedAt: number
}

export interface RememberedOptions<T> {
  cache: EdgeCache
  askOrigin: AskOrigin
  now: () => number
  pathOf: (key: string) => string
  /** The value of a document, or undefined where it is not what was asked for. */
  read: (document: unknown) => T | undefined
  freshMs: number
  /** How long the last of it serves while the origin is away. */
  staleMaxMs: number
  keysMax: number
}

export interface Remembered<T> {
  /** Throws the origin's own `destination-not-found`, and `origin-unavailable` where nothing usable is remembered. */
  get(key: string, visit: Visit): Promise<RememberedValue<T>>
}

export function remembered<T>(options: RememberedOptions<T>): Remembered<T> {
  const { cache, askOrigin, now } = options
  const memory = new Map<string, RememberedValue<T>>()
  const flights = new Map<string, { work: Promise<RememberedValue<T>>; begunAt: number }>()
  let pausedUntil = 0

  return {
    async get(key, visit) {
      const held = memory.get(key)
      if (held && isWithin(held, options.freshMs)) return held
      const usable = held !== undefined && isWithin(held, options.staleMaxMs)
      if (usable && now() < pausedUntil) return held
      try {
        const asking = join(key, visit)
        if (!usable) return await asking
        return (await withPatience(asking, HELD_PATIENCE_MS)) ?? held
      } catch (error) {
        if (isRefusal(error)) throw error
        const last = memory.get(key)
        if (last && isWithin(last, options.staleMaxMs)) return last
        throw new Problem('origin-unavailable', {
          detail: 'Availability cannot be told at the moment. Try again shortly.',
          retryAfterSeconds: 2,
        })
      }
    },
  }

  async function join(key: string, visit: Visit): Promise<RememberedValue<T>> {
    const flight = flights.get(key)
    const patience = flight ? FLIGHT_PATIENCE_MS - Math.max(0, now() - flight.begunAt) : 0
    if (flight && patience > 0) {
      const found = await withPatience(flight.work, patience)
      if (found) return found
    }
    const work = fill(key, visit)
    const mine = { work, begunAt: now() }
    flights.set(key, mine)
    const done = () => {
      if (flights.get(key) === mine) flights.delete(key)
    }
    work.then(done, done)
    visit.keepAlive(work.catch(() => {}))
    return await work
  }

  async function fill(key: string, visit: Visit): Promise<RememberedValue<T>> {
    const name = `${KEPT_FORMAT}${options.pathOf(key)}`
    const kept = readKept(await withPatience(cache.get(name), CACHE_PATIENCE_MS).catch(() => undefined))
    if (kept && isWithin(kept, options.freshMs)) return remember(key, kept)
    const askedAt = now()
    try {
      const value = await ask(key, visit)
      const found = { value, askedAt }
      // Longer than it is fresh: a machine that has just begun has nothing else while the origin is away.
      const bytes = new TextEncoder().encode(JSON.stringify({ document: value, askedAt }))
      visit.keepAlive(cache.put(name, bytes, options.staleMaxMs / 1_000).catch(() => {}))
      return remember(key, found)
    } catch (error) {
      if (isRefusal(error)) {
        memory.delete(key)
        throw error
      }
      if (kept && isWithin(kept, options.staleMaxMs)) return remember(key, kept)
      throw error
    }
  }

  async function ask(key: string, visit: Visit): Promise<T> {
    if (now() < pausedUntil) throw new Error('the origin is left alone for a moment')
    const path = options.pathOf(key)
    const { traceparent } = visit
    let response: Response
    try {
      response = await askOrigin(path, {
        timeoutMs: TIMEOUT_MS,
        ...(traceparent === undefined ? {} : { traceparent }),
      })
      if (response.status >= 502) throw new Error(`the origin answered ${response.status}`)
    } catch (error) {
      pausedUntil = now() + ORIGIN_PAUSE_MS
      throw error
    }
    const document = (await response.json()) as Record<string, unknown>
    if (problemSlug(document) === 'destination-not-found') {
      const { detail, destinations } = document
      throw new Problem('destination-not-found', { detail: String(detail), destinations })
    }
    const value = response.status === 200 ? options.read(document) : undefined
    if (value === undefined) throw new Error(`the origin answered ${response.status} to ${path}`)
    return value
  }

  /** Never goes back: an answer that was asked for earlier does not replace a later one. */
  function remember(key: string, found: RememberedValue<T>): RememberedValue<T> {
    const before = memory.get(key)
    if (before && before.askedAt > found.askedAt && before.askedAt <= now()) return before
    memory.delete(key)
    memory.set(key, found)
    for (const oldest of memory.keys()) {
      if (memory.size <= options.keysMax) break
      memory.delete(oldest)
    }
    return found
  }

  function readKept(bytes: Uint8Array | undefined): RememberedValue<T> | undefined {
    if (!bytes) return undefined
    try {
      const { document, askedAt } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as {
        document?: unknown
        askedAt?: unknown
      }
      const value = options.read(document)
      return value !== undefined && typeof askedAt === 'number' ? { value, askedAt } : undefined
    } catch {
      return undefined
    }
  }

  /** A time to come is another machine's clock, or one that was set back: nobody knows how old it is. */
  function isWithin({ askedAt }: { askedAt: number }, ms: number): boolean {
    const age = now() - askedAt
    return age >= 0 && age < ms
  }
}

/** The origin has answered: there is no such place. Anything else means that it could not. */
function isRefusal(error: unknown): error is Problem {
  return error instanceof Problem && error.slug === 'destination-not-found'
}
