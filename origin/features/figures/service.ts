/** What an operator watches all day: does the count of what is sold agree with the reservations, and how is business. */
import { addDays } from '../../../shared/domain/nights.ts'
import { dateAt, type Instant } from '../../../shared/domain/zone.ts'
import type { Database, OrganisationId } from '../../platform/database.ts'
import {
  type CountedProperty,
  type DayFigures,
  everyOrganisation,
  type Recounted,
  readDay,
  readProperties,
  readUnsent,
  recountNights,
} from './sql.ts'

export interface PropertyFigures extends Recounted, DayFigures {
  code: string
  currency: string
}

export interface Figures {
  properties: readonly PropertyFigures[]
  outbox: { rows: number; lagSeconds: number }
  /** When every property had been counted; 0 before the first time. */
  completedAt: Instant
}

export interface FiguresReader {
  /**
   * Counts properties until the time is up, and goes on next time where it stopped: what it costs does not grow with the
   * number of hotels. Returns the latest figures of all.
   */
  pass(signal: AbortSignal, msMax: number): Promise<Figures>
}

interface Pending {
  organisation: OrganisationId
  property: CountedProperty
}

export function openFigures(deps: { database: Database; clock: { now(): Instant } }): FiguresReader {
  const { database, clock } = deps
  let latest = new Map<string, PropertyFigures>()
  let round = new Map<string, PropertyFigures>()
  let pending: Pending[] = []
  let completedAt = 0

  async function figuresOf({ organisation, property }: Pending): Promise<PropertyFigures> {
    const now = clock.now()
    const today = dateAt(now, property.timeZone)
    // May lag: what is compared with each other was read at one moment.
    return await database.reportInOrganisation(organisation, async (tx) => {
      const [recounted, day] = await Promise.all([
        // Yesterday's guests are still here; what is further back cannot be sold any more.
        recountNights(tx, organisation, property.id, addDays(today, -1)),
        readDay(tx, organisation, property.id, today),
      ])
      return { code: property.code, currency: property.currency, ...recounted, ...day }
    })
  }

  return {
    async pass(signal, msMax) {
      const until = performance.now() + msMax
      const outbox = { rows: 0, lagSeconds: 0 }
      const fresh: Pending[] = []
      for (const organisation of await everyOrganisation(database)) {
        if (signal.aborted) break
        await database.readInOrganisation(organisation, async (tx) => {
          const unsent = await readUnsent(tx, organisation)
          outbox.rows += unsent.rows
          outbox.lagSeconds = Math.max(outbox.lagSeconds, unsent.lagSeconds)
          if (pending.length > 0) return
          for (const property of await readProperties(tx, organisation)) fresh.push({ organisation, property })
        })
      }
      if (pending.length === 0) {
        pending = fresh
        round = new Map()
      }
      // At least one, so that a slow database does not stop the round for good.
      do {
        const next = pending.shift()
        if (!next) break
        const figures = await figuresOf(next)
        round.set(next.property.id, figures)
        latest.set(next.property.id, figures)
      } while (pending.length > 0 && performance.now() < until && !signal.aborted)
      if (pending.length === 0 && !signal.aborted) {
        // Only now does a property that is gone leave the sums.
        latest = round
        completedAt = clock.now()
      }
      return { properties: [...latest.values()], outbox, completedAt }
    },
  }
}
