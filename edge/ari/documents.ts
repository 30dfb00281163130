/**
 * The three ARI documents, from the edge cache or the origin. What comes from either is looked at before it is believed:
 * an entry may be damaged, another deploy's or another machine's, and a gateway may answer in the origin's place.
 */
import { type Delta, isDelta } from '../../shared/ari/delta.ts'
import { openSnapshot, type Snapshot } from '../../shared/ari/snapshot.ts'
import { Problem, problemSlug } from '../../shared/problems.ts'
import type { EdgeCache } from './cache.ts'
import type { StoreCounters } from './counters.ts'
import { withPatience } from './patience.ts'
import { openEntry, sealEntry } from './sealed-entry.ts'

/** Asks the origin for one of the three ARI documents. Rejects where it cannot be reached. */
export type AskOrigin = (path: string, options: { timeoutMs: number; traceparent?: string }) => Promise<Response>

/** Whoever a document is fetched for. */
export interface Visit {
  askedAt: number
  /** Is told of work that outlives the request. */
  keepAlive: (work: Promise<unknown>) => void
  traceparent: string | undefined
}

/** A version, and up to when everything committed is known to be in it. */
export interface Head {
  version: number
  confirmedAt: number
}

/** Half of the freshness bound: a head may be this old in the cache or in memory; the other half is for being on the way. */
export const FRESH_MS = 1_000
/** A head that takes longer says nothing that is still new; and no longer than this after it is back the origin is asked again. */
const HEAD_TIMEOUT_MS = 1_500
/** A snapshot of 2 MB over a slow line. */
const DOCUMENT_TIMEOUT_MS = 5_000
/** After it could not be reached the origin is left alone for this long. */
const ORIGIN_PAUSE_MS = 1_000
/** And for this long hardly anybody who can be answered from what is held waits to hear whether it is back. */
const ORIGIN_AWAY_MS = 5_000
/** A cache that takes longer is slower than the origin. */
const CACHE_PATIENCE_MS = 500
/** Snapshots and deltas do not grow stale, as they say what they are; the cache drops them when it needs the room. */
const IMMUTABLE_SECONDS = 3_600
/**
 * Of all that is kept in the cache. Raise it with the format of snapshot, delta or head: deploys overlap, and each would
 * replace the other's entries.
 */
const KEPT_FORMAT = 'ari2'

/** The property does not exist, says the origin itself. */
export class PropertyAbsent extends Error {}

/** A head, and whatever else the same answer said. */
export interface HeadRead extends Head {
  cached: boolean
  others: readonly { property: string; version: number }[]
}

export interface AriDocuments {
  /** The head of a property, and those of `companions`, which cost the origin no request of their own. */
  head(
    property: string,
    visit: Visit,
    options: { pastCache: boolean; companions: readonly string[] },
  ): Promise<HeadRead>
  /** What changed, or undefined where only a whole snapshot will do. */
  delta(
    property: string,
    from: number,
    to: number,
    visit: Visit,
  ): Promise<{ delta: Delta; cached: boolean } | undefined>
  /** The snapshot that some machine of the location fetched last, at whatever version that was. */
  keptSnapshot(property: string): Promise<Snapshot | undefined>
  /** The origin's snapshot of exactly this version, or the head where it is no longer the current one. */
  snapshot(property: string, version: number, visit: Visit): Promise<Snapshot | Head>
  /** Whether the origin is left alone, because it could not be reached a moment ago. */
  isPaused(): boolean
  /** Whether the last that was heard of the origin, not long ago, is that it could not be reached. */
  isAway(): boolean
}

