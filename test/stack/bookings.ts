/** A steady load of bookings, as guests make them while something is done to the stack. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from './client.ts'
import { bookingRequest, type Hotels } from './hotel.ts'

/** Past this a guest has gone, and the booking has failed. */
const patienceMs = 60_000
/** Between two tries under the same key. */
const againMs = 100

export interface Tally {
  begun: number
  booked: number
  /** What the first try of a booking was answered with where it was not 201, and how often. */
  notAtOnce: Record<string, number>
  /** Never acknowledged, or refused. */
  failed: string[]
  /** The longest time in which no booking was acknowledged, in ms. */
  longestGapMs: number
  /** From a booking's begin to its acknowledgement, in ms. */
  p99Ms: number
}

/** Bookings at an even rate, each its own guest with its own key, whatever becomes of the others. */
export class BookingLoad {
  readonly #client: Client
  readonly #hotels: Hotels
  readonly #timer: NodeJS.Timeout
  readonly #running = new Set<Promise<void>>()
  readonly #notAtOnce: Record<string, number> = {}
  readonly #failed: string[] = []
  readonly #took: number[] = []
  #begun = 0
  #acknowledgedAt = performance.now()
  #longestGapMs = 0

  /** Begins at once. */
  constructor(client: Client, hotels: Hotels, perSecond: number) {
    this.#client = client
    this.#hotels = hotels
    this.#timer = setInterval(() => {
      const booking = this.#book().finally(() => this.#running.delete(booking))
      this.#running.add(booking)
    }, 1000 / perSecond)
  }

  /** Resolves with the time, once a booking that is begun from now on has been acknowledged. */
  async nextBooking(): Promise<number> {
    const mark = this.#begun
    const began = performance.now()
    while (!this.#took.some((_, index) => index >= mark && this.#took[index] !== undefined)) {
      if (performance.now() - began > patienceMs) throw new Error(`no booking succeeded for ${patienceMs / 1000} s`)
      await sleep(50)
    }
    return performance.now()
  }

  /** Begins no more, and waits for those under way. */
  async stop(): Promise<Tally> {
    clearInterval(this.#timer)
    await Promise.all(this.#running)
    const sorted = this.#took.filter((it) => it !== undefined).sort((one, other) => one - other)
    return {
      begun: this.#begun,
      booked: sorted.length,
      notAtOnce: this.#notAtOnce,
      failed: this.#failed,
      longestGapMs: Math.round(this.#longestGapMs),
      p99Ms: Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
    }
  }

  async #book(): Promise<void> {
    const number = this.#begun++
    const { path, body } = bookingRequest(this.#hotels.codes, nextTrial++)
    const idempotencyKey = randomUUID()
    const began = performance.now()
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#try(path, body, idempotencyKey)
      if ('reference' in outcome) {
        const now = performance.now()
        this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#acknowledgedAt)
        this.#acknowledgedAt = now
        this.#took[number] = now - began
        this.#hotels.acknowledged.set(outcome.reference, 'confirmed')
        return
      }
      if (attempt === 1) this.#notAtOnce[outcome.problem] = (this.#notAtOnce[outcome.problem] ?? 0) + 1
      if (!outcome.mayBeAskedAgain || performance.now() - began > patienceMs) {
        this.#failed.push(outcome.problem)
        return
      }
      await sleep(againMs)
    }
  }

  async #try(
    path: string,
    body: object,
    idempotencyKey: string,
  ): Promise<{ reference: string } | { problem: string; mayBeAskedAgain: boolean }> {
    try {
      const answer = await this.#client.call({ path, body, idempotencyKey })
      if (answer.status === 201) return { reference: answer.json<{ reference: string }>().reference }
      const slug = /"type":"([^"]*)"/.exec(answer.bytes.toString())?.[1]?.split('/').pop() ?? ''
      return {
        problem: `${answer.status} ${slug}`.trim(),
        // Another answer under the same key would be the same again.
        mayBeAskedAgain: answer.status >= 500 || answer.status === 429 || slug === 'idempotency-in-progress',
      }
    } catch (error) {
      return { problem: (error as NodeJS.ErrnoException).code ?? String(error), mayBeAskedAgain: true }
    }
  }
}

/** Counted over all loads of a run, so that bookings spread over hotels and nights. */
let nextTrial = 0

/** In words, for a line of the report. */
export function describeTally(tally: Tally): string {
  const again = Object.entries(tally.notAtOnce).map(([problem, count]) => `${count} × ${problem}`)
  return `${tally.booked} of ${tally.begun} booked, p99 ${tally.p99Ms} ms, longest gap ${tally.longestGapMs} ms${
    again.length === 0 ? '' : `, asked again after ${again.join(', ')}`
  }`
}

/** Told to come later, with Retry-After: what a busy origin says to a few, and takes at the next try. */
const toldToComeLater = '503 service-unavailable'
/** More would be an outage. Machines that run such tests are busy. */
const toldShareMax = 0.05

/**
 * Throws where a booking failed, and where a first try was not answered 201 for another reason than those that may be: a
 * few told to come later, and those of `mayBe`.
 */
export function expectBooked(tally: Tally, mayBe: RegExp | undefined): void {
  if (tally.booked === 0) throw new Error('nothing was booked at all')
  if (tally.failed.length > 0) throw new Error(`${tally.failed.length} bookings failed: ${describeTally(tally)}`)
  const others = Object.entries(tally.notAtOnce).filter(([problem]) => !mayBe?.test(problem))
  if (others.some(([problem, count]) => problem !== toldToComeLater || count > tally.begun * toldShareMax))
    throw new Error(`bookings were not acknowledged at once: ${describeTally(tally)}`)
}
