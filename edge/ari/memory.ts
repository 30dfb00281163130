import type { Snapshot } from '../../shared/ari/snapshot.ts'

/** A snapshot held in memory, and when its version was last known to be the current one. */
export interface Held {
  snapshot: Snapshot
  confirmedAt: number
}

/** Parsed content and views weigh about this much beside the bytes. */
const OVERHEAD_BYTES = 64 * 1024

/**
 * Snapshots by property, bounded by bytes, least recently used out first. Never goes back: an older version does not
 * replace a newer one, and a confirmation that began earlier does not replace a later one. That, and not timing, is what
 * makes a late fill harmless.
 */
export class SnapshotMemory {
  readonly #held = new Map<string, Held>()
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** What is held of a property; counts as a use. */
  get(property: string): Held | undefined {
    const held = this.#held.get(property)
    if (!held) return undefined
    this.#held.delete(property)
    this.#held.set(property, held)
    return held
  }

  /** Offers a snapshot that was the current one at `confirmedAt`. Returns what is held afterwards. */
  offer(property: string, snapshot: Snapshot, confirmedAt: number): Held {
    const before = this.#held.get(property)
    if (before && before.snapshot.version > snapshot.version) return before
    if (before && before.snapshot.version === snapshot.version) {
      before.confirmedAt = Math.max(before.confirmedAt, confirmedAt)
      return before
    }
    this.forget(property)
    const held = { snapshot, confirmedAt }
    this.#held.set(property, held)
    this.#bytes += costOf(held)
    for (const [oldest] of this.#held) {
      if (this.#bytes <= this.#bytesMax || oldest === property) break
      this.forget(oldest)
    }
    return held
  }

  forget(property: string): void {
    const held = this.#held.get(property)
    if (!held) return
    this.#held.delete(property)
    this.#bytes -= costOf(held)
  }
}

function costOf(held: Held): number {
  return held.snapshot.bytes.byteLength + OVERHEAD_BYTES
}
