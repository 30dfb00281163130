/**
 * The snapshot store: memory → edge cache → origin. Answers with a snapshot that was the current one less than
 * `FRESH_MS` ago, or, while the origin cannot be reached, with the last one and `stale: true`.
 *
 * Why a late fill is harmless: what is fetched is named by its version, a head carries the time at which it was asked
 * for (not at which it arrived), and memory only moves forward. A fill that began before a booking can at best confirm
 * the old version up to the moment before that booking.
 */
import type { Confirmed } from '../../shared/ari/answers.ts'
import { applyDelta, type Delta, isDelta } from '../../shared/ari/delta.ts'
import { openSnapshot, type Snapshot } from '../../shared/ari/snapshot.ts'
import { Problem } from '../../shared/problems.ts'
import type { EdgeCache } from './cache.ts'
import { type Held, SnapshotMemory } from './memory.ts'

/** Half of the freshness bound: a head may be this old in the cache or in memory; the other half is for being on the way. */
export const FRESH_MS = 1_000
/** The bound: older than this is said to be stale. */
export const BOUND_MS = 2_000
/** How long others wait for a fill before they make their own. */
const FLIGHT_PATIENCE_MS = 3_000
/** How long a fill may keep anybody waiting who could be answered, marked as stale, from what is held. */
const HELD_PATIENCE_MS = 1_000
/** After a failure the origin is left alone for this long, and what is held is answered at once. */
const ORIGIN_PAUSE_MS = 1_000
/** A property that does not exist is not asked for again within this. */
const ABSENT_MS = 2_000
const ABSENT_MAX = 1_000
/** Heads that move while their snapshot is fetched: so many times in a row, then what came last is an error. */
const CHASES_MAX = 5
/** Versions and deltas never change; the cache drops them when it needs the room. */
const IMMUTABLE_SECONDS = 3_600

/** Asks the origin for one of the three ARI documents. Rejects where it cannot be reached or answers 5xx. */
export type AskOrigin = (path: string) => Promise<Response>

export interface StoreOptions {
  cache: EdgeCache
  askOrigin: AskOrigin
  memoryBytesMax: number
  /** How long what is held may be answered while the origin is away. */
  staleMaxMs: number
  now?: () => number
}

export interface StoreCounters {
  memoryHits: number
  flights: number
  headsFromCache: number
  deltas: number
  snapshots: number
  staleServed: number
  floorRefetches: number
}

export interface AriStore {
  /**
   * The property's snapshot, at least at `minVersion` where given. `keepAlive` is told of work that outlives the
   * request. Throws `property-not-found`, or `origin-unavailable` where nothing usable is held.
   */
  confirmed(
    property: string,
    minVersion: number | undefined,
    keepAlive: (work: Promise<unknown>) => void,
  ): Promise<Confirmed>
  readonly counters: StoreCounters
}

interface Flight {
  work: Promise<Held>
  begunAt: number
  /** From when on its head is sure to be read; minus infinity where the head may come from the cache. */
  startedAt: number
}

