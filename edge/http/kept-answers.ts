/** Public answers of the origin that may be kept for a while at the edge: the list of hotels, photos, the API's document. */
import type { Context } from 'hono'
import type { EdgeParts } from '../app.ts'
import { isNamed, tagOfBytes } from './entity-tags.ts'
import { STORED_NOWHERE } from './headers.ts'

/** How a route says that its answers may be kept. */
export interface Keeping {
  seconds: number
  immutable?: boolean
}

interface Kept {
  type: string
  tag: string
  bytes: Uint8Array<ArrayBuffer>
}

/**
 * A public answer that may be kept: asked for without the caller's headers, so that nothing of the caller is in it, and
 * kept only if it is a plain, public success. `target` is the key, so it has to be made of validated parameters.
 */
export async function keptAnswer(c: Context, target: string, policy: Keeping, parts: EdgeParts): Promise<Response> {
  const key = `answers/2${target}`
  const kept = readKept(await parts.cache.get(key))
  if (kept) return answer(c, kept, policy)
  const fill = await parts.send({
    method: 'GET',
    target,
    headers: new Headers(),
    body: new Uint8Array(),
    requestId: c.get('requestId') as string,
    clientAddress: parts.clientAddress(c),
  })
  const type = fill.headers.get('content-type')
  if (type === null || !mayBeKept(fill)) return passedOn(fill)
  const bytes = new Uint8Array(await fill.arrayBuffer())
  const filled = { type, tag: await tagOfBytes(bytes), bytes }
  await parts.cache.put(key, keepable(filled), policy.seconds)
  return answer(c, filled, policy)
}

/**
 * A whole success that says it is public, sets no cookie and does not depend on who asks. That it answers this question
 * and no other is what the sender checks (edge/forward.ts): the origin repeats the signed request's id.
 */
function mayBeKept({ status, headers }: Response): boolean {
  const cacheControl = headers.get('cache-control') ?? ''
  const vary = headers.get('vary') ?? ''
  return (
    status === 200 &&
    /\bpublic\b/.test(cacheControl) &&
    !/\b(?:private|no-store)\b/.test(cacheControl) &&
    !headers.has('set-cookie') &&
    /^(?:accept-encoding)?$/i.test(vary.trim())
  )
}

/** What may not be kept here is kept by nobody, and a public address sets nobody's cookie. */
function passedOn(fill: Response): Response {
  const headers = new Headers(fill.headers)
  headers.delete('set-cookie')
  headers.set('cache-control', STORED_NOWHERE)
  return new Response(fill.body, { status: fill.status, headers })
}

function answer(c: Context, { type, tag, bytes }: Kept, policy: Keeping): Response {
  const headers = {
    'cache-control': `public, max-age=${policy.seconds}${policy.immutable ? ', immutable' : ''}`,
    etag: tag,
    'x-content-type-options': 'nosniff',
    // A hotel may show its photos on its own site.
    'cross-origin-resource-policy': type.startsWith('image/') ? 'cross-origin' : 'same-origin',
  }
  if (isNamed(c.req.header('if-none-match'), tag)) return new Response(null, { status: 304, headers })
  return new Response(bytes, { headers: { ...headers, 'content-type': type } })
}

/** Media type, tag and bytes as one entry, so that they are kept and lost together: a line with both, then the bytes. */
function keepable({ type, tag, bytes }: Kept): Uint8Array {
  const line = new TextEncoder().encode(`${tag} ${type}\n`)
  const entry = new Uint8Array(line.byteLength + bytes.byteLength)
  entry.set(line)
  entry.set(bytes, line.byteLength)
  return entry
}

function readKept(entry: Uint8Array | undefined): Kept | undefined {
  const end = entry?.indexOf(10) ?? -1
  if (!entry || end === -1) return undefined
  const [, tag, type] = /^("[^"]+") (.+)$/.exec(new TextDecoder().decode(entry.subarray(0, end))) ?? []
  if (tag === undefined || type === undefined) return undefined
  return { tag, type, bytes: entry.slice(end + 1) as Uint8Array<ArrayBuffer> }
}
