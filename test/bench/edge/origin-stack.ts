/** PostgreSQL with its ordinary, durable settings and a real origin, for as long as the bench runs. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureDatabase, ensureRoles, ownerRole, runtimeRole } from '../../../infra/local/database.ts'
import { startPostgres } from '../../../infra/local/postgres.ts'
import type { Service } from '../../../infra/local/service-process.ts'
import { startOrigin } from '../../../infra/local/services.ts'
import { migrate } from '../../../origin/migrate.ts'
import {
  CLIENT_ADDRESS_HEADER,
  REQUEST_ID_HEADER,
  SIGNATURE_HEADER,
  sign,
  signingKeyFrom,
} from '../../../shared/signing.ts'
import { addOrganisation } from '../../support/origin.ts'
import type { Cores } from './cores.ts'
import type { Started } from './started.ts'

export type DataStack = {
  /** Of PostgreSQL. */
  pid: number
  runtimeUrl: string
  superuserUrl: string
  storageUrl: string
  organisation: string
  apiKey: string
  signingKey: string
  guestTokenKey: string
}

const DATABASE = 'stayzr'

/** Starts PostgreSQL on the servers' core, with an organisation and nothing else in it. */
export async function startData(directory: string, started: Started, cores: Cores): Promise<DataStack> {
  const postgres = await startPostgres({
    directory: join(directory, 'postgres'),
    // So that the bench can ask when a version was committed. It costs twelve bytes a transaction.
    settings: { track_commit_timestamp: 'on' },
    log: (line) => console.error(line),
  })
  // Its files may be elsewhere, where PostgreSQL's own account cannot get into the directory.
  await started.keep({ stop: () => postgres.remove() })
  cores.pinServers(postgres.pid)
  const secrets = {
    ownerPassword: randomBytes(18).toString('base64url'),
    runtimePassword: randomBytes(18).toString('base64url'),
  }
  await ensureRoles(postgres.superuserUrl, secrets)
  await ensureDatabase(postgres.superuserUrl, DATABASE)
  const ownerUrl = postgres.urlFor({ user: ownerRole, password: secrets.ownerPassword, database: DATABASE })
  await migrate(ownerUrl, () => {})
  const runtimeUrl = postgres.urlFor({ user: runtimeRole, password: secrets.runtimePassword, database: DATABASE })
  const superuserUrl = new URL(postgres.superuserUrl)
  superuserUrl.pathname = `/${DATABASE}`
  const storage = join(directory, 'storage')
  mkdirSync(storage, { recursive: true })
  return {
    pid: postgres.pid,
    runtimeUrl,
    superuserUrl: superuserUrl.href,
    storageUrl: pathToFileURL(storage).href,
    ...(await addOrganisation({ ownerUrl, runtimeUrl }, 'bench')),
    signingKey: `bench:${randomBytes(32).toString('base64')}`,
    guestTokenKey: randomBytes(32).toString('base64'),
  }
}

export type OriginProcess = Service & {
  signingKey: string
  /** Sends one request as the edge would, signed. */
  call(method: string, target: string, options?: SignedCall): Promise<Response>
  /** Requests answered so far, by `METHOD route`; those of operators are left out. */
  requests(): Promise<Map<string, number>>
}

export type SignedCall = { body?: unknown; token?: string }

/** Starts an origin on the servers' core; `settings` are added to its environment. */
export async function startOriginProcess(
  data: DataStack,
  cores: Cores,
  settings: Readonly<Record<string, string>> = {},
): Promise<OriginProcess> {
  const service = await startOrigin({
    runtime: 'node',
    env: {
      STAYZR_ENV: 'development',
      DATABASE_URL: data.runtimeUrl,
      MIGRATION_DATABASE_URL: undefined,
      REDIS_URL: 'memory:',
      STORAGE_URL: data.storageUrl,
      EDGE_SIGNING_KEYS: data.signingKey,
      GUEST_TOKEN_KEY: data.guestTokenKey,
      // As production has it, one line a request.
      LOG_LEVEL: 'info',
      ...settings,
    },
    log: () => {},
  })
  cores.pinServers(service.pid)
  const key = await signingKeyFrom(data.signingKey)
  return {
    ...service,
    signingKey: data.signingKey,
    async call(method, target, { body, token } = {}) {
      const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body))
      const parts = { requestId: randomUUID(), clientAddress: '192.0.2.1', method, target, body: bytes }
      return await fetch(service.url + target, {
        method,
        headers: {
          [REQUEST_ID_HEADER]: parts.requestId,
          [CLIENT_ADDRESS_HEADER]: parts.clientAddress,
          [SIGNATURE_HEADER]: await sign(key, parts, Date.now()),
          ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: bytes }),
        signal: AbortSignal.timeout(120_000),
      })
    },
    async requests() {
      return requestsIn(await (await fetch(`${service.url}/metrics`)).text())
    },
  }
}

/** Counts of requests by `METHOD route` from the origin's metrics; health and metrics, which operators ask for, left out. */
export function requestsIn(metrics: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [, labels = '', count] of metrics.matchAll(/^stayzr_http_request_seconds_count\{([^}]*)\} (\d+)/gm)) {
    const [route, method] = ['route', 'method'].map((name) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1])
    if (route === undefined || /^\/(?:health|metrics)/.test(route) || route === 'unmatched') continue
    const name = `${method} ${route}`
    counts.set(name, (counts.get(name) ?? 0) + Number(count))
  }
  return counts
}
