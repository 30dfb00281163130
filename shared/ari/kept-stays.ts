/**
 * What was said of a stay that is asked for again, kept until one of its nights changes: many guests ask about the same
 * weekend, and most bookings are for another one. Bounded, for all properties together; what was asked for longest ago goes
 * first.
 */
import type { Snapshot } from './snapshot.ts'

/** A sixteenth of an isolate; some 1,000 stays at a house of 5 room types × 4 rate plans. */
const BYTES_MAX = 8_000_000
/** What an entry weighs beside its text: key, object, place in the map. */
const ENTRY_BYTES = 250

/** Keys of stays that were asked for once; about 1 MB. Beyond it counting begins anew. */
const ASKED_ONCE_MAX = 10_000

/** The version that last changed each night of a snapshot, counted from when it was opened. */
type Ledger = Float64Array

/** An answer but for its freshness, which stands between the two. */
export interface SaidOfStay {
  before: string
  after: string
}

interface KeptStay {
  /** Whose nights it tells of: a snapshot read anew has another one, and an old one is not held here by what was said of it. */
  ledger: Ledger
  version: number
  said: SaidOfStay
  /** As `uses` stood. */
  usedAt: number
}

const ledgers = new WeakMap<Snapshot, Ledger>()
const kept = new Map<string, KeptStay>()
const askedOnce = new Set<string>()
let bytes = 0
let uses = 0

function ledgerOf(snapshot: Snapshot): Ledger {
  let ledger = ledgers.get(snapshot)
  if (!ledger) {
    ledger = new Float64Array(snapshot.nights)
    ledgers.set(snapshot, ledger)
  }
  return ledger
}

/**
 * What was kept under a key, if it is still true: no night from the arrival to the departure day, whose rules count as well,
 * has changed since. `first` as an index into the snapshot; may lie outside. The key names property and question.
 */
export function keptStay(snapshot: Snapshot, key: string, first: number, nights: number): SaidOfStay | undefined {
  const entry = kept.get(key)
  if (!entry) return undefined
  const ledger = ledgerOf(snapshot)
  let current = entry.ledger === ledger
  for (let i = first; current && i <= first + nights; i++) current = (ledger[i] ?? 0) <= entry.version
  if (!current) {
    forget(key, entry)
    askedOnce.add(key)
    return undefined
  }
  // To the end of the line; not each time, as who stands near the end is not in danger.
  uses += 1
  if (uses - entry.usedAt > kept.size / 4) {
    kept.delete(key)
    kept.set(key, entry)
    entry.usedAt = uses
  }
  return entry.said
}

/**
 * Whether what is said of a stay is to be kept: where it is asked for again. What is asked for once, as by a program that
 * tries all dates, would put out what many guests ask for. To be called each time that nothing is kept.
 */
export function isWorthKeeping(key: string): boolean {
  if (askedOnce.delete(key)) return true
  if (askedOnce.size >= ASKED_ONCE_MAX) askedOnce.clear()
  askedOnce.add(key)
  return false
}

/** Keeps what is true of the snapshot as it is now. */
export function keepStay(snapshot: Snapshot, key: string, said: SaidOfStay): void {
  const earlier = kept.get(key)
  if (earlier) forget(key, earlier)
  kept.set(key, { ledger: ledgerOf(snapshot), version: snapshot.version, said, usedAt: uses })
  bytes += bytesOf(said)
  for (const [oldest, entry] of kept) {
    if (bytes <= BYTES_MAX) break
    forget(oldest, entry)
  }
}

/** To be called for each night, by its index, that anything changes for with a version. */
export function markChanged(snapshot: Snapshot, night: number, version: number): void {
  const ledger = ledgers.get(snapshot)
  if (ledger) ledger[night] = version
}

function forget(key: string, entry: KeptStay): void {
  kept.delete(key)
  bytes -= bytesOf(entry.said)
}

function bytesOf({ before, after }: SaidOfStay): number {
  return before.length + after.length + ENTRY_BYTES
}