export function openDocuments(options: {
  cache: EdgeCache
  askOrigin: AskOrigin
  now: () => number
  counters: StoreCounters
}): AriDocuments {
  const { cache, askOrigin, now, counters } = options
  let pausedUntil = 0
  let awayUntil = 0
  let reachedAt = Number.NEGATIVE_INFINITY

  return {
    isPaused: () => now() < pausedUntil,
    isAway: () => now() < awayUntil,

    async head(property, visit, { pastCache, companions }) {
      const key = `${KEPT_FORMAT}/head/${property}`
      const askedAt = now()
      if (!pastCache) {
        const kept = await keptHead(key)
        // Of the future it would be another machine's clock talking, and count as fresh for too long.
        if (kept && kept.confirmedAt <= now() && askedAt - kept.confirmedAt < FRESH_MS) {
          counters.headsFromCache += 1
          return { ...kept, cached: true, others: [] }
        }
      }
      const beside = companions.length === 0 ? '' : `?with=${companions.join(',')}`
      const response = await askForHead(`/internal/ari/${property}/head${beside}`, visit)
      if (response.status === 404 && (await isAbsent(response))) throw new PropertyAbsent(property)
      if (response.status !== 200) throw new Error(`no head: ${response.status}`)
      const document: unknown = await response.json()
      const version = versionOf(document)
      if (version === undefined) throw new Error('the origin answered with no head')
      counters.headsFromOrigin += 1
      // The time of asking: whatever was committed after it may be missing.
      const head = { version, confirmedAt: askedAt }
      const entry = sealEntry(key, new TextEncoder().encode(JSON.stringify(head)))
      keep(key, entry, FRESH_MS / 1_000, visit)
      return { ...head, cached: false, others: othersOf(document, companions) }
    },

    async delta(property, from, to, visit) {
      const key = `${KEPT_FORMAT}/deltas/${property}/${from}/${to}`
      const kept = await keptBytes(key)
      if (kept) {
        const entry = openEntry(key, kept)
        const delta = entry && readDelta(entry, from, to)
        if (delta) return { delta, cached: true }
        counters.damaged += 1
      }
      const response = await askOrigin(`/internal/ari/${property}/deltas/${from}/${to}`, document(visit))
      if (response.status !== 200) return undefined
      const bytes = new Uint8Array(await response.arrayBuffer())
      const delta = readDelta(bytes, from, to)
      if (!delta) return undefined
      keep(key, sealEntry(key, bytes), IMMUTABLE_SECONDS, visit)
      return { delta, cached: false }
    },

    async keptSnapshot(property) {
      const kept = await keptBytes(snapshotKey(property))
      if (!kept) return undefined
      const snapshot = openKept(kept)
      if (snapshot?.content.property === property) return snapshot
      counters.damaged += 1
      return undefined
    },

    async snapshot(property, version, visit) {
      const askedAt = now()
      const response = await askOrigin(`/internal/ari/${property}/versions/${version}`, document(visit))
      if (response.status === 409) {
        const current = versionOf(await response.json())
        if (current !== undefined) return { version: current, confirmedAt: askedAt }
      }
      if (response.status !== 200) throw new Error(`no snapshot: ${response.status}`)
      const bytes = new Uint8Array(await response.arrayBuffer())
      // A copy: the opened one changes with the deltas applied to it, and the kept one must not.
      const snapshot = openSnapshot(bytes.slice())
      if (snapshot.version !== version || snapshot.content.property !== property)
        throw new Error('the origin answered with another snapshot')
      keep(snapshotKey(property), bytes, IMMUTABLE_SECONDS, visit)
      return snapshot
    },
  }

  /** Every fill begins with a head, so it is the one that finds out whether the origin can be reached. */
  async function askForHead(path: string, visit: Visit): Promise<Response> {
    if (now() < pausedUntil) throw new Error('the origin is left alone for a moment')
    const askedAt = now()
    try {
      const response = await askOrigin(path, { ...document(visit), timeoutMs: HEAD_TIMEOUT_MS })
      if (response.status >= 502) throw new Error(`the origin answered ${response.status}`)
      reachedAt = now()
      awayUntil = 0
      return response
    } catch (error) {
      // One answer that got lost is not an origin that is away: others have had theirs meanwhile.
      if (reachedAt <= askedAt) {
        pausedUntil = now() + ORIGIN_PAUSE_MS
        awayUntil = now() + ORIGIN_AWAY_MS
      }
      throw error
    }
  }

  async function keptBytes(key: string): Promise<Uint8Array | undefined> {
    return await withPatience(cache.get(key), CACHE_PATIENCE_MS).catch(() => undefined)
  }

  async function keptHead(key: string): Promise<Head | undefined> {
    const bytes = await keptBytes(key)
    if (!bytes) return undefined
    const entry = openEntry(key, bytes)
    const head = entry && readHead(entry)
    if (!head) counters.damaged += 1
    return head
  }

  /** Nobody waits for it. */
  function keep(key: string, bytes: Uint8Array, seconds: number, visit: Visit): void {
    visit.keepAlive(cache.put(key, bytes, seconds).catch(() => {}))
  }
}

function document(visit: Visit): { timeoutMs: number; traceparent?: string } {
  return {
    timeoutMs: DOCUMENT_TIMEOUT_MS,
    ...(visit.traceparent === undefined ? {} : { traceparent: visit.traceparent }),
  }
}

/** A gateway's own 404 says nothing about hotels, and must not empty the memory. */
async function isAbsent(response: Response): Promise<boolean> {
  const document: unknown = await response.json().catch(() => undefined)
  return problemSlug((document ?? {}) as { type?: unknown }) === 'property-not-found'
}

function versionOf(document: unknown): number | undefined {
  const version = (document as { version?: unknown } | null)?.version
  return Number.isSafeInteger(version) ? (version as number) : undefined
}

/** Nothing of what does not have one version, or null, for each that was asked for. */
function othersOf(document: unknown, companions: readonly string[]): HeadRead['others'] {
  const { others } = (document ?? {}) as { others?: unknown }
  if (!Array.isArray(others) || others.length !== companions.length) return []
  if (!others.every((it) => it === null || Number.isSafeInteger(it))) return []
  return companions.flatMap((property, i) => {
    const version = others[i] as number | null
    return version === null ? [] : [{ property, version }]
  })
}

function readHead(bytes: Uint8Array): Head | undefined {
  const value = readJson(bytes)
  const version = versionOf(value)
  const confirmedAt = (value as { confirmedAt?: unknown } | null | undefined)?.confirmedAt
  return version !== undefined && typeof confirmedAt === 'number' ? { version, confirmedAt } : undefined
}

/** Undefined for whatever is not the delta that was asked for, such as a page of something in between. */
function readDelta(bytes: Uint8Array, from: number, to: number): Delta | undefined {
  const value = readJson(bytes)
  return isDelta(value, from, to) ? value : undefined
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function openKept(bytes: Uint8Array): Snapshot | undefined {
  try {
    return openSnapshot(bytes)
  } catch {
    return undefined
  }
}

/** Without its version, which it says itself: a machine that begins goes on from it by what has changed since. */
function snapshotKey(property: string): string {
  return `${KEPT_FORMAT}/snapshot/${property}`
}

/** The problem a guest gets for a property that does not exist. */
export function notFound(property: string): Problem {
  return new Problem('property-not-found', { detail: `There is no property with the code ${property}.` })
}
