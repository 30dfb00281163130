/** One guest after the other, every answer compared as a whole with the oracle's. */
import { addDays, nightsBetween } from '../../../shared/domain/nights.ts'
import { Oracle, type OracleBooking } from '../../support/oracle.ts'
import { NO_RESTRICTION, newHotel, type OracleHotel } from '../../support/oracle-hotel.ts'
import { cheapestOfDays } from '../../support/oracle-search.ts'
import { bookCall, calendarCall, cancelCall, searchCall } from './calls.ts'
import { differences } from './differences.ts'
import type { Held, Outcome } from './guests.ts'
import { type Answer, type Call, type Client, slugOf } from './http.ts'
import type { PlannedBooking, ReplayPlan } from './plan.ts'
import { randomNumbers } from './restrictions.ts'
import { type Counts, countUp, Tally } from './tally.ts'

/** Of so many bookings, one is also tried at a wrong total, repeated, and so on. */
const PROBED_EACH = 20

export type Verified = Outcome & {
  /** Answers compared. */
  compared: number
  /** Answers that differ. */
  differing: number
  /** How many of each kind, such as `POST reservations: total`. */
  kinds: Counts
  /** The first of each kind, in words. */
  report: string[]
  oracle: Oracle
}

/** Examples of each kind of difference, and in all. */
const EXAMPLES_EACH = 2
const REPORTED_MAX = 20
const SERVER_MADE = /^[0-9A-HJKMNP-TV-Z]{10}$/

/**
 * Replays the plan one event at a time. Each call carries the ARI version of the last write. A guest whose stay is not
 * offered tries to book it all the same, so that the origin's refusals are compared too; every twentieth is also asked
 * for a calendar, booked at a wrong total first, and repeated under its Idempotency-Key.
 */
export async function replayAndVerify(
  client: Client,
  plan: ReplayPlan,
  options: { version: number; seed: number; onEvent: (tally: Tally) => void },
): Promise<Verified> {
  const run = new Verification(client, plan, options)
  run.tally.begin()
  for (const { kind, booking } of plan.events) {
    if (kind === 'book') await run.book(booking)
    else await run.cancel(booking)
    options.onEvent(run.tally)
  }
  run.tally.end()
  return run
}

class Verification implements Verified {
  readonly tally = new Tally()
  readonly held: (Held | null)[]
  readonly kinds: Counts = new Map()
  readonly report: string[] = []
  readonly oracle: Oracle
  version: number
  compared = 0
  differing = 0
  readonly #client: Client
  readonly #plan: ReplayPlan
  readonly #property: string
  readonly #chance: (below: number) => number
  /** The oracle's number of a booking, by its place in the plan. */
  readonly #numbers = new Map<number, number>()

  constructor(client: Client, plan: ReplayPlan, options: { version: number; seed: number }) {
    this.#client = client
    this.#plan = plan
    this.#property = plan.definition.content.property
    this.#chance = randomNumbers(options.seed)
    this.version = options.version
    this.held = plan.bookings.map(() => null)
    this.oracle = new Oracle(oracleHotel(plan))
  }

