import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyDelta, type Delta } from '../../shared/ari/delta.ts'
import { openSnapshot } from '../../shared/ari/snapshot.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
let origin: TestOrigin
let apiKey: string
const owner = postgres(database.superuserUrl, { max: 2 })

beforeAll(async () => {
  origin = await testOrigin(database)
  apiKey = (await addOrganisation(database, 'harbour')).apiKey
  const definition = aProperty('harbour-house')
  const created = await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
  expect(created.status, await created.clone().text()).toBe(201)
  const rates = await origin.call('PUT', '/api/v1/properties/harbour-house/ari', {
    token: apiKey,
    body: { changes: flatRates(definition) },
  })
  expect(rates.status, await rates.clone().text()).toBe(200)
})
afterAll(async () => {
  await origin.origin.close()
  await owner.end()
})

const PATH = '/api/v1/properties/harbour-house/reservations'
const arrival = addDays(today(), 30)
const departure = addDays(today(), 32)

function booking(over: { stay?: object; expectedTotal?: number; guest?: object } = {}) {
  return {
    stay: { roomType: 'DBL', ratePlan: 'BAR', arrival, departure, adults: 2, childAges: [], ...over.stay },
    // Two nights at 100.00 and the city tax of two adults.
    expectedTotal: over.expectedTotal ?? 20_000 + 2 * 2 * 400,
    guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test', ...over.guest },
  }
}

async function sold(): Promise<number[]> {
  const rows = await owner`
    select sold from room_type_night where room_type = 'DBL' and night >= ${arrival} and night < ${departure} order by night`
  return rows.map((row) => row.sold)
}

describe('booking', () => {
  it('sells a stay, answers with what was sold, and counts the nights', async () => {
    const before = await sold()
    const answer = await origin.call('POST', PATH, { body: booking() })
    expect(answer.status, await answer.clone().text()).toBe(201)
    const body = await answer.json()
    expect(body).toMatchObject({ status: 'confirmed', total: 21_600, currency: 'EUR', property: 'harbour-house' })
    expect(body.reference).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/)
    expect(answer.headers.get('x-ari-version')).toBe(String(body.ariVersion))
    expect(await sold()).toEqual(before.map((count) => count + 1))
  })

  it('does a repeated request once and gives the same body', async () => {
    const before = await sold()
    const idempotencyKey = crypto.randomUUID()
    const first = await origin.call('POST', PATH, { body: booking(), idempotencyKey })
    const second = await origin.call('POST', PATH, { body: booking(), idempotencyKey })
    expect([first.status, second.status]).toEqual([201, 201])
    expect(await second.json()).toEqual(await first.json())
    expect(await sold()).toEqual(before.map((count) => count + 1))
    const other = await origin.call('POST', PATH, {
      body: booking({ guest: { firstName: 'Rui' } }),
      idempotencyKey,
    })
    expect(other.status).toBe(422)
    expect((await other.json()).type).toMatch(/idempotency-key-reused$/)
  })

  it('makes one booking of fifty requests with the same key at once', async () => {
    const before = await sold()
    const idempotencyKey = crypto.randomUUID()
    const stay = { arrival: addDays(today(), 60), departure: addDays(today(), 61) }
    const body = booking({ stay, expectedTotal: 10_800 })
    // Open the pool's connections first, or the first request is through before the second has one.
    await Promise.all(Array.from({ length: 32 }, () => origin.call('GET', '/api/v1/properties/harbour-house')))
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => origin.call('POST', PATH, { body, idempotencyKey })),
    )
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]))
    const bodies = await Promise.all(answers.map((answer) => answer.text()))
    expect(new Set(bodies).size).toBe(1)
    const [counted] = await owner`select count(*)::int as count from reservation where arrival = ${stay.arrival}`
    expect(counted?.count).toBe(1)
    expect(await sold()).toEqual(before)
  })

  it('refuses a total that is not the price, with the fresh offer, and sells nothing', async () => {
    const before = await sold()
    const answer = await origin.call('POST', PATH, { body: booking({ expectedTotal: 20_000 }) })
    expect(answer.status).toBe(409)
    const problem = await answer.json()
    expect(problem.type).toMatch(/price-changed$/)
    expect(problem.offer).toMatchObject({ roomType: 'DBL', ratePlan: 'BAR', total: 21_600 })
    expect(await sold()).toEqual(before)
  })

  it('says which nights are sold out and what else is free', async () => {
    const first = addDays(today(), 90)
    const stay = { arrival: first, departure: addDays(first, 1) }
    for (let i = 0; i < 3; i++)
      expect((await origin.call('POST', PATH, { body: booking({ stay, expectedTotal: 10_800 }) })).status).toBe(201)
    const longer = { arrival: addDays(first, -1), departure: addDays(first, 2) }
    const answer = await origin.call('POST', PATH, { body: booking({ stay: longer, expectedTotal: 32_400 }) })
    expect(answer.status).toBe(409)
    const problem = await answer.json()
    expect(problem).toMatchObject({ nights: [first] })
    expect(problem.type).toMatch(/sold-out$/)
    expect(problem.alternatives.map((offer: { roomType: string }) => offer.roomType)).toEqual(['STE', 'STE'])
  })

  it.each([
    ['closed', { closed: true }, 'closed'],
    ['a minimum stay', { minStayThrough: 3 }, 'min-stay-through'],
    ['no arrivals', { closedToArrival: true }, 'closed-to-arrival'],
  ])('refuses a stay under %s, naming the nights', async (_, restriction, reason) => {
    const first = addDays(today(), 120)
    const span = { roomType: 'DBL', ratePlan: 'BAR', from: first, to: first }
    const clear = { closed: false, minStayThrough: null, closedToArrival: false }
    const change = { changes: [{ ...span, ...clear, ...restriction }] }
    expect(
      (await origin.call('PUT', '/api/v1/properties/harbour-house/ari', { token: apiKey, body: change })).status,
    ).toBe(200)
    const stay = { arrival: first, departure: addDays(first, 2) }
    const answer = await origin.call('POST', PATH, { body: booking({ stay }) })
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ reason, nights: [first] })
  })
})

