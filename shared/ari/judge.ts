/**
 * Whether a product may be sold for a stay, and at what room charge: every restriction of the trade, in one pure function
 * that the edge asks to answer and the origin asks to sell. Written without objects for a product or a night: a search
 * looks at some thousand cells.
 */
import { type CountedParty, fits } from '../domain/party.ts'
import { nightlyAmount, occupancySupplement } from '../domain/pricing.ts'
import { REASONS, type Reason } from '../routes/availability.ts'
import { nightlyAmounts } from './nightly.ts'
import {
  amountAt,
  availableAt,
  CLOSED,
  CLOSED_TO_ARRIVAL,
  CLOSED_TO_DEPARTURE,
  NO_RATE,
  type Product,
  packRule,
  type Snapshot,
} from './snapshot.ts'

/** A stay in a snapshot's own terms: index of the arrival night (may lie outside), nights, days from today to arrival. */
export interface IndexedStay {
  first: number
  nights: number
  leadDays: number
}

/** Why not, and the nights concerned as indexes into the snapshot. */
export interface Refusal {
  reason: Reason
  nights: number[]
}

/** What each product of a snapshot, by its index, is for a stay. */
export interface Evaluation {
  /** `SELLABLE`, or the place in `REASONS` of the first rule that is broken. */
  reasons: Int8Array
  /** The room charge in minor units, where every night has a rate and the party fits; undefined meaning elsewhere. */
  charges: Float64Array
}

export const SELLABLE = -1
/** The bits of a rule that say how long a stay over its night must be. */
const THROUGH = 0xff00
const [
  OUTSIDE_HORIZON,
  OCCUPANCY,
  NOT_PRICED,
  IS_CLOSED,
  NO_ARRIVAL,
  NO_DEPARTURE,
  MIN_STAY_ARRIVAL,
  MIN_STAY_THROUGH,
  MAX_STAY,
  ADVANCE_MIN,
  ADVANCE_MAX,
  SOLD_OUT,
] = REASONS.map((_, index) => index) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]

/**
 * Judges every product of the property for a stay: the first rule it breaks, in the order of `REASONS`. Rooms left are
 * judged last, so that a guest who can change the stay hears about the rule first.
 */
export function evaluateStay(snapshot: Snapshot, stay: IndexedStay, party: CountedParty): Evaluation {
  const { products } = snapshot
  const reasons = new Int8Array(products.length)
  const charges = new Float64Array(products.length)
  if (isOutside(snapshot, stay)) return { reasons: reasons.fill(OUTSIDE_HORIZON), charges }
  const plain = nightlyAmounts(snapshot, stay.first, stay.nights)
  let type = -1
  let supplement = 0
  let taken = false
  let left = 0
  for (let i = 0; i < products.length; i++) {
    const product = products[i] as Product
    // Products stand by room type, so that what belongs to the room type is worked out once.
    if (product.roomTypeIndex !== type) {
      type = product.roomTypeIndex
      taken = fits(party, product.roomType.occupancy)
      if (taken) {
        supplement = occupancySupplement(product.roomType.occupancy, party)
        left = roomsLeft(snapshot, type, stay)
      }
    }
    if (!taken) {
      reasons[i] = OCCUPANCY
      continue
    }
    const charge =
      plain && supplement === 0
        ? sumOf(plain, products.length, product, stay)
        : chargeFor(snapshot, product, stay, supplement)
    charges[i] = charge
    if (charge === NO_RATE) {
      reasons[i] = NOT_PRICED
      continue
    }
    const broken = brokenRule(snapshot, product, stay)
    reasons[i] = broken === SELLABLE && left === 0 ? SOLD_OUT : broken
  }
  return { reasons, charges }
}

/** `evaluateStay` for one product. */
export function judgeStay(
  snapshot: Snapshot,
  product: Product,
  stay: IndexedStay,
  party: CountedParty,
): Refusal | undefined {
  const refusal = judgeRules(snapshot, product, stay, party)
  if (refusal || roomsLeft(snapshot, product.roomTypeIndex, stay) > 0) return refusal
  return refusalFor(snapshot, product, stay, SOLD_OUT)
}

