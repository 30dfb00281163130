/** The recount and the figures of the day, on real bookings; broken on purpose to see that they tell. */
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFigures } from '../../origin/features/figures/service.ts'
import { startFigures } from '../../origin/jobs/figures.ts'
import { openDatabase } from '../../origin/platform/database.ts'
import { openLogger, openMetrics } from '../../origin/platform/telemetry.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
const owner = postgres(urls.superuserUrl, { max: 1, onnotice: () => {} })
const database = openDatabase({ url: urls.runtimeUrl, poolMax: 2 })
const never = new AbortController().signal
const log = openLogger('silent')
let origin: TestOrigin

beforeAll(async () => {
  origin = await testOrigin(urls)
  const { apiKey } = await addOrganisation(urls, 'harbour')
  for (const code of ['harbour-house', 'river-house']) {
    const definition = aProperty(code)
    await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
    await origin.call('PUT', `/api/v1/properties/${code}/ari`, {
      token: apiKey,
      body: { changes: flatRates(definition) },
    })
  }
  const stay = { roomType: 'DBL', ratePlan: 'BAR', adults: 2, childAges: [] }
  const book = async (arrival: number, departure: number) => {
    const nights = departure - arrival
    const answer = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', {
      body: {
        stay: { ...stay, arrival: addDays(today(), arrival), departure: addDays(today(), departure) },
        expectedTotal: nights * (10_000 + 2 * 400),
        guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
      },
    })
    expect(answer.status, await answer.clone().text()).toBe(201)
  }
  await book(0, 2)
  await book(0, 1)
  await book(5, 8)
})
afterAll(async () => {
  await origin.origin.close()
  await Promise.all([database.close(), owner.end()])
})

function figuresReader() {
  return openFigures({ database, clock: { now: () => Date.now() } })
}

/** One metric's lines, from label part to value. */
async function read(metrics: ReturnType<typeof openMetrics>, name: string): Promise<Record<string, number>> {
  const lines = (await metrics.render())
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return Object.fromEntries(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

describe('the figures', () => {
  it('tell rooms, arrivals and revenue of today, and no drift', async () => {
    const { properties, outbox } = await figuresReader().pass(never, 60_000)
    expect(properties.map(({ code }) => code).sort()).toEqual(['harbour-house', 'river-house'])
    expect(properties.find(({ code }) => code === 'harbour-house')).toMatchObject({
      drift: 0,
      oversold: 0,
      roomsSold: 2,
      arrivals: 2,
      departures: 0,
      revenueMinor: 20_000,
      currency: 'EUR',
    })
    // Changes of ARI are read from the outbox, not sent.
    expect(outbox).toEqual({ rows: 0, lagSeconds: 0 })
  })

  it('tell drift and what is oversold', async () => {
    const night = addDays(today(), 6)
    const set = (what: string) =>
      owner.unsafe(`update room_type_night n set ${what} from property p
        where p.property_id = n.property_id and p.code = 'harbour-house' and room_type = 'DBL' and night = '${night}'`)
    const [{ physical }] = (await owner`
      select physical from room_type_night n join property p using (property_id)
      where p.code = 'harbour-house' and room_type = 'DBL' and night = ${night}`) as unknown as [{ physical: number }]
    await set('sold = sold + 1')
    const drifted = (await figuresReader().pass(never, 60_000)).properties
    expect(drifted.map(({ drift, oversold }) => [drift, oversold]).sort()).toEqual([
      [0, 0],
      [1, 0],
    ])
    // One reservation stands, and no room is counted as sold: the constraint holds, and the house is oversold all the same.
    await set('sold = 0, physical = 0')
    const oversold = (await figuresReader().pass(never, 60_000)).properties
    expect(oversold.map(({ drift, oversold: over }) => [drift, over]).sort()).toEqual([
      [0, 0],
      [1, 1],
    ])
    await set(`sold = 1, physical = ${physical}`)
  })

  it('tell what waits to be sent, and for how long', async () => {
    await owner`
      insert into outbox (org_id, property_id, kind, payload, created_at)
      select org_id, property_id, 'reservation.confirmed', '{}', now() - interval '90 seconds' from property limit 1`
    const { outbox } = await figuresReader().pass(never, 60_000)
    expect(outbox.rows).toBe(1)
    expect(outbox.lagSeconds).toBeGreaterThanOrEqual(90)
    await owner`delete from outbox where kind = 'reservation.confirmed'`
  })

  it('go on where the time was up', async () => {
    const reader = figuresReader()
    const first = await reader.pass(never, 0)
    expect(first.properties).toHaveLength(1)
    expect(first.completedAt).toBe(0)
    const second = await reader.pass(never, 0)
    expect(second.properties).toHaveLength(2)
    expect(second.completedAt).toBeGreaterThan(0)
  })

  it('are told by one origin of two, and by the other once the first is gone', async () => {
    const start = (metrics: ReturnType<typeof openMetrics>) =>
      startFigures({
        figures: figuresReader(),
        databaseAddress: { url: urls.runtimeUrl },
        everySeconds: 1,
        log,
        metrics: metrics.figures,
      })
    const [one, two] = [openMetrics(), openMetrics()]
    expect(await read(one, 'stayzr_recount_drift_nights')).toEqual({})
    const stopOne = start(one)
    await expect.poll(() => read(one, 'stayzr_recount_properties')).toEqual({ '': 2 })
    expect(await read(one, 'stayzr_rooms_sold')).toEqual({
      '{property="harbour-house"}': 2,
      '{property="river-house"}': 0,
    })
    expect(await read(one, 'stayzr_room_revenue_minor')).toMatchObject({
      '{property="harbour-house",currency="EUR"}': 20_000,
    })
    await stopOne()
    const stopTwo = start(two)
    await expect.poll(() => read(two, 'stayzr_recount_properties'), { timeout: 5_000 }).toEqual({ '': 2 })
    one.figures.withdraw()
    expect(await read(one, 'stayzr_recount_drift_nights')).toEqual({})
    expect(await read(one, 'stayzr_rooms_sold')).toEqual({})
    await stopTwo()
  })
})
