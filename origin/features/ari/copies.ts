/**
 * Keeps a copy of each listed property's snapshot in object storage, in the form of `shared/ari/copy.ts`, for edges that
 * hold nothing while the origin is away. PostgreSQL stays the authority: nothing is ever read back from here to sell.
 *
 * What is where is remembered in the storage itself, so that a bucket that was emptied or replaced is filled again.
 */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import {
  AS_OF_KEY,
  type AsOf,
  copyConfirmedAt,
  copyKey,
  readAsOf,
  readCopy,
  sealCopy,
} from '../../../shared/ari/copy.ts'
import { applyDelta, isDelta } from '../../../shared/ari/delta.ts'
import { openSnapshot, type Snapshot, sealSnapshot } from '../../../shared/ari/snapshot.ts'
import { Problem } from '../../../shared/problems.ts'
import type { Database } from '../../platform/database.ts'
import type { Storage } from '../../platform/storage.ts'
import { listedVersions } from './copies-sql.ts'
import type { Ari } from './service.ts'

const compress = promisify(gzip)
const decompress = promisify(gunzip)

/** Copies made at once: enough to hide the storage's round trips, few enough to leave bookings the processor and the pool. */
const AT_ONCE = 4
/** The fastest level: 2 MB in 8 ms instead of 40, for a fifth more bytes that hardly anybody ever reads. */
const COMPRESSION = { level: 1 }
const MEDIA_TYPE = 'application/octet-stream'

/** What one pass did. */
export interface CopyReport {
  listed: number
  /** Brought up to date from the copy before, or read whole from the database. */
  byDelta: number
  whole: number
  failed: number
  /** Instant in ms up to which the copies are known to be current, but for the failed ones. */
  asOf: number
}

export interface Copies {
  /**
   * Writes the copies whose version has moved, then raises `as-of`. One property's failure is reported and is not the
   * others'; rejects where the database or the storage as a whole cannot be reached. Stops early, without raising
   * `as-of`, where `signal` says so.
   */
  keep(signal: AbortSignal): Promise<CopyReport>
}

export function openAriCopies(deps: {
  database: Database
  storage: Storage
  ari: Pick<Ari, 'snapshot' | 'delta'>
  clock: { now(): number }
  failed: (property: string, error: unknown) => void
}): Copies {
  const { database, storage, ari, clock } = deps

  return {
    async keep(signal) {
      const before = await readBefore()
      // Asked before the versions are read: whatever was committed by then is in them.
      const asOf = clock.now()
      const listed = await listedVersions(database)
      const next: AsOf = { format: 1, asOf, versions: {}, behind: {} }
      const report: CopyReport = { listed: listed.length, byDelta: 0, whole: 0, failed: 0, asOf }
      const moved = listed.filter(({ property, version }) => {
        const current = before?.versions[property] === version
        if (current) next.versions[property] = version
        return !current
      })
      await eachOf(moved, AT_ONCE, signal, async ({ property, version }) => {
        try {
          const made = await bringUp(property, version, asOf)
          next.versions[property] = made.version
          if (made.how !== 'there') report[made.how] += 1
        } catch (error) {
          report.failed += 1
          deps.failed(property, error)
          const old = before?.versions[property]
          if (old === undefined) return
          next.versions[property] = old
          next.behind[property] = copyConfirmedAt(before, property, old, 0)
        }
      })
      signal.throwIfAborted()
      await storage.put(AS_OF_KEY, await compress(JSON.stringify(next), COMPRESSION), MEDIA_TYPE)
      return report
    },
  }

  async function readBefore(): Promise<AsOf | undefined> {
    const bytes = await storage.get(AS_OF_KEY)
    if (!bytes) return undefined
    return await decompress(bytes).then(
      (text) => readAsOf(text.toString()),
      () => undefined,
    )
  }

  /** Makes sure that the copy is at `version`, which was the current one at `asOf`, or later. */
  async function bringUp(
    property: string,
    version: number,
    asOf: number,
  ): Promise<{ version: number; how: 'there' | 'byDelta' | 'whole' }> {
    const old = await readOld(property)
    if (old?.version === version) return { version, how: 'there' }
    if (old && old.version < version && (await applyChanges(property, old, version))) {
      await put(property, old, asOf)
      return { version, how: 'byDelta' }
    }
    const confirmedAt = clock.now()
    const snapshot = await ari.snapshot(property)
    await put(property, snapshot, confirmedAt)
    return { version: snapshot.version, how: 'whole' }
  }

  /** A few rows instead of every night of the property. False where only the whole will do. */
  async function applyChanges(property: string, snapshot: Snapshot, to: number): Promise<boolean> {
    try {
      const delta = await ari.delta(property, snapshot.version, to)
      if (!isDelta(delta, snapshot.version, to) || !applyDelta(snapshot, delta)) return false
      sealSnapshot(snapshot)
      return true
    } catch (error) {
      if (error instanceof Problem && error.slug === 'delta-not-available') return false
      throw error
    }
  }

  async function readOld(property: string): Promise<Snapshot | undefined> {
    const bytes = await storage.get(copyKey(property))
    const copy = bytes && readCopy(bytes)
    if (!copy) return undefined
    try {
      const snapshot = openSnapshot(new Uint8Array(await decompress(copy.gzipped)))
      return snapshot.content.property === property ? snapshot : undefined
    } catch {
      // Damaged, or of a format before this one: written anew.
      return undefined
    }
  }

  async function put(property: string, snapshot: Snapshot, confirmedAt: number): Promise<void> {
    const gzipped = await compress(snapshot.bytes, COMPRESSION)
    await storage.put(copyKey(property), sealCopy(gzipped, confirmedAt), MEDIA_TYPE)
  }
}

async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) {
      if (signal.aborted) return
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