/** `judgeStay` without the rooms left: the origin counts those under lock. */
export function judgeRules(
  snapshot: Snapshot,
  product: Product,
  stay: IndexedStay,
  party: CountedParty,
): Refusal | undefined {
  const { occupancy } = product.roomType
  if (isOutside(snapshot, stay)) return refusalFor(snapshot, product, stay, OUTSIDE_HORIZON)
  if (!fits(party, occupancy)) return refusalFor(snapshot, product, stay, OCCUPANCY)
  if (chargeFor(snapshot, product, stay, occupancySupplement(occupancy, party)) === NO_RATE)
    return refusalFor(snapshot, product, stay, NOT_PRICED)
  const broken = brokenRule(snapshot, product, stay)
  return broken === SELLABLE ? undefined : refusalFor(snapshot, product, stay, broken)
}

/** Rooms of a type, by its place in the content, that are left on every night of a stay; 9 means nine or more. */
export function roomsLeft(snapshot: Snapshot, type: number, stay: IndexedStay): number {
  const { available, roomTypes } = snapshot
  const end = (stay.first + stay.nights) * roomTypes
  let left = 9
  for (let at = stay.first * roomTypes + type; at < end; at += roomTypes) {
    const here = available[at] as number
    if (here < left) left = here
  }
  return left
}

/**
 * The sum of the nightly amounts of a stay within the horizon, minor units, or `NO_RATE` where a night has none.
 * `supplement` is what the party adds to each night.
 */
export function chargeFor(snapshot: Snapshot, product: Product, stay: IndexedStay, supplement: number): number {
  const { first, nights } = stay
  const plain = supplement === 0 ? nightlyAmounts(snapshot, first, nights) : undefined
  if (plain) return sumOf(plain, snapshot.products.length, product, stay)
  let charge = 0
  for (let night = first; night < first + nights; night++) {
    const rate = amountAt(snapshot, product, night)
    if (rate === NO_RATE) return NO_RATE
    charge += nightlyAmount(rate, supplement, product.plan.derived)
  }
  return charge
}

function sumOf(amounts: Int32Array, step: number, product: Product, { first, nights }: IndexedStay): number {
  const end = (first + nights) * step
  let charge = 0
  for (let at = first * step + product.index; at < end; at += step) {
    const amount = amounts[at] as number
    if (amount === NO_RATE) return NO_RATE
    charge += amount
  }
  return charge
}

/** The first restriction or advance limit that a stay within the horizon breaks: its place in `REASONS`, or `SELLABLE`. */
export function brokenRule(snapshot: Snapshot, product: Product, stay: IndexedStay): number {
  const { rules } = snapshot
  const step = snapshot.products.length
  const { first, nights } = stay
  // Without a parent the product's own cells are looked at twice: the same answer, and no branch in the loop.
  const shift = (product.restrictedBy ?? product.index) - product.index
  let any = 0
  let through = 0
  const end = (first + nights) * step
  for (let at = first * step + product.index; at < end; at += step) {
    const own = rules[at] as number
    const parent = rules[at + shift] as number
    any |= own | parent
    if ((own & THROUGH) > through) through = own & THROUGH
    if ((parent & THROUGH) > through) through = parent & THROUGH
  }
  if (first + nights < snapshot.nights)
    any |= (rules[end + product.index] as number) | (rules[end + product.index + shift] as number)
  // Most cells restrict nothing.
  if (any === 0) return brokenAdvance(product, stay)
  return decide(
    snapshot,
    product,
    stay,
    (any & CLOSED) !== 0 && isClosed(snapshot, product, stay),
    through >>> 8 > nights,
  )
}

/** Whether a night of the stay is closed. */
function isClosed(snapshot: Snapshot, product: Product, { first, nights }: IndexedStay): boolean {
  for (let night = first; night < first + nights; night++)
    if ((ruleOn(snapshot, product, night) & CLOSED) !== 0) return true
  return false
}

