/** A search over many hotels: each is looked at as its snapshot comes, then all are sorted and paged. Pure. */
import type { KnownDestination } from '../domain/destinations.ts'
import { slugOf } from '../domain/destinations.ts'
import { dayNumber, type Night } from '../domain/nights.ts'
import type { PropertyContent } from '../domain/property.ts'
import { checkStayDates } from '../domain/stay.ts'
import { dateAt, type Instant } from '../domain/zone.ts'
import { REASONS } from '../routes/availability.ts'
import type { QueryOf } from '../routes/route.ts'
import type { SearchAnswer, SearchResult, searchProperties } from '../routes/search.ts'
import { type Confirmed, freshness } from './answers.ts'
import { cheapestOf } from './cheapest.ts'

/** Clocks are nowhere further behind UTC: before this date it is past everywhere. */
const FURTHEST_BEHIND_MS = 12 * 3_600_000

export interface DestinationSearch {
  /** Looks at one hotel, anew where it was looked at before. Keeps its result and not its snapshot. */
  add(confirmed: Confirmed): void
  /** Heads read later confirm what is still at its version. Returns those of hotels that have moved on since. */
  confirm<H extends { property: string; version: number }>(heads: readonly H[], asOf: Instant): H[]
  /** How many were looked at. */
  readonly size: number
  /**
   * The page asked for. `missing`: hotels of the destination that could not be looked at. What was last confirmed before
   * `staleBefore` is marked as stale: looking at many may take longer than an answer may be old.
   */
  answer(destination: KnownDestination, missing: number, staleBefore: Instant): SearchAnswer
}

/** Begins a search. Throws `invalid-request` where the dates make no stay at any hotel. */
export function searchDestination(query: QueryOf<typeof searchProperties>, now: Instant): DestinationSearch {
  checkStayDates(query, dateAt(now - FURTHEST_BEHIND_MS, 'UTC'), '?')
  const todays = new Map<string, Night>()
  const found = new Map<string, { result: SearchResult; asOf: Instant }>()
  return {
    add(confirmed) {
      const { timeZone } = confirmed.snapshot.content
      let today = todays.get(timeZone)
      if (today === undefined) {
        today = dateAt(now, timeZone)
        todays.set(timeZone, today)
      }
      const result = resultOf(confirmed, query, today)
      found.set(result.property, { result, asOf: confirmed.asOf })
    },
    confirm(heads, asOf) {
      return heads.filter(({ property, version }) => {
        const line = found.get(property)
        if (line?.result.ariVersion === version) line.asOf = Math.max(line.asOf, asOf)
        return line !== undefined && line.result.ariVersion < version
      })
    },
    get size() {
      return found.size
    },
    answer(destination, missing, staleBefore) {
      let oldest = Number.POSITIVE_INFINITY
      const lines = [...found.values()].map(({ result, asOf }) => {
        oldest = Math.min(oldest, asOf)
        return { ...result, asOf: new Date(asOf).toISOString(), stale: asOf < staleBefore }
      })
      const { arrival, departure, adults, childAges, sort, page, pageSize } = query
      const { results, bookable, currencies } = sortResults(lines, sort)
      return {
        destination: destination.destination,
        name: destination.name,
        arrival,
        departure,
        nights: dayNumber(departure) - dayNumber(arrival),
        adults,
        childAges,
        sort,
        page,
        pageSize,
        pages: Math.ceil(results.length / pageSize),
        total: results.length,
        bookable,
        currencies,
        asOf: new Date(lines.length === 0 ? now : oldest).toISOString(),
        stale: lines.some((it) => it.stale),
        incomplete: missing > 0,
        missing,
        results: results.slice((page - 1) * pageSize, page * pageSize),
      }
    },
  }
}

function resultOf(confirmed: Confirmed, query: QueryOf<typeof searchProperties>, today: Night): SearchResult {
  const { snapshot } = confirmed
  const { property, name, tagline, address, photos, currency, roomTypes } = snapshot.content
  const { total, roomType, ratePlan, reason } = cheapestOf(snapshot, query, today)
  const roomTypeName = roomTypes.find((it) => it.roomType === roomType)?.name ?? null
  return {
    property,
    name,
    tagline,
    address,
    photo: photos[0] ?? null,
    currency,
    total,
    roomType,
    ratePlan,
    reason,
    roomTypeName,
    ...freshness(confirmed),
  }
}

/**
 * What can be booked first, by price or by name, then the rest by how near to selling they came. By price the currencies
 * follow one another, the one that most of the bookable hotels have first. Equals stand by name, then by code.
 */
function sortResults(
  found: readonly SearchResult[],
  sort: 'price' | 'name',
): { results: SearchResult[]; bookable: number; currencies: string[] } {
  const free = found.filter((it) => it.total !== null)
  const rest = found.filter((it) => it.total === null)
  const counts = new Map<string, number>()
  for (const { currency } of free) counts.set(currency, (counts.get(currency) ?? 0) + 1)
  const currencies = [...counts].sort(([a, m], [b, n]) => n - m || compareText(a, b)).map(([currency]) => currency)
  const places = new Map(currencies.map((currency, place) => [currency, place]))
  const byPrice = (a: SearchResult, b: SearchResult) =>
    (places.get(a.currency) as number) - (places.get(b.currency) as number) || (a.total as number) - (b.total as number)
  const nearness = ({ reason }: SearchResult) => (reason === null ? -1 : REASONS.indexOf(reason))
  free.sort((a, b) => (sort === 'price' ? byPrice(a, b) : 0) || byName(a, b))
  rest.sort((a, b) => nearness(b) - nearness(a) || byName(a, b))
  return { results: [...free, ...rest], bookable: free.length, currencies }
}

function byName(a: SearchResult, b: SearchResult): number {
  return compareText(nameKey(a), nameKey(b)) || compareText(a.property, b.property)
}

const nameKeys = new WeakMap<PropertyContent['address'], string>()
/** The name without accents and case, remembered with the content it belongs to: folding costs more than comparing. */
function nameKey({ name, address }: SearchResult): string {
  let key = nameKeys.get(address)
  if (key === undefined) {
    key = slugOf(name)
    nameKeys.set(address, key)
  }
  return key
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
