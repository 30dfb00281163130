/**
 * Asks an edge what guests ask and holds its answer against PostgreSQL: random stays at random hotels, as they are sold
 * now. It finds wrong and old data at the edge; rules that both halves get wrong alike it does not find, as they share
 * them (the tests' oracle does).
 */
import { isDeepStrictEqual } from 'node:util'
import { answerAvailability } from '../../../shared/ari/answers.ts'
import { targetOf } from '../../../shared/client.ts'
import { addDays } from '../../../shared/domain/nights.ts'
import { dateAt } from '../../../shared/domain/zone.ts'
import { type AvailabilityAnswer, getAvailability } from '../../../shared/routes/availability.ts'
import type { Database } from '../../platform/database.ts'
import type { Properties } from '../properties/service.ts'
import { listedVersions } from './copies-sql.ts'
import { readReplacedAt } from './edge-check-sql.ts'
import { searchFacts } from './service.ts'

const TIMEOUT_MS = 5_000
/** Guests look this far ahead at most; beyond, a hotel may have nothing on sale to compare. */
const AHEAD_DAYS_MAX = 365
const NIGHTS_MAX = 7
const ADULTS_MAX = 3
/** The promise of the edge: older than this, an answer says that it is stale. */
const BOUND_MS = 2_000

export interface EdgeSample {
  property: string
  /**
   * `right`: as the database has it. `wrong`: another answer than the database's at the same version, or a version there has
   * not been. `moved`: the property changed meanwhile, so only the age can be told. `failed`: no answer.
   */
  outcome: 'right' | 'wrong' | 'moved' | 'failed'
  stale: boolean
  /** How long before the answer came its version had ceased to be the current one; 0 while it is. */
  ageMs: number
  /** Older than the bound without saying so. */
  late: boolean
  /** The address asked and what was wrong with the answer, for the log. */
  target: string
  why?: string
}

export interface EdgeCheck {
  /** One question to the edge; undefined where no hotel is listed. Rejects where the database cannot be reached. */
  sample(): Promise<EdgeSample | undefined>
}

export function openEdgeCheck(deps: {
  edgeUrl: string
  database: Database
  properties: Pick<Properties, 'locate' | 'current'>
  clock: { now(): number }
  random?: () => number
}): EdgeCheck {
  const { database, properties, clock } = deps
  const random = deps.random ?? Math.random
  const upTo = (most: number) => Math.floor(random() * (most + 1))

  return {
    async sample() {
      const listed = await listedVersions(database)
      const chosen = listed[upTo(listed.length - 1)]
      if (!chosen) return undefined
      const { property } = chosen
      const arrival = addDays(dateAt(clock.now(), 'UTC'), 1 + upTo(AHEAD_DAYS_MAX))
      const departure = addDays(arrival, 1 + upTo(NIGHTS_MAX - 1))
      const query = { arrival, departure, adults: 1 + upTo(ADULTS_MAX - 1), childAges: [] }
      const target = targetOf(getAvailability, {
        params: { property },
        query: { arrival, departure, adults: String(query.adults) },
      })
      const nothing = { property, target, stale: false, ageMs: 0, late: false }

      const askedAt = clock.now()
      const answer = await ask(deps.edgeUrl + target)
      const answeredAt = clock.now()
      if (typeof answer === 'string') return { ...nothing, outcome: 'failed', why: answer }

      const { ariVersion, stale } = answer
      const now = await readNow(property, query, ariVersion)
      const ageMs = now.replacedAt === undefined ? 0 : Math.max(0, answeredAt - now.replacedAt)
      const seen = { ...nothing, stale, ageMs, late: ageMs > BOUND_MS && !stale }
      if (ariVersion < now.facts.version) return { ...seen, outcome: 'moved' }
      if (ariVersion > now.facts.version)
        return { ...seen, outcome: 'wrong', why: `version ${ariVersion}; the database is at ${now.facts.version}` }
      // Both, in case the hotel's day began in between.
      const isRight = [askedAt, answeredAt].some((at) => {
        const confirmed = { snapshot: now.facts, asOf: Date.parse(answer.asOf), stale }
        return isDeepStrictEqual(answer, JSON.parse(JSON.stringify(answerAvailability(confirmed, query, at))))
      })
      return isRight
        ? { ...seen, outcome: 'right' }
        : { ...seen, outcome: 'wrong', why: 'another answer than the database’s' }
    },
  }

  /** What the database says now, all of one moment. */
  async function readNow(property: string, stay: { arrival: string; departure: string }, version: number) {
    const key = await properties.locate(property)
    return await database.readInOrganisation(key.organisation, async (tx) => {
      const current = await properties.current(tx, key)
      const [facts, replacedAt] = await Promise.all([
        searchFacts(tx, current, stay.arrival, stay.departure),
        readReplacedAt(tx, key, version),
      ])
      return { facts, replacedAt }
    })
  }
}

/** The edge's answer, or why there is none. */
async function ask(url: string): Promise<AvailabilityAnswer | string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' })
    const body: unknown = await response.json()
    return response.status === 200 ? (body as AvailabilityAnswer) : `status ${response.status}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
