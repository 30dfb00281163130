/**
 * The ARI snapshot: everything that is needed to answer availability for one property at one version, in one block of
 * bytes whose columns are used in place. Opening it makes views and parses the property's content; no work per night.
 *
 * Format 2, little-endian:
 *
 * | offset | type | what |
 * |---|---|---|
 * | 0 | u32 | magic `SZAR` (0x52415a53) |
 * | 4 | u16 | format, 2 |
 * | 6 | u16 | zero |
 * | 8 | u32 | length of the whole in bytes, a multiple of 4 |
 * | 12 | u32 | checksum of all words from offset 16 (see `checksum`) |
 * | 16 | f64 | ARI version |
 * | 24 | i32 | day number of the first night |
 * | 28 | u32 | nights, N |
 * | 32 | u32 | room types, T |
 * | 36 | u32 | base products, B |
 * | 40 | u32 | products, P |
 * | 44 | u32 | bytes of content, C |
 * | 48 | i32[N×B] | nightly amounts, minor units; -1: no rate |
 * | … | u32[N×P] | rules: flags + minStayThrough × 2^8 + minStayArrival × 2^16 + maxStay × 2^24; a length of 0: none |
 * | … | u8[N×T] | rooms left, clamped at 9 |
 * | … | u8[C] | the content, JSON in UTF-8 |
 * | … | u8[0-3] | zero, to a multiple of 4 |
 *
 * Flags: 1 closed to arrival, 2 closed to departure, 4 closed.
 *
 * All cells of a night stand together, then those of the next: a stay reads a few nights of every product, so what it
 * reads lies in a few runs of memory instead of a piece of every row (measured at 30 room types × 12 plans: a quarter of
 * the time). Room types stand in the content's order; products by room type, then by rate plan in the content's order,
 * where the plan sells the room type. Base products are numbered in the same order, derived ones left out.
 */
import { dayNumber } from '../domain/nights.ts'
import type { PropertyContent, RatePlan, RoomType } from '../domain/property.ts'
import type { AriFacts, RestrictionCell } from './facts.ts'

export const AVAILABLE_MAX = 9
export const NO_RATE = -1
export const CLOSED_TO_ARRIVAL = 1
export const CLOSED_TO_DEPARTURE = 2
export const CLOSED = 4

const MAGIC = 0x52415a53
const FORMAT = 2
const HEADER_BYTES = 48

/** A room type at a rate plan, with its places among the cells of a night. */
export interface Product {
  index: number
  roomType: RoomType
  roomTypeIndex: number
  plan: RatePlan
  /** Place in `amounts`: its own, or its parent's where the plan is derived; -1 where the parent does not sell the room type. */
  amountsPlace: number
  /** The parent's product where its restrictions hold too; undefined otherwise. */
  restrictedBy: number | undefined
}

/** An open snapshot. Cells are found at night × cells of a night + place. Only `applyDelta` changes it, and whole. */
export interface Snapshot {
  version: number
  readonly content: PropertyContent
  readonly firstDay: number
  readonly nights: number
  readonly products: readonly Product[]
  /** Base products, room types: cells of a night in `amounts`, in `available`. */
  readonly baseProducts: number
  readonly roomTypes: number
  readonly amounts: Int32Array
  readonly rules: Uint32Array
  readonly available: Uint8Array
  readonly bytes: Uint8Array
}

/** A snapshot that cannot be read: damaged, cut short, or of a format this code does not know. */
export class SnapshotDamaged extends Error {
  constructor(why: string) {
    super(`ARI snapshot refused: ${why}`)
    this.name = 'SnapshotDamaged'
  }
}

/** An empty snapshot of the right size: nothing left, no rates, no restrictions. Fill its columns, then `sealSnapshot`. */
export function blankSnapshot(content: PropertyContent, version: number, firstDay: number, nights: number): Snapshot {
  const text = new TextEncoder().encode(JSON.stringify(content))
  const products = productsOf(content)
  const base = baseProducts(products)
  const columns = columnBytes(nights, content.roomTypes.length, base, products.length)
  const length = Math.ceil((HEADER_BYTES + columns + text.length) / 4) * 4
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint16(4, FORMAT, true)
  view.setUint32(8, length, true)
  view.setFloat64(16, version, true)
  view.setInt32(24, firstDay, true)
  view.setUint32(28, nights, true)
  view.setUint32(32, content.roomTypes.length, true)
  view.setUint32(36, base, true)
  view.setUint32(40, products.length, true)
  view.setUint32(44, text.length, true)
  bytes.set(text, HEADER_BYTES + columns)
  const snapshot = viewOver(bytes, content, products)
  snapshot.amounts.fill(NO_RATE)
  return snapshot
}

