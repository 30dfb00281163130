/**
 * The one way from the edge to the origin: strips a request to what the origin may see, signs it, sends it once, and
 * strips the answer likewise. No retry: only the caller knows whether that is safe.
 */

import { isTraceKept } from '../shared/otlp.ts'
import { Problem } from '../shared/problems.ts'
import { SESSION_COOKIE } from '../shared/routes/auth.ts'
import {
  CLIENT_ADDRESS_HEADER,
  REFUSED,
  REQUEST_ID_HEADER,
  SIGNATURE_HEADER,
  type SigningKey,
  sign,
} from '../shared/signing.ts'
import { continueTrace, readTraceparent } from '../shared/trace.ts'
import { type Announced, announcement, CONTENT_DIGEST_HEADER, UPLOAD_LENGTH_HEADER } from '../shared/uploads.ts'
import type { SpanSink } from './tracing.ts'

/** A guest has given up by then; a write that is still on its way is settled by its Idempotency-Key. */
const ORIGIN_TIMEOUT_MS = 15_000
/** 10 MB at 1 Mbit/s, and a little more. */
const UPLOAD_TIMEOUT_MS = 120_000
/** Longer values of headers that are sent on belong to nothing we give out. */
const HEADER_LENGTH_MAX = 4_096

/**
 * What a caller may tell the origin. Everything else stays behind: addresses, hosts and methods a caller claims for
 * itself, internal headers, and whatever else a machine behind us could believe.
 */
const REQUEST_HEADERS = ['authorization', 'content-type', 'idempotency-key', 'sec-fetch-site', 'traceparent']
/** What the origin may tell a caller. */
const RESPONSE_HEADERS = [
  'cache-control',
  'content-type',
  'retry-after',
  'set-cookie',
  'vary',
  'x-ari-version',
  'x-content-type-options',
]

/** A file that passes through: read as it is sent, and never held whole. */
export interface StreamedBody {
  stream: ReadableStream<Uint8Array>
  announced: Announced
}

export interface OriginRequest {
  method: string
  /** Path and query. */
  target: string
  headers: Headers
  body: Uint8Array | StreamedBody
  requestId: string
  clientAddress: string
  /** How long to wait for the whole answer; 15 s where left out. */
  timeoutMs?: number
}

/**
 * Sends to the origin. Throws `origin-unavailable` where it cannot be reached, where something in between answers in its
 * place, or where the answer is to another request.
 */
export type SendToOrigin = (request: OriginRequest) => Promise<Response>

export function originSender(options: {
  originUrl: string
  signingKey: Promise<SigningKey>
  /** Replaced in tests by the origin itself. */
  fetch?: typeof fetch
  /** Where spans go; none where left out. */
  spans?: SpanSink | undefined
}): SendToOrigin {
  const send = options.fetch ?? fetchCompressed
  return async (request) => {
    const headers = spoken(request.headers)
    headers.set(REQUEST_ID_HEADER, request.requestId)
    const traceparent = continueTrace(request.headers.get('traceparent'))
    headers.set('traceparent', traceparent)
    headers.set(CLIENT_ADDRESS_HEADER, request.clientAddress)
    const { body } = request
    const isStreamed = 'stream' in body
    if (isStreamed) {
      headers.set(CONTENT_DIGEST_HEADER, `sha-256=:${body.announced.sha256}:`)
      headers.set(UPLOAD_LENGTH_HEADER, String(body.announced.length))
    }
    const parts = { ...request, body: isStreamed ? announcement(body.announced) : body }
    headers.set(SIGNATURE_HEADER, await sign(await options.signingKey, parts, Date.now()))
    const tell = options.spans && watch(options.spans, request, traceparent)
    const response = await reach(request.requestId, () =>
      send(options.originUrl + request.target, {
        method: request.method,
        headers,
        ...bodyOf(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(request.timeoutMs ?? (isStreamed ? UPLOAD_TIMEOUT_MS : ORIGIN_TIMEOUT_MS)),
      }),
    ).catch((error: unknown) => {
      tell?.(undefined)
      throw error
    })
    tell?.(response.status)
    return new Response(response.body, { status: response.status, headers: heard(response.headers) })
  }
}

/** Begins a span where the trace is kept. Of the path nothing is said: the origin's span has the route. */
function watch(spans: SpanSink, request: OriginRequest, traceparent: string) {
  const trace = readTraceparent(traceparent)
  if (!trace?.sampled || !isTraceKept(trace.traceId, spans.share)) return undefined
  const startMs = Date.now()
  const began = performance.now()
  return (status: number | undefined) =>
    spans.add({
      traceId: trace.traceId,
      spanId: trace.parentId,
      parentId: readTraceparent(request.headers.get('traceparent'))?.parentId,
      name: `${request.method} origin`,
      kind: 'client',
      startMs,
      endMs: startMs + performance.now() - began,
      attributes: {
        'http.request.method': request.method,
        'stayzr.request_id': request.requestId,
        ...(status === undefined ? {} : { 'http.response.status_code': status }),
      },
      failed: status === undefined ? 'origin-unavailable' : undefined,
    })
}

/** `duplex`: the answer may come before all of a stream is sent, as where it is refused; Node asks to be told. */
function bodyOf(body: OriginRequest['body']): RequestInit & { duplex?: 'half' } {
  if ('stream' in body) return { body: body.stream, duplex: 'half' }
  return body.byteLength === 0 ? {} : { body: body as Uint8Array<ArrayBuffer> }
}

/** The platform undoes the compression by itself; Brotli is what the origin sends snapshots in. */
const fetchCompressed: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers)
  headers.set('accept-encoding', 'br')
  return fetch(input, { ...init, headers })
}