describe('cancelling', () => {
  it('gives the nights back, once, and free of charge before the deadline', async () => {
    const before = await sold()
    const booked = await (await origin.call('POST', PATH, { body: booking() })).json()
    const path = `/api/v1/reservations/${booked.reference}/cancellation`
    const idempotencyKey = crypto.randomUUID()
    const first = await origin.call('POST', path, { token: booked.guestToken, idempotencyKey })
    const again = await origin.call('POST', path, { token: booked.guestToken, idempotencyKey })
    expect(first.status, await first.clone().text()).toBe(200)
    expect(await again.json()).toEqual(await first.json())
    const other = await origin.call('POST', path, { token: booked.guestToken })
    expect(other.status).toBe(409)
    expect((await other.json()).type).toMatch(/not-cancellable$/)
    expect(await sold()).toEqual(before)
  })

  it('needs the token of that booking', async () => {
    const mine = await (
      await origin.call('POST', PATH, {
        body: booking({
          stay: { arrival: addDays(today(), 140), departure: addDays(today(), 141) },
          expectedTotal: 10_800,
        }),
      })
    ).json()
    const theirs = await (
      await origin.call('POST', PATH, {
        body: booking({
          stay: { arrival: addDays(today(), 142), departure: addDays(today(), 143) },
          expectedTotal: 10_800,
        }),
      })
    ).json()
    const path = `/api/v1/reservations/${mine.reference}/cancellation`
    expect((await origin.call('POST', path, { token: theirs.guestToken })).status).toBe(404)
    expect((await origin.call('POST', path, {})).status).toBe(401)
    expect((await origin.call('POST', path, { token: `${mine.guestToken.slice(0, -2)}xx` })).status).toBe(401)
    expect((await origin.call('POST', path, { token: mine.guestToken, idempotencyKey: null })).status).toBe(400)
  })
})

describe('looking a reservation up', () => {
  it('shows a masked stay for reference and last name, and everything to the booker', async () => {
    const stay = { arrival: addDays(today(), 150), departure: addDays(today(), 151) }
    const booked = await (await origin.call('POST', PATH, { body: booking({ stay, expectedTotal: 10_800 }) })).json()
    const path = `/api/v1/reservations/${booked.reference}`
    const masked = await (await origin.call('GET', `${path.toLowerCase()}?lastName=REIS`)).json()
    expect(masked).toMatchObject({
      masked: true,
      guest: { firstName: 'A…', lastName: 'R…', email: null },
      total: 10_800,
    })
    const whole = await (await origin.call('GET', path, { token: booked.guestToken })).json()
    expect(whole).toMatchObject({
      masked: false,
      guest: { firstName: 'Ana', email: 'ana@example.test' },
      cancellationFeeNow: 0,
    })
    expect((await origin.call('GET', `${path}?lastName=Silva`)).status).toBe(404)
    expect((await origin.call('GET', path)).status).toBe(404)
  })
})

describe('capacity', () => {
  it('cannot be lowered below what is sold', async () => {
    const stay = { arrival: addDays(today(), 160), departure: addDays(today(), 161) }
    for (let i = 0; i < 2; i++) await origin.call('POST', PATH, { body: booking({ stay, expectedTotal: 10_800 }) })
    const change = { roomType: 'DBL', from: stay.arrival, to: stay.arrival, outOfOrder: 2 }
    const answer = await origin.call('PUT', '/api/v1/properties/harbour-house/ari', {
      token: apiKey,
      body: { changes: [change] },
    })
    expect(answer.status).toBe(409)
    expect((await answer.json()).type).toMatch(/capacity-below-sold$/)
  })
})