  async book(index: number): Promise<void> {
    const planned = this.#plan.bookings[index] as PlannedBooking
    const { stay, line } = planned
    const probed = this.#chance(PROBED_EACH) === 0
    if (probed) await this.#compareCalendar(planned)

    const search = searchCall(this.#property, stay, this.version)
    const found = await this.#send(search)
    this.tally.note('search', found)
    const expected = this.#today((today) => this.oracle.availability(stay, today))
    this.#compare(line, search, found, 200, { ...this.#answerHead(), ...expected, ...spanOf(stay) }, ['asOf'])

    const isWanted = (it: { roomType: string; ratePlan: string }) =>
      it.roomType === stay.roomType && it.ratePlan === stay.ratePlan
    const offer = expected.offers.find(isWanted)
    if (!offer) countUp(this.tally.refused, expected.unavailable.find(isWanted)?.reason ?? 'not listed')
    const total = this.#today((today) => this.oracle.totalIfFree(stay, today)) ?? 0
    if (probed) await this.#compareBooking(index, total + 1)
    const booked = await this.#compareBooking(index, total)
    if (booked && probed) await this.#compareRepetition(booked.call, booked.answer, line)
  }

  async cancel(index: number): Promise<void> {
    const booking = this.held[index]
    const number = this.#numbers.get(index)
    if (!booking || number === undefined) {
      this.tally.nothingToCancel++
      return
    }
    const { line } = this.#plan.bookings[index] as PlannedBooking
    const call = cancelCall(booking.reference, booking.guestToken)
    const answer = await this.#send(call)
    this.tally.note('cancel', answer)
    const cancelledAt = instantIn(answer.body, 'cancelledAt')
    const expected = this.oracle.cancel(number, cancelledAt ?? Date.now())
    if (expected.outcome === 'not-cancellable') {
      this.#compareProblem(line, call, answer, 409, 'not-cancellable', {})
      return
    }
    booking.cancelled = true
    this.tally.cancelled++
    this.#compareWrite(
      line,
      call,
      answer,
      200,
      {
        reference: booking.reference,
        property: this.#property,
        status: 'cancelled',
        cancellationFee: expected.fee,
        currency: this.#plan.definition.content.currency,
      },
      ['cancelledAt'],
    )
    if (this.#chance(PROBED_EACH) > 0) return
    const again = cancelCall(booking.reference, booking.guestToken)
    this.#compareProblem(line, again, await this.#send(again), 409, 'not-cancellable', {})
  }

  /** Books at a total and compares the answer. The oracle does the same thing; returns what was sold. */
  async #compareBooking(index: number, total: number): Promise<{ call: Call; answer: Answer } | undefined> {
    const { stay, line } = this.#plan.bookings[index] as PlannedBooking
    const call = bookCall(this.#property, stay, total, line)
    const answer = await this.#send(call)
    this.tally.note('book', answer)
    const expected = this.#today((today) => this.oracle.book(stay, total, today))
    if (expected.outcome !== 'booked') {
      this.#compareRefusal(line, call, answer, expected)
      return undefined
    }
    this.#numbers.set(index, expected.booking)
    this.tally.booked++
    this.#compareWrite(
      line,
      call,
      answer,
      201,
      {
        property: this.#property,
        status: 'confirmed',
        stay,
        ...expected.sold,
        currency: this.#plan.definition.content.currency,
      },
      ['reference', 'guestToken'],
    )
    const { reference, guestToken } = (answer.body ?? {}) as Partial<Held>
    if (answer.status !== 201 || reference === undefined || guestToken === undefined) return undefined
    if (!SERVER_MADE.test(reference)) this.#differs(line, call, [`reference: ${reference} is not of the agreed shape`])
    this.held[index] = { reference, guestToken, cancelled: false }
    return { call, answer }
  }

