/** The replay's judge, given answers that are right and answers that are subtly not. */
import { describe, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { differences } from '../bench/replay/differences.ts'
import { replayAtOnce } from '../bench/replay/guests.ts'
import type { Answer, Call, Client } from '../bench/replay/http.ts'
import { eventsInOrder, type PlannedBooking, peakDemand, type ReplayPlan } from '../bench/replay/plan.ts'
import { replayContent } from '../bench/replay/replay-hotel.ts'
import { oracleHotel, replayAndVerify } from '../bench/replay/verify.ts'
import { today } from '../support/builders.ts'
import { Oracle } from '../support/oracle.ts'
import { cheapestOfDays } from '../support/oracle-search.ts'

/** Six guests for the same two nights in four rooms; the second cancels after the fifth was refused. */
function aPlan(): ReplayPlan {
  const arrival = addDays(today(), 3)
  const bookings = Array.from(
    { length: 6 },
    (_, i): PlannedBooking => ({
      line: i + 2,
      stay: {
        roomType: 'RA',
        ratePlan: i % 2 === 0 ? 'FLEX' : 'NRF',
        arrival,
        departure: addDays(arrival, 2),
        adults: 2,
        childAges: i === 3 ? [4] : [],
      },
      cancels: i === 1,
    }),
  )
  const file = bookings.map(({ line, stay, cancels }) => ({
    line,
    hotel: 'R',
    roomType: 'A',
    arrival: stay.arrival,
    nights: 2,
    adults: 2,
    children: 0,
    babies: 0,
    rateMinor: 10_000,
    bookedOn: addDays(arrival, line - 40),
    cancelledOn: cancels ? addDays(arrival, 6 - 40) : null,
    nonRefundable: false,
  }))
  const events = eventsInOrder(file)
  expect(peakDemand(bookings, events).get('RA')).toBe(5)
  const inventory = { from: arrival, to: addDays(arrival, 2) }
  const content = replayContent('replay-test', ['RA'], bookings)
  return {
    definition: { content, rooms: { RA: ['1', '2', '3', '4'] }, inventory, listed: false },
    changes: [{ roomType: 'RA', ratePlan: 'FLEX', ...inventory, amount: 10_001 }],
    bookings,
    events,
    capacity: new Map([['RA', 4]]),
    weeksShifted: 0,
  }
}

/** A system that answers as it should, unless `spoil` changes an answer on its way to the guest. */
function aSystem(plan: ReplayPlan, spoil: (call: Call, answer: Answer) => void = () => {}): Client {
  const oracle = new Oracle(oracleHotel(plan))
  const property = plan.definition.content.property
  let version = 1
  const kept = new Map<string, { sent: string; answer: Answer }>()
  const references: string[] = []

  const answerTo = (call: Call): Omit<Answer, 'durationMs' | 'failures'> => {
    const url = new URL(call.path, 'http://edge.test')
    const ask = (name: string) => url.searchParams.get(name) ?? ''
    const party = { adults: Number(ask('adults')), childAges: ask('childAges').split(',').filter(Boolean).map(Number) }
    const head = { property, currency: 'EUR', ariVersion: version, asOf: 'now', stale: false, ...party }
    if (url.pathname.endsWith('/availability')) {
      const span = { arrival: ask('arrival'), departure: ask('departure') }
      const found = oracle.availability({ ...span, ...party }, today())
      return { status: 200, version, body: structuredClone({ ...head, ...span, nights: 2, ...found }) }
    }
    if (url.pathname.endsWith('/calendar')) {
      const span = { from: ask('from'), to: ask('to'), nights: Number(ask('nights')) }
      const days = oracle.calendar({ ...span, ...party }, today())
      return { status: 200, version, body: { ...head, ...span, days, cheapest: cheapestOfDays(days) } }
    }
    const problem = (slug: string, status: number, extensions = {}) => ({
      status,
      version: undefined,
      body: { type: `https://x.test/${slug}`, title: slug, status, detail: 'So it is.', requestId: 'r', ...extensions },
    })
    if (url.pathname.endsWith('/cancellation')) {
      const reference = url.pathname.split('/').at(-2) ?? ''
      const cancelled = oracle.cancel(references.indexOf(reference), Date.now())
      if (cancelled.outcome !== 'cancelled') return problem('not-cancellable', 409)
      const cancelledAt = new Date().toISOString()
      const done = { reference, property, status: 'cancelled', cancelledAt, cancellationFee: cancelled.fee }
      return { status: 200, version: ++version, body: { ...done, currency: 'EUR', ariVersion: version } }
    }
    const { stay, expectedTotal } = call.body as { stay: PlannedBooking['stay']; expectedTotal: number }
    const booked = oracle.book(stay, expectedTotal, today())
    if (booked.outcome === 'booked') {
      const reference = `ABCDEFGH0${references.length}`
      references.push(reference)
      const made = { reference, guestToken: 'gt', property, status: 'confirmed', stay, ...booked.sold, currency: 'EUR' }
      return { status: 201, version: ++version, body: { ...made, ariVersion: version } }
    }
    const { outcome, ...extensions } = booked
    return problem(outcome, 409, structuredClone(extensions))
  }

  return {
    async send(call) {
      const sent = JSON.stringify(call.body)
      const before = kept.get(call.idempotencyKey ?? '')
      if (before && before.sent === sent) return before.answer
      const reused = {
        type: 'https://x.test/idempotency-key-reused',
        status: 422,
        title: 't',
        detail: 'd',
        requestId: 'r',
      }
      const answer: Answer = {
        ...(before ? { status: 422, version: undefined, body: reused } : answerTo(call)),
        durationMs: 1,
        failures: [],
      }
      spoil(call, answer)
      if (call.idempotencyKey !== undefined && !before) kept.set(call.idempotencyKey, { sent, answer })
      return answer
    },
    close() {},
  }
}

async function verify(spoil?: (call: Call, answer: Answer) => void) {
  const plan = aPlan()
  // Several seeds, so that the guests drawn for further tries are different ones.
  const runs = []
  for (let seed = 0; seed < 12; seed++)
    runs.push(await replayAndVerify(aSystem(plan, spoil), plan, { version: 1, seed, onEvent: () => {} }))
  return {
    differing: runs.reduce((sum, run) => sum + run.differing, 0),
    report: runs.flatMap((run) => run.report).join('\n'),
    last: runs.at(-1),
  }
}

describe('replayAndVerify()', () => {
  it('finds nothing where every answer is right, and counts what happened', async () => {
    const { differing, report, last } = await verify()
    expect(report).toBe('')
    expect(differing).toBe(0)
    expect(last?.tally).toMatchObject({ booked: 5, cancelled: 1, refused: new Map([['sold-out', 1]]) })
    expect(last?.compared).toBeGreaterThanOrEqual(13)
  })

  const changes: [string, (call: Call, answer: Answer) => void, RegExp][] = [
    [
      'a price that is a cent off',
      (_, { body }) => spoilOffer(body, (offer) => offer.total++),
      /offers\[0\].total: 20/,
    ],
    [
      'a room too many',
      (_, { body }) => spoilOffer(body, (offer) => offer.available++),
      /offers\[0\].available: 5, exp/,
    ],
    ['a stale answer', (call, { body }) => call.method === 'GET' && assign(body, { stale: true }), /stale: true/],
    ['an old version', (call, { body }) => call.method === 'GET' && assign(body, { ariVersion: 0 }), /ariVersion: 0/],
    ['a missing refusal', (_, { body }) => assign(body, { unavailable: [] }), /unavailable\[0\]: nothing/],
    [
      'another reason',
      (_, answer) => answer.status === 409 && assign(answer.body, { type: 'x/other' }),
      /slug: "other"/,
    ],
    ['a fee too much', (_, { body }) => assign(body, { cancellationFee: 1 }), /cancellationFee: 1, expected/],
    ['a member nobody knows', (_, { body }) => assign(body, { extra: 1 }), /extra: 1, expected nothing/],
    [
      'no refusal at all',
      (_, answer) => answer.status === 409 && Object.assign(answer, { status: 201 }),
      /status: 201/,
    ],
    ['a refusal without a word', (_, { body }) => assign(body, { detail: undefined }), /detail: is missing/],
  ]
  it.each(changes)('reports %s', async (_, spoil, expected) => {
    const { differing, report } = await verify(spoil)
    expect(differing).toBeGreaterThan(0)
    expect(report).toMatch(expected)
  })
})

describe('replayAtOnce()', () => {
  it('books what is offered, waits for a booking before its cancellation, and counts refusals by reason', async () => {
    const plan = aPlan()
    const slow: Client = {
      ...aSystem(plan),
      send: ((system) => async (call: Call) => {
        await new Promise((resolve) => setTimeout(resolve, call.method === 'GET' ? 1 : 5))
        return await system.send(call)
      })(aSystem(plan)),
    }
    const { tally, held } = await replayAtOnce(slow, plan, { guests: 7, version: 1, onEvent: () => {} })
    expect(tally.booked + tally.staleRefusals.size).toBeGreaterThanOrEqual(4)
    expect(tally.cancelled).toBe(1)
    expect(held.filter((it) => it && !it.cancelled).length).toBe(tally.booked - 1)
    expect(tally.unexpected.size).toBe(0)
  })
})

describe('differences()', () => {
  it('names the place, what came and what was expected', () => {
    expect(differences({ a: [{ b: 1 }, 2], c: null }, { a: [{ b: 2 }, 2], d: 'x' })).toEqual([
      'a[0].b: 1, expected 2',
      'd: nothing, expected "x"',
      'c: null, expected nothing',
    ])
    expect(differences([1], { 0: 1 })).toEqual(['answer: [1], expected {"0":1}'])
  })
})

function assign(body: unknown, members: Record<string, unknown>): void {
  const held = body as Record<string, unknown>
  // Only where the answer has such a member at all, or none has.
  const known = Object.keys(members).some((name) => name in held || name === 'extra')
  if (known) Object.assign(held, members)
}

function spoilOffer(body: unknown, spoil: (offer: { total: number; available: number }) => void): void {
  const [offer] = (body as { offers?: { total: number; available: number }[] }).offers ?? []
  if (offer) spoil(offer)
}
