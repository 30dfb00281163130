/** One trace from a guest's request through the edge to the statements, at a collector of the test's own. */
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEdge } from '../../edge/app.ts'
import { memoryCache } from '../../edge/ari/cache.ts'
import { openSpanSink } from '../../edge/tracing.ts'
import { openDatabase } from '../../origin/platform/database.ts'
import { inContext } from '../../origin/platform/request-context.ts'
import { openTracer } from '../../origin/platform/tracing.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { signingKeyFrom } from '../../shared/signing.ts'
import { newSpanId, newTraceId } from '../../shared/trace.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { openReceiver, type ReceivedSpan, spansIn } from '../support/receiver.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
const collector = await openReceiver()
let traced: TestOrigin
let apiKey: string

async function untilReceived(enough: (spans: ReceivedSpan[]) => boolean): Promise<ReceivedSpan[]> {
  await expect.poll(() => enough(spansIn(collector)), { timeout: 10_000 }).toBe(true)
  return spansIn(collector)
}

beforeAll(async () => {
  traced = await testOrigin(urls, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '1' },
  })
  apiKey = (await addOrganisation(urls, 'harbour')).apiKey
  const definition = aProperty('harbour-house')
  await traced.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
  const rates = await traced.call('PUT', '/api/v1/properties/harbour-house/ari', {
    token: apiKey,
    body: { changes: flatRates(definition) },
  })
  expect(rates.status, await rates.clone().text()).toBe(200)
})
afterAll(async () => {
  await traced.origin.close()
  await collector.close()
})

const booking = {
  stay: {
    roomType: 'DBL',
    ratePlan: 'BAR',
    arrival: addDays(today(), 30),
    departure: addDays(today(), 32),
    adults: 2,
    childAges: [],
  },
  expectedTotal: 20_000 + 2 * 2 * 400,
  guest: { firstName: 'Secretfirst', lastName: 'Secretlast', email: 'secret@example.test' },
}

describe('a traced request', () => {
  it('is one trace from the edge to each statement, with no value of the guest in it', async () => {
    const sink = openSpanSink({ endpoint: collector.url, share: 1, version: 'test' })
    const edge = createEdge({
      spans: sink,
      originUrl: 'http://origin.test',
      signingKey: signingKeyFrom(traced.signingKey),
      cache: memoryCache(1_000_000),
      assets: {},
      memoryBytesMax: 1_000_000,
      staleMaxMs: 1_000,
      build: 'test',
      runtime: 'node',
      clientAddress: () => '192.0.2.1',
      fetch: async (input, init) => await traced.origin.fetch(new Request(input, init)),
    })
    const [traceId, guestSpanId] = [newTraceId(), newSpanId()]
    const answer = await edge.app.request('http://edge.test/api/v1/properties/harbour-house/reservations', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
        traceparent: `00-${traceId}-${guestSpanId}-01`,
      },
      body: JSON.stringify(booking),
    })
    expect(answer.status, await answer.clone().text()).toBe(201)
    await sink.sendIfDue()
    const spans = (await untilReceived((all) => all.some((it) => it.traceId === traceId && it.kind === 2))).filter(
      (it) => it.traceId === traceId,
    )

    const [server] = spans.filter((it) => it.kind === 2)
    expect(server).toMatchObject({
      service: 'stayzr-origin',
      name: 'POST /api/v1/properties/:property/reservations',
      attributes: { 'http.route': '/api/v1/properties/:property/reservations', 'http.response.status_code': '201' },
    })
    const [asked] = spans.filter((it) => it.service === 'stayzr-edge')
    expect(asked).toMatchObject({ name: 'POST origin', kind: 3, parentSpanId: guestSpanId })
    expect(server?.parentSpanId).toBe(asked?.spanId)
    expect(server?.attributes['stayzr.request_id']).toBe(asked?.attributes['stayzr.request_id'])
    const [transaction] = spans.filter((it) => it.name === 'transaction')
    expect(transaction?.parentSpanId).toBe(server?.spanId)
    const statements = spans.filter((it) => it.parentSpanId === transaction?.spanId)
    expect(statements.map((it) => it.name)).toEqual(
      expect.arrayContaining(['update room_type_night', 'insert reservation', 'update property', 'insert receipt']),
    )
    for (const { startTimeUnixNano: start, endTimeUnixNano: end } of statements) expect(end >= start).toBe(true)
    expect(JSON.stringify(collector.received)).not.toMatch(/secret|harbour-house/i)
  })

  it('says where it failed', async () => {
    const traceId = newTraceId()
    const answer = await traced.call('POST', '/api/v1/properties/harbour-house/reservations', {
      body: { ...booking, expectedTotal: 1 },
      headers: { traceparent: `00-${traceId}-${newSpanId()}-01` },
    })
    expect(answer.status).toBe(409)
    const spans = await untilReceived((all) => all.some((it) => it.traceId === traceId && it.kind === 2))
    const [transaction] = spans.filter((it) => it.traceId === traceId && it.name === 'transaction')
    expect(transaction?.status).toEqual({ code: 2, message: 'price-changed' })
  })

  it('is not traced where its trace is not kept', async () => {
    const traceId = newTraceId()
    await traced.call('GET', '/api/v1/properties', { headers: { traceparent: `00-${traceId}-${newSpanId()}-00` } })
    const after = newTraceId()
    await traced.call('GET', '/api/v1/properties', { headers: { traceparent: `00-${after}-${newSpanId()}-01` } })
    const spans = await untilReceived((all) => all.some((it) => it.traceId === after))
    expect(spans.some((it) => it.traceId === traceId)).toBe(false)
  })
})

describe('a request in PostgreSQL', () => {
  it('is named for as long as its transaction lasts', async () => {
    const database = openDatabase({ url: urls.runtimeUrl, poolMax: 1 })
    const watching = postgres(urls.superuserUrl, { max: 1, onnotice: () => {} })
    const organisation = crypto.randomUUID()
    const requestId = crypto.randomUUID()
    const nameSeen = async (pid: number) => {
      const [row] = await watching`select application_name from pg_stat_activity where pid = ${pid}`
      return row?.application_name
    }
    try {
      const pid = await inContext({ requestId, traceId: undefined, spanId: undefined }, () =>
        database.inOrganisation(organisation, async (tx) => {
          const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`
          expect(await nameSeen(row?.pid as number)).toBe(`stayzr-origin ${requestId}`)
          return row?.pid as number
        }),
      )
      expect(await nameSeen(pid)).toBe('stayzr-origin')
    } finally {
      await database.close()
      await watching.end()
    }
  })
})

describe('a collector that is away', () => {
  it('costs spans, and neither memory without end nor anybody waiting', async () => {
    let dropped = 0
    const warnings: string[] = []
    const tracer = openTracer({
      endpoint: 'http://127.0.0.1:9',
      share: 1,
      source: { service: 'test', version: '1' },
      dropped: (count) => {
        dropped += count
      },
      warn: (_fields, message) => warnings.push(message),
    })
    const header = `00-${newTraceId()}-${newSpanId()}-01`
    for (let count = 0; count < 10_000; count++) tracer.request(header, 'GET')?.end()
    await tracer.close()
    expect(dropped).toBe(10_000)
    expect(warnings).toEqual(['spans could not be sent to the collector'])
  })
})
