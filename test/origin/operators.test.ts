import { randomBytes } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { isPrivate } from '../../shared/networks.ts'
import { testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const token = randomBytes(16).toString('hex')
const urls = await freshDatabase()
const { origin } = await testOrigin(urls, { env: { METRICS_TOKEN: token } })
const { origin: without } = await testOrigin(urls)
afterAll(() => Promise.all([origin.close(), without.close()]))

/** The status of a request that comes from that address, as the server tells the app. */
const ask = async (
  path: string,
  remoteAddress: string,
  headers: Record<string, string> = {},
  asked: typeof origin = origin,
) => {
  const answer = await asked.fetch(new Request(`http://origin.test${path}`, { headers }), {
    incoming: { socket: { remoteAddress } },
  })
  return answer.status
}
const withToken = (given: string) => ({ authorization: `Bearer ${given}` })

describe('metrics', () => {
  it.each([
    ['this machine', '127.0.0.1', {}, 200],
    ['this machine, over IPv6', '::1', {}, 200],
    ['elsewhere with the token', '203.0.113.9', withToken(token), 200],
    ['through a proxy with the token', '127.0.0.1', { ...withToken(token), 'x-forwarded-for': '203.0.113.9' }, 200],
    ['the same network', '10.1.2.3', {}, 401],
    ['elsewhere', '203.0.113.9', {}, 401],
    ['elsewhere with another token', '203.0.113.9', withToken(`${token.slice(1)}0`), 401],
    ['this machine with another token', '127.0.0.1', withToken('another'), 401],
    ['through a proxy on this machine', '127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }, 401],
  ])('asked for from %s', async (_, address, headers, expected) => {
    expect(await ask('/metrics', address, headers)).toBe(expected)
  })

  it('are told to nobody else where there is no token, whatever is sent', async () => {
    expect(await ask('/metrics', '127.0.0.1', {}, without)).toBe(200)
    for (const given of ['', ' ', 'undefined'])
      expect(await ask('/metrics', '203.0.113.9', withToken(given), without)).toBe(401)
  })
})

describe('the health of each part', () => {
  it.each([
    ['this machine', '127.0.0.1', {}, 200],
    ['the same network', '172.18.0.5', {}, 200],
    ['elsewhere with the token', '203.0.113.9', withToken(token), 200],
    ['elsewhere', '203.0.113.9', {}, 401],
    ['through a proxy of the same network', '172.18.0.5', { 'x-forwarded-for': '203.0.113.9' }, 401],
  ])('asked for from %s', async (_, address, headers, expected) => {
    expect(await ask('/health/detailed', address, headers)).toBe(expected)
  })

  it('names database, redis and storage, each with how long it took', async () => {
    const answer = await origin.fetch(new Request('http://origin.test/health/detailed'))
    const part = { status: 'ok', durationMs: expect.any(Number) }
    expect(await answer.json()).toEqual({
      status: 'ok',
      server: {
        status: 'ok',
        uptimeSeconds: expect.any(Number),
        memory: { rssBytes: expect.any(Number), heapUsedBytes: expect.any(Number) },
      },
      database: part,
      redis: { kind: 'memory', ...part },
      storage: part,
      externalServices: {},
    })
  })

  it.each(['/health', '/health/ready'])('is for operators, %s for everybody', async (path) => {
    expect(await ask(path, '203.0.113.9')).toBe(200)
  })
})

it('an origin is ready only where all migrations of its source are applied', async () => {
  const empty = await freshDatabase()
  const owner = (await import('postgres')).default(empty.ownerUrl, { max: 1, onnotice: () => {} })
  const [last] = await owner`
    delete from schema_migration
    where name = (select max(name) from schema_migration)
    returning name, sha256`
  const { origin: behind } = await testOrigin(empty)
  const ready = async () => {
    const answer = await behind.fetch(new Request('http://origin.test/health/ready'))
    return { status: answer.status, body: await answer.json() }
  }
  expect(await ready()).toMatchObject({
    status: 503,
    body: { status: 'not-ready', database: { status: 'failed', detail: '1 migrations are not applied' } },
  })
  await owner`insert into schema_migration ${owner(last as { name: string; sha256: string })}`
  await expect.poll(ready, { timeout: 5_000 }).toMatchObject({ status: 200, body: { status: 'ready' } })
  await Promise.all([behind.close(), owner.end()])
})

it.each([
  ['10.255.0.1', true],
  ['172.15.0.1', false],
  ['172.16.0.1', true],
  ['172.31.0.1', true],
  ['172.32.0.1', false],
  ['192.168.1.1', true],
  ['192.169.1.1', false],
  ['169.254.169.254', true],
  ['100.64.0.1', false],
  ['::ffff:10.0.0.1', true],
  ['::ffff:8.8.8.8', false],
  ['fd00::1', true],
  ['fe80::1%eth0', true],
  ['2001:db8::1', false],
  ['::1', true],
  ['fcab', false],
])('isPrivate(%s) is %s', (address, expected) => {
  expect(isPrivate(address)).toBe(expected)
})