async function reach(requestId: string, send: () => Promise<Response>): Promise<Response> {
  let response: Response
  try {
    response = await send()
  } catch {
    throw away()
  }
  if (isOriginsAnswer(response, requestId)) return response
  // Nobody reads it, and it would keep a connection.
  response.body?.cancel().catch(() => {})
  throw away()
}

/**
 * The origin repeats the id of the request it answers, and the id is signed. So an answer with it is the origin's own and
 * to this very request: what a gateway says in its place has none, and where a connection got out of step and somebody
 * else's answer comes down it, it has another.
 */
function isOriginsAnswer(response: Response, requestId: string): boolean {
  const repeated = response.headers.get(REQUEST_ID_HEADER)
  if (response.headers.get(SIGNATURE_HEADER) === REFUSED) {
    log('the origin does not take our signature, or had this request before', requestId, response.status)
    return false
  }
  // A gateway may copy the id, but answers for an origin it cannot reach; and the origin sends nobody elsewhere.
  if (response.status === 502 || response.status === 504) return false
  if (repeated === requestId && !(response.status >= 300 && response.status < 400)) return true
  log('something else than the origin answered', requestId, response.status)
  return false
}

function log(message: string, requestId: string, status: number): void {
  console.error(JSON.stringify({ level: 'error', requestId, status, message }))
}

function away(): Problem {
  return new Problem('origin-unavailable', {
    detail:
      'The hotel cannot be reached at the moment. Ask again shortly with the same Idempotency-Key: nothing is done twice.',
    retryAfterSeconds: 3,
  })
}

/** What of a caller's headers the origin hears. */
function spoken(from: Headers): Headers {
  const to = new Headers()
  for (const name of REQUEST_HEADERS) {
    const value = from.get(name)
    if (value === null) continue
    if (value.length > HEADER_LENGTH_MAX)
      throw new Problem('headers-too-large', { detail: `${name} has at most ${HEADER_LENGTH_MAX} characters.` })
    to.set(name, value)
  }
  const session = sessionIn(from.get('cookie'))
  if (session !== undefined) to.set('cookie', `${SESSION_COOKIE}=${session}`)
  return to
}

/**
 * The session's cookie and no other. Given twice with different values, one of them was slipped in by somebody else, and
 * neither counts.
 */
function sessionIn(cookies: string | null): string | undefined {
  const values = new Set<string>()
  for (const pair of cookies?.split(';') ?? []) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim() === SESSION_COOKIE) values.add(pair.slice(equals + 1).trim())
  }
  const [value] = values
  return values.size === 1 && value !== undefined && value.length <= HEADER_LENGTH_MAX ? value : undefined
}

function heard(from: Headers): Headers {
  const to = new Headers()
  for (const name of RESPONSE_HEADERS) {
    if (name === 'set-cookie') for (const value of from.getSetCookie()) to.append(name, value)
    else {
      const value = from.get(name)
      if (value !== null) to.set(name, value)
    }
  }
  return to
}
