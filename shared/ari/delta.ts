/**
 * What changed between two versions: cells by code and day number, later entries over earlier ones. One booking of three
 * nights is about a hundred bytes. The origin appends a `CellChange` to the outbox with every change and joins them.
 */
import { markChanged } from './kept-stays.ts'
import { forgetNightlyAmounts } from './nightly.ts'
import {
  CLOSED,
  CLOSED_TO_ARRIVAL,
  CLOSED_TO_DEPARTURE,
  clampAvailable,
  NO_RATE,
  packRule,
  type Snapshot,
} from './snapshot.ts'

/** `restructured`: rooms, plans or content changed, and only a whole snapshot will do. */
export interface CellChange {
  restructured?: boolean
  /** room type, day number, rooms left */
  available?: [string, number, number][]
  /** room type, rate plan, day number, minor units or -1 */
  amounts?: [string, string, number, number][]
  /** room type, rate plan, day number, minStayArrival, minStayThrough, maxStay, flags; 0: none */
  restrictions?: [string, string, number, number, number, number, number][]
}

export interface Delta {
  format: 1
  from: number
  to: number
  changes: CellChange[]
}

export const RESTRICTION_FLAGS = { CLOSED_TO_ARRIVAL, CLOSED_TO_DEPARTURE, CLOSED }

/**
 * What each kind of cell is made of: so many codes, a day, then so many numbers within a range. A number that a column
 * cannot hold would become another one there, and a rate that is no number would become a room for nothing.
 */
const CELL_KINDS = {
  available: { codes: 1, numbers: 1, least: -0x8000_0000, most: 0x7fff_ffff },
  amounts: { codes: 2, numbers: 1, least: NO_RATE, most: 0x7fff_ffff },
  restrictions: { codes: 2, numbers: 4, least: 0, most: 0xff },
} as const

/** Whether the value has the shape of a delta from one version to another, down to each cell. */
export function isDelta(value: unknown, from: number, to: number): value is Delta {
  const delta = value as Partial<Delta> | null
  return (
    typeof delta === 'object' &&
    delta !== null &&
    delta.format === 1 &&
    delta.from === from &&
    delta.to === to &&
    Array.isArray(delta.changes) &&
    delta.changes.every(isCellChange)
  )
}

function isCellChange(change: unknown): boolean {
  if (typeof change !== 'object' || change === null) return false
  return Object.entries(CELL_KINDS).every(([name, kind]) => {
    const cells = (change as Record<string, unknown>)[name]
    return cells === undefined || (Array.isArray(cells) && cells.every((cell) => isCell(cell, kind)))
  })
}

function isCell(cell: unknown, kind: { codes: number; numbers: number; least: number; most: number }): boolean {
  const { codes, numbers, least, most } = kind
  return (
    Array.isArray(cell) &&
    cell.length === codes + 1 + numbers &&
    cell.slice(0, codes).every((code) => typeof code === 'string') &&
    cell.slice(codes).every(Number.isInteger) &&
    cell.slice(codes + 1).every((number) => number >= least && number <= most)
  )
}

/**
 * Brings a snapshot from `delta.from` to `delta.to`, whole or not at all. Returns false, and changes nothing, where the
 * snapshot is at another version or the delta names something the snapshot does not have: fetch the snapshot instead.
 */
export function applyDelta(snapshot: Snapshot, delta: Delta): boolean {
  if (snapshot.version !== delta.from) return false
  const writes: [column: Int32Array | Uint32Array | Uint8Array, night: number, place: number, value: number][] = []
  const types = new Map(snapshot.content.roomTypes.map((type, index) => [type.roomType, index]))
  const products = new Map(snapshot.products.map((it) => [`${it.roomType.roomType} ${it.plan.ratePlan}`, it]))
  const { firstDay, nights } = snapshot
  for (const change of delta.changes) {
    if (change.restructured) return false
    for (const [roomType, day, left] of change.available ?? []) {
      const index = types.get(roomType)
      if (index === undefined) return false
      const night = day - firstDay
      if (inside(night))
        writes.push([snapshot.available, night, night * snapshot.roomTypes + index, clampAvailable(left)])
    }
    for (const [roomType, ratePlan, day, amount] of change.amounts ?? []) {
      const product = products.get(`${roomType} ${ratePlan}`)
      if (!product || product.plan.derived) return false
      const night = day - firstDay
      if (inside(night))
        writes.push([snapshot.amounts, night, night * snapshot.baseProducts + product.amountsPlace, amount ?? NO_RATE])
    }
    for (const [roomType, ratePlan, day, arrivalMin, throughMin, max, flags] of change.restrictions ?? []) {
      const product = products.get(`${roomType} ${ratePlan}`)
      if (!product) return false
      const night = day - firstDay
      if (!inside(night)) continue
      const place = night * snapshot.products.length + product.index
      writes.push([snapshot.rules, night, place, packRule(flags, throughMin, arrivalMin, max)])
    }
  }
  for (const [column, night, place, value] of writes) {
    column[place] = value
    markChanged(snapshot, night, delta.to)
    if (column === snapshot.amounts) forgetNightlyAmounts(snapshot, night)
  }
  snapshot.version = delta.to
  return true

  function inside(night: number): boolean {
    return night >= 0 && night < nights
  }
}
