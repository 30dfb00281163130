/**
 * Copies of snapshots in object storage: what an edge answers from while the origin cannot be reached and it holds
 * nothing. The origin writes them, the edge reads them; both forms are here. Pure.
 *
 * `ari/{property}/copy` is 16 bytes, then the snapshot gzipped:
 *
 * | offset | type | what |
 * |---|---|---|
 * | 0 | u32 | magic `SZCP` (0x50435a53), little-endian like all |
 * | 4 | u32 | format, 1 |
 * | 8 | f64 | instant in ms: everything committed by then is in it |
 *
 * `ari/{property}/changes` has the same header, then gzipped JSON: the delta (`delta.ts`) from the copy's version to the
 * current one. A booking is some hundred bytes there, while the copy of a large property is 400 KB.
 *
 * `ari/as-of` is JSON, gzipped: which version each copy is at with its changes, and one instant up to which they are all known to be the
 * current ones, so that what does not change need not be written again. A copy that could not be written lately stands
 * under `behind` with an instant of its own.
 *
 * A copy says its own instant as well, because two writers may overlap after one was held up: an older copy then
 * overwrites a newer one, is no longer at the version that `as-of` names, and is dated by itself.
 */

import { applyDelta, type Delta, isDelta } from './delta.ts'
import { openSnapshot, type Snapshot } from './snapshot.ts'

export const AS_OF_KEY = 'ari/as-of'
export function copyKey(property: string): string {
  return `ari/${property}/copy`
}
export function changesKey(property: string): string {
  return `ari/${property}/changes`
}

const MAGIC = 0x50435a53
const FORMAT = 1
const HEADER_BYTES = 16

export interface AsOf {
  format: 1
  /** Instant in ms: every copy at the version below has everything committed by then, unless it is behind. */
  asOf: number
  versions: Record<string, number>
  /** Versions of the copies without their changes. */
  bases: Record<string, number>
  /** Instants of those whose newer version could not be written. */
  behind: Record<string, number>
}

/** The bytes of a copy or of its changes from what was gzipped, and its instant. */
export function sealCopy(gzipped: Uint8Array, confirmedAt: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + gzipped.byteLength)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, FORMAT, true)
  view.setFloat64(8, confirmedAt, true)
  bytes.set(gzipped, HEADER_BYTES)
  return bytes
}

/** What a copy or its changes are made of; undefined for bytes that are none. */
export function readCopy(bytes: Uint8Array): { gzipped: Uint8Array<ArrayBuffer>; confirmedAt: number } | undefined {
  if (bytes.byteLength <= HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const confirmedAt = view.getFloat64(8, true)
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== FORMAT || !(confirmedAt > 0)) return undefined
  return { gzipped: bytes.slice(HEADER_BYTES) as Uint8Array<ArrayBuffer>, confirmedAt }
}

/** Reads the text of `ari/as-of`; undefined where it is none. */
export function readAsOf(text: string): AsOf | undefined {
  let value: Partial<AsOf> | null
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (value?.format !== 1 || typeof value.asOf !== 'number') return undefined
  return [value.versions, value.bases, value.behind].every(isNumbers) ? (value as AsOf) : undefined
}

/** Up to when everything committed is in a copy of this version and instant. */
export function copyConfirmedAt(asOf: AsOf | undefined, property: string, version: number, ownInstant: number): number {
  if (asOf === undefined || !Object.hasOwn(asOf.versions, property) || asOf.versions[property] !== version)
    return ownInstant
  const known = Object.hasOwn(asOf.behind, property) ? (asOf.behind[property] as number) : asOf.asOf
  return Math.max(ownInstant, known)
}

/** A copy with its changes, as they are read. */
export interface WholeCopy {
  snapshot: Snapshot
  /** The version of the copy without its changes. */
  base: number
  /** Its own instant, in ms. */
  confirmedAt: number
}

/**
 * Opens a copy's unzipped bytes and applies its changes, where they go on from it. Throws `SnapshotDamaged`; changes that
 * are none of this copy's are left alone.
 */
export function openCopy(
  copy: { bytes: Uint8Array; confirmedAt: number },
  changes: { text: string; confirmedAt: number } | undefined,
): WholeCopy {
  const snapshot = openSnapshot(copy.bytes)
  const base = snapshot.version
  const delta = changes && readDelta(changes.text, base)
  if (!changes || !delta || !applyDelta(snapshot, delta)) return { snapshot, base, confirmedAt: copy.confirmedAt }
  return { snapshot, base, confirmedAt: Math.max(copy.confirmedAt, changes.confirmedAt) }
}

function readDelta(text: string, from: number): Delta | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const to = (value as { to?: unknown } | null)?.to
    return typeof to === 'number' && isDelta(value, from, to) ? value : undefined
  } catch {
    return undefined
  }
}

function isNumbers(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every(Number.isFinite)
}
