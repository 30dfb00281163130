/** What the edge's answers are made of, without network, cache or framework: in this process, alone. */
import { setTimeout as sleep } from 'node:timers/promises'
import { answerCalendar, type Confirmed } from '../../../shared/ari/answers.ts'
import { searchDestination } from '../../../shared/ari/destination.ts'
import type { AriFacts, RestrictionCell } from '../../../shared/ari/facts.ts'
import { evaluateStay } from '../../../shared/ari/judge.ts'
import { calendarDays, indexedStay, searchStay } from '../../../shared/ari/search.ts'
import { encodeSnapshot, openSnapshot, productsOf } from '../../../shared/ari/snapshot.ts'
import { addDays, dayNumber, nightsBetween } from '../../../shared/domain/nights.ts'
import { countParty } from '../../../shared/domain/party.ts'
import { dateAt } from '../../../shared/domain/zone.ts'
import { REPLAY_ZONE } from '../replay/replay-hotel.ts'
import { randomNumbers } from '../replay/restrictions.ts'
import { percentile } from '../replay/tally.ts'
import type { Bench, Measured } from './bench.ts'
import { benchHotel, copyOf, type Hotel, NIGHTS } from './hotels.ts'
import { type Line, withUnit } from './lines.ts'

const HOTELS = 200
const CALENDAR_DAYS = 60
const STAY_NIGHTS = 7
const PARTY = { adults: 2, childAges: [] }

/**
 * In turn, some seconds apart, of which the one with the lowest p50 counts: what else the machine does only ever adds to
 * these times, and goes on for longer than a round takes.
 */
const ROUNDS = 7
const BETWEEN_MS = 500

/** Each at its p50, after it has been called often enough to be compiled. Other dates each time. */
export async function measurePure(_: Bench): Promise<Measured> {
  const now = Date.now()
  const today = dateAt(now, REPLAY_ZONE)
  const large = factsOf(benchHotel('pure', { roomTypes: 30, plans: 12, rooms: 20 }))
  const bytes = encodeSnapshot(large)
  const snapshot = openSnapshot(bytes)
  const party = countParty(PARTY, snapshot.content.childBands)

  const arrivalOf = (i: number) => addDays(today, (i * 37) % (NIGHTS - CALENDAR_DAYS - STAY_NIGHTS))

  const hotels = destinationOf(now)
  const measure = {
    // Fresh bytes each time, as they come from a cache or the origin.
    opened: () =>
      timesOf(
        60,
        () => bytes.slice(),
        (fresh) => openSnapshot(fresh),
      ),
    evaluated: () =>
      timesOf(
        4_000,
        (i) => indexedStay(snapshot, dayNumber(arrivalOf(i)), STAY_NIGHTS, today),
        (stay) => evaluateStay(snapshot, stay, party),
      ),
    itemised: () =>
      timesOf(1_000, arrivalOf, (arrival) =>
        searchStay(snapshot, { arrival, departure: addDays(arrival, STAY_NIGHTS), ...PARTY }, today),
      ),
    calendars: () =>
      timesOf(600, arrivalOf, (from) =>
        calendarDays(snapshot, { from, to: addDays(from, CALENDAR_DAYS - 1), nights: STAY_NIGHTS, ...PARTY }, today),
      ),
    destinations: () => timesOf(200, arrivalOf, (arrival) => searchAll(hotels, arrival, now)),
  }
  const { opened, evaluated, itemised, calendars, destinations } = await quietest(measure)
  const calendarAnswer = answerCalendar(
    { snapshot, asOf: now, stale: false },
    { from: today, to: addDays(today, CALENDAR_DAYS - 1), nights: STAY_NIGHTS, ...PARTY },
    now,
  )
  const priced = calendarAnswer.days.filter(({ total }) => total !== null).length
  const size = `${NIGHTS} nights × 30 room types × 12 plans, ${(bytes.byteLength / 1e6).toFixed(1)} MB`
  return {
    lines: [
      line('opening the full snapshot', opened, { unit: 'ms', bound: 1, remark: size }),
      line(`evaluating ${STAY_NIGHTS} nights`, evaluated, { unit: 'µs', bound: 25, remark: '360 products' }),
      line(`the same with all offers itemised`, itemised, { unit: 'µs' }),
      line(`calendar of ${CALENDAR_DAYS} arrival dates`, calendars, {
        unit: 'ms',
        bound: 0.5,
        remark: `stays of ${STAY_NIGHTS} nights, 360 products; ${priced} dates of the first have a price`,
      }),
      line(`destination of ${HOTELS} properties`, destinations, {
        unit: 'ms',
        bound: 5,
        remark: `5 room types × 4 plans each, ${STAY_NIGHTS} nights, sorted by price`,
      }),
    ],
    details: {
      snapshotBytes: bytes.byteLength,
      p50Ms: Object.fromEntries(
        Object.entries({ opened, evaluated, itemised, calendars, destinations }).map(([name, ms]) => [
          name,
          { p50: percentile(ms, 0.5), p99: percentile(ms, 0.99), times: ms.length },
        ]),
      ),
    },
  }
}

