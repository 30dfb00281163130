import * as fs from 'node:fs'
import * as path from 'node:path'
import { describe, expect, test } from 'vitest'
import { ask } from './nginx-rig.ts'
import { first, guestHost, nginxUnderTest, second, signed } from './nginx-under-test.ts'

const under = nginxUnderTest()

describe('without TLS', () => {
  test('a request is sent to the same address with TLS, a POST as a POST', async () => {
    const answer = await fetch(`http://127.0.0.1:${under.nginx.httpPort}/a/b?c=%20d`, {
      method: 'POST',
      redirect: 'manual',
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([308, 'https://127.0.0.1/a/b?c=%20d'])
    expect(under.allAsked()).toEqual([])
  })

  test('health is answered all the same', async () => {
    const answer = await fetch(`http://127.0.0.1:${under.nginx.httpPort}/health`)
    expect([answer.status, await answer.text()]).toEqual([200, 'here'])
  })

  test('what an ACME client put there is served, and nothing else from there', async () => {
    fs.writeFileSync(path.join(under.nginx.acme, '.well-known/acme-challenge/token'), 'token.thumbprint')
    fs.writeFileSync(path.join(under.nginx.acme, 'beside'), 'not for anybody')
    const at = (place: string) =>
      fetch(`http://127.0.0.1:${under.nginx.httpPort}/.well-known/acme-challenge/${place}`, { redirect: 'manual' })
    expect(await (await at('token')).text()).toBe('token.thumbprint')
    expect((await at('other')).status).toBe(404)
    expect(await (await at('..%2f..%2fbeside')).text()).not.toContain('not for anybody')
  })
})

describe('headers', () => {
  test('an answer that says nothing about it is neither framed, sniffed nor run, and only ever asked for with TLS', async () => {
    const { headers } = await ask(under.nginx, '/x', { headers: signed })
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
  })

  test('what the answer says itself is kept, and said once', async () => {
    for (const one of under.instances) {
      one.answer = (_, response) =>
        response
          .writeHead(200, { 'content-security-policy': "default-src 'self'", 'x-frame-options': 'SAMEORIGIN' })
          .end()
    }
    const { headers } = await ask(under.nginx, '/x', { headers: signed })
    expect([headers['content-security-policy'], headers['x-frame-options']]).toEqual([
      "default-src 'self'",
      'SAMEORIGIN',
    ])
  })

  test('the origin hears who asks from nginx, whatever the caller claims', async () => {
    await ask(under.nginx, '/x', {
      headers: { ...signed, 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http', 'x-real-ip': '203.0.113.9' },
    })
    expect(under.allAsked()[0]?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'localhost',
      'x-real-ip': '127.0.0.1',
    })
  })

  test('a request id is passed on, and replaced where it is none', async () => {
    await ask(under.nginx, '/x', { headers: { ...signed, 'x-request-id': 'an-id-of-an-edge' } })
    await ask(under.nginx, '/x', { headers: { ...signed, 'x-request-id': 'no id "at all"' } })
    const ids = under.allAsked().map(({ headers }) => headers['x-request-id'])
    expect(ids).toContain('an-id-of-an-edge')
    expect(ids.filter((id) => /^[0-9a-f]{32}$/.test(String(id)))).toHaveLength(1)
  })

  test('the address goes on letter for letter, since it is signed', async () => {
    const target = '/a%2Fb//c/../d;e?x=%41&y=a%20b'
    await ask(under.nginx, target, { headers: signed })
    expect(under.allAsked().map(({ url }) => url)).toEqual([target])
  })
})

describe('what is not published', () => {
  test.each(['/metrics', '//metrics', '/%6detrics', '/METRICS', '/metrics/', '/x/../metrics', '/health/detailed?x=1'])(
    '%s is not there',
    async (target) => {
      const answer = await ask(under.nginx, target, { headers: signed })
      expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/problem+json'])
      expect(JSON.parse(answer.body)).toMatchObject({ type: 'https://stayzr.dev/problems/not-found', status: 404 })
      expect(under.allAsked()).toEqual([])
    },
  )

  test('readiness and what edges ask for are', async () => {
    for (const target of ['/health/ready', '/internal/ari/heads']) {
      expect((await ask(under.nginx, target, { headers: signed })).status).toBe(200)
    }
  })
})

describe('log', () => {
  test('a line of JSON for each request, with its id and who answered, without what was asked for', async () => {
    await ask(under.nginx, '/logged?guest=ana', {
      method: 'POST',
      body: 'x',
      headers: { ...signed, 'x-request-id': 'id-of-this-one' },
    })
    await ask(under.nginx, '/health')
    await fetch(`http://127.0.0.1:${under.nginx.httpPort}/health`)
    const find = () => under.nginx.accessLog().find(({ requestId }) => requestId === 'id-of-this-one')
    await expect.poll(find, { timeout: 5_000 }).toBeDefined()
    const line = find() ?? {}
    expect(line).toMatchObject({
      method: 'POST',
      path: '/logged',
      status: 200,
      service: 'nginx',
      upstreamStatus: '200',
    })
    expect([first, second].map((address) => `${address}:${under.port}`)).toContain(line.upstream)
    expect(JSON.stringify(under.nginx.accessLog())).not.toContain('ana')
  })

  test('health leaves none', async () => {
    await ask(under.nginx, '/health')
    await fetch(`http://127.0.0.1:${under.nginx.httpPort}/health`)
    await ask(under.nginx, '/after-health', { headers: signed })
    await expect
      .poll(() => under.nginx.accessLog().map((line) => line.path), { timeout: 5_000 })
      .toContain('/after-health')
    expect(under.nginx.accessLog().map((line) => line.path)).not.toContain('/health')
  })
})

describe('guests', () => {
  test('an asset is asked for once, everything else each time', async () => {
    for (const one of under.instances)
      one.answer = (request, response) =>
        response.writeHead(200, { 'cache-control': 'public, max-age=31536000, immutable' }).end(request.url)
    for (const target of ['/assets/site.1a2b3c4d.css', '/assets/site.1a2b3c4d.css', '/hotels', '/hotels'])
      expect((await ask(under.nginx, target, { host: guestHost })).body).toBe(target)
    expect(
      under
        .allAsked()
        .map(({ url }) => url)
        .sort(),
    ).toEqual(['/assets/site.1a2b3c4d.css', '/hotels', '/hotels'])
  })

  test('the edge’s figures are not theirs', async () => {
    expect((await ask(under.nginx, '/metrics', { host: guestHost })).status).toBe(404)
    expect(under.allAsked()).toEqual([])
  })
})
