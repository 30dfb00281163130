/** The coarse limit by address, with Cloudflare's binding in workerd and with buckets in a process. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEdge } from '../../edge/app.ts'
import { noCache } from '../../edge/ari/cache.ts'
import { memoryLimits } from '../../edge/http/address-limits.ts'
import { startWorkerEdge } from '../../infra/local/edge.ts'
import { signingKeyFrom } from '../../shared/signing.ts'

const project = join(import.meta.dirname, '../..')
const setting = `test:${randomBytes(32).toString('base64')}`
/** Nobody is there: what is let through says so. */
const originUrl = 'http://127.0.0.1:1'

type Ask = (address: string, method: string, path: string) => Promise<Response>

/** The worker as production has it, with limits that a test can reach. */
async function onWorkerd(): Promise<{ ask: Ask; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'stayzr-limits-'))
  const limits = ['READS', 'WRITES', 'SIGN_INS'].map((name) => {
    expect(readFileSync(join(project, 'wrangler.toml'), 'utf8')).toContain(`name = "${name}"`)
    return `[[ratelimits]]\nname = "${name}"\nnamespace_id = "1"\nsimple = { limit = 2, period = 60 }`
  })
  writeFileSync(
    join(folder, 'wrangler.toml'),
    [
      'name = "limited"',
      `main = ${JSON.stringify(join(project, 'edge/worker.ts'))}`,
      'compatibility_date = "2026-10-01"',
      ...limits,
      '[vars]',
      'ARI_MEMORY_BYTES_MAX = "1000000"',
      'ARI_STALE_SECONDS_MAX = "1"',
    ].join('\n'),
  )
  const edge = await startWorkerEdge({
    configPath: join(folder, 'wrangler.toml'),
    originUrl,
    signingKey: setting,
    log: () => {},
  })
  return {
    ask: (address, method, path) => fetch(edge.url + path, { method, headers: { 'cf-connecting-ip': address } }),
    stop: edge.stop,
  }
}

async function inProcess(): Promise<{ ask: Ask; stop(): Promise<void> }> {
  const two = { most: 2, perSecond: 0 }
  const { app } = createEdge({
    originUrl,
    signingKey: signingKeyFrom(setting),
    cache: noCache,
    assets: {},
    memoryBytesMax: 1_000_000,
    staleMaxMs: 1_000,
    build: 'test',
    runtime: 'node',
    clientAddress: ({ headers }) => headers.get('x-test-address') ?? '',
    allowCall: memoryLimits({ read: { most: 32, perSecond: 0 }, write: two, 'sign-in': two }),
  })
  return {
    ask: async (address, method, path) => await app.request(path, { method, headers: { 'x-test-address': address } }),
    async stop() {},
  }
}

describe.each([
  ['in workerd, with the binding', onWorkerd],
  ['in a process', inProcess],
])('%s', (_, start) => {
  let edge: { ask: Ask; stop(): Promise<void> }
  beforeAll(async () => {
    edge = await start()
  })
  afterAll(async () => {
    await edge?.stop()
  })
  const statuses = async (count: number, address: string, method: string, path: string) => {
    const answers: Response[] = []
    for (let i = 0; i < count; i++) answers.push(await edge.ask(address, method, path))
    return answers.map((answer) => answer.status)
  }

  it('tells a network with too many writes to wait, and nobody else', async () => {
    const path = '/api/v1/auth/logout'
    expect(await statuses(3, '192.0.2.1', 'POST', path)).toEqual([503, 503, 429])
    const refused = await edge.ask('192.0.2.1', 'POST', path)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(await refused.json()).toMatchObject({ type: expect.stringMatching(/too-many-requests$/) })
    expect(await statuses(1, '192.0.2.2', 'POST', path)).toEqual([503])
  })

  it('counts signing in by itself, and an IPv6 /64 as one network', async () => {
    const path = '/api/v1/auth/login'
    const one = await statuses(2, '2001:db8:0:1::1', 'POST', path)
    expect([...one, ...(await statuses(1, '2001:db8:0:1:ffff::2', 'POST', path))]).toEqual([503, 503, 429])
    expect(await statuses(1, '2001:db8:0:2::1', 'POST', path)).toEqual([503])
  })

  it('is generous with reads, and does not count health', async () => {
    const found = await statuses(60, '192.0.2.3', 'GET', '/api/v1/none')
    // Two tokens of sixteen reads, and what is asked before the next token is.
    expect(found.indexOf(429)).toBeGreaterThanOrEqual(32)
    expect(found.at(-1)).toBe(429)
    expect((await edge.ask('192.0.2.3', 'GET', '/health')).status).toBe(200)
  })
})
