/** Compression on Node and Deno: what is compressed, what never is, and what that does to entity tags. */
import { get as httpGet, type IncomingMessage } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { edgeProcess, type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
let origin: OriginProcess
beforeAll(async () => {
  origin = await originProcess(database.runtimeUrl)
  const { apiKey } = await addOrganisation(database, 'harbour')
  const staff = { authorization: `Bearer ${apiKey}` }
  const headers = () => ({ ...staff, 'idempotency-key': crypto.randomUUID() })
  const definition = aProperty('harbour-house', { rooms: { DBL: 4, STE: 2 } })
  await origin.call('POST', '/api/v1/properties', { body: definition, headers: headers() })
  const changes = { changes: flatRates(definition) }
  await origin.call('PUT', '/api/v1/properties/harbour-house/ari', { body: changes, headers: headers() })
})
afterAll(async () => {
  await origin?.service.stop()
})

type Received = { status: number; headers: IncomingMessage['headers']; bytes: Buffer }

/** Without a client that asks for compression, or undoes it, by itself. */
async function get(url: string, headers: Record<string, string>): Promise<Received> {
  const message = await new Promise<IncomingMessage>((resolve, reject) =>
    httpGet(url, { headers }, resolve).on('error', reject),
  )
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return { status: message.statusCode ?? 0, headers: message.headers, bytes: Buffer.concat(chunks) }
}

describe.each(['node', 'deno'] as const)('the edge on %s', (runtime) => {
  let edge: { url: string; stop(): Promise<void> }
  beforeAll(async () => {
    edge = await edgeProcess(runtime, { url: origin.service.url, signingKey: origin.signingKey })
  })
  afterAll(async () => {
    await edge?.stop()
  })

  const arrival = addDays(today(), 14)
  const calendar = `/api/v1/properties/harbour-house/calendar?from=${arrival}&to=${addDays(arrival, 60)}&nights=2&adults=2`
  const asked = (path: string, headers: Record<string, string> = {}) =>
    get(edge.url + path, { 'accept-encoding': 'gzip, deflate, br', ...headers })

  it('compresses an answer to who takes it, and says the same', async () => {
    const [plain, zipped] = [await get(edge.url + calendar, {}), await asked(calendar)]
    expect([plain.headers['content-encoding'], zipped.headers['content-encoding']]).toEqual([undefined, 'gzip'])
    expect(zipped.headers.vary).toBe('accept-encoding')
    const said = (bytes: Buffer) => ({ ...(JSON.parse(bytes.toString()) as object), asOf: '' })
    expect(said(gunzipSync(zipped.bytes))).toEqual(said(plain.bytes))
    expect(zipped.bytes.byteLength).toBeLessThan(plain.bytes.byteLength / 4)
    expect(zipped.headers.etag).toBe(plain.headers.etag)
  })

  it('answers 304 to the tag of a compressed answer, also where the tag was a strong one', async () => {
    for (const path of [calendar, '/api/v1/openapi.json']) {
      const first = await asked(path)
      expect(first.headers.etag).toMatch(/^W\//)
      const again = await asked(path, { 'if-none-match': first.headers.etag ?? '' })
      expect([again.status, again.bytes.byteLength]).toEqual([304, 0])
    }
  })

  it('compresses assets as well as it can, each once', async () => {
    const page = await asked('/')
    const html = gunzipSync(page.bytes).toString()
    const stylesheet = /href="(\/assets\/[^"]+\.css)"/.exec(html)?.[1] ?? ''
    const [plain, one, two] = [await get(edge.url + stylesheet, {}), await asked(stylesheet), await asked(stylesheet)]
    expect([one.headers['content-encoding'], two.headers['content-encoding']]).toEqual(['br', 'br'])
    expect(brotliDecompressSync(one.bytes).equals(plain.bytes)).toBe(true)
    expect(two.bytes.equals(one.bytes)).toBe(true)
  })

  it.each([
    ['who takes none', calendar, { 'accept-encoding': 'identity' }],
    ['who rules it out', calendar, { 'accept-encoding': 'gzip;q=0, identity' }],
    ['who takes another', calendar, { 'accept-encoding': 'zstd, xgzip' }],
    ['a guest whose cookies came along', '/hotels/harbour-house', { cookie: '__Host-stayzr-ari=harbour-house.1' }],
    ['the page of somebody’s booking', '/bookings/0123456789', {}],
    ['a refusal', '/api/v1/auth/session', {}],
    ['staff', '/api/v1/reservations/0123456789', { authorization: 'Bearer gt_x' }],
    ['health', '/health', {}],
  ])('does not compress for %s', async (_, path, headers) => {
    const answer = await asked(path, headers)
    expect(answer.headers['content-encoding']).toBeUndefined()
    expect(answer.bytes.byteLength).toBeGreaterThan(0)
  })
})
