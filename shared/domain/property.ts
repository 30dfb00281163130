/**
 * What a property is and sells on: rooms, plans, taxes and policies, without the nightly figures. The shapes are
 * schemas because the same object is a request body, a stored document and a part of the ARI snapshot.
 */
import * as z from 'zod/mini'
import { ROUNDINGS } from './money.ts'
import {
  Amount,
  CalendarDate,
  Currency,
  LocalTime,
  ProductCode,
  PropertyCode,
  writtenLine,
  writtenText,
} from './values.ts'
import { isTimeZone } from './zone.ts'

const RoundingRule = z.enum(ROUNDINGS as unknown as ['half-up', 'half-even', 'up', 'down'])

/** Children from `minAge` to `maxAge` years, both included. Older children pay and count as adults. */
export const ChildBand = z.strictObject({
  code: ProductCode,
  minAge: z.int().check(z.minimum(0), z.maximum(17)),
  maxAge: z.int().check(z.minimum(0), z.maximum(17)),
})
export type ChildBand = z.infer<typeof ChildBand>

/**
 * A tax or levy on the stay.
 * - `percent`: `basisPoints` of the room charge. Included: contained in the price shown. Not included: added on the net charge.
 * - `person-night`: `amount` for each person of at least `minAge`, for each of the first `maxNights` nights; always added
 *   unless included. This is the city tax.
 */
export const Tax = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('percent'),
    code: ProductCode,
    name: writtenLine(80),
    basisPoints: z.int().check(z.minimum(0), z.maximum(10_000)),
    included: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('person-night'),
    code: ProductCode,
    name: writtenLine(80),
    amount: Amount,
    minAge: z.int().check(z.minimum(0), z.maximum(18)),
    maxNights: z.int().check(z.minimum(1), z.maximum(999)),
    included: z.boolean(),
  }),
])
export type Tax = z.infer<typeof Tax>

/**
 * Until when cancelling is free, and what it costs after. `freeUntilDays` before arrival at `freeUntilTime` in the
 * property's zone; null: never free. `percent` is of the total.
 */
export const CancellationPolicy = z.strictObject({
  freeUntilDays: z.nullable(z.int().check(z.minimum(0), z.maximum(365))),
  freeUntilTime: LocalTime,
  penalty: z.enum(['first-night', 'full-stay', 'percent']),
  penaltyPercent: z.int().check(z.minimum(0), z.maximum(100)),
})
export type CancellationPolicy = z.infer<typeof CancellationPolicy>

export const Photo = z.strictObject({
  photo: z
    .string()
    .check(
      z.regex(
        /^[a-z0-9-]{1,80}\.(?:webp|jpg|png|avif)$/,
        'write a file name of lower-case letters, digits and dashes that ends in .webp, .jpg, .png or .avif',
      ),
    ),
  alt: writtenLine(200),
  width: z.int(),
  height: z.int(),
})
export type Photo = z.infer<typeof Photo>

/** Who fits and what they pay beyond the nightly rate. Amounts are minor units a night. */
export const Occupancy = z.strictObject({
  /** Adults the nightly rate is for. */
  base: z.int().check(z.minimum(1), z.maximum(60)),
  max: z.int().check(z.minimum(1), z.maximum(99)),
  maxAdults: z.int().check(z.minimum(1), z.maximum(99)),
  maxChildren: z.int().check(z.minimum(0), z.maximum(99)),
  /** Added (usually negative) where one adult stays alone in a room priced for more. */
  singleUse: z.int().check(z.minimum(-100_000_000), z.maximum(100_000_000)),
  extraAdult: Amount,
  /** One amount for each child band, in the bands' order. */
  childAmounts: z.array(Amount).check(z.maxLength(18)),
})
export type Occupancy = z.infer<typeof Occupancy>

export const RoomType = z.strictObject({
  roomType: ProductCode,
  name: writtenLine(80),
  description: writtenText(1000),
  beds: writtenLine(120),
  squareMetres: z.int().check(z.minimum(5), z.maximum(1000)),
  amenities: z.array(writtenLine(60)).check(z.maxLength(40)),
  photos: z.array(Photo).check(z.maxLength(20)),
  occupancy: Occupancy,
})
export type RoomType = z.infer<typeof RoomType>

/** How a derived plan is priced from its parent: percent first (in basis points), then the amount, then rounding. */
export const Derivation = z.strictObject({
  ratePlan: ProductCode,
  percentBasisPoints: z.int().check(z.minimum(-9_999), z.maximum(100_000)),
  amount: z.int().check(z.minimum(-10_000_000), z.maximum(10_000_000)),
  rounding: RoundingRule,
  /** Rounds the nightly amount to a multiple of so many minor units. */
  increment: z.int().check(z.minimum(1), z.maximum(100_000)),
  /** Whether the parent's restrictions hold for this plan too. */
  inheritRestrictions: z.boolean(),
})
export type Derivation = z.infer<typeof Derivation>

