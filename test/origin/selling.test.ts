import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import postgres from 'postgres'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
let origin: TestOrigin
let apiKey: string
const owner = postgres(database.superuserUrl, { max: 1 })

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
    const answer = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', { body: booking() })
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
    const first = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', { body: booking(), idempotencyKey })
    const second = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', { body: booking(), idempotencyKey })
    expect([first.status, second.status]).toEqual([201, 201])
    expect(await second.json()).toEqual(await first.json())
    expect(await sold()).toEqual(before.map((count) => count + 1))
    const other = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', {
      body: booking({ guest: { firstName: 'Rui' } }),
      idempotencyKey,
    })
    expect(other.status).toBe(422)
    expect((await other.json()).type).toMatch(/idempotency-key-reused$/)
  })
})