/** The restrictions of a product on a night as one word, its parent's with them where they hold too; 0: none. */
export function ruleOn(snapshot: Snapshot, product: Product, night: number): number {
  const { rules, products } = snapshot
  const own = rules[night * products.length + product.index] as number
  if (product.restrictedBy === undefined) return own
  return stricter(own, rules[night * products.length + product.restrictedBy] as number)
}

/** The nights that a stay must have to stay over a night with this rule; 0: none. */
export function minStayThrough(rule: number): number {
  return (rule >>> 8) & 0xff
}

/**
 * Decides in the order of `REASONS` once it is known whether any night of the stay is closed, and whether any asks for
 * a longer one.
 */
export function decide(
  snapshot: Snapshot,
  product: Product,
  stay: IndexedStay,
  closed: boolean,
  tooShort: boolean,
): number {
  const { first, nights } = stay
  const departure = first + nights
  const arriving = ruleOn(snapshot, product, first)
  if (closed) return IS_CLOSED
  if ((arriving & CLOSED_TO_ARRIVAL) !== 0) return NO_ARRIVAL
  if (departure < snapshot.nights && (ruleOn(snapshot, product, departure) & CLOSED_TO_DEPARTURE) !== 0)
    return NO_DEPARTURE
  if (nights < ((arriving >>> 16) & 0xff)) return MIN_STAY_ARRIVAL
  if (tooShort) return MIN_STAY_THROUGH
  const maxStay = arriving >>> 24
  if (maxStay !== 0 && nights > maxStay) return MAX_STAY
  return brokenAdvance(product, stay)
}

function brokenAdvance(product: Product, { leadDays }: IndexedStay): number {
  const { advanceMin, advanceMax } = product.plan
  if (advanceMin !== null && leadDays < advanceMin) return ADVANCE_MIN
  if (advanceMax !== null && leadDays > advanceMax) return ADVANCE_MAX
  return SELLABLE
}

/** Two restriction cells as one that is as strict as both. */
function stricter(a: number, b: number): number {
  if (a === 0 || b === 0) return a | b
  const maxA = a >>> 24
  const maxB = b >>> 24
  return packRule(
    (a | b) & 0xff,
    Math.max(minStayThrough(a), minStayThrough(b)),
    Math.max((a >>> 16) & 0xff, (b >>> 16) & 0xff),
    maxA === 0 || maxB === 0 ? maxA + maxB : Math.min(maxA, maxB),
  )
}

/** A refusal with the nights it is about; looked at again, since most stays are sold or refused without being shown. */
export function refusalFor(snapshot: Snapshot, product: Product, stay: IndexedStay, code: number): Refusal {
  return { reason: REASONS[code] as Reason, nights: nightsOf(snapshot, product, stay, code) }
}

function nightsOf(snapshot: Snapshot, product: Product, stay: IndexedStay, code: number): number[] {
  const { first, nights } = stay
  const where = (holds: (night: number) => boolean) => {
    const found: number[] = []
    for (let night = first; night < first + nights; night++) if (holds(night)) found.push(night)
    return found
  }
  switch (code) {
    case OUTSIDE_HORIZON:
      return where((night) => night < 0 || night >= snapshot.nights)
    case OCCUPANCY:
      return []
    case NOT_PRICED:
      return where((night) => amountAt(snapshot, product, night) === NO_RATE)
    case IS_CLOSED:
      return where((night) => (ruleOn(snapshot, product, night) & CLOSED) !== 0)
    case MIN_STAY_THROUGH:
      return where((night) => minStayThrough(ruleOn(snapshot, product, night)) > nights)
    case SOLD_OUT:
      return where((night) => availableAt(snapshot, product.roomTypeIndex, night) === 0)
    case NO_DEPARTURE:
      return [first + nights]
    default:
      return [first]
  }
}

function isOutside(snapshot: Snapshot, { first, nights }: IndexedStay): boolean {
  return first < 0 || first + nights > snapshot.nights
}