/** Columns for a few nights, to judge and price one stay in place. Not for sending: it has no bytes. */
export function scratchSnapshot(content: PropertyContent, version: number, firstDay: number, nights: number): Snapshot {
  const products = productsOf(content)
  const base = baseProducts(products)
  return {
    version,
    content,
    firstDay,
    nights,
    products,
    baseProducts: base,
    roomTypes: content.roomTypes.length,
    amounts: new Int32Array(base * nights).fill(NO_RATE),
    rules: new Uint32Array(products.length * nights),
    available: new Uint8Array(content.roomTypes.length * nights),
    bytes: new Uint8Array(),
  }
}

/** Writes the version and the checksum into the bytes, and returns them. */
export function sealSnapshot(snapshot: Snapshot): Uint8Array {
  const view = new DataView(snapshot.bytes.buffer, snapshot.bytes.byteOffset, snapshot.bytes.byteLength)
  view.setFloat64(16, snapshot.version, true)
  view.setUint32(12, checksum(snapshot.bytes), true)
  return snapshot.bytes
}

/** Packs facts into the bytes of a snapshot. */
export function encodeSnapshot(facts: AriFacts): Uint8Array {
  const snapshot = blankSnapshot(facts.content, facts.version, dayNumber(facts.firstNight), facts.nights)
  facts.available.forEach((row, type) => {
    row.forEach((left, night) => {
      writeAvailable(snapshot, type, night, left)
    })
  })
  for (const product of snapshot.products) {
    const given = facts.products.find(
      (it) => it.roomType === product.roomType.roomType && it.ratePlan === product.plan.ratePlan,
    )
    if (!product.plan.derived)
      given?.amounts?.forEach((amount, night) => {
        writeAmount(snapshot, product, night, amount ?? NO_RATE)
      })
    given?.restrictions.forEach((cell, night) => {
      writeRestriction(snapshot, product, night, cell)
    })
  }
  return sealSnapshot(snapshot)
}

/** Opens bytes for use. Throws `SnapshotDamaged` rather than misread. */
export function openSnapshot(bytes: Uint8Array): Snapshot {
  if (bytes.byteLength < HEADER_BYTES) throw new SnapshotDamaged('shorter than its header')
  // Columns of 32-bit words need an aligned start; a view into a larger buffer may not have one. The constructor copies,
  // where `slice` of a Node Buffer would be another view of the same place.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw new SnapshotDamaged('not an ARI snapshot')
  if (view.getUint16(4, true) !== FORMAT) throw new SnapshotDamaged(`format ${view.getUint16(4, true)} is unknown`)
  // Before the checksum's words, so that it has to be looked at by itself.
  if (view.getUint16(6, true) !== 0) throw new SnapshotDamaged('its reserved field is in use')
  if (view.getUint32(8, true) !== aligned.byteLength || aligned.byteLength % 4 !== 0)
    throw new SnapshotDamaged('its length is not what it says')
  if (view.getUint32(12, true) !== checksum(aligned)) throw new SnapshotDamaged('its checksum does not hold')
  const [nights, types, base, count, contentBytes] = [28, 32, 36, 40, 44].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const columns = columnBytes(nights, types, base, count)
  if (Math.ceil((HEADER_BYTES + columns + contentBytes) / 4) * 4 !== aligned.byteLength)
    throw new SnapshotDamaged('its parts do not add up')
  const start = HEADER_BYTES + columns
  const content = contentFrom(aligned.subarray(start, start + contentBytes))
  const products = productsOf(content)
  if (content.roomTypes.length !== types || products.length !== count || baseProducts(products) !== base)
    throw new SnapshotDamaged('its content does not match its columns')
  return viewOver(aligned, content, products)
}

function contentFrom(text: Uint8Array): PropertyContent {
  let content: Partial<PropertyContent> | null
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch {
    throw new SnapshotDamaged('its content is no JSON')
  }
  if (!Array.isArray(content?.roomTypes) || !Array.isArray(content.ratePlans))
    throw new SnapshotDamaged('its content is no property')
  return content as PropertyContent
}

/** Rooms left as the snapshot holds them: 9 means nine or more. */
export function clampAvailable(left: number): number {
  return Math.max(0, Math.min(AVAILABLE_MAX, left))
}

/** Writes how many rooms are left of a room type, by its place in the content. */
export function writeAvailable(snapshot: Snapshot, type: number, night: number, left: number): void {
  snapshot.available[night * snapshot.roomTypes + type] = clampAvailable(left)
}

/** Rooms left of a room type, by its place in the content; 9 means nine or more. */
export function availableAt(snapshot: Snapshot, type: number, night: number): number {
  return snapshot.available[night * snapshot.roomTypes + type] as number
}

/** Writes the nightly rate of a base product; `NO_RATE` takes it off sale. */
export function writeAmount(snapshot: Snapshot, product: Product, night: number, amount: number): void {
  snapshot.amounts[night * snapshot.baseProducts + product.amountsPlace] = amount
}