describe('the last room', () => {
  it('goes to exactly one of two guests at the same instant, a thousand times, and the other is told so', async () => {
    const code = 'last-room-house'
    const definition = aProperty(code, { rooms: { DBL: 1 }, days: 1_001 })
    await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
    await origin.call('PUT', `/api/v1/properties/${code}/ari`, {
      token: apiKey,
      body: { changes: flatRates(definition) },
    })
    const outcomes = new Map<string, number>()
    for (let trial = 0; trial < 1_000; trial++) {
      const stay = { arrival: addDays(today(), trial), departure: addDays(today(), trial + 1) }
      const pair = await Promise.all(
        [0, 1].map(() =>
          origin.call('POST', `/api/v1/properties/${code}/reservations`, {
            body: booking({ stay, expectedTotal: 10_800 }),
          }),
        ),
      )
      const told = await Promise.all(
        pair.map(async (answer) =>
          answer.status === 201 ? 'booked' : ((await answer.json()) as { type: string }).type.split('/').at(-1),
        ),
      )
      const key = told.sort().join('+')
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
    }
    expect(Object.fromEntries(outcomes)).toEqual({ 'booked+sold-out': 1_000 })
    const [recount] = await owner`select count(*)::int as oversold from room_type_night where sold > physical`
    expect(recount?.oversold).toBe(0)
  }, 120_000)
})

describe('what many do at once', () => {
  it('cancelling one booking from two places gives the nights back once and tells the other', async () => {
    for (let trial = 0; trial < 15; trial++) {
      const stay = { roomType: 'STE', arrival: addDays(today(), 170 + trial), departure: addDays(today(), 171 + trial) }
      const body = booking({ stay, expectedTotal: 10_800 })
      const booked = await (await origin.call('POST', PATH, { body })).json()
      const path = `/api/v1/reservations/${booked.reference}/cancellation`
      const both = await Promise.all([0, 1].map(() => origin.call('POST', path, { token: booked.guestToken })))
      expect(both.map((answer) => answer.status).sort()).toEqual([200, 409])
      const rows = await owner`select sold from room_type_night where room_type = 'STE' and night = ${stay.arrival}`
      expect(rows.every((row) => row.sold === 0)).toBe(true)
    }
  })

  it('rates and restrictions sent side by side: the deltas lead to what the snapshot says', async () => {
    const code = 'busy-house'
    const definition = aProperty(code)
    await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
    const put = (changes: object[]) =>
      origin.call('PUT', `/api/v1/properties/${code}/ari`, { token: apiKey, body: { changes } })
    await put(flatRates(definition))
    const span = { roomType: 'DBL', ratePlan: 'BAR', from: today(), to: addDays(today(), 20) }
    const versionOf = async () =>
      ((await (await origin.call('GET', `/internal/ari/${code}/head`)).json()) as { version: number }).version
    const snapshotAt = async (version: number) =>
      openSnapshot(
        new Uint8Array(await (await origin.call('GET', `/internal/ari/${code}/versions/${version}`)).arrayBuffer()),
      )
    for (let round = 0; round < 20; round++) {
      const from = await versionOf()
      const held = await snapshotAt(from)
      const answers = await Promise.all([
        put([{ ...span, amount: 20_000 + round }]),
        put([{ ...span, minStayArrival: 1 + (round % 5) }]),
        put([
          { ...span, roomType: 'STE', amount: 30_000 + round },
          { ...span, maxStay: 9 },
        ]),
        put([
          { ...span, maxStay: 10 },
          { ...span, roomType: 'STE', minStayThrough: 2 },
        ]),
      ])
      expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
      const to = await versionOf()
      const delta = (await (await origin.call('GET', `/internal/ari/${code}/deltas/${from}/${to}`)).json()) as Delta
      expect(applyDelta(held, delta)).toBe(true)
      const fresh = await snapshotAt(to)
      for (const column of ['amounts', 'rules', 'available'] as const)
        expect([...held[column]], column).toEqual([...fresh[column]])
    }
  })

  it('a booking that waited for its nights is judged by the rules that hold when it gets them', async () => {
    const stay = { arrival: addDays(today(), 190), departure: addDays(today(), 191) }
    const holder = await owner.reserve()
    await holder`begin`
    await holder`select 1 from room_type_night where night = ${stay.arrival} for update`
    const waiting = origin.call('POST', PATH, { body: booking({ stay, expectedTotal: 10_800 }) })
    await new Promise((resolve) => setTimeout(resolve, 200))
    const close = { roomType: 'DBL', ratePlan: 'BAR', from: stay.arrival, to: stay.arrival, closed: true }
    const closed = await origin.call('PUT', '/api/v1/properties/harbour-house/ari', {
      token: apiKey,
      body: { changes: [close] },
    })
    expect(closed.status).toBe(200)
    await holder`commit`
    holder.release()
    const answer = await waiting
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ reason: 'closed', nights: [stay.arrival] })
  })
})
