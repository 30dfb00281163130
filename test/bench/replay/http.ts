/**
 * The guests' HTTP client. It shares the machine with the system it measures, so it is a cheap one: `node:http` with kept
 * connections took 0.11 to 0.16 ms of processor time a search, `fetch` 0.17 to 0.21 ms.
 */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export type Answer = {
  status: number
  /** Parsed JSON; undefined where there is none. */
  body: unknown
  /** `x-ari-version`. */
  version: number | undefined
  /** From sending to having read the last byte, of the last try. */
  durationMs: number
  /** Tries that ended in a 5xx or without an answer before this one. */
  failures: string[]
}

export type Call = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  body?: unknown
  /** Sent as `Authorization: Bearer`. */
  token?: string
  idempotencyKey?: string
  /** Sent as `x-ari-min-version`. */
  minVersion?: number | undefined
}

export interface Client {
  send(call: Call): Promise<Answer>
  close(): void
}

/** A guest waits so long and no longer. */
const PATIENCE_MS = 30_000
/** After a 5xx or a lost connection the same call, with the same Idempotency-Key, is tried so often in all. */
const TRIES_MAX = 6

/** Opens a client with so many connections, kept open. `baseUrl` is the edge. */
export function openClient(baseUrl: string, connections: number): Client {
  const { hostname, port } = new URL(baseUrl)
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' })

  function once(call: Call): Promise<Omit<Answer, 'failures'>> {
    const payload = call.body === undefined ? '' : JSON.stringify(call.body)
    const headers: Record<string, string | number> = {}
    if (call.method !== 'GET') headers['content-length'] = Buffer.byteLength(payload)
    if (payload !== '') headers['content-type'] = 'application/json'
    if (call.token !== undefined) headers.authorization = `Bearer ${call.token}`
    if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey
    if (call.minVersion !== undefined) headers['x-ari-min-version'] = call.minVersion
    const began = performance.now()
    return new Promise((resolve, reject) => {
      const sent = request({ agent, hostname, port, method: call.method, path: call.path, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const durationMs = performance.now() - began
          const text = Buffer.concat(chunks).toString()
          const version = response.headers['x-ari-version']
          resolve({
            status: response.statusCode ?? 0,
            body: parsed(text),
            version: typeof version === 'string' ? Number(version) : undefined,
            durationMs,
          })
        })
      })
      sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error(`no answer in ${PATIENCE_MS / 1000} s`)))
      sent.on('error', reject)
      sent.end(payload)
    })
  }

  return {
    async send(call) {
      const failures: string[] = []
      for (;;) {
        try {
          const answer = await once(call)
          if (answer.status < 500 || failures.length >= TRIES_MAX - 1) return { ...answer, failures }
          failures.push(`${answer.status} ${slugOf(answer.body) ?? ''}`.trim())
        } catch (error) {
          failures.push(error instanceof Error ? error.message : String(error))
          if (failures.length >= TRIES_MAX)
            throw new Error(`${call.method} ${call.path}: ${failures.join('; ')}`, { cause: error })
        }
        await sleep(200 * failures.length)
      }
    },
    close: () => agent.destroy(),
  }
}

/** The last part of a problem document's type; undefined where the body is none. */
export function slugOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('type' in body) || typeof body.type !== 'string') return undefined
  return body.type.slice(body.type.lastIndexOf('/') + 1)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
