/** The origin answers the edge and nobody else: every declared route, every part that is signed, each write once. */
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildOrigin, type Origin } from '../../origin/main.ts'
import type { Route } from '../../shared/routes/route.ts'
import { routes } from '../../shared/routes/table.ts'
import { importSigningKey, type SignedParts, type SigningKey, sign } from '../../shared/signing.ts'
import { aProperty } from '../support/builders.ts'
import { addOrganisation, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const bytesOf = { old: randomBytes(32), next: randomBytes(32), foreign: randomBytes(32) }
let keys: Record<keyof typeof bytesOf, SigningKey>
/** Both keys live, as while one takes over from the other. */
let both: Origin
/** After the old one was removed. */
let nextOnly: Origin
let apiKey: string

beforeAll(async () => {
  const { origin, config } = await testOrigin(database)
  await origin.close()
  both = buildOrigin({
    ...config,
    edgeSigningKeys: new Map([
      ['old', bytesOf.old],
      ['next', bytesOf.next],
    ]),
  })
  nextOnly = buildOrigin({ ...config, edgeSigningKeys: new Map([['next', bytesOf.next]]) })
  keys = {
    old: await importSigningKey('old', bytesOf.old),
    next: await importSigningKey('next', bytesOf.next),
    foreign: await importSigningKey('next', bytesOf.foreign),
  }
  apiKey = (await addOrganisation(database, 'harbour')).apiKey
})
afterAll(async () => {
  await Promise.all([both.close(), nextOnly.close()])
})

interface Sent {
  parts: SignedParts
  signature: string
  headers?: Record<string, string>
}

async function signed(
  key: SigningKey,
  method: string,
  target: string,
  body?: unknown,
  at = Date.now(),
  requestId: string = randomUUID(),
): Promise<Sent> {
  const parts = {
    requestId,
    clientAddress: '192.0.2.1',
    method,
    target,
    body: new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body)),
  }
  return { parts, signature: await sign(key, parts, at) }
}

async function deliver(origin: Origin, { parts, signature, headers = {} }: Sent): Promise<Response> {
  return await origin.fetch(
    new Request(`http://origin.test${parts.target}`, {
      method: parts.method,
      headers: {
        'content-type': 'application/json',
        'x-request-id': parts.requestId,
        'x-client-address': parts.clientAddress,
        'x-stayzr-signature': signature,
        ...headers,
      },
      ...(parts.body.byteLength === 0 ? {} : { body: parts.body as Uint8Array<ArrayBuffer> }),
    }),
  )
}

const VALUES: Record<string, string> = { property: 'harbour-house', reference: '0123456789', photo: 'front.webp' }
const pathOf = ({ path }: Route) => path.replace(/:([a-zA-Z]+)/g, (_, name: string) => VALUES[name] ?? '1')

describe.each(Object.entries(routes) as [string, Route][])('%s', (_name, route) => {
  it('refuses calls that are not signed, not signed by us, or not signed just now, and says that it did', async () => {
    const method = route.method.toUpperCase()
    const good = await signed(keys.next, method, pathOf(route))
    const bad = [
      { ...good, signature: '' },
      { ...good, signature: good.signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) },
      await signed(keys.foreign, method, pathOf(route)),
      await signed(keys.next, method, pathOf(route), undefined, Date.now() - 31_000),
      await signed(keys.next, method, pathOf(route), undefined, Date.now() + 31_000),
    ]
    for (const sent of bad) {
      const answer = await deliver(both, sent)
      expect([answer.status, answer.headers.get('x-stayzr-signature')]).toEqual([401, 'refused'])
    }
  })
})

describe('a signature', () => {
  const create = (code: string) => aProperty(code)

  it.each([
    ['method', { method: 'PUT' }],
    ['path', { target: '/api/v1/properties/other' }],
    ['query', { target: '/api/v1/properties?a=1' }],
    ['guest’s address', { clientAddress: '192.0.2.2' }],
    ['request id', { requestId: randomUUID() }],
    ['body', { body: new TextEncoder().encode('{}') }],
  ] satisfies [string, Partial<SignedParts>][])('is for its %s only', async (_, other) => {
    const sent = await signed(keys.next, 'POST', '/api/v1/properties', create('never-made'))
    const answer = await deliver(both, { ...sent, parts: { ...sent.parts, ...other } })
    expect([answer.status, answer.headers.get('x-stayzr-signature')]).toEqual([401, 'refused'])
  })

  it('over a body’s bytes is not one over what is announced of a file', async () => {
    const sent = await signed(keys.next, 'PUT', '/api/v1/properties/harbour-house/photos/front.webp', { a: 1 })
    const headers = { 'content-digest': `sha-256=:${'A'.repeat(43)}=:`, 'x-upload-length': '7' }
    expect((await deliver(both, { ...sent, headers })).headers.get('x-stayzr-signature')).toBe('refused')
  })

  it('is taken once for a write, whoever sends it again, and for a read as often as it is sent', async () => {
    const headers = { authorization: `Bearer ${apiKey}`, 'idempotency-key': randomUUID() }
    const write = { ...(await signed(keys.next, 'POST', '/api/v1/properties', create('harbour-house'))), headers }
    expect((await deliver(both, write)).status).toBe(201)
    const again = await deliver(both, write)
    expect([again.status, again.headers.get('x-stayzr-signature')]).toEqual([409, 'refused'])
    expect(await again.json()).toMatchObject({ type: expect.stringMatching(/request-replayed$/) })
    const elsewhere = { ...write, headers: { ...headers, 'idempotency-key': randomUUID() } }
    expect((await deliver(both, elsewhere)).status).toBe(409)
    const read = await signed(keys.next, 'GET', '/api/v1/properties')
    expect([(await deliver(both, read)).status, (await deliver(both, read)).status]).toEqual([200, 200])
  })

  it('that is not valid does not use up the request id of one that is', async () => {
    const requestId = randomUUID()
    const at = Date.now()
    const [forged, own] = [
      await signed(keys.foreign, 'POST', '/api/v1/auth/logout', undefined, at, requestId),
      await signed(keys.next, 'POST', '/api/v1/auth/logout', undefined, at, requestId),
    ]
    expect((await deliver(both, forged)).headers.get('x-stayzr-signature')).toBe('refused')
    expect((await deliver(both, own)).headers.get('x-stayzr-signature')).toBeNull()
  })

  it('of either key is taken while both are known, and of the old one no longer once it is removed', async () => {
    const status = async (origin: Origin, key: SigningKey) =>
      (await deliver(origin, await signed(key, 'GET', '/api/v1/properties'))).status
    expect([await status(both, keys.old), await status(both, keys.next)]).toEqual([200, 200])
    expect([await status(nextOnly, keys.old), await status(nextOnly, keys.next)]).toEqual([401, 200])
  })
})
