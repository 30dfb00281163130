/** Changing what is sold (staff), and the three documents the edge lives on (edge only). */
import * as z from 'zod/mini'
import { Amount, CalendarDate, ProductCode, PropertyCode, PropertyCodesText, wholeNumber } from '../domain/values.ts'
import { PropertyParams } from './properties.ts'
import { edgeOnly, route, staff } from './route.ts'

const Days = z.nullable(z.int().check(z.minimum(1), z.maximum(250)))
const Rooms = z.int().check(z.minimum(0), z.maximum(3000))

/**
 * One change to a span of nights, `from` and `to` included, on the given weekdays (1 Monday to 7 Sunday; all where left
 * out). With `ratePlan`: the nightly rate (base plans only; null takes it off sale) and restrictions. Without: inventory of the room type.
 * A field left out stays as it is.
 */
export const AriChange = z.strictObject({
  roomType: ProductCode,
  ratePlan: z.optional(ProductCode),
  from: CalendarDate,
  to: CalendarDate,
  weekdays: z.optional(z.array(z.int().check(z.minimum(1), z.maximum(7))).check(z.minLength(1), z.maxLength(7))),
  amount: z.optional(z.nullable(Amount)),
  minStayArrival: z.optional(Days),
  minStayThrough: z.optional(Days),
  maxStay: z.optional(Days),
  closedToArrival: z.optional(z.boolean()),
  closedToDeparture: z.optional(z.boolean()),
  closed: z.optional(z.boolean()),
  sellLimit: z.optional(z.nullable(Rooms)),
  overbookLimit: z.optional(Rooms),
  outOfOrder: z.optional(Rooms),
})
export type AriChange = z.infer<typeof AriChange>

export const updateAri = route({
  method: 'put',
  path: '/api/v1/properties/:property/ari',
  summary: 'Set rates, restrictions and inventory over spans of nights, all or nothing',
  access: staff('rates.manage'),
  cache: 'never',
  rateLimit: 'staff',
  idempotencyKey: 'required',
  params: PropertyParams,
  body: z.strictObject({ changes: z.array(AriChange).check(z.minLength(1), z.maxLength(2000)) }),
  responses: { 200: z.object({ property: PropertyCode, ariVersion: z.int(), cellsChanged: z.int() }) },
  problems: ['property-not-found', 'capacity-below-sold'],
})

const Version = wholeNumber(0, Number.MAX_SAFE_INTEGER)

export const AriHead = z.object({
  version: z.int(),
  /** Of the properties in `with`, in its order; null where there is none of that code. */
  others: z.array(z.union([z.int(), z.null()])),
})
export type AriHead = z.infer<typeof AriHead>

export const ariHead = route({
  method: 'get',
  path: '/internal/ari/:property/head',
  summary: 'The current ARI version of a property, and of others beside it',
  access: edgeOnly,
  cache: 'never',
  rateLimit: 'edge',
  params: PropertyParams,
  query: z.strictObject({ with: z._default(PropertyCodesText, []) }),
  responses: { 200: AriHead },
  problems: ['property-not-found'],
})

export const ariVersion = route({
  method: 'get',
  path: '/internal/ari/:property/versions/:version',
  summary: 'The snapshot of exactly this version, in the binary format of shared/ari/snapshot.ts',
  access: edgeOnly,
  cache: 'never',
  rateLimit: 'edge',
  params: z.strictObject({ property: PropertyCode, version: Version }),
  query: z.strictObject({}),
  responses: { 200: null },
  problems: ['property-not-found', 'version-not-current'],
})

export const ariDelta = route({
  method: 'get',
  path: '/internal/ari/:property/deltas/:from/:to',
  summary: 'The cells changed after version `from` up to version `to`, in the format of shared/ari/delta.ts',
  access: edgeOnly,
  cache: 'never',
  rateLimit: 'edge',
  params: z.strictObject({ property: PropertyCode, from: Version, to: Version }),
  query: z.strictObject({}),
  responses: { 200: null },
  problems: ['property-not-found', 'delta-not-available', 'version-not-current'],
})