export const RatePlan = z.strictObject({
  ratePlan: ProductCode,
  name: writtenLine(80),
  description: writtenText(600),
  meal: z.enum(['room-only', 'breakfast', 'half-board', 'full-board', 'all-inclusive']),
  roomTypes: z.array(ProductCode).check(z.minLength(1), z.maxLength(100)),
  /** Null for a base plan, which has nightly rates of its own. The parent is a base plan. */
  derived: z.nullable(Derivation),
  /** Days before arrival: at least, at most. Null: no limit. */
  advanceMin: z.nullable(z.int().check(z.minimum(0), z.maximum(730))),
  advanceMax: z.nullable(z.int().check(z.minimum(0), z.maximum(730))),
  cancellation: CancellationPolicy,
})
export type RatePlan = z.infer<typeof RatePlan>

export const Address = z.strictObject({
  street: writtenLine(120),
  postalCode: writtenLine(20),
  city: writtenLine(80),
  country: z.string().check(z.regex(/^[A-Z]{2}$/, 'write the country as its ISO 3166 code')),
})

/** Everything about a property that a guest may read. */
export const PropertyContent = z.strictObject({
  property: PropertyCode,
  name: writtenLine(120),
  tagline: writtenLine(160),
  description: writtenText(4000),
  address: Address,
  phone: writtenLine(40),
  email: writtenLine(254),
  timeZone: z.string().check(z.refine(isTimeZone, 'write an IANA time zone such as Europe/Lisbon')),
  currency: Currency,
  checkInFrom: LocalTime,
  checkOutUntil: LocalTime,
  policies: z.array(z.strictObject({ title: writtenLine(80), text: writtenText(600) })).check(z.maxLength(20)),
  photos: z.array(Photo).check(z.maxLength(30)),
  childBands: z.array(ChildBand).check(z.maxLength(18)),
  taxes: z.array(Tax).check(z.maxLength(20)),
  taxRounding: RoundingRule,
  roomTypes: z.array(RoomType).check(z.minLength(1), z.maxLength(100)),
  ratePlans: z.array(RatePlan).check(z.minLength(1), z.maxLength(60)),
})
export type PropertyContent = z.infer<typeof PropertyContent>

/** A property to be made: what guests read, and the rooms behind it. */
export const PropertyDefinition = z.strictObject({
  content: PropertyContent,
  /** Room numbers by room type; their count is what is physically there. */
  rooms: z.record(ProductCode, z.array(writtenLine(20)).check(z.maxLength(3000))),
  /** Nights on sale, first and last included. */
  inventory: z.strictObject({ from: CalendarDate, to: CalendarDate }),
  /** Whether it appears in the public list of hotels. */
  listed: z.boolean(),
})
export type PropertyDefinition = z.infer<typeof PropertyDefinition>

/** What is wrong between the parts of a definition that no single field shows. Empty where nothing is. */
export function contradictions(definition: PropertyDefinition): { pointer: string; detail: string }[] {
  const found: { pointer: string; detail: string }[] = []
  const { content, rooms, inventory } = definition
  const add = (pointer: string, detail: string) => found.push({ pointer, detail })
  const typeCodes = new Set(content.roomTypes.map((type) => type.roomType))
  const basePlans = new Set(content.ratePlans.filter((plan) => !plan.derived).map((plan) => plan.ratePlan))
  if (typeCodes.size !== content.roomTypes.length) add('/content/roomTypes', 'two room types have the same code')
  if (new Set(content.ratePlans.map((plan) => plan.ratePlan)).size !== content.ratePlans.length)
    add('/content/ratePlans', 'two rate plans have the same code')
  content.roomTypes.forEach((type, i) => {
    if (type.occupancy.childAmounts.length !== content.childBands.length)
      add(`/content/roomTypes/${i}/occupancy/childAmounts`, 'needs one amount for each child band')
    if (type.occupancy.base > type.occupancy.max) add(`/content/roomTypes/${i}/occupancy/base`, 'must not exceed max')
  })
  content.ratePlans.forEach((plan, i) => {
    for (const code of plan.roomTypes)
      if (!typeCodes.has(code)) add(`/content/ratePlans/${i}/roomTypes`, `there is no room type ${code}`)
    if (plan.derived && !basePlans.has(plan.derived.ratePlan))
      add(`/content/ratePlans/${i}/derived/ratePlan`, `${plan.derived.ratePlan} is no base plan of this property`)
  })
  content.childBands.forEach((band, i) => {
    const previous = content.childBands[i - 1]
    if (band.maxAge < band.minAge) add(`/content/childBands/${i}`, 'maxAge must not be below minAge')
    if (band.minAge !== (previous ? previous.maxAge + 1 : 0))
      add(`/content/childBands/${i}/minAge`, 'bands begin at 0 and follow one another without gap')
  })
  const numbers = Object.values(rooms).flat()
  if (new Set(numbers).size !== numbers.length) add('/rooms', 'two rooms have the same number')
  for (const code of Object.keys(rooms)) if (!typeCodes.has(code)) add('/rooms', `there is no room type ${code}`)
  if (inventory.to < inventory.from) add('/inventory/to', 'must not be before from')
  return found
}