export function openAriStore(options: StoreOptions): AriStore {
  const { cache, askOrigin } = options
  const now = options.now ?? (() => Date.now())
  const memory = new SnapshotMemory(options.memoryBytesMax)
  const flights = new Map<string, Flight>()
  const absent = new Map<string, number>()
  let originPausedUntil = 0
  const counters: StoreCounters = {
    memoryHits: 0,
    flights: 0,
    headsFromCache: 0,
    deltas: 0,
    snapshots: 0,
    staleServed: 0,
    floorRefetches: 0,
  }

  return { confirmed, counters }

  async function confirmed(
    property: string,
    minVersion: number | undefined,
    keepAlive: (work: Promise<unknown>) => void,
  ): Promise<Confirmed> {
    const askedAt = now()
    const held = memory.get(property)
    if (held && askedAt - held.confirmedAt < FRESH_MS && reaches(held, minVersion)) {
      counters.memoryHits += 1
      return answer(held)
    }
    if (askedAt - (absent.get(property) ?? Number.NEGATIVE_INFINITY) < ABSENT_MS) throw notFound(property)
    try {
      const filling = join(property, askedAt, false, keepAlive)
      if (held && askedAt - held.confirmedAt <= options.staleMaxMs && reaches(held, minVersion)) {
        const begunAt = flights.get(property)?.begunAt ?? askedAt
        const inTime = await withPatience(filling, Math.max(0, HELD_PATIENCE_MS - (askedAt - begunAt)))
        // The fill goes on; who asks next finds its result.
        if (!inTime) {
          keepAlive(filling.catch(() => {}))
          return answerInOutage(property, minVersion)
        }
      }
      let filled = await filling
      // What was joined may have begun before the caller's own write; only a head asked for after that settles it.
      if (!reaches(filled, minVersion)) {
        counters.floorRefetches += 1
        filled = await join(property, askedAt, true, keepAlive)
      }
      return answer(filled)
    } catch (error) {
      if (error instanceof Problem && error.slug === 'property-not-found') throw error
      return answerInOutage(property, minVersion)
    }
  }

  function answer(held: Held): Confirmed {
    return { snapshot: held.snapshot, asOf: held.confirmedAt, stale: now() - held.confirmedAt > BOUND_MS }
  }

  function answerInOutage(property: string, minVersion: number | undefined): Confirmed {
    const held = memory.get(property)
    const usable = held && now() - held.confirmedAt <= options.staleMaxMs && reaches(held, minVersion)
    if (!held || !usable)
      throw new Problem('origin-unavailable', {
        detail: 'Availability cannot be told at the moment. Try again shortly.',
        retryAfterSeconds: 2,
      })
    const given = answer(held)
    if (given.stale) counters.staleServed += 1
    return given
  }

  /** One fill a property at a time. Joins the one under way, unless it began too early or takes too long. */
  async function join(
    property: string,
    askedAt: number,
    pastCache: boolean,
    keepAlive: (work: Promise<unknown>) => void,
  ): Promise<Held> {
    let waited: Flight | undefined
    for (;;) {
      const flight = flights.get(property)
      if (!flight || flight === waited || (pastCache && flight.startedAt < askedAt)) break
      const held = await withPatience(flight.work, FLIGHT_PATIENCE_MS)
      if (held) return held
      // Of all who have lost patience with it, the first makes a new one, and the others join that.
      waited = flight
    }
    const startedAt = now()
    const work = fill(property, startedAt, pastCache)
    const mine = { work, begunAt: startedAt, startedAt: pastCache ? startedAt : Number.NEGATIVE_INFINITY }
    flights.set(property, mine)
    counters.flights += 1
    const done = () => {
      if (flights.get(property) === mine) flights.delete(property)
    }
    work.then(done, done)
    // The caller may go away; those who joined still want the result.
    keepAlive(work.catch(() => {}))
    return await work
  }

  async function fill(property: string, startedAt: number, pastCache: boolean): Promise<Held> {
    let head = await readHead(property, startedAt, pastCache)
    for (let chase = 0; chase < CHASES_MAX; chase++) {
      const held = memory.get(property)
      if (held && held.snapshot.version > head.version) {
        // A late answer, or a head another machine kept: ask again, or leave what is held as it was. Lower for longer than
        // an answer can be on its way means that the database was restored to an earlier state.
        if (startedAt - held.confirmedAt > BOUND_MS && !head.cached) memory.forget(property)
        else if (!head.cached) return held
        head = await readHead(property, now(), true)
        continue
      }
      if (held && held.snapshot.version === head.version) return memory.offer(property, held.snapshot, head.confirmedAt)
      if (held && (await bringUp(property, held.snapshot, head.version)))
        return memory.offer(property, held.snapshot, head.confirmedAt)
      const snapshot = await readSnapshot(property, head.version)
      if (snapshot) return memory.offer(property, snapshot, head.confirmedAt)
      head = await readHead(property, now(), true)
    }
    throw new Error('the head kept moving')
  }

  async function readHead(
    property: string,
    startedAt: number,
    pastCache: boolean,
  ): Promise<{ version: number; confirmedAt: number; cached: boolean }> {
    const key = `head/${property}`
    if (!pastCache) {
      const kept = readKeptHead(await cache.get(key))
      if (kept && startedAt - kept.confirmedAt < FRESH_MS) {
        counters.headsFromCache += 1
        return { ...kept, cached: true }
      }
    }
    const response = await ask(`/internal/ari/${property}/head`)
    if (response.status === 404) {
      if (absent.size >= ABSENT_MAX) absent.clear()
      absent.set(property, now())
      memory.forget(property)
      throw notFound(property)
    }
    if (response.status !== 200) throw new Error(`no head: ${response.status}`)
    const { version } = (await response.json()) as { version: number }
    // The time of asking: whatever was committed after it may be missing.
    const head = { version, confirmedAt: startedAt }
    await cache.put(key, new TextEncoder().encode(JSON.stringify(head)), 1)
    return { ...head, cached: false }
  }

  /** Applies what changed since the held version. False where only a whole snapshot will do. */
  async function bringUp(property: string, snapshot: Snapshot, to: number): Promise<boolean> {
    const from = snapshot.version
    const key = `deltas/${property}/${from}/${to}`
    let bytes = await cache.get(key)
    if (!bytes) {
      const response = await ask(`/internal/ari/${property}/deltas/${from}/${to}`)
      if (response.status !== 200) return false
      bytes = new Uint8Array(await response.arrayBuffer())
      if (!readDelta(bytes, from, to)) return false
      await cache.put(key, bytes, IMMUTABLE_SECONDS)
    }
    const delta = readDelta(bytes, from, to)
    if (!delta) return false
    counters.deltas += 1
    // Another fill may have moved it meanwhile; being past `to` is as good.
    return applyDelta(snapshot, delta) || snapshot.version >= to
  }

  /** The snapshot of exactly this version, or undefined where it is no longer the current one. */
  async function readSnapshot(property: string, version: number): Promise<Snapshot | undefined> {
    const key = `versions/${property}/${version}`
    const kept = await cache.get(key)
    if (kept) {
      const snapshot = openKept(kept)
      if (snapshot && isFor(snapshot, property, version)) return snapshot
    }
    const response = await ask(`/internal/ari/${property}/versions/${version}`)
    if (response.status === 409) return undefined
    if (response.status !== 200) throw new Error(`no snapshot: ${response.status}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    // A copy: the opened one changes with the deltas applied to it, and the kept one must not.
    const snapshot = openSnapshot(bytes.slice())
    if (!isFor(snapshot, property, version)) throw new Error('the origin answered with another snapshot')
    await cache.put(key, bytes, IMMUTABLE_SECONDS)
    counters.snapshots += 1
    return snapshot
  }

  async function ask(path: string): Promise<Response> {
    if (now() < originPausedUntil) throw new Error('the origin is left alone for a moment')
    try {
      const response = await askOrigin(path)
      if (response.status < 502) return response
      throw new Error(`the origin answered ${response.status}`)
    } catch (error) {
      originPausedUntil = now() + ORIGIN_PAUSE_MS
      throw error
    }
  }
}

/** Undefined for whatever is not the delta that was asked for, such as a page of something in between. */
function readDelta(bytes: Uint8Array, from: number, to: number): Delta | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isDelta(value, from, to) ? value : undefined
  } catch {
    return undefined
  }
}

function reaches(held: Held, minVersion: number | undefined): boolean {
  return minVersion === undefined || held.snapshot.version >= minVersion
}

function isFor(snapshot: Snapshot, property: string, version: number): boolean {
  return snapshot.version === version && snapshot.content.property === property
}

function openKept(bytes: Uint8Array): Snapshot | undefined {
  try {
    return openSnapshot(bytes)
  } catch {
    return undefined
  }
}

function readKeptHead(bytes: Uint8Array | undefined): { version: number; confirmedAt: number } | undefined {
  if (!bytes) return undefined
  const kept = JSON.parse(new TextDecoder().decode(bytes)) as { version?: unknown; confirmedAt?: unknown }
  return typeof kept.version === 'number' && typeof kept.confirmedAt === 'number'
    ? { version: kept.version, confirmedAt: kept.confirmedAt }
    : undefined
}

async function withPatience(work: Promise<Held>, ms: number): Promise<Held | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([work, patience])
  } finally {
    clearTimeout(timer)
  }
}

function notFound(property: string): Problem {
  return new Problem('property-not-found', { detail: `There is no property with the code ${property}.` })
}