  #compareRefusal(line: number, call: Call, answer: Answer, expected: Exclude<OracleBooking, { outcome: 'booked' }>) {
    const { outcome, ...extensions } = expected
    if (outcome === 'invalid-request') this.#compareProblem(line, call, answer, 422, outcome, {})
    else this.#compareProblem(line, call, answer, 409, outcome, extensions)
  }

  /** The same key again gives the same answer to the letter; with another body it is refused. */
  async #compareRepetition(call: Call, first: Answer, line: number): Promise<void> {
    const again = await this.#send(call)
    this.tally.note('book', again)
    this.#compare(line, call, again, first.status, first.body, [])
    const body = { ...(call.body as object), requests: 'late arrival' }
    this.#compareProblem(line, call, await this.#send({ ...call, body }), 422, 'idempotency-key-reused', {})
  }

  async #compareCalendar({ stay, line }: PlannedBooking): Promise<void> {
    const { from, to } = this.#plan.definition.inventory
    const first = addDays(stay.arrival, -this.#chance(6))
    const question = {
      from: first < from ? from : first,
      to: addDays(stay.arrival, this.#chance(12)),
      nights: nightsBetween(stay.arrival, stay.departure).length,
      adults: stay.adults,
      childAges: stay.childAges,
    }
    if (question.to > addDays(to, 5)) return
    const call = calendarCall(this.#property, question, this.version)
    const answer = await this.#send(call)
    const days = this.#today((today) => this.oracle.calendar(question, today))
    const cheapest = cheapestOfDays(days)
    this.#compare(line, call, answer, 200, { ...this.#answerHead(), ...question, days, cheapest }, ['asOf'])
  }

  #answerHead() {
    const { currency } = this.#plan.definition.content
    return { property: this.#property, currency, ariVersion: this.version, stale: false }
  }

  /** A write's answer: as expected, one ARI version on, and the version in the header as well. */
  #compareWrite(
    line: number,
    call: Call,
    answer: Answer,
    status: number,
    expected: Record<string, unknown>,
    unknown: readonly string[],
  ): void {
    const ariVersion = this.version + 1
    this.#compare(line, call, answer, status, { ...expected, ariVersion }, unknown)
    if (answer.version !== ariVersion)
      this.#differs(line, call, [`x-ari-version: ${answer.version}, expected ${ariVersion}`])
    if (answer.version !== undefined) this.version = answer.version
  }

  /** A refusal: its status, slug and the extensions that a client acts on. What it says in words is not compared. */
  #compareProblem(
    line: number,
    call: Call,
    answer: Answer,
    status: number,
    slug: string,
    extensions: Record<string, unknown>,
  ): void {
    const { type, ...rest } = (answer.body ?? {}) as Record<string, unknown>
    const body = { slug: slugOf({ type }), ...rest }
    this.#compare(line, call, { ...answer, body }, status, { slug, status, ...extensions }, [
      'title',
      'detail',
      'requestId',
      ...(slug === 'invalid-request' ? ['errors'] : []),
    ])
  }

  /** `unknown`: members that only the system can know; they must be there and are not compared. */
  #compare(
    line: number,
    call: Call,
    answer: Answer,
    status: number,
    expected: unknown,
    unknown: readonly string[],
  ): void {
    this.compared++
    const got = { ...(answer.body as Record<string, unknown>) }
    const missing = unknown.filter((name) => typeof got[name] !== 'string' && !Array.isArray(got[name]))
    for (const name of unknown) delete got[name]
    const found = [
      ...(answer.status === status
        ? []
        : [`status: ${answer.status} ${slugOf(answer.body) ?? ''}, expected ${status}`]),
      ...missing.map((name) => `${name}: is missing`),
      ...differences(got, expected),
    ]
    if (found.length > 0) this.#differs(line, call, found)
  }

  #differs(line: number, { method, path, body, minVersion }: Call, found: readonly string[]): void {
    this.differing++
    const resource = path.replace(/\?.*/, '').split('/').at(-1)
    // Without the numbers in it: the third offer's total is of the same kind as the first's.
    const kind = `${method} ${resource}: ${(found[0] ?? '').replace(/: .*/s, '').replaceAll(/\d+/g, '')}`
    countUp(this.kinds, kind)
    if ((this.kinds.get(kind) ?? 0) > EXAMPLES_EACH || this.report.length >= REPORTED_MAX) return
    const asked = body === undefined ? '' : ` ${JSON.stringify(body)}`
    const version = minVersion === undefined ? '' : ` (at least version ${minVersion})`
    this.report.push([`line ${line}: ${method} ${path}${asked}${version}`, ...found].join('\n    '))
  }

  async #send(call: Call): Promise<Answer> {
    const answer = await this.#client.send(call)
    for (const failure of answer.failures) countUp(this.tally.failures, failure)
    return { ...answer, failures: [] }
  }

  #today<T>(ask: (today: string) => T): T {
    return ask(this.oracle.today(Date.now()))
  }
}

function spanOf({ arrival, departure, adults, childAges }: PlannedBooking['stay']) {
  return { arrival, departure, nights: nightsBetween(arrival, departure).length, adults, childAges }
}

function instantIn(body: unknown, name: string): number | undefined {
  const instant = Date.parse(String((body as Record<string, unknown> | undefined)?.[name]))
  return Number.isNaN(instant) ? undefined : instant
}

/** The planned property as the oracle keeps it. */
export function oracleHotel(plan: Pick<ReplayPlan, 'definition' | 'changes' | 'capacity'>): OracleHotel {
  const hotel = newHotel(plan.definition.content, plan.definition.inventory, Object.fromEntries(plan.capacity))
  for (const { roomType, ratePlan, from, to, amount, sellLimit, overbookLimit, outOfOrder, ...rules } of plan.changes) {
    for (const night of nightsBetween(from, addDays(to, 1))) {
      const key = `${roomType}|${ratePlan}|${night}`
      if (amount === null) hotel.rates.delete(key)
      else if (amount !== undefined) hotel.rates.set(key, amount)
      if (ratePlan !== undefined) {
        if (Object.keys(rules).length > 0)
          hotel.restrictions.set(key, { ...NO_RESTRICTION, ...hotel.restrictions.get(key), ...given(rules) })
        continue
      }
      const cell = hotel.inventory.get(`${roomType}|${night}`)
      if (cell) Object.assign(cell, given({ sellLimit, overbookLimit, outOfOrder }))
    }
  }
  return hotel
}

/** Only the members that were given, null among them. */
function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