function line(
  name: string,
  ms: readonly number[],
  { unit, bound, remark }: { unit: 'ms' | 'µs'; bound?: number; remark?: string },
): Line {
  const scale = unit === 'µs' ? 1_000 : 1
  const p99 = `p99 ${withUnit(percentile(ms, 0.99) * scale, unit)}`
  return {
    part: 'pure',
    name: `${name}, p50`,
    value: percentile(ms, 0.5) * scale,
    unit,
    ...(bound === undefined ? {} : { bound: { atMost: bound } }),
    remark: `${p99}, quietest of ${ROUNDS} rounds${remark === undefined ? '' : `; ${remark}`}`,
  }
}

/** Of the rounds of each the one with the lowest p50. */
async function quietest<Name extends string>(measure: Record<Name, () => number[]>): Promise<Record<Name, number[]>> {
  const names = Object.keys(measure) as Name[]
  const best = {} as Record<Name, number[]>
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const ms = measure[name]()
      if (best[name] === undefined || percentile(ms, 0.5) < percentile(best[name], 0.5)) best[name] = ms
    }
    await sleep(BETWEEN_MS)
  }
  return best
}

/** Kept, so that no engine finds out that nobody looks at a result. */
let looked: unknown

/** Milliseconds of each of so many calls, after half as many that are not counted. `given` is not timed. */
function timesOf<T>(times: number, given: (i: number) => T, work: (input: T) => unknown): number[] {
  const taken: number[] = []
  for (let i = -Math.ceil(times / 2); i < times; i++) {
    const input = given(Math.abs(i))
    const began = performance.now()
    looked = work(input)
    const ms = performance.now() - began
    if (i >= 0) taken.push(ms)
  }
  if (looked === undefined) throw new Error('nothing came of it')
  return taken
}

function destinationOf(now: number): Confirmed[] {
  const hotel = benchHotel('pure', { roomTypes: 5, plans: 4, rooms: 6 })
  return Array.from({ length: HOTELS }, (_, i) => ({
    snapshot: openSnapshot(encodeSnapshot(factsOf(copyOf(hotel, i + 1)))),
    asOf: now,
    stale: false,
  }))
}

function searchAll(hotels: readonly Confirmed[], arrival: string, now: number) {
  const search = searchDestination(
    {
      destination: 'lisbon',
      arrival,
      departure: addDays(arrival, STAY_NIGHTS),
      ...PARTY,
      sort: 'price',
      page: 1,
      pageSize: 20,
    },
    now,
  )
  for (const hotel of hotels) search.add(hotel)
  return search.answer({ destination: 'lisbon', kind: 'city', name: 'Lisbon', properties: HOTELS }, 0, now - 2_000)
}

const UNRESTRICTED: RestrictionCell = {
  minStayArrival: null,
  minStayThrough: null,
  maxStay: null,
  closedToArrival: false,
  closedToDeparture: false,
  closed: false,
}

/** The hotel as its database would tell it after some selling: changes laid over one another, rooms left by chance. */
function factsOf({ definition, changes, rooms }: Hotel): AriFacts {
  const { content, inventory } = definition
  const first = dayNumber(inventory.from)
  const chance = randomNumbers(7)
  const products = productsOf(content).map(({ roomType, plan }) => ({
    roomType: roomType.roomType,
    ratePlan: plan.ratePlan,
    amounts: plan.derived ? null : new Array<number | null>(NIGHTS).fill(null),
    restrictions: new Array<RestrictionCell>(NIGHTS).fill(UNRESTRICTED),
  }))
  const byCodes = new Map(products.map((product) => [`${product.roomType} ${product.ratePlan}`, product]))
  for (const { roomType, ratePlan, from, to, amount, sellLimit, overbookLimit, outOfOrder, ...rules } of changes) {
    const product = byCodes.get(`${roomType} ${ratePlan}`)
    if (!product) continue
    for (const night of nightsBetween(from, addDays(to, 1))) {
      const at = dayNumber(night) - first
      if (amount !== undefined && product.amounts) product.amounts[at] = amount
      if (Object.keys(rules).length > 0)
        product.restrictions[at] = { ...(product.restrictions[at] ?? UNRESTRICTED), ...rules } as RestrictionCell
    }
  }
  return {
    content,
    version: 1,
    firstNight: inventory.from,
    nights: NIGHTS,
    // One night in twenty is sold out.
    available: content.roomTypes.map(() =>
      Array.from({ length: NIGHTS }, () => (chance(20) === 0 ? 0 : 1 + chance(rooms))),
    ),
    products,
  }
}
