/** Who asks the stack over TLS: an edge, which signs, or a guest, who comes by the edge behind nginx. */
import { createHash, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:https'
import { SIGNATURE_HEADER, type SigningKey, sign, signingKeyFrom } from '../../shared/signing.ts'
import { guestHost, type Stack } from './stack.ts'

export interface Call {
  method?: string
  path: string
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is. */
  bytes?: Uint8Array
  headers?: Record<string, string>
  /** Sent as `Authorization: Bearer`. */
  token?: string
  /** A fresh one for each write where left out. */
  idempotencyKey?: string
  requestId?: string
  timeoutMs?: number
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
  /** The body as JSON. */
  json<T>(): T
}

export interface Client {
  /** Throws where there is no whole answer. */
  call(call: Call): Promise<Answer>
  close(): void
}

/** Signs as an edge does, and keeps connections as one does. */
export async function edgeClient(stack: Stack): Promise<Client> {
  const key = await signingKeyFrom(stack.secret('edge_signing_keys').split(',')[0] ?? '')
  return client(stack, 'localhost', async (call, body) => await signed(key, call, body))
}

/** A guest's browser. */
export function guestClient(stack: Stack): Client {
  return client(stack, guestHost, async (_call, body) =>
    // An upload says what it is before it comes, so that nobody has to hold it to know.
    body.byteLength > 0 ? { 'content-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:` } : {},
  )
}

function client(
  stack: Stack,
  host: string,
  more: (call: Call, body: Uint8Array) => Promise<Record<string, string>>,
): Client {
  // As long as Node's own fetch keeps a connection that is not used: an edge on Node behaves so.
  const agent = new Agent({ ca: stack.secret('tls_ca.crt'), keepAlive: true, timeout: 4_000, maxSockets: 1_000 })
  return {
    async call(call) {
      const method = call.method ?? (call.body === undefined && call.bytes === undefined ? 'GET' : 'POST')
      const body = call.bytes ?? new TextEncoder().encode(call.body === undefined ? '' : JSON.stringify(call.body))
      const headers: Record<string, string> = {
        host: `${host}:${stack.httpsPort}`,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(body.byteLength > 0 ? { 'content-length': String(body.byteLength) } : {}),
        ...(method === 'GET' ? {} : { 'idempotency-key': call.idempotencyKey ?? randomUUID() }),
        ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
        ...(await more({ ...call, method }, body)),
        ...call.headers,
      }
      return await send({ agent, host, port: stack.httpsPort, method, headers, body, call })
    },
    close: () => agent.destroy(),
  }
}

async function signed(key: SigningKey, call: Call, body: Uint8Array): Promise<Record<string, string>> {
  const requestId = call.requestId ?? randomUUID()
  const parts = { requestId, clientAddress: '192.0.2.1', method: call.method ?? 'GET', target: call.path, body }
  return {
    'x-request-id': requestId,
    'x-client-address': parts.clientAddress,
    [SIGNATURE_HEADER]: await sign(key, parts, Date.now()),
  }
}

async function send(it: {
  agent: Agent
  host: string
  port: number
  method: string
  headers: Record<string, string>
  body: Uint8Array
  call: Call
}): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const asked = request(
      {
        agent: it.agent,
        host: '127.0.0.1',
        port: it.port,
        servername: it.host,
        method: it.method,
        path: it.call.path,
        headers: it.headers,
        signal: AbortSignal.timeout(it.call.timeoutMs ?? 20_000),
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            json: <T>() => JSON.parse(bytes.toString()) as T,
          })
        })
      },
    )
    asked.on('error', reject)
    asked.end(it.body)
  })
}

/** The answer, if its status is the one expected; else an error that says what came instead. */
export function expectStatus(answer: Answer, status: number, what: string): Answer {
  if (answer.status === status) return answer
  throw new Error(`${what}: ${answer.status} instead of ${status}: ${answer.bytes.toString().slice(0, 500)}`)
}
