import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { type Config, readConfig } from '../../origin/config.ts'
import { openStaff } from '../../origin/features/staff/service.ts'
import { buildOrigin, type Origin } from '../../origin/main.ts'
import { openDatabase } from '../../origin/platform/database.ts'
import { newStaffToken } from '../../origin/platform/tokens.ts'
import type { Permission } from '../../shared/routes/route.ts'
import { PERMISSIONS } from '../../shared/routes/route.ts'
import { sign, signingKeyFrom } from '../../shared/signing.ts'

export interface TestOrigin {
  origin: Origin
  config: Config
  /** `kid:base64`, as the edge gets it. */
  signingKey: string
  /** Sends a request as the edge would, signed. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>
}

export interface CallOptions {
  body?: unknown
  /** Sent as it is, instead of `body` as JSON. */
  rawBody?: string
  headers?: Record<string, string>
  /** Sent as `Authorization: Bearer`. */
  token?: string
  /** A fresh one where left out; null for none. */
  idempotencyKey?: string | null
}

/** The origin on a test's database, without a socket. */
export async function testOrigin(
  urls: { runtimeUrl: string },
  options: { clock?: { now(): number }; redisUrl?: string; env?: Record<string, string> } = {},
): Promise<TestOrigin> {
  const signingKey = `test:${randomBytes(32).toString('base64')}`
  const config = readConfig({
    STAYZR_ENV: 'test',
    DATABASE_URL: urls.runtimeUrl,
    DATABASE_POOL_MAX: '16',
    REDIS_URL: options.redisUrl ?? 'memory:',
    STORAGE_URL: `file://${mkdtempSync(join(tmpdir(), 'stayzr-files-'))}`,
    ARI_COPY_SECONDS: '0',
    FIGURES_SECONDS: '0',
    EDGE_SIGNING_KEYS: signingKey,
    GUEST_TOKEN_KEY: randomBytes(32).toString('base64'),
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    ...options.env,
  })
  const origin = buildOrigin(config, options.clock)
  const key = await signingKeyFrom(signingKey)
  return {
    origin,
    config,
    signingKey,
    async call(method, path, given = {}) {
      const body = given.rawBody ?? (given.body === undefined ? '' : JSON.stringify(given.body))
      const requestId = randomUUID()
      const parts = {
        requestId,
        clientAddress: '192.0.2.1',
        method,
        target: path,
        body: new TextEncoder().encode(body),
      }
      const headers = new Headers({
        'x-request-id': requestId,
        'x-client-address': '192.0.2.1',
        'x-stayzr-signature': await sign(key, parts, Date.now()),
        ...(body === '' ? {} : { 'content-type': 'application/json' }),
        ...(given.token === undefined ? {} : { authorization: `Bearer ${given.token}` }),
        ...(given.idempotencyKey === null || method === 'GET'
          ? {}
          : { 'idempotency-key': given.idempotencyKey ?? randomUUID() }),
        ...given.headers,
      })
      return await origin.fetch(
        new Request(`http://origin.test${path}`, { method, headers, ...(body === '' ? {} : { body }) }),
      )
    },
  }
}

/** Makes an organisation with one API key, as an operator would. */
export async function addOrganisation(
  urls: { ownerUrl: string; runtimeUrl: string },
  code: string,
  permissions: readonly Permission[] = PERMISSIONS,
): Promise<{ organisation: string; apiKey: string }> {
  const organisation = randomUUID()
  const owner = postgres(urls.ownerUrl, { max: 1, onnotice: () => {} })
  await owner.begin(async (tx) => {
    await tx`select set_config('app.org_id', ${organisation}, true)`
    await tx`insert into organisation (org_id, code, name) values (${organisation}, ${code}, ${code})`
  })
  await owner.end()
  const apiKey = newStaffToken('sk', organisation)
  const database = openDatabase({ url: urls.runtimeUrl, poolMax: 1 })
  await openStaff(database).addApiKey(organisation, apiKey, 'test', permissions)
  await database.close()
  return { organisation, apiKey }
}
