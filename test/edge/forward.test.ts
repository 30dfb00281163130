/** From the edge to the origin: what is said, what is heard, and what happens where nobody or somebody else answers. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OriginRequest, originSender } from '../../edge/forward.ts'
import { startOrigin } from '../../infra/local/services.ts'
import { Problem } from '../../shared/problems.ts'
import { importSigningKey } from '../../shared/signing.ts'
import { edgeProcess } from '../support/installation.ts'
import { freshDatabase } from '../support/servers.ts'

const signingKey = importSigningKey('test', new Uint8Array(32).fill(7))
const database = await freshDatabase()
const ID = '8a7f1c1e-0000-4000-8000-000000000001'

type Answer = (request: IncomingMessage, response: ServerResponse) => void
let server: Server
let answer: Answer
let asked: IncomingMessage[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  asked = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const properly: Answer = (request, response) =>
  response.writeHead(200, { 'x-request-id': request.headers['x-request-id'] ?? '' }).end('{}')

async function sent(over: Partial<OriginRequest> = {}): Promise<Response> {
  const { port } = server.address() as AddressInfo
  return await originSender({ originUrl: `http://127.0.0.1:${port}`, signingKey })({
    method: 'POST',
    target: '/api/v1/properties/harbour-house/reservations',
    headers: new Headers(),
    body: new TextEncoder().encode('{}'),
    requestId: ID,
    clientAddress: '192.0.2.1',
    timeoutMs: 5_000,
    ...over,
  })
}

const away = { slug: 'origin-unavailable', status: 503, retryAfterSeconds: 3 }

describe('what the origin is told', () => {
  it('is the little that it needs, whatever the caller says', async () => {
    answer = properly
    const spoofed = [
      ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-forwarded-prefix'],
      ...[
        'forwarded',
        'x-real-ip',
        'true-client-ip',
        'x-client-ip',
        'x-cluster-client-ip',
        'x-host',
        'x-original-host',
      ],
      ...['x-original-url', 'x-rewrite-url', 'x-http-method-override', 'x-http-method', 'x-method-override'],
      ...['cf-connecting-ip', 'cf-ipcountry', 'cf-ray', 'cf-worker', 'cf-visitor', 'fastly-client-ip', 'via'],
      ...['x-stayzr-signature', 'x-client-address', 'x-request-id', 'x-ari-min-version', 'range', 'if-none-match'],
      ...[
        'accept-language',
        'origin',
        'referer',
        'user-agent',
        'x-organisation',
        'content-digest',
        'trailer',
        'priority',
      ],
    ]
    const headers = new Headers(spoofed.map((name) => [name, 'spoofed']))
    for (const name of ['authorization', 'content-type', 'idempotency-key', 'sec-fetch-site', 'traceparent'])
      headers.set(name, 'told')
    await sent({ headers })
    const [{ headers: heard }] = asked as [IncomingMessage]
    expect(Object.entries(heard).filter(([, value]) => String(value).includes('spoofed'))).toEqual([])
    expect(Object.keys(heard).sort()).toEqual(
      [
        ...['authorization', 'content-type', 'idempotency-key', 'sec-fetch-site', 'traceparent'],
        ...['x-client-address', 'x-request-id', 'x-stayzr-signature'],
        // What the client adds for itself.
        ...['host', 'connection', 'accept', 'accept-encoding', 'accept-language', 'sec-fetch-mode', 'user-agent'],
        'content-length',
      ].sort(),
    )
    expect(heard.host).toMatch(/^127\.0\.0\.1:/)
    expect([heard['x-client-address'], heard['x-request-id']]).toEqual(['192.0.2.1', ID])
  })

  it.each([
    ['the session alone', 'a=1; __Host-stayzr-session=ss_1; __Host-stayzr-bookings=x', '__Host-stayzr-session=ss_1'],
    ['one session that is given twice', '__Host-stayzr-session=a; __Host-stayzr-session=a', '__Host-stayzr-session=a'],
    ['no session where there are two', '__Host-stayzr-session=mine; __Host-stayzr-session=tossed', undefined],
    [
      'no session of another spelling',
      '__host-stayzr-session=a; stayzr-session=b; __Secure-stayzr-session=c',
      undefined,
    ],
    ['no cookie of a guest’s', '__Host-stayzr-bookings=0123456789.gt_x', undefined],
  ])('of cookies, is %s', async (_, cookie, expected) => {
    answer = properly
    await sent({ headers: new Headers({ cookie }) })
    expect(asked[0]?.headers.cookie).toBe(expected)
  })

  it('is nothing where a header is longer than any we give out', async () => {
    answer = properly
    await expect(
      sent({ headers: new Headers({ authorization: `Bearer ${'x'.repeat(5_000)}` }) }),
    ).rejects.toMatchObject({
      slug: 'headers-too-large',
    })
    expect(asked).toHaveLength(0)
  })
})

describe('what the caller is told', () => {
  it('is what the origin may tell, and nothing of what it is made of', async () => {
    answer = (_, response) =>
      response
        .writeHead(200, {
          'x-request-id': ID,
          'x-ari-version': '7',
          'retry-after': '1',
          server: 'x',
          'x-powered-by': 'x',
          'access-control-allow-origin': '*',
          location: 'https://evil.example/',
          link: '</x>; rel=preload',
          'clear-site-data': '"*"',
          'x-stayzr-signature': 'x',
        })
        .end()
    const { headers } = await sent()
    expect([...headers.keys()].sort()).toEqual(['retry-after', 'x-ari-version'])
  })

  const ownId = { 'x-request-id': ID }
  it.each([
    ['a gateway answers 502', 502, ownId],
    ['a gateway answers 504', 504, ownId],
    ['a gateway’s own page answers', 503, { 'content-type': 'text/html' }],
    ['something else answers in its place', 200, { 'content-type': 'application/json', 'cache-control': 'public' }],
    ['the answer is to somebody else’s request', 200, { 'x-request-id': '8a7f1c1e-0000-4000-8000-000000000002' }],
    ['it would send the caller elsewhere', 302, { ...ownId, location: 'https://evil.example/' }],
    ['it does not take the signature', 401, { ...ownId, 'x-stayzr-signature': 'refused' }],
    ['it has had this request', 409, { ...ownId, 'x-stayzr-signature': 'refused' }],
  ])('is that the hotel cannot be reached where %s', async (_, status, headers) => {
    answer = (_request, response) => response.writeHead(status, headers).end('{"secret":true}')
    await expect(sent()).rejects.toMatchObject(away)
  })

  it('is the origin’s own 503, with its Retry-After', async () => {
    answer = (_, response) => response.writeHead(503, { ...ownId, 'retry-after': '1' }).end('{}')
    const { status, headers } = await sent()
    expect([status, headers.get('retry-after')]).toEqual([503, '1'])
  })
})

describe('an origin that fails', () => {
  const cutBefore: Answer = (request) => request.socket.destroy()
  const cutWithin: Answer = (request) => request.once('data', () => request.socket.destroy())
  const silent: Answer = () => {}

  it.each([
    ['cuts the connection', 'GET', {}, cutBefore],
    ['cuts the connection', 'POST', {}, cutBefore],
    ['cuts the connection', 'POST', { 'idempotency-key': 'k' }, cutBefore],
    ['cuts it within the body', 'POST', {}, cutWithin],
    ['cuts it within the body', 'PUT', { 'idempotency-key': 'k' }, cutWithin],
    ['never answers', 'POST', { 'idempotency-key': 'k' }, silent],
  ])('and %s is asked once: %s %j', async (_, method, headers, how) => {
    answer = how
    const body = method === 'GET' ? new Uint8Array() : new Uint8Array(500_000)
    await expect(sent({ method, body, headers: new Headers(headers), timeoutMs: 300 })).rejects.toMatchObject(away)
    // Time in which a second one would have come.
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(asked).toHaveLength(1)
  })

  it('is not there: 503 with Retry-After, and what to do', async () => {
    const nowhere = originSender({ originUrl: 'http://127.0.0.1:1', signingKey })
    const failed = await nowhere({
      method: 'GET',
      target: '/',
      headers: new Headers(),
      body: new Uint8Array(),
      requestId: ID,
      clientAddress: '',
    }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(Problem)
    expect(failed).toMatchObject({ ...away, message: expect.stringMatching(/same Idempotency-Key/) })
  })
})

describe('changing the signing key', () => {
  it('goes without an interruption: both known, the edge moves over, the old one is removed', async () => {
    const [old, next] = ['old', 'next'].map((kid, at) => `${kid}:${Buffer.alloc(32, at + 1).toString('base64')}`) as [
      string,
      string,
    ]
    const originWith = (edgeSigningKeys: string) =>
      startOrigin({
        runtime: 'node',
        env: {
          STAYZR_ENV: 'test',
          DATABASE_URL: database.runtimeUrl,
          REDIS_URL: 'memory:',
          STORAGE_URL: 'file:///tmp',
          EDGE_SIGNING_KEYS: edgeSigningKeys,
          GUEST_TOKEN_KEY: Buffer.alloc(32, 9).toString('base64'),
          LOG_LEVEL: 'silent',
        },
        log: () => {},
      })
    const statusThrough = async (originUrl: string, key: string) => {
      const edge = await edgeProcess('node', { url: originUrl, signingKey: key })
      try {
        const answer = await fetch(`${edge.url}/api/v1/auth/session`)
        return `${answer.status} ${((await answer.json()) as { type: string }).type.split('/').pop()}`
      } finally {
        await edge.stop()
      }
    }
    const during = await originWith(`${old},${next}`)
    const after = await originWith(next)
    try {
      // Being told to sign in is the origin's own answer: it took the signature.
      expect(await statusThrough(during.url, old)).toBe('401 unauthenticated')
      expect(await statusThrough(during.url, next)).toBe('401 unauthenticated')
      expect(await statusThrough(after.url, next)).toBe('401 unauthenticated')
      expect(await statusThrough(after.url, old)).toBe('503 origin-unavailable')
    } finally {
      await Promise.all([during.stop(), after.stop()])
    }
  })
})
