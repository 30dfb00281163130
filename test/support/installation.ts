import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorkerEdge } from '../../infra/local/edge.ts'
import type { Service } from '../../infra/local/service-process.ts'
import { type Runtime, startDenoEdge, startNodeEdge, startOrigin } from '../../infra/local/services.ts'
import { REQUEST_ID_HEADER, sign, signingKeyFrom } from '../../shared/signing.ts'

export type EdgeRuntime = 'workerd' | Runtime

export interface SignedCall {
  headers?: Record<string, string>
  body?: unknown
}

export interface OriginProcess {
  service: Service
  signingKey: string
  /** What the process has written, a line each. */
  lines: string[]
  /** Sends one request as the edge would. */
  call(method: string, path: string, options?: SignedCall): Promise<Response>
}

/** A real origin process on a database. */
export async function originProcess(
  runtimeUrl: string,
  runtime: Runtime = 'node',
  env: Record<string, string> = {},
): Promise<OriginProcess> {
  const signingKey = `test:${randomBytes(32).toString('base64')}`
  const lines: string[] = []
  const service = await startOrigin({
    runtime,
    env: {
      STAYZR_ENV: 'test',
      DATABASE_URL: runtimeUrl,
      DATABASE_POOL_MAX: '16',
      REDIS_URL: 'memory:',
      STORAGE_URL: `file://${mkdtempSync(join(tmpdir(), 'stayzr-files-'))}`,
      EDGE_SIGNING_KEYS: signingKey,
      GUEST_TOKEN_KEY: randomBytes(32).toString('base64'),
      ARI_COPY_SECONDS: '0',
      FIGURES_SECONDS: '0',
      LOG_LEVEL: 'warn',
      ...env,
    },
    log: (line) => lines.push(line),
  })
  const key = await signingKeyFrom(signingKey)
  return {
    service,
    signingKey,
    lines,
    async call(method, path, options = {}) {
      const body = options.body === undefined ? '' : JSON.stringify(options.body)
      const requestId = crypto.randomUUID()
      const parts = {
        requestId,
        clientAddress: '192.0.2.1',
        method,
        target: path,
        body: new TextEncoder().encode(body),
      }
      return await fetch(service.url + path, {
        method,
        headers: {
          [REQUEST_ID_HEADER]: requestId,
          'x-client-address': '192.0.2.1',
          'x-stayzr-signature': await sign(key, parts, Date.now()),
          ...(body === '' ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        ...(body === '' ? {} : { body }),
        signal: AbortSignal.timeout(30_000),
      })
    },
  }
}

/** A real edge process in one of the three runtimes, in front of an origin. */
export async function edgeProcess(
  runtime: EdgeRuntime,
  origin: { url: string; signingKey: string },
  env: Record<string, string> = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const options = { originUrl: origin.url, signingKey: origin.signingKey, env, log: () => {} }
  if (runtime === 'workerd') return await startWorkerEdge(options)
  return await (runtime === 'node' ? startNodeEdge : startDenoEdge)(options)
}
