/** What every answer tells browsers and caches, unless it says otherwise itself. */
import type { Context } from 'hono'
import { REQUEST_ID_HEADER } from '../../shared/signing.ts'
import type { EdgeVariables } from '../app.ts'

/** Pages have a policy of their own (edge/pages/security-headers.ts); data is nothing to run, frame or embed. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
const DATA_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': DATA_POLICY,
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}
const TRANSPORT_SECURITY = 'max-age=63072000; includeSubDomains'
/** Nobody keeps anything that was not made to be kept. */
export const STORED_NOWHERE = 'private, no-store'

/** What an answer from memory says of itself. */
export interface AnswerHeaders {
  'cache-control': string
  etag: string
  'x-ari-version': string
  'server-timing': string
}

/** A browser may keep the answer, and asks before it shows it again. */
const ASK_AGAIN = 'private, no-cache'

/** From its entity tag, the version it tells of, and its `server-timing`. */
export function headersFrom(tag: string, version: number, timing: string): AnswerHeaders {
  return { 'cache-control': ASK_AGAIN, etag: tag, 'x-ari-version': String(version), 'server-timing': timing }
}

/**
 * workerd copies prepared headers in half the time that it takes to read them out of an object, and the bytes of a body as
 * the Fetch standard has it. Node takes both as they are, and makes a whole web `Response` with a stream of anything else,
 * at a third of the speed.
 */
export const IS_WORKERD = globalThis.navigator?.userAgent === 'Cloudflare-Workers'
/** By entity tag. */
const prepared = new Map<string, { timing: string; secure: boolean; headers: Headers }>()
const PREPARED_MAX = 1_000

/** A JSON answer whose headers are complete from the beginning: the same as adding them afterwards, but for the cost. */
export function completeAnswer(
  body: string | Uint8Array<ArrayBuffer>,
  own: AnswerHeaders,
  requestId: string,
  secure: boolean,
): Response {
  if (!IS_WORKERD) {
    const headers = answerHeaders(own, secure)
    headers[REQUEST_ID_HEADER] = requestId
    return new Response(body, { headers })
  }
  let shared = prepared.get(own.etag)
  if (shared?.timing !== own['server-timing'] || shared.secure !== secure) {
    if (prepared.size >= PREPARED_MAX && !shared) prepared.clear()
    shared = { timing: own['server-timing'], secure, headers: new Headers(answerHeaders(own, secure)) }
    prepared.set(own.etag, shared)
  }
  // Copied before the next answer's is written over it.
  shared.headers.set(REQUEST_ID_HEADER, requestId)
  return new Response(body, { headers: shared.headers })
}

/** Named one by one, as gathering them from several objects costs more than all checks of a request. */
function answerHeaders(own: AnswerHeaders, secure: boolean): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'cache-control': own['cache-control'],
    etag: own.etag,
    'x-ari-version': own['x-ari-version'],
    'server-timing': own['server-timing'],
    'content-security-policy': DATA_POLICY,
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  }
  if (secure) headers['strict-transport-security'] = TRANSPORT_SECURITY
  return headers
}

/** Completes an answer: its request named, stored nowhere where it says nothing about it, and nothing in it is run. */
export function completeHeaders(headers: Headers, c: Context<{ Variables: EdgeVariables }>): void {
  headers.set(REQUEST_ID_HEADER, c.get('requestId'))
  if (!headers.has('cache-control')) headers.set('cache-control', STORED_NOWHERE)
  // A page: it has said all of this, and more.
  if (headers.has('content-security-policy')) return
  for (const [name, value] of Object.entries(DATA_HEADERS)) if (!headers.has(name)) headers.set(name, value)
  if (c.req.url.startsWith('https:')) headers.set('strict-transport-security', TRANSPORT_SECURITY)
}