/** The nightly rate that a product is priced by, its parent's where it is derived; `NO_RATE` where there is none. */
export function amountAt(snapshot: Snapshot, product: Product, night: number): number {
  if (product.amountsPlace === -1) return NO_RATE
  return snapshot.amounts[night * snapshot.baseProducts + product.amountsPlace] as number
}

/** Writes one restriction cell. */
export function writeRestriction(snapshot: Snapshot, product: Product, night: number, cell: RestrictionCell): void {
  const flags =
    (cell.closedToArrival ? CLOSED_TO_ARRIVAL : 0) |
    (cell.closedToDeparture ? CLOSED_TO_DEPARTURE : 0) |
    (cell.closed ? CLOSED : 0)
  snapshot.rules[night * snapshot.products.length + product.index] = packRule(
    flags,
    cell.minStayThrough ?? 0,
    cell.minStayArrival ?? 0,
    cell.maxStay ?? 0,
  )
}

/** A restriction cell as one word; lengths of 0: none. */
export function packRule(flags: number, minStayThrough: number, minStayArrival: number, maxStay: number): number {
  return (flags | (minStayThrough << 8) | (minStayArrival << 16) | (maxStay << 24)) >>> 0
}

const productsByContent = new WeakMap<PropertyContent, Product[]>()

/** Every product of a property, in the snapshot's order. */
export function productsOf(content: PropertyContent): Product[] {
  let products = productsByContent.get(content)
  if (!products) {
    products = listProducts(content)
    productsByContent.set(content, products)
  }
  return products
}

function listProducts(content: PropertyContent): Product[] {
  const products: Product[] = []
  let basePlaces = 0
  content.roomTypes.forEach((roomType, roomTypeIndex) => {
    for (const plan of content.ratePlans) {
      if (!plan.roomTypes.includes(roomType.roomType)) continue
      const amountsPlace = plan.derived ? -1 : basePlaces++
      products.push({ index: products.length, roomType, roomTypeIndex, plan, amountsPlace, restrictedBy: undefined })
    }
  })
  for (const product of products) {
    const { derived } = product.plan
    if (!derived) continue
    const parent = products.find(
      (it) => it.roomTypeIndex === product.roomTypeIndex && it.plan.ratePlan === derived.ratePlan,
    )
    if (!parent) continue
    product.amountsPlace = parent.amountsPlace
    if (derived.inheritRestrictions) product.restrictedBy = parent.index
  }
  return products
}

function baseProducts(products: readonly Product[]): number {
  return products.filter((product) => !product.plan.derived).length
}

function columnBytes(nights: number, types: number, base: number, products: number): number {
  return nights * (4 * base + 4 * products + types)
}

function viewOver(bytes: Uint8Array, content: PropertyContent, products: Product[]): Snapshot {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const nights = view.getUint32(28, true)
  const base = view.getUint32(36, true)
  const types = view.getUint32(32, true)
  const start = bytes.byteOffset + HEADER_BYTES
  const amounts = new Int32Array(bytes.buffer, start, base * nights)
  const rules = new Uint32Array(bytes.buffer, start + amounts.byteLength, products.length * nights)
  return {
    version: view.getFloat64(16, true),
    content,
    firstDay: view.getInt32(24, true),
    nights,
    products,
    baseProducts: base,
    roomTypes: types,
    amounts,
    rules,
    available: new Uint8Array(bytes.buffer, start + amounts.byteLength + rules.byteLength, types * nights),
    bytes,
  }
}

/**
 * A 32-bit mix of every word after the checksum itself, in four lanes that the processor works at side by side: xor,
 * rotate and multiply keep every flipped bit, the seeds and the last mixing tell lanes apart, so that a swapped word and
 * a cut tail show too. It finds damage, not malice: the signature does that.
 */
function checksum(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + 16, (bytes.byteLength - 16) >> 2)
  let a = words.length
  let b = 0x2545f491
  let c = 0x4cf5ad43
  let d = 0x1656667b
  const whole = words.length & ~3
  for (let i = 0; i < whole; i += 4) {
    a ^= words[i] as number
    b ^= words[i + 1] as number
    c ^= words[i + 2] as number
    d ^= words[i + 3] as number
    a = Math.imul((a << 13) | (a >>> 19), 0xcc9e2d51)
    b = Math.imul((b << 13) | (b >>> 19), 0xcc9e2d51)
    c = Math.imul((c << 13) | (c >>> 19), 0xcc9e2d51)
    d = Math.imul((d << 13) | (d >>> 19), 0xcc9e2d51)
  }
  let hash = 0
  for (const lane of [a, b, c, d, ...words.subarray(whole)]) {
    hash ^= lane
    hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b873593) + 0x38b34ae5
  }
  return hash >>> 0
}
