/** What `/metrics` tells after real requests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../origin/platform/database.ts'
import { watchDatabase } from '../../origin/platform/database-watch.ts'
import { openMetrics } from '../../origin/platform/telemetry.ts'
import { untraced } from '../../origin/platform/tracing.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
let origin: TestOrigin

beforeAll(async () => {
  origin = await testOrigin(urls)
  const { apiKey } = await addOrganisation(urls, 'harbour')
  const definition = aProperty('harbour-house')
  await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
  await origin.call('PUT', '/api/v1/properties/harbour-house/ari', {
    token: apiKey,
    body: { changes: flatRates(definition) },
  })
})
afterAll(() => origin.origin.close())

async function scrape(): Promise<Map<string, number>> {
  const text = await (await origin.origin.fetch(new Request('http://127.0.0.1/metrics'))).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

describe('/metrics', () => {
  it('counts bookings and cancellations by outcome, and requests by route template', async () => {
    const path = '/api/v1/properties/harbour-house/reservations'
    const body = {
      stay: {
        roomType: 'DBL',
        ratePlan: 'BAR',
        arrival: addDays(today(), 30),
        departure: addDays(today(), 31),
        adults: 2,
        childAges: [],
      },
      expectedTotal: 10_800,
      guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
    }
    const booked = await origin.call('POST', path, { body })
    expect(booked.status, await booked.clone().text()).toBe(201)
    await origin.call('POST', path, { body: { ...body, expectedTotal: 1 } })
    const { reference, guestToken } = (await booked.json()) as { reference: string; guestToken: string }
    const cancel = () =>
      origin.call('POST', `/api/v1/reservations/${reference}/cancellation`, { token: guestToken, body: {} })
    await cancel()
    await cancel()
    const metrics = await scrape()
    expect(metrics.get('stayzr_bookings_total{outcome="confirmed"}')).toBe(1)
    expect(metrics.get('stayzr_bookings_total{outcome="price-changed"}')).toBe(1)
    expect(metrics.get('stayzr_cancellations_total{outcome="cancelled"}')).toBe(1)
    expect(metrics.get('stayzr_cancellations_total{outcome="not-cancellable"}')).toBe(1)
    const labels = 'route="/api/v1/properties/:property/reservations",method="POST",status="201"'
    expect(metrics.get(`stayzr_http_request_seconds_count{${labels}}`)).toBe(1)
    expect(metrics.get('stayzr_db_pool_connections_max')).toBe(16)
    expect(metrics.get('stayzr_db_pool_in_use')).toBe(0)
    expect(metrics.get('stayzr_db_pool_wait_seconds_count')).toBeGreaterThanOrEqual(4)
    await expect.poll(async () => (await scrape()).get('stayzr_dependency_up{dependency="redis"}')).toBe(1)
  })
})

describe('the pool', () => {
  it('tells who has a connection and who waits for one', async () => {
    const metrics = openMetrics()
    const database = openDatabase({ url: urls.runtimeUrl, poolMax: 1 }, watchDatabase(metrics.pool, untraced))
    const told = async () => {
      const text = await metrics.render()
      const value = (name: string) => Number(new RegExp(`^stayzr_db_pool_${name} (.+)$`, 'm').exec(text)?.[1])
      return { inUse: value('in_use'), waiting: value('waiting'), waited: value('wait_seconds_count') }
    }
    const organisation = crypto.randomUUID()
    const held = Promise.withResolvers<void>()
    const first = database.inOrganisation(organisation, () => held.promise)
    await expect.poll(told).toEqual({ inUse: 1, waiting: 0, waited: 1 })
    const second = database.inOrganisation(organisation, async () => {})
    expect(await told()).toEqual({ inUse: 1, waiting: 1, waited: 1 })
    held.resolve()
    await Promise.all([first, second])
    expect(await told()).toEqual({ inUse: 0, waiting: 0, waited: 2 })
    await database.close()
    // One that never gets a connection does not wait for ever in the figures.
    await expect(database.inOrganisation(organisation, async () => {})).rejects.toThrow()
    expect(await told()).toEqual({ inUse: 0, waiting: 0, waited: 3 })
  })
})
