/** The sampling checker against a real edge, and against edges that are wrong on purpose. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EdgeSample, openEdgeCheck } from '../../origin/features/ari/edge-check.ts'
import { openProperties } from '../../origin/features/properties/service.ts'
import { type Database, openDatabase } from '../../origin/platform/database.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, aRatePlan, flatRates, someContent, today } from '../support/builders.ts'
import { edgeProcess, type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
let origin: OriginProcess
let edge: { url: string; stop(): Promise<void> }
let database: Database
let apiKey: string
const servers: Server[] = []

beforeAll(async () => {
  origin = await originProcess(urls.runtimeUrl)
  edge = await edgeProcess('node', { url: origin.service.url, signingKey: origin.signingKey })
  database = openDatabase({ url: urls.runtimeUrl, poolMax: 4 })
  apiKey = (await addOrganisation(urls, 'harbour')).apiKey
  for (const code of ['north', 'south']) {
    const plans = [...someContent(code).ratePlans, aRatePlan('EARLY', { advanceMin: 30, advanceMax: null })]
    const definition = aProperty(code, { days: 300, content: { ratePlans: plans } })
    await call('POST', '/api/v1/properties', definition)
    await call('PUT', `/api/v1/properties/${code}/ari`, { changes: [...flatRates(definition), ...restrictions()] })
  }
})
afterAll(async () => {
  for (const server of servers) server.close()
  await edge?.stop()
  await origin?.service.stop()
  await database?.close()
})

async function call(method: string, path: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}`, 'idempotency-key': crypto.randomUUID() }
  const answer = await origin.call(method, path, { headers, body })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
}
/** A bit of everything, so that samples meet refusals too. */
function restrictions() {
  const span = (from: number, to: number) => ({ from: addDays(today(), from), to: addDays(today(), to) })
  return [
    { roomType: 'DBL', ratePlan: 'BAR', ...span(10, 60), minStayArrival: 3 },
    { roomType: 'DBL', ratePlan: 'BAR', ...span(50, 90), minStayThrough: 2, weekdays: [5, 6] },
    { roomType: 'STE', ratePlan: 'BAR', ...span(20, 120), closedToArrival: true, weekdays: [1] },
    { roomType: 'STE', ratePlan: 'EARLY', ...span(0, 200), maxStay: 4 },
    { roomType: 'STE', ...span(100, 130), sellLimit: 0 },
    { roomType: 'DBL', ratePlan: 'EARLY', ...span(140, 150), amount: null },
  ]
}
const changeSomething = (property: string, amount: number) =>
  call('PUT', `/api/v1/properties/${property}/ari`, {
    changes: [{ roomType: 'DBL', ratePlan: 'BAR', from: addDays(today(), 1), to: addDays(today(), 290), amount }],
  })

async function samplesFrom(edgeUrl: string, count: number): Promise<EdgeSample[]> {
  const properties = openProperties(database, {} as never)
  const check = openEdgeCheck({ edgeUrl, database, properties, clock: { now: () => Date.now() } })
  const samples: EdgeSample[] = []
  for (let i = 0; i < count; i++) samples.push((await check.sample()) as EdgeSample)
  return samples
}

/** An edge that changes what the real one answers. */
async function edgeThat(change: (text: string) => string | undefined): Promise<string> {
  const server = createServer(async (request, response) => {
    const answer = await fetch(edge.url + request.url)
    const text = change(await answer.text())
    if (text === undefined) return void response.destroy()
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the checker', () => {
  it('finds nothing wrong with a real edge', async () => {
    const samples = await samplesFrom(edge.url, 300)
    expect(samples.filter((sample) => sample.outcome !== 'right')).toEqual([])
    expect(new Set(samples.map((sample) => sample.property))).toEqual(new Set(['north', 'south']))
  })

  it('finds a real edge neither wrong nor late while prices change', async () => {
    let over = false
    const changing = (async () => {
      for (let i = 0; !over; i++) await changeSomething(i % 2 ? 'north' : 'south', 11_000 + i)
    })()
    const samples = await samplesFrom(edge.url, 200)
    over = true
    await changing
    expect(samples.filter(({ outcome, late }) => outcome === 'wrong' || outcome === 'failed' || late)).toEqual([])
    expect(samples.some((sample) => sample.outcome === 'moved')).toBe(true)
  })

  it.each([
    [
      'a total that is a cent off',
      (text: string) => text.replace(/"total":(\d+)/, (_, total) => `"total":${Number(total) + 1}`),
    ],
    [
      'a room too many',
      (text: string) => text.replace(/"available":(\d)/, (_, left) => `"available":${Number(left) + 1}`),
    ],
    [
      'an offer left out',
      (text: string) => JSON.stringify({ ...JSON.parse(text), offers: JSON.parse(text).offers.slice(1) }),
    ],
    ['a version there has not been', (text: string) => text.replace(/"ariVersion":(\d+)/, '"ariVersion":999999')],
  ])('finds %s', async (_, change) => {
    await expect.poll(async () => (await samplesFrom(edge.url, 1))[0]?.outcome, { timeout: 10_000 }).toBe('right')
    const samples = await samplesFrom(await edgeThat(change), 40)
    // Where a stay has no offer, there is nothing to falsify.
    expect(samples.filter((sample) => sample.outcome === 'wrong').length).toBeGreaterThan(5)
    expect(samples[0]?.target).toMatch(/^\/api\/v1\/properties\/(?:north|south)\/availability\?/)
  })

  it('finds an edge that goes on with an old version and does not say so', async () => {
    const kept = new Map<string, string>()
    const frozen = await edgeThat((text) => {
      const { property } = JSON.parse(text)
      if (!kept.has(property)) kept.set(property, text)
      return kept.get(property)
    })
    await samplesFrom(frozen, 10)
    await changeSomething('north', 12_345)
    await changeSomething('south', 12_345)
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    const samples = await samplesFrom(frozen, 10)
    expect(samples.every((sample) => sample.late && sample.ageMs > 2_000)).toBe(true)
  })

  it('counts an edge that does not answer', async () => {
    expect((await samplesFrom(await edgeThat(() => undefined), 2)).map((sample) => sample.outcome)).toEqual([
      'failed',
      'failed',
    ])
  })
})

describe('the job', () => {
  it('publishes what it found', async () => {
    const watching = await originProcess(urls.runtimeUrl, 'node', { EDGE_CHECK_URL: edge.url, EDGE_CHECK_SECONDS: '1' })
    try {
      const metrics = async () => await (await fetch(`${watching.service.url}/metrics`)).text()
      await expect
        .poll(metrics, { timeout: 15_000, interval: 300 })
        .toMatch(/^stayzr_edge_check_samples_total\{outcome="right"\} [1-9]/m)
      const text = await metrics()
      expect(text).toMatch(/^stayzr_edge_check_samples_total\{outcome="wrong"\} 0$/m)
      expect(text).toMatch(/^stayzr_edge_check_stale_share 0$/m)
      expect(text).toMatch(/^stayzr_edge_check_worst_age_seconds [\d.]+$/m)
    } finally {
      await watching.service.stop()
    }
  })
})
