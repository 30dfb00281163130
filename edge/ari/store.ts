/**
 * The snapshot store: memory → edge cache → origin. Answers with a snapshot that was the current one less than
 * `FRESH_MS` ago, or, while the origin cannot be reached, with the last one and `stale: true`; where none is held, with
 * the copy in object storage.
 *
 * Why a late fill is harmless: what is fetched is named by its version, a head carries the time at which it was asked
 * for (not at which it arrived), and memory only moves forward. A fill that began before a booking can at best confirm
 * the old version up to the moment before that booking.
 */
import type { Confirmed } from '../../shared/ari/answers.ts'
import { applyDelta } from '../../shared/ari/delta.ts'
import type { Snapshot } from '../../shared/ari/snapshot.ts'
import { Problem } from '../../shared/problems.ts'
import type { EdgeCache } from './cache.ts'
import type { CopyReader } from './copies.ts'
import { type Hit, newCounters, type StoreCounters } from './counters.ts'
import {
  type AskOrigin,
  FRESH_MS,
  type Head,
  notFound,
  openDocuments,
  PropertyAbsent,
  type Visit,
} from './documents.ts'
import { type Held, isFresh, reaches, SnapshotMemory } from './memory.ts'
import { withPatience } from './patience.ts'

/** The bound: older than this is said to be stale. */
export const BOUND_MS = 2_000
/** How long others wait for a fill before they make their own. */
const FLIGHT_PATIENCE_MS = 3_000
/** How long a fill may keep anybody waiting who could be answered, marked as stale, from what is held. */
const HELD_PATIENCE_MS = 1_000
/** The same where the origin could not be reached the last time: if it is back, it answers within this. */
const AWAY_PATIENCE_MS = 150
/** A property that does not exist is not asked for again within this. */
const ABSENT_MS = 2_000
const ABSENT_MAX = 1_000
/** Heads that move while their snapshot is fetched: so many times in a row, then what came last is an error. */
const CHASES_MAX = 8
/** How long a fill waits for what another property's head is about to say of its own. */
const BESIDE_PATIENCE_MS = 500

export interface StoreOptions {
  cache: EdgeCache
  askOrigin: AskOrigin
  /** What is answered from while the origin is away and nothing is held; nothing where left out. */
  copies?: CopyReader
  memoryBytesMax: number
  /** How long what is held may be answered while the origin is away. */
  staleMaxMs: number
  now?: () => number
}

/** A snapshot with what is known of its freshness, and where it came from. */
export interface Found extends Confirmed {
  hit: Hit
}

export interface AriStore {
  /**
   * The property's snapshot, at least at `minVersion` where given. `keepAlive` is told of work that outlives the
   * request. Throws `property-not-found`, or `origin-unavailable` where nothing usable is held.
   */
  confirmed(
    property: string,
    minVersion: number | undefined,
    keepAlive: Visit['keepAlive'],
    traceparent?: string,
  ): Promise<Found>
  /** The same where memory holds it, confirmed within the last second; undefined where it has to be waited for. */
  freshlyHeld(property: string, minVersion: number | undefined): Found | undefined
  /** Whether it would give something; counts nothing, so nobody who is refused afterwards leaves a trace. */
  holdsFreshly(property: string): boolean
  /** The same for a head that was read elsewhere, with those of many: asks for no head of its own. */
  confirmedBy(property: string, head: Head, keepAlive: Visit['keepAlive'], traceparent?: string): Promise<Found>
  /** What memory holds, where that head confirms it; undefined where it takes a request to know. */
  heldBy(property: string, head: Head): Found | undefined
  /** What memory holds, confirmed or not, as long as it may be answered at all. */
  lastHeld(property: string): Found | undefined
  /** Holds a snapshot that was the current one at its instant; for warming up. */
  take(property: string, copy: { snapshot: Snapshot; confirmedAt: number }): void
  readonly counters: StoreCounters
  /** What memory holds now. */
  held(): { properties: number; bytes: number }
}

interface Filled {
  held: Held
  hit: Hit
}
interface Flight {
  work: Promise<Filled>
  begunAt: number
}

