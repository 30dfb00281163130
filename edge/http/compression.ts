/**
 * Compression on Node and Deno; Cloudflare does it by itself. Only what a browser may keep is compressed: an answer that
 * is kept nowhere is somebody's own, and its compressed length would tell who can put a text into it whether that text
 * is in the rest as well (the attack called BREACH).
 */
import { promisify } from 'node:util'
import { brotliCompress, gzip, gzipSync } from 'node:zlib'

/** Below, the headers and the time cost more than the bytes. */
const BYTES_MIN = 1_024
const TEXT = /^(?:text\/|application\/(?:json|problem\+json|javascript|manifest\+json)|image\/svg\+xml)/
/**
 * Up to here at once: an availability answer of 7.7 KB takes 47 µs and becomes 0.9 KB; waiting for another thread would
 * cost three times that. A page of ten times the size is sent to one.
 */
const AT_ONCE_BYTES_MAX = 65_536

const gzipped = promisify(gzip)
const brotlied = promisify(brotliCompress)

type Answering = (request: Request, env: never) => Response | Promise<Response>

/** An app's answers, compressed where the caller takes it and it pays. */
export function compressing(app: Answering): Answering {
  /** What never changes is compressed once, and well. By address: an asset's name carries its hash. */
  const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  const compressed = async (request: Request, answer: Response | Promise<Response>, accepted: string) => {
    const response = await answer
    if (!mayCompress(request, response)) return response
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (bytes.byteLength < BYTES_MIN) return new Response(bytes, response)
    if (!/\bimmutable\b/.test(response.headers.get('cache-control') ?? '') || !takes(accepted, 'br'))
      return encoded(response, 'gzip', bytes.byteLength > AT_ONCE_BYTES_MAX ? await gzipped(bytes) : gzipSync(bytes))
    const { pathname } = new URL(request.url)
    const once = kept.get(pathname) ?? brotlied(bytes)
    kept.set(pathname, once)
    return encoded(response, 'br', await once)
  }
  return (request, env) => {
    const answer = app(request, env)
    const accepted = request.headers.get('accept-encoding')
    // Looking at an answer's headers is not free on Node; a caller who takes nothing pays nothing.
    return accepted === null || !takes(accepted, 'gzip') ? answer : compressed(request, answer, accepted)
  }
}

/** Whether `Accept-Encoding` names an encoding and does not rule it out (RFC 9110, section 12.5.3). */
function takes(accepted: string, encoding: string): boolean {
  const [, weight] = new RegExp(`(?:^|,)\\s*${encoding}\\s*(?:;\\s*q=([\\d.]+))?\\s*(?:,|$)`, 'i').exec(accepted) ?? []
  return weight === undefined ? new RegExp(`(?:^|,)\\s*${encoding}\\s*(?:,|$)`, 'i').test(accepted) : Number(weight) > 0
}

function mayCompress({ method }: Request, { status, headers, body }: Response): boolean {
  return (
    method === 'GET' &&
    status === 200 &&
    body !== null &&
    !headers.has('content-encoding') &&
    !headers.has('set-cookie') &&
    !/\b(?:no-store|no-transform)\b/.test(headers.get('cache-control') ?? 'no-store') &&
    TEXT.test(headers.get('content-type') ?? '')
  )
}

function encoded(response: Response, encoding: string, bytes: Uint8Array<ArrayBuffer>): Response {
  const headers = new Headers(response.headers)
  headers.set('content-encoding', encoding)
  headers.append('vary', 'accept-encoding')
  // Other bytes than the tag was made of: it still names what they say.
  const tag = headers.get('etag')
  if (tag !== null && !tag.startsWith('W/')) headers.set('etag', `W/${tag}`)
  return new Response(bytes, { status: response.status, headers })
}
