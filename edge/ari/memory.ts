import { nightlyBytes } from '../../shared/ari/nightly.ts'
import type { Snapshot } from '../../shared/ari/snapshot.ts'
import { FRESH_MS } from './documents.ts'

/** A snapshot held in memory, and up to when everything committed is known to be in it. */
export interface Held {
  snapshot: Snapshot
  confirmedAt: number
}

/** Whether what is held may be answered without asking. */
export function isFresh(held: Held, now: number): boolean {
  const age = now - held.confirmedAt
  // Below zero the clock was set back, and nobody knows.
  return age >= 0 && age < FRESH_MS
}

/** Whether what is held is at least the version that was asked for, if one was. */
export function reaches(held: Held, minVersion: number | undefined): boolean {
  return minVersion === undefined || held.snapshot.version >= minVersion
}

interface Kept extends Held {
  bytes: number
  /** Uses, each counting half after `USE_HALF_LIFE_MS`, as they stood at `usedAt`. */
  uses: number
  usedAt: number
}

/** Most hotels that were asked about are asked about again within this. */
const COMPANION_USE_MS = 60_000
/** What was confirmed a moment ago need not be again: several fills may begin at once. */
const COMPANION_AGE_MS = 200
/** One statement at the origin, and an address that gateways take. */
const COMPANIONS_MAX = 250
const COMPANIONS_LENGTH_MAX = 6_000

/** Parsed content and views weigh about this much beside the bytes. */
const OVERHEAD_BYTES = 64 * 1024
/** Long enough that a pause between two guests is not the end of a hotel's day, short enough that yesterday's rush is. */
const USE_HALF_LIFE_MS = 5 * 60_000
/**
 * What fetching a property again costs: the same whatever its size, and more by the byte; the first as bytes of the
 * second. Measured at the origin: 32 ms, and 32 ms more for each 130 KB.
 */
const REFILL_BYTES = 130_000

/**
 * Snapshots by property, bounded by bytes. Never goes back: an older version does not replace a newer one, and a
 * confirmation that began earlier does not replace a later one. That, and not timing, is what makes a late fill harmless.
 *
 * What goes first is what is missed least for the room it takes: uses × cost of a refill ÷ bytes. So a large property
 * that few ask for goes before many small ones that are asked for all day, however recently it came; the least recently
 * used alone would let one search of each large hotel empty the memory.
 */
export class SnapshotMemory {
  readonly #kept = new Map<string, Kept>()
  readonly #bytesMax: number
  #bytes = 0
  #evictions = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  get properties(): number {
    return this.#kept.size
  }

  get evictions(): number {
    return this.#evictions
  }

  /** What is held of a property. */
  get(property: string): Held | undefined {
    return this.#kept.get(property)
  }

  /**
   * Properties whose guests will ask again soon: used in the last minute, the latest first, and not confirmed just now. As
   * many as one request takes.
   */
  companionsOf(property: string, now: number): string[] {
    const wanted = [...this.#kept]
      .filter(
        ([code, kept]) =>
          code !== property && now - kept.usedAt < COMPANION_USE_MS && now - kept.confirmedAt >= COMPANION_AGE_MS,
      )
      .sort(([, a], [, b]) => b.usedAt - a.usedAt)
      .slice(0, COMPANIONS_MAX)
      .map(([code]) => code)
    let length = 0
    return wanted.filter((code) => {
      length += code.length + 1
      return length <= COMPANIONS_LENGTH_MAX
    })
  }

  /** What is held of a property, for somebody who asks for it. */
  use(property: string, now: number): Held | undefined {
    const kept = this.#kept.get(property)
    if (kept) {
      kept.uses = usesAt(kept, now) + 1
      kept.usedAt = now
    }
    return kept
  }

  /** Offers a snapshot that was the current one at `confirmedAt`. Returns what is held afterwards. */
  offer(property: string, snapshot: Snapshot, confirmedAt: number, now: number): Held {
    const before = this.#kept.get(property)
    if (before && before.snapshot.version > snapshot.version) return before
    // A confirmation from the future is the mark of a clock that was set back; it would never be replaced.
    const known = before && before.confirmedAt <= now ? before.confirmedAt : Number.NEGATIVE_INFINITY
    if (before && before.snapshot.version === snapshot.version) {
      before.confirmedAt = Math.max(known, confirmedAt)
      return before
    }
    this.forget(property)
    const kept: Kept = {
      snapshot,
      confirmedAt,
      bytes: snapshot.bytes.byteLength + nightlyBytes(snapshot) + OVERHEAD_BYTES,
      uses: before ? usesAt(before, now) : 1,
      usedAt: now,
    }
    this.#kept.set(property, kept)
    this.#bytes += kept.bytes
    while (this.#bytes > this.#bytesMax && this.#kept.size > 1) this.#forgetLeastMissed(property, now)
    return kept
  }

  forget(property: string): void {
    const kept = this.#kept.get(property)
    if (!kept) return
    this.#kept.delete(property)
    this.#bytes -= kept.bytes
  }

  /** The newcomer stays: whoever asked for it is about to use it, and the next one may be a second behind. */
  #forgetLeastMissed(newcomer: string, now: number): void {
    let least: string | undefined
    let leastWorth = Number.POSITIVE_INFINITY
    for (const [property, kept] of this.#kept) {
      const worth = (usesAt(kept, now) * (REFILL_BYTES + kept.snapshot.bytes.byteLength)) / kept.bytes
      if (property === newcomer || worth >= leastWorth) continue
      least = property
      leastWorth = worth
    }
    if (least === undefined) return
    this.forget(least)
    this.#evictions += 1
  }
}

function usesAt(kept: { uses: number; usedAt: number }, now: number): number {
  return kept.uses * 2 ** (-Math.max(0, now - kept.usedAt) / USE_HALF_LIFE_MS)
}