export function openAriStore(options: StoreOptions): AriStore {
  const now = options.now ?? (() => Date.now())
  const counters = newCounters()
  const documents = openDocuments({ ...options, now, counters })
  const memory = new SnapshotMemory(options.memoryBytesMax)
  /** One fill a property at a time; and one that passes the cache by, for guests who know of something newer. */
  const flights = { usual: new Map<string, Flight>(), pastCache: new Map<string, Flight>() }
  const absent = new Map<string, number>()
  /** Heads of properties that have moved on, read beside another's: what the next fill begins with. */
  const readBeside = new Map<string, Head>()
  /** The head under way, and whose heads it brings along. */
  let headUnderWay: { companions: ReadonlySet<string>; done: Promise<unknown>; begunAt: number } | undefined

  return {
    confirmed,
    freshlyHeld,
    holdsFreshly,
    confirmedBy,
    heldBy,
    lastHeld,
    take: (property, { snapshot, confirmedAt }) => void memory.offer(property, snapshot, confirmedAt, now()),
    counters,
    held: () => ({ properties: memory.properties, bytes: memory.bytes }),
  }

  async function confirmed(
    property: string,
    minVersion: number | undefined,
    keepAlive: Visit['keepAlive'],
    traceparent?: string,
  ): Promise<Found> {
    const visit: Visit = { askedAt: now(), keepAlive, traceparent }
    const fresh = freshlyHeld(property, minVersion)
    if (fresh) return fresh
    const held = memory.get(property)
    if (visit.askedAt - (absent.get(property) ?? Number.NEGATIVE_INFINITY) < ABSENT_MS) throw notFound(property)
    const usable = held !== undefined && isUsable(held) && reaches(held, minVersion)
    if (usable && documents.isPaused()) return answer({ held, hit: 'memory' })
    try {
      // What is held is older than the guest's own write, and so may be what a fill under way brings.
      if (held && !reaches(held, minVersion)) return answer(await refetch(property, visit))
      const filling = join(property, visit, false)
      if (usable) {
        const inTime = await withPatience(filling, heldPatience(property, visit.askedAt))
        if (inTime) return answer(inTime)
        // The fill goes on; who asks next finds its result.
        keepAlive(filling.catch(() => {}))
        return answer({ held: memory.get(property) ?? held, hit: 'memory' })
      }
      const filled = await filling
      return answer(reaches(filled.held, minVersion) ? filled : await refetch(property, visit))
    } catch (error) {
      if (error instanceof Problem && error.slug === 'property-not-found') throw error
      return await answerInOutage(property, minVersion, visit)
    }
  }

  function freshlyHeld(property: string, minVersion: number | undefined): Found | undefined {
    const askedAt = now()
    const held = memory.use(property, askedAt)
    if (!held || !isFresh(held, askedAt) || !reaches(held, minVersion)) return undefined
    counters.memoryHits += 1
    return answer({ held, hit: 'memory' })
  }

  function holdsFreshly(property: string): boolean {
    const held = memory.get(property)
    return held !== undefined && isFresh(held, now())
  }

  async function confirmedBy(
    property: string,
    head: Head,
    keepAlive: Visit['keepAlive'],
    traceparent?: string,
  ): Promise<Found> {
    const atHand = heldBy(property, head)
    if (atHand) return atHand
    const visit: Visit = { askedAt: now(), keepAlive, traceparent }
    try {
      return answer(await join(property, visit, false, { ...head, cached: true }))
    } catch (error) {
      if (error instanceof Problem && error.slug === 'property-not-found') throw error
      return await answerInOutage(property, undefined, visit)
    }
  }

  function heldBy(property: string, head: Head): Found | undefined {
    const held = memory.use(property, now())
    if (!held || held.snapshot.version < head.version) return undefined
    // What is newer than the head is not confirmed by it: the database may have been restored to an earlier state.
    if (held.snapshot.version > head.version && !isFresh(held, now())) return undefined
    counters.memoryHits += 1
    if (held.snapshot.version > head.version) return answer({ held, hit: 'memory' })
    return answer({ held: offer(property, held.snapshot, head), hit: 'memory' })
  }

  function lastHeld(property: string): Found | undefined {
    const held = memory.get(property)
    return held && isUsable(held) ? answer({ held, hit: 'memory' }) : undefined
  }

  function answer({ held, hit }: Filled): Found {
    const age = now() - held.confirmedAt
    const stale = age > BOUND_MS || age < 0
    if (stale) counters.staleServed += 1
    return { snapshot: held.snapshot, asOf: held.confirmedAt, stale, hit }
  }

  async function refetch(property: string, visit: Visit): Promise<Filled> {
    counters.floorRefetches += 1
    return await join(property, visit, true)
  }

  async function answerInOutage(property: string, minVersion: number | undefined, visit: Visit): Promise<Found> {
    const held = memory.get(property)
    if (held && isUsable(held) && reaches(held, minVersion)) return answer({ held, hit: 'memory' })
    const copy = await options.copies?.read(property, visit.keepAlive)
    if (copy) {
      const kept = memory.offer(property, copy.snapshot, copy.confirmedAt, now())
      if (isUsable(kept) && reaches(kept, minVersion)) {
        counters.copies += 1
        return answer({ held: kept, hit: 'copy' })
      }
    }
    counters.refused += 1
    throw new Problem('origin-unavailable', {
      detail: 'Availability cannot be told at the moment. Try again shortly.',
      retryAfterSeconds: 2,
    })
  }

  function isUsable(held: Held): boolean {
    return now() - held.confirmedAt <= options.staleMaxMs
  }

  function heldPatience(property: string, askedAt: number): number {
    const begunAt = flights.usual.get(property)?.begunAt ?? askedAt
    const patience = documents.isAway() ? AWAY_PATIENCE_MS : HELD_PATIENCE_MS
    return Math.max(0, patience - Math.max(0, askedAt - begunAt))
  }

  /**
   * Joins the fill under way, unless it takes too long: then, of all who have lost patience with it, the first makes a new
   * one, and the others join that. Past the cache a fill must also have begun after the guest asked; one that did not is
   * waited for, so that guests who ask for versions there are not cost one request after the other and not one each.
   */
  async function join(property: string, visit: Visit, pastCache: boolean, head?: KnownHead): Promise<Filled> {
    const underWay = pastCache ? flights.pastCache : flights.usual
    let waited: Flight | undefined
    for (;;) {
      const flight = underWay.get(property)
      if (!flight || flight === waited) break
      const patience = FLIGHT_PATIENCE_MS - Math.max(0, now() - flight.begunAt)
      if (patience <= 0) break
      const tooEarly = pastCache && flight.begunAt <= visit.askedAt
      const filled = await withPatience(
        tooEarly ? flight.work.catch(() => undefined) : flight.work,
        Math.min(patience, FLIGHT_PATIENCE_MS),
      )
      if (filled && !tooEarly) return filled
      waited = flight
    }
    const begunAt = now()
    const work = fill(property, begunAt, visit, pastCache, head)
    const mine: Flight = { work, begunAt }
    underWay.set(property, mine)
    counters.flights += 1
    const done = () => {
      if (underWay.get(property) === mine) underWay.delete(property)
    }
    work.then(done, done)
    // The caller may go away; those who joined still want the result.
    visit.keepAlive(work.catch(() => {}))
    return await work
  }

  async function fill(
    property: string,
    begunAt: number,
    visit: Visit,
    pastCache: boolean,
    known: KnownHead | undefined,
  ): Promise<Filled> {
    // Nothing is waited for where nobody brings it along: whoever comes next in the same turn finds this head under way.
    if (!known && !pastCache && headUnderWay?.companions.has(property)) {
      const left = BESIDE_PATIENCE_MS - (now() - headUnderWay.begunAt)
      if (left > 0) await withPatience(headUnderWay.done, Math.min(left, BESIDE_PATIENCE_MS))
    }
    const brought = known ?? (pastCache ? undefined : broughtBeside(property))
    let head = brought ?? (await readHead(property, visit, pastCache))
    for (let chase = 0; chase < CHASES_MAX; chase++) {
      const held = memory.get(property)
      if (held && held.snapshot.version > head.version) {
        // A late answer, or a head another machine kept: ask again, or leave what is held as it was. Lower for longer than
        // an answer can be on its way means that the database was restored to an earlier state.
        if (!head.cached && begunAt - held.confirmedAt <= BOUND_MS) return { held, hit: 'head' }
        if (!head.cached) memory.forget(property)
        head = await readHead(property, visit, true)
        continue
      }
      if (held && held.snapshot.version === head.version)
        return { held: offer(property, held.snapshot, head), hit: head.cached ? 'cache' : 'head' }
      const brought =
        (held && (await bringUp(property, held.snapshot, head.version, visit))) ??
        (await bringUpKept(property, held?.snapshot.version ?? 0, head.version, visit))
      if (brought) {
        const hit = brought.cached ? (head.cached ? 'cache' : 'head') : 'delta'
        return { held: offer(property, brought.snapshot, head), hit }
      }
      const read = await documents.snapshot(property, head.version, visit)
      if ('content' in read) {
        counters.snapshots += 1
        return { held: offer(property, read, head), hit: 'snapshot' }
      }
      head = { ...read, cached: false }
    }
    throw new Error('the head kept moving')
  }

  function offer(property: string, snapshot: Held['snapshot'], head: Head): Held {
    const held = memory.offer(property, snapshot, head.confirmedAt, now())
    counters.evictions = memory.evictions
    return held
  }

  async function readHead(property: string, visit: Visit, pastCache: boolean): Promise<KnownHead> {
    try {
      const companions = memory.companionsOf(property, now())
      const reading = documents.head(property, visit, { pastCache, companions }).then(({ others, ...head }) => {
        takeOthers(others, head.confirmedAt)
        return head
      })
      const ended = () => {
        if (headUnderWay === mine) headUnderWay = undefined
      }
      const mine = { companions: new Set(companions), done: reading.then(ended, ended), begunAt: now() }
      headUnderWay = mine
      return await reading
    } catch (error) {
      if (!(error instanceof PropertyAbsent)) throw error
      if (absent.size >= ABSENT_MAX) absent.clear()
      absent.set(property, now())
      memory.forget(property)
      throw notFound(property)
    }
  }

  /**
   * What the same answer said of other properties: those that stand still are confirmed by it, of the rest it is
   * remembered what to bring them up to. So an edge that many guests ask about many hotels asks for one head a second.
   */
  function takeOthers(others: readonly { property: string; version: number }[], confirmedAt: number): void {
    readBeside.clear()
    for (const { property, version } of others) {
      const held = memory.get(property)
      if (held?.snapshot.version === version) offer(property, held.snapshot, { version, confirmedAt })
      else if (held && held.snapshot.version < version) readBeside.set(property, { version, confirmedAt })
    }
  }

  /** What another property's head has said of this one a moment ago. */
  function broughtBeside(property: string): KnownHead | undefined {
    const held = memory.get(property)
    const head =
      held && isFresh(held, now())
        ? { version: held.snapshot.version, confirmedAt: held.confirmedAt }
        : readBeside.get(property)
    const age = head ? now() - head.confirmedAt : Number.POSITIVE_INFINITY
    // Taken as one from the cache, since it was asked for before this fill began.
    return head && age >= 0 && age < FRESH_MS ? { ...head, cached: true } : undefined
  }

  /** Applies what changed since. Undefined where only a whole snapshot will do; `cached` where the origin was not asked. */
  async function bringUp(property: string, snapshot: Snapshot, to: number, visit: Visit): Promise<Brought | undefined> {
    if (snapshot.version === to) return { snapshot, cached: true }
    const read = await documents.delta(property, snapshot.version, to, visit)
    if (!read) return undefined
    // Another fill may have moved it meanwhile; being past `to` is as good.
    if (!applyDelta(snapshot, read.delta) && snapshot.version < to) return undefined
    counters[read.cached ? 'deltasFromCache' : 'deltas'] += 1
    return { snapshot, cached: read.cached }
  }

  /** The same from what another machine of the location has fetched, where that is newer than what is held here. */
  async function bringUpKept(property: string, heldVersion: number, to: number, visit: Visit) {
    const kept = await documents.keptSnapshot(property)
    if (!kept || kept.version <= heldVersion || kept.version > to) return undefined
    const brought = await bringUp(property, kept, to, visit)
    if (brought) counters.snapshotsFromCache += 1
    return brought
  }
}

interface Brought {
  snapshot: Snapshot
  cached: boolean
}
type KnownHead = Head & { cached: boolean }
