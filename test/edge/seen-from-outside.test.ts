/** What operators and guests' tools are told of an answer: metrics, timings, versions, one trace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayReadMetrics } from '../../edge/metrics.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { readTraceparent } from '../../shared/trace.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { edgeProcess, type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { type OriginProxy, originProxy } from '../support/origin-proxy.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const TOKEN = 'a token of some length'
let origin: OriginProcess
let proxy: OriginProxy
const edges: Record<string, { url: string; stop(): Promise<void> }> = {}

beforeAll(async () => {
  origin = await originProcess(database.runtimeUrl, 'node', { LOG_LEVEL: 'info' })
  proxy = await originProxy((request) => {
    const { pathname, search } = new URL(request.url)
    return fetch(new Request(origin.service.url + pathname + search, request))
  })
  const { apiKey } = await addOrganisation(database, 'harbour')
  const definition = aProperty('harbour-house')
  const headers = () => ({ authorization: `Bearer ${apiKey}`, 'idempotency-key': crypto.randomUUID() })
  await origin.call('POST', '/api/v1/properties', { headers: headers(), body: definition })
  const path = '/api/v1/properties/harbour-house/ari'
  await origin.call('PUT', path, { headers: headers(), body: { changes: flatRates(definition) } })
  const place = { url: proxy.url, signingKey: origin.signingKey }
  const none = { ARI_WARM_UP_SECONDS: '0' }
  for (const runtime of ['workerd', 'node', 'deno'] as const) edges[runtime] = await edgeProcess(runtime, place, none)
  edges.guarded = await edgeProcess('node', place, { ...none, EDGE_METRICS_TOKEN: TOKEN })
  edges.warm = await edgeProcess('node', place)
}, 120_000)
afterAll(async () => {
  await Promise.all(Object.values(edges).map((edge) => edge.stop()))
  await proxy?.close()
  await origin?.service.stop()
})

const arrival = addDays(today(), 20)
const at = (edge: string, path: string) => `${edges[edge]?.url}${path}`
const search = `/api/v1/properties/harbour-house/availability?arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`
const get = (edge: string, path: string, headers: Record<string, string> = {}) => fetch(at(edge, path), { headers })

describe.each(['workerd', 'node', 'deno'])('an answer on %s', (edge) => {
  it('says its version, where its snapshot came from and how long that and working it out took', async () => {
    const first = await get(edge, search)
    expect(first.headers.get('server-timing')).toMatch(/^ari;desc=(?:snapshot|cache|head);dur=[\d.]+, eval;dur=[\d.]+$/)
    expect(first.headers.get('x-ari-version')).toBe('2')
    const second = await get(edge, search)
    expect(second.headers.get('server-timing')).toMatch(/^ari;desc=memory;/)
  })

  it('is counted by layer in /health', async () => {
    await get(edge, search)
    const { ari } = (await (await get(edge, '/health')).json()) as { ari: Record<string, unknown> }
    expect(ari).toMatchObject({ snapshots: 1, staleServed: 0, held: { properties: 1 } })
  })
})

describe('metrics', () => {
  it.each(['node', 'deno'])('are told to this machine on %s, in Prometheus’ format', async (edge) => {
    await get(edge, search)
    const answer = await get(edge, '/metrics')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    expect(text).toMatch(/^stayzr_edge_memory_hits_total \d+$/m)
    expect(text).toMatch(/^stayzr_edge_documents_total\{document="snapshot",from="origin"\} 1$/m)
    expect(text).toMatch(/^stayzr_edge_held_properties 1$/m)
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) .+|stayzr_edge_\w+(?:\{[^}]+\})? \d+)$/)
  })

  it('are not there for whoever comes through a proxy, nor in a worker', async () => {
    expect((await get('node', '/metrics', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(404)
    expect((await get('workerd', '/metrics')).status).toBe(404)
  })

  it('are told to whoever has the token, where there is one, and to nobody else', async () => {
    expect((await get('guarded', '/metrics')).status).toBe(404)
    expect((await get('guarded', '/metrics', { authorization: 'Bearer something else' })).status).toBe(404)
    expect((await get('guarded', '/metrics', { authorization: `Bearer ${TOKEN}` })).status).toBe(200)
    const forwarded = { authorization: `Bearer ${TOKEN}`, 'x-forwarded-for': '203.0.113.9' }
    expect((await get('guarded', '/metrics', forwarded)).status).toBe(200)
  })

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['203.0.113.9', false],
    ['::ffff:203.0.113.9', false],
    ['127.0.0.1.example', false],
    ['', false],
  ])('without a token from %j: %s', (address, may) => {
    expect(mayReadMetrics(new Headers(), address, undefined)).toBe(may)
    expect(mayReadMetrics(new Headers(), address, TOKEN)).toBe(false)
  })
})

describe('a trace', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const given = `00-${traceId}-00f067aa0ba902b7-01`

  it.each(['workerd', 'node'])(
    'goes on from a guest’s program through the edge on %s to the origin’s log line',
    async (edge) => {
      origin.lines.length = 0
      await get(edge, '/api/v1/auth/session', { traceparent: given })
      const told = readTraceparent(proxy.headers.at(-1)?.get('traceparent'))
      expect(told).toMatchObject({ traceId, sampled: true })
      expect(told?.parentId).not.toBe('00f067aa0ba902b7')
      await expect.poll(() => origin.lines.some((line) => line.includes(`"traceId":"${traceId}"`))).toBe(true)
    },
  )

  it('is a new one where the header is not well-formed', async () => {
    await get('node', '/api/v1/auth/session', { traceparent: `${given}-extra` })
    const told = readTraceparent(proxy.headers.at(-1)?.get('traceparent'))
    expect(told).toBeDefined()
    expect(told?.traceId).not.toBe(traceId)
  })

  it('goes with what a search has to fetch', async () => {
    await expect
      .poll(
        async () => {
          await get('node', search, { traceparent: given })
          return readTraceparent(proxy.headers.at(-1)?.get('traceparent'))?.traceId
        },
        { timeout: 5_000, interval: 300 },
      )
      .toBe(traceId)
    expect(proxy.requests.at(-1)).toMatch(/head$/)
  })
})

describe('an edge that has warmed up', () => {
  it('asks the origin for no snapshot when the first guest comes', async () => {
    proxy.requests.length = 0
    expect((await get('warm', search)).status).toBe(200)
    expect(proxy.requests.filter((request) => request.includes('versions'))).toEqual([])
  })
})
