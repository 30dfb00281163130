/**
 * The one way from the edge to the origin: strips a request to what the origin may see, signs it, sends it once, and
 * strips the answer likewise. No retry: only the caller knows whether asking again is safe.
 */
import { Problem } from '../shared/problems.ts'
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER, SIGNATURE_HEADER, type SigningKey, sign } from '../shared/signing.ts'

/** A guest has given up by then; a write that is still on its way is settled by its Idempotency-Key. */
const ORIGIN_TIMEOUT_MS = 15_000
/** The origin's own limit: what it would refuse is not sent. */

/** What a caller may tell the origin. Everything else, spoofed addresses and internal headers among it, stays behind. */
const REQUEST_HEADERS = [
  'accept',
  'authorization',
  'content-type',
  'cookie',
  'idempotency-key',
  'sec-fetch-site',
  'traceparent',
]
/** What the origin may tell a caller. */
const RESPONSE_HEADERS = [
  'cache-control',
  'content-type',
  'retry-after',
  'set-cookie',
  'x-ari-version',
  'x-content-type-options',
]

export interface OriginRequest {
  method: string
  /** Path and query. */
  target: string
  headers: Headers
  body: Uint8Array
  requestId: string
  clientAddress: string
  /** How long to wait for the answer's head; 15 s where left out. */
  timeoutMs?: number
}

/** Sends to the origin. Throws `origin-unavailable` where it cannot be reached or a gateway in between says so. */
export type SendToOrigin = (request: OriginRequest) => Promise<Response>

export function originSender(options: {
  originUrl: string
  signingKey: Promise<SigningKey>
  /** Replaced in tests by the origin itself. */
  fetch?: typeof fetch
}): SendToOrigin {
  const send = options.fetch ?? ((input, init) => fetch(input, init))
  return async (request) => {
    const headers = picked(request.headers, REQUEST_HEADERS)
    headers.set(REQUEST_ID_HEADER, request.requestId)
    headers.set(CLIENT_ADDRESS_HEADER, request.clientAddress)
    headers.set(SIGNATURE_HEADER, await sign(await options.signingKey, request, Date.now()))
    const response = await reach(() =>
      send(options.originUrl + request.target, {
        method: request.method,
        headers,
        ...(request.body.byteLength === 0 ? {} : { body: request.body as Uint8Array<ArrayBuffer> }),
        redirect: 'manual',
        signal: AbortSignal.timeout(request.timeoutMs ?? ORIGIN_TIMEOUT_MS),
      }),
    )
    return new Response(response.body, { status: response.status, headers: picked(response.headers, RESPONSE_HEADERS) })
  }
}

async function reach(send: () => Promise<Response>): Promise<Response> {
  const away = () =>
    new Problem('origin-unavailable', {
      detail:
        'The hotel cannot be reached at the moment. Ask again shortly with the same Idempotency-Key: nothing is done twice.',
      retryAfterSeconds: 3,
    })
  let response: Response
  try {
    response = await send()
  } catch {
    throw away()
  }
  // A gateway's own 502 or 504 is no problem document of ours.
  if (response.status === 502 || response.status === 504) throw away()
  return response
}

function picked(from: Headers, names: readonly string[]): Headers {
  const to = new Headers()
  for (const name of names) {
    if (name === 'set-cookie') for (const value of from.getSetCookie()) to.append(name, value)
    else {
      const value = from.get(name)
      if (value !== null) to.set(name, value)
    }
  }
  return to
}
