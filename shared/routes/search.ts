/** One question to every hotel of a destination: answered at the edge from their ARI snapshots. */
import * as z from 'zod/mini'
import { Address, Photo } from '../domain/property.ts'
import { CalendarDate, Currency, InstantText, PropertyCode, wholeNumber } from '../domain/values.ts'
import { AvailabilityQuery, CheapestFields } from './availability.ts'
import { anyone, edgeOnly, route } from './route.ts'

/** Hotels that one search looks at, so that its work and its memory have an end. */
export const SEARCH_PROPERTIES_MAX = 500
const PAGE_SIZE_USUALLY = 20
const PAGE_SIZE_MAX = 100

/** A city however it is written, or a country's code. */
const DestinationText = z
  .string()
  .check(
    z.maxLength(80, 'at most 80 characters'),
    z.regex(/[\p{L}\p{N}]/u, 'write a city such as lisboa, or the code of a country such as PT'),
  )

export const KnownDestination = z.object({
  destination: z.string(),
  kind: z.enum(['city', 'country']),
  name: z.string(),
  properties: z.int(),
})

export const listDestinations = route({
  method: 'get',
  path: '/api/v1/destinations',
  summary: 'The cities and countries with hotels, and how many there are',
  access: anyone,
  cache: { kind: 'edge-cached', seconds: 60 },
  rateLimit: 'guest-read',
  query: z.strictObject({}),
  responses: { 200: z.object({ destinations: z.array(KnownDestination) }) },
  problems: [],
})

export const SORTS = ['price', 'name'] as const

/** One hotel of a destination: its cheapest total for the stay and what it buys, or why nothing is offered. */
export const SearchResult = z.object({
  property: PropertyCode,
  name: z.string(),
  tagline: z.string(),
  address: Address,
  photo: z.nullable(Photo),
  currency: Currency,
  ...CheapestFields,
  /** The room type as people call it. */
  roomTypeName: z.nullable(z.string()),
  ariVersion: z.int(),
  asOf: InstantText,
  stale: z.boolean(),
})
export type SearchResult = z.infer<typeof SearchResult>

export const SearchAnswer = z.object({
  destination: z.string(),
  name: z.string(),
  arrival: CalendarDate,
  departure: CalendarDate,
  nights: z.int(),
  adults: z.int(),
  childAges: z.array(z.int()),
  sort: z.enum(SORTS as unknown as ['price', 'name']),
  page: z.int(),
  pageSize: z.int(),
  pages: z.int(),
  /** Hotels that were looked at, and those of them that offer something. */
  total: z.int(),
  bookable: z.int(),
  /** Amounts are never compared across currencies: results by price stand in this order, most hotels first. */
  currencies: z.array(Currency),
  /** The oldest of the results', on all pages. */
  asOf: InstantText,
  stale: z.boolean(),
  /** Whether hotels were left out because they could not be looked at in time, and how many. */
  incomplete: z.boolean(),
  missing: z.int(),
  /** What can be booked, sorted; then the rest, nearest to selling first. */
  results: z.array(SearchResult),
})
export type SearchAnswer = z.infer<typeof SearchAnswer>

export const searchProperties = route({
  method: 'get',
  path: '/api/v1/search',
  summary: 'The cheapest total at every hotel of a destination, sorted and in pages',
  access: anyone,
  cache: 'edge-answered',
  rateLimit: 'guest-read',
  query: z.extend(AvailabilityQuery, {
    destination: DestinationText,
    sort: z._default(z.enum(SORTS as unknown as ['price', 'name']), 'price'),
    page: z._default(wholeNumber(1, SEARCH_PROPERTIES_MAX), 1),
    pageSize: z._default(wholeNumber(1, PAGE_SIZE_MAX), PAGE_SIZE_USUALLY),
  }),
  responses: { 200: SearchAnswer },
  problems: ['destination-not-found'],
})

/** The listed properties of a destination by code and their versions, as they are now; `total` counts those beyond the most. */
export const AriHeads = z.object({
  properties: z.array(z.object({ property: PropertyCode, version: z.int() })),
  total: z.int(),
})
export type AriHeads = z.infer<typeof AriHeads>

export const ariHeads = route({
  method: 'get',
  path: '/internal/ari/heads',
  summary: 'The current ARI versions of all listed properties of a destination',
  access: edgeOnly,
  cache: 'never',
  rateLimit: 'edge',
  query: z.strictObject({ destination: DestinationText }),
  responses: { 200: AriHeads },
  problems: ['destination-not-found'],
})
