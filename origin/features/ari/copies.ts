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
  changesKey,
  copyConfirmedAt,
  copyKey,
  openCopy,
  readAsOf,
  readCopy,
  sealCopy,
  type WholeCopy,
} from '../../../shared/ari/copy.ts'
import { applyDelta, type Delta, isDelta } from '../../../shared/ari/delta.ts'
import { type Snapshot, SnapshotDamaged, sealSnapshot } from '../../../shared/ari/snapshot.ts'
import { Problem } from '../../../shared/problems.ts'
import type { Database } from '../../platform/database.ts'
import type { Storage } from '../../platform/storage.ts'
import { listedVersions } from './copies-sql.ts'
import type { Ari } from './service.ts'

const compress = promisify(gzip)
const decompress = promisify(gunzip)

/** Copies made at once: enough to hide the storage's round trips, few enough to leave bookings the processor and the pool. */
const AT_ONCE = 4
/** The fastest level: 1.6 MB in 15 ms instead of 32, for a third more bytes that hardly anybody ever reads. */
const COMPRESSION = { level: 1 }
/** Some 600 bookings; past it the copy itself is written anew, which at 30 room types × 12 rate plans takes 14 ms instead of 2. */
const CHANGES_LENGTH_MAX = 65_536
const MEDIA_TYPE = 'application/octet-stream'

/** What one pass did. */
export interface CopyReport {
  listed: number
  /** Brought up to date by what changed, or read whole from the database. */
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
   * `as-of`, where `signal` says so. Undefined, and nothing done, where somebody has within `unlessWithinMs`.
   */
  keep(signal: AbortSignal, unlessWithinMs?: number): Promise<CopyReport | undefined>
}

export function openAriCopies(deps: {
  database: Database
  storage: Storage
  ari: Pick<Ari, 'snapshot' | 'delta'>
  clock: { now(): number }
  failed: (property: string, error: unknown) => void
}): Copies {
  const { database, storage, ari, clock } = deps
  // Which `as-of` is this process's own. What another wrote, or began to write, may name a copy that it replaced since:
  // then the copies are looked at themselves.
  let written: number | undefined

  return {
    async keep(signal, unlessWithinMs = 0) {
      const before = await readBefore()
      // Asked before the versions are read: whatever was committed by then is in them.
      const asOf = clock.now()
      if (before && asOf >= before.asOf && asOf - before.asOf < unlessWithinMs) return undefined
      const bases = before?.asOf === written ? before?.bases : undefined
      written = undefined
      const listed = await listedVersions(database)
      const next: AsOf = { format: 1, asOf, versions: {}, bases: {}, behind: {} }
      const report: CopyReport = { listed: listed.length, byDelta: 0, whole: 0, failed: 0, asOf }
      const moved = listed.filter(({ property, version }) => {
        const current = before?.versions[property] === version
        if (current) {
          next.versions[property] = version
          if (bases?.[property] !== undefined) next.bases[property] = bases[property]
        }
        return !current
      })
      await eachOf(moved, AT_ONCE, signal, async ({ property, version }) => {
        try {
          const made = await bringUp(property, version, bases?.[property], asOf)
          next.versions[property] = made.version
          next.bases[property] = made.base
          if (made.how !== 'there') report[made.how] += 1
        } catch (error) {
          report.failed += 1
          deps.failed(property, error)
          const old = before?.versions[property]
          if (old === undefined) return
          next.versions[property] = old
          if (bases?.[property] !== undefined) next.bases[property] = bases[property]
          next.behind[property] = copyConfirmedAt(before, property, old, 0)
        }
      })
      signal.throwIfAborted()
      await storage.put(AS_OF_KEY, await compress(JSON.stringify(next), COMPRESSION), MEDIA_TYPE)
      written = asOf
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

  /** Makes sure that the copy with its changes is at `version`, which was the current one at `asOf`, or later. */
  async function bringUp(
    property: string,
    version: number,
    knownBase: number | undefined,
    asOf: number,
  ): Promise<{ version: number; base: number; how: 'there' | 'byDelta' | 'whole' }> {
    let old = knownBase === undefined ? await readOld(property) : undefined
    if (old?.snapshot.version === version) return { version, base: old.base, how: 'there' }
    const base = knownBase ?? old?.base
    if (base !== undefined && base < version) {
      const changes = await changesText(property, base, version)
      if (changes !== undefined) {
        await putSealed(changesKey(property), changes, asOf)
        return { version, base, how: 'byDelta' }
      }
    }
    old ??= await readOld(property)
    if (old && old.snapshot.version < version && (await moveOn(property, old.snapshot, version))) {
      await putSealed(copyKey(property), old.snapshot.bytes, asOf)
      return { version, base: version, how: 'byDelta' }
    }
    const confirmedAt = clock.now()
    const snapshot = await ari.snapshot(property)
    await putSealed(copyKey(property), snapshot.bytes, confirmedAt)
    return { version: snapshot.version, base: snapshot.version, how: 'whole' }
  }

  /** What changed, as long as it is small: a few rows instead of every night of the property. */
  async function changesText(property: string, from: number, to: number): Promise<string | undefined> {
    const delta = await readDelta(property, from, to)
    if (!delta || delta.changes.some((change) => change.restructured)) return undefined
    const text = JSON.stringify(delta)
    return text.length > CHANGES_LENGTH_MAX ? undefined : text
  }

  /** Brings the opened copy to `to`. False where only the whole will do. */
  async function moveOn(property: string, snapshot: Snapshot, to: number): Promise<boolean> {
    const delta = await readDelta(property, snapshot.version, to)
    if (!delta || !isDelta(delta, snapshot.version, to) || !applyDelta(snapshot, delta)) return false
    sealSnapshot(snapshot)
    return true
  }

  /** Undefined where it is not kept any more. */
  async function readDelta(property: string, from: number, to: number): Promise<Delta | undefined> {
    try {
      return await ari.delta(property, from, to)
    } catch (error) {
      if (error instanceof Problem && error.slug === 'delta-not-available') return undefined
      throw error
    }
  }

  async function readOld(property: string): Promise<WholeCopy | undefined> {
    try {
      const [copy, changes] = await Promise.all([getSealed(copyKey(property)), getSealed(changesKey(property))])
      const text = changes && { text: changes.bytes.toString(), confirmedAt: changes.confirmedAt }
      const whole = copy && openCopy({ ...copy, bytes: new Uint8Array(copy.bytes) }, text)
      return whole?.snapshot.content.property === property ? whole : undefined
    } catch (error) {
      // Damaged, or of a format before this one: written anew.
      if (error instanceof SnapshotDamaged || isZlib(error)) return undefined
      throw error
    }
  }

  async function getSealed(key: string) {
    const bytes = await storage.get(key)
    const sealed = bytes && readCopy(bytes)
    return sealed && { bytes: await decompress(sealed.gzipped), confirmedAt: sealed.confirmedAt }
  }

  async function putSealed(key: string, content: Uint8Array | string, confirmedAt: number): Promise<void> {
    await storage.put(key, sealCopy(await compress(content, COMPRESSION), confirmedAt), MEDIA_TYPE)
  }
}

function isZlib(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('Z_')
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
