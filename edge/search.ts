/** Searches over all hotels of a destination, answered from their snapshots. */
import type { Hono } from 'hono'
import { searchDestination } from '../shared/ari/destination.ts'
import { destinationNotFound, findDestination, type KnownDestination } from '../shared/domain/destinations.ts'
import { Problem } from '../shared/problems.ts'
import { parseQuery } from '../shared/routes/parse.ts'
import { pathFor, type QueryOf } from '../shared/routes/route.ts'
import {
  type AriHeads,
  ariHeads,
  listDestinations,
  type SearchAnswer,
  searchProperties,
} from '../shared/routes/search.ts'
import type { EdgeVariables } from './app.ts'
import type { EdgeCache } from './ari/cache.ts'
import { type AskOrigin, FRESH_MS, type Visit } from './ari/documents.ts'
import { confirmMany, type ManyHeads } from './ari/many.ts'
import { type Remembered, remembered } from './ari/remembered.ts'
import { type AriStore, BOUND_MS } from './ari/store.ts'
import { keepAliveOf } from './http/keep-alive.ts'

/** A new city is found within this after the origin knows it. */
const DESTINATIONS_MS = 60_000
/** A guest waits no longer for hotels that have to be fetched; then a moment for what moved on meanwhile. */
const DEADLINE_MS = 2_500
const DEADLINE_AGAIN_MS = 500
/** Some 500 codes and versions each, so a few megabytes in all. */
const HEADS_MAX = 100

export interface SearchParts {
  store: AriStore
  cache: EdgeCache
  askOrigin: AskOrigin
  staleMaxMs: number
  now: () => number
}

export interface EdgeSearch {
  /** Every city and country with hotels, up to two minutes old. */
  destinations(visit: Omit<Visit, 'askedAt'>): Promise<readonly KnownDestination[]>
  /**
   * The cheapest at each hotel of a destination. `floors`: the lowest version that this guest may be shown, by property.
   * Throws `destination-not-found`, `invalid-request`, or `origin-unavailable` where not one hotel can be looked at.
   */
  search(
    query: QueryOf<typeof searchProperties>,
    visit: Omit<Visit, 'askedAt'>,
    floors?: ReadonlyMap<string, number>,
  ): Promise<SearchAnswer>
}

export function openSearch(parts: SearchParts): EdgeSearch {
  const { store, now } = parts
  const destinations: Remembered<KnownDestination[]> = remembered({
    ...parts,
    pathOf: () => listDestinations.path,
    read: readDestinations,
    freshMs: DESTINATIONS_MS,
    keysMax: 1,
  })
  const heads: Remembered<AriHeads> = remembered({
    ...parts,
    pathOf: (destination) => `${pathFor(ariHeads.path, {})}?destination=${encodeURIComponent(destination)}`,
    read: readHeads,
    freshMs: FRESH_MS,
    keysMax: HEADS_MAX,
  })

  const known = async (visit: Omit<Visit, 'askedAt'>) =>
    (await destinations.get('', { ...visit, askedAt: now() })).value

  return {
    destinations: known,

    async search(query, visit, floors) {
      const running = searchDestination(query, now())
      // Looked up here, so that places without hotels cost the origin nothing, however many are made up.
      const list = await known(visit)
      const destination = findDestination(list, query.destination)
      if (!destination) throw destinationNotFound(query.destination, list)
      const read = () => heads.get(destination.destination, { ...visit, askedAt: now() })
      const look = (of: ManyHeads) => confirmMany(store, of, visit, running.add)
      const { value, askedAt } = await read()
      const { properties, total } = value
      const { missing } = await look({ properties, confirmedAt: askedAt, floors, deadlineMs: DEADLINE_MS })
      if (now() - askedAt >= FRESH_MS) {
        // It took a while, and what was looked at first may have moved on since.
        const later = await read()
        const moved = running.confirm(later.value.properties, later.askedAt)
        await look({ properties: moved, confirmedAt: later.askedAt, floors, deadlineMs: DEADLINE_AGAIN_MS })
      }
      if (running.size === 0 && missing > 0)
        throw new Problem('origin-unavailable', {
          detail: 'Availability cannot be told at the moment. Try again shortly.',
          retryAfterSeconds: 2,
        })
      return running.answer(destination, missing + Math.max(0, total - properties.length), now() - BOUND_MS)
    },
  }
}

/** Binds the route. Given the validated question and nothing else of the request. */
export function bindSearch(app: Hono<{ Variables: EdgeVariables }>, search: EdgeSearch): void {
  app.get(searchProperties.path, async (c) => {
    const query = parseQuery(searchProperties, new URL(c.req.url).searchParams) as QueryOf<typeof searchProperties>
    const began = performance.now()
    const answer = await search.search(query, {
      keepAlive: keepAliveOf(c),
      traceparent: c.req.header('traceparent'),
    })
    return new Response(JSON.stringify(answer), {
      headers: {
        'content-type': 'application/json',
        'cache-control': 'private, no-store',
        'server-timing': `search;dur=${(performance.now() - began).toFixed(1)}`,
      },
    })
  })
}

function readDestinations(document: unknown): KnownDestination[] | undefined {
  const { destinations } = (document ?? {}) as { destinations?: unknown }
  const list = Array.isArray(document) ? document : destinations
  const isKnown = (it: Partial<KnownDestination> | null) =>
    typeof it?.destination === 'string' && typeof it.name === 'string' && typeof it.properties === 'number'
  return Array.isArray(list) && list.every(isKnown) ? list : undefined
}

function readHeads(document: unknown): AriHeads | undefined {
  const { properties, total } = (document ?? {}) as Partial<AriHeads>
  const isHead = (it: { property?: unknown; version?: unknown } | null) =>
    typeof it?.property === 'string' && Number.isSafeInteger(it.version)
  return Array.isArray(properties) && properties.every(isHead) && Number.isSafeInteger(total)
    ? { properties, total: total as number }
    : undefined
}
