/** What is refused before anything reads it, and what every answer tells browsers and caches. */
import { describe, expect, it } from 'vitest'
import { createEdge } from '../../edge/app.ts'
import { noCache } from '../../edge/ari/cache.ts'
import { importSigningKey } from '../../shared/signing.ts'

function edgeWith(publicHosts?: string) {
  return createEdge({
    originUrl: 'http://127.0.0.1:1',
    signingKey: importSigningKey('test', new Uint8Array(32)),
    cache: noCache,
    assets: {},
    memoryBytesMax: 1_000_000,
    staleMaxMs: 1_000,
    build: 'test',
    publicHosts,
    runtime: 'node',
    clientAddress: () => '192.0.2.1',
  }).app
}

const slugOf = async (answer: Response) => {
  const type = answer.headers.get('content-type') ?? ''
  const text = await answer.text()
  // The answer to HEAD has no body to name the problem.
  if (!type.includes('problem') || text === '') return String(answer.status)
  return `${answer.status} ${(JSON.parse(text) as { type: string }).type.split('/').pop()}`
}

describe('hosts', () => {
  it.each<[string | undefined, string, string | undefined, string]>([
    [undefined, 'http://any.example/health', 'any.example', '200'],
    [undefined, 'http://any.example:8787/api/v1/none', 'any.example:8787', '404 not-found'],
    [undefined, 'https://any.example/api/v1/none', 'any.example:443', '404 not-found'],
    [undefined, 'http://any.example/api/v1/none', undefined, '404 not-found'],
    [undefined, 'http://[2001:db8::1]:8787/api/v1/none', '[2001:db8::1]:8787', '404 not-found'],
    [undefined, 'http://any.example/api/v1/none', 'other.example', '421 misdirected-request'],
    [undefined, 'http://any.example/api/v1/none', 'any.example/x?', '421 misdirected-request'],
    [undefined, 'http://any.example/api/v1/none', 'any.example, other.example', '421 misdirected-request'],
    ['www.hotel.example', 'https://www.hotel.example/api/v1/none', 'www.hotel.example', '404 not-found'],
    ['a.example, WWW.hotel.example', 'https://www.hotel.example/api/v1/none', 'WWW.hotel.example', '404 not-found'],
    ['www.hotel.example', 'https://hotel.example/api/v1/none', 'hotel.example', '421 misdirected-request'],
    ['www.hotel.example', 'https://www.hotel.example.evil.example/', undefined, '421 misdirected-request'],
    ['www.hotel.example', 'http://10.0.0.7:8787/health', '10.0.0.7:8787', '200'],
  ])('with %s, %s and Host %s: %s', async (publicHosts, url, host, expected) => {
    const answer = await edgeWith(publicHosts).request(url, { headers: host === undefined ? {} : { host } })
    expect(await slugOf(answer)).toBe(expected)
  })
})

describe('requests', () => {
  it.each<[string, RequestInit, string, string]>([
    ['with a length', { headers: { 'content-length': '3' } }, '/api/v1/none', '400 unexpected-body'],
    ['in chunks', { headers: { 'transfer-encoding': 'chunked' } }, '/api/v1/none', '400 unexpected-body'],
    ['with a length of none', { headers: { 'content-length': '0' } }, '/api/v1/none', '404 not-found'],
    ['by HEAD, with a length', { method: 'HEAD', headers: { 'content-length': '3' } }, '/api/v1/none', '400'],
    ['of 2,048 characters', {}, `/${'x'.repeat(2_047)}`, '404'],
    ['of 2,049 characters', {}, `/${'x'.repeat(2_048)}`, '414 uri-too-long'],
    ['with an escape in the path', {}, '/hotels/a%20b', '404 not-found'],
    ['with an escape in the query', {}, '/api/v1/none?x=%C3%A9', '404 not-found'],
    ['with a control character', {}, '/hotels/a?x=%07', '404 not-found'],
    ['with a part that begins with a dot', {}, '/.git/config', '404 not-found'],
    ['writing, with a query', { method: 'POST' }, '/api/v1/auth/logout?x=1', '422 invalid-request'],
  ])('%s', async (_, init, path, expected) => {
    const answer = await edgeWith().request(`http://any.example${path}`, init)
    expect(await slugOf(answer)).toBe(expected)
  })
})

it('a body that breaks off is its sender’s mistake', async () => {
  const body = new ReadableStream({
    pull(controller) {
      controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    },
  })
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit
  expect(await slugOf(await edgeWith().request('http://any.example/api/v1/auth/login', init))).toBe(
    '400 malformed-body',
  )
})

describe('every answer', () => {
  it.each([
    ['health', '/health', 'GET'],
    ['an address that is not there', '/api/v1/none', 'GET'],
    ['a method that is not there', '/api/v1/auth/session', 'PATCH'],
    ['a strange address', '/a;b', 'GET'],
    ['a refused question', '/api/v1/properties/a/availability', 'GET'],
    ['one that needs the origin', '/api/v1/auth/session', 'GET'],
    ['a kept one that cannot be had', '/api/v1/properties', 'GET'],
  ])('runs nothing and is kept nowhere: %s', async (_, path, method) => {
    for (const scheme of ['http', 'https']) {
      const { headers } = await edgeWith().request(`${scheme}://any.example${path}`, { method })
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': expect.stringMatching(/no-store/),
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      })
      expect(headers.get('strict-transport-security')).toBe(
        scheme === 'https' ? 'max-age=63072000; includeSubDomains' : null,
      )
    }
  })
})
