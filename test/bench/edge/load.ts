/** Guests who come when they come, whether or not those before them have their answers. */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AvailabilityAnswer, Offer } from '../../../shared/routes/availability.ts'
import { bookCall, searchCall } from '../replay/calls.ts'
import type { Client } from '../replay/http.ts'
import type { WantedStay } from '../replay/plan.ts'
import type { AskedStay } from './bookings.ts'

export type PlannedSearch = {
  /** Milliseconds from the beginning. */
  at: number
  property: string
  stay: AskedStay
}

export type Search = {
  property: string
  stay: AskedStay
  /** When the guest had the answer, in epoch milliseconds. */
  at: number
  /** From the moment the guest came, whether or not the question could be sent then. */
  durationMs: number
  status: number
  /** The answer's version, -1 where it says none. */
  version: number
  stale: boolean
  /** Offers and refusals as JSON: thousands of answers are kept until they are checked. */
  found: string
}

export type Booking = {
  property: string
  stay: WantedStay
  total: number
  version: number
}

export type LoadOutcome = {
  searches: Search[]
  /** Those that were acknowledged, warm-up included. */
  bookings: Booking[]
  /** Answers other than 200, 201 and a refusal that a guest can understand (409), and questions without an answer. */
  failures: string[]
}

/** One booking for so many searches. */
export const SEARCHES_A_BOOKING = 100

/**
 * Sends each search at its time and, for every hundredth, books the cheapest offer of the next answer that has one.
 * Searches of the first `warmUpMs` are not among the outcome's; `onWarm` is called when they are over. Resolves once
 * the last answer is there.
 */
export async function runLoad(
  client: Client,
  plan: readonly PlannedSearch[],
  options: { warmUpMs: number; onWarm: () => Promise<void> },
): Promise<LoadOutcome> {
  const outcome: LoadOutcome = { searches: [], bookings: [], failures: [] }
  const underWay: Promise<void>[] = []
  const began = performance.now()
  let owed = 0
  let warm = false
  for (const [index, planned] of plan.entries()) {
    if (!warm && planned.at >= options.warmUpMs) {
      warm = true
      underWay.push(options.onWarm())
    }
    await until(began + planned.at)
    if (index % SEARCHES_A_BOOKING === 0) owed += 1
    underWay.push(visit(planned))
  }
  await Promise.all(underWay)
  return outcome

  async function visit({ at, property, stay }: PlannedSearch): Promise<void> {
    try {
      const answer = await client.send(searchCall(property, { ...stay, roomType: '', ratePlan: '' }))
      const body = answer.body as AvailabilityAnswer
      const now = performance.now()
      if (answer.status !== 200 || answer.failures.length > 0)
        outcome.failures.push(`search: ${answer.status} ${answer.failures.join('; ')}`.trim())
      if (at >= options.warmUpMs)
        outcome.searches.push({
          property,
          stay,
          at: performance.timeOrigin + now,
          durationMs: now - began - at,
          status: answer.status,
          version: body.ariVersion ?? -1,
          stale: body.stale ?? false,
          found: JSON.stringify({ offers: body.offers, unavailable: body.unavailable }),
        })
      const offer = cheapestOf(body.offers ?? [])
      if (owed === 0 || !offer) return
      owed -= 1
      await book(property, stay, offer)
    } catch (error) {
      outcome.failures.push(error instanceof Error ? error.message : String(error))
    }
  }

  async function book(property: string, asked: AskedStay, offer: Offer): Promise<void> {
    const stay = { ...asked, roomType: offer.roomType, ratePlan: offer.ratePlan }
    const answer = await client.send(bookCall(property, stay, offer.total, 0))
    // Somebody else was first, or the price moved: a refusal that is part of the trade.
    if (answer.status === 409) owed += 1
    else if (answer.status !== 201 || answer.failures.length > 0)
      outcome.failures.push(`booking: ${answer.status} ${answer.failures.join('; ')}`.trim())
    if (answer.status !== 201) return
    const { ariVersion } = answer.body as { ariVersion: number }
    outcome.bookings.push({ property, stay, total: offer.total, version: ariVersion })
  }
}

function cheapestOf(offers: readonly Offer[]): Offer | undefined {
  return offers.toSorted((a, b) => a.total - b.total)[0]
}

/** A timer wakes up to a millisecond late, and that is what an edge takes for an answer: the last of it is waited awake. */
async function until(moment: number): Promise<void> {
  const left = moment - performance.now()
  if (left > 2) await sleep(left - 1.5)
  while (performance.now() < moment) await new Promise((resolve) => setImmediate(resolve))
}
