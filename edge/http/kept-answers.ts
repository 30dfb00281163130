/** Public answers of the origin that may be kept for a while at the edge: the list of hotels, photos, the API's document. */
import type { Context } from 'hono'
import { Problem } from '../../shared/problems.ts'
import type { EdgeParts } from '../app.ts'
import { withPatience } from '../ari/patience.ts'
import { isNamed, tagOfBytes } from './entity-tags.ts'
import { STORED_NOWHERE } from './headers.ts'
import { keepAliveOf } from './keep-alive.ts'

/** How a route says that its answers may be kept. */
export interface Keeping {
  seconds: number
  immutable?: boolean
}

interface Kept {
  type: string
  tag: string
  /** Whatever was changed after it may be missing. */
  askedAt: number
  bytes: Uint8Array<ArrayBuffer>
}

/** While the origin is away the last answer serves for so long, as snapshots do. */
const AWAY_SECONDS = 900
/** How long others wait for a fill before they ask for themselves. */
const FILL_PATIENCE_MS = 3_000
/** Raise it with the shape of an entry, as deploys overlap. */
const KEPT_FORMAT = 'answers/3'

/** Fills under way, by edge and key. Each gives undefined where the answer may not be kept: it is one caller's then. */
const fills = new WeakMap<EdgeParts, Map<string, Promise<Kept | undefined>>>()

/**
 * A public answer that may be kept: asked for without the caller's headers, so that nothing of the caller is in it, and
 * kept only if it is a plain, public success. `target` is the key, so it has to be made of validated parameters. One
 * request to the origin at a time for each; the last answer where the origin is away.
 */
export async function keptAnswer(c: Context, target: string, policy: Keeping, parts: EdgeParts): Promise<Response> {
  const kept = readKept(await parts.cache.get(KEPT_FORMAT + target))
  const age = kept === undefined ? Number.POSITIVE_INFINITY : parts.now() - kept.askedAt
  if (kept && (policy.immutable || (age >= 0 && age < policy.seconds * 1000))) return answer(c, kept, policy)
  try {
    const filled = await joinFill(c, target, policy, parts)
    return filled instanceof Response ? filled : answer(c, filled, policy)
  } catch (error) {
    const isAway = error instanceof Problem && error.slug === 'origin-unavailable'
    if (kept && isAway && age < (policy.seconds + AWAY_SECONDS) * 1000) return answer(c, kept, policy)
    throw error
  }
}

async function joinFill(c: Context, target: string, policy: Keeping, parts: EdgeParts): Promise<Kept | Response> {
  const underWay = fills.get(parts) ?? new Map<string, Promise<Kept | undefined>>()
  fills.set(parts, underWay)
  const joined = underWay.get(target)
  const found = joined && (await withPatience(joined, FILL_PATIENCE_MS))
  if (found) return found
  let own: Response | undefined
  const work = fill(c, target, policy, parts).then((filled) => {
    if (!(filled instanceof Response)) return filled
    own = filled
    return undefined
  })
  underWay.set(target, work)
  const done = () => {
    if (underWay.get(target) === work) underWay.delete(target)
  }
  work.then(done, done)
  // The caller may go away; those who joined still want the result.
  keepAliveOf(c)(work.catch(() => {}))
  return (await work) ?? (own as Response)
}

/** Asks the origin, and keeps what may be kept; what may not is given back as it is to be passed on. */
async function fill(c: Context, target: string, policy: Keeping, parts: EdgeParts): Promise<Kept | Response> {
  const askedAt = parts.now()
  const response = await parts.send({
    method: 'GET',
    target,
    headers: new Headers(),
    body: new Uint8Array(),
    requestId: c.get('requestId') as string,
    clientAddress: parts.clientAddress(c),
  })
  const type = response.headers.get('content-type')
  if (type === null || !mayBeKept(response)) return passedOn(response)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const filled = { type, tag: await tagOfBytes(bytes), askedAt, bytes }
  const seconds = policy.immutable ? policy.seconds : policy.seconds + AWAY_SECONDS
  await parts.cache.put(KEPT_FORMAT + target, keepable(filled), seconds)
  return filled
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
function passedOn(response: Response): Response {
  const headers = new Headers(response.headers)
  headers.delete('set-cookie')
  headers.set('cache-control', STORED_NOWHERE)
  return new Response(response.body, { status: response.status, headers })
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

/** All of it as one entry, so that it is kept and lost together: a line with tag, time and media type, then the bytes. */
function keepable({ type, tag, askedAt, bytes }: Kept): Uint8Array {
  const line = new TextEncoder().encode(`${tag} ${askedAt} ${type}\n`)
  const entry = new Uint8Array(line.byteLength + bytes.byteLength)
  entry.set(line)
  entry.set(bytes, line.byteLength)
  return entry
}

function readKept(entry: Uint8Array | undefined): Kept | undefined {
  const end = entry?.indexOf(10) ?? -1
  if (!entry || end === -1) return undefined
  const line = new TextDecoder().decode(entry.subarray(0, end))
  const [, tag, askedAt, type] = /^("[^"]+") (\d+) (.+)$/.exec(line) ?? []
  if (tag === undefined || type === undefined) return undefined
  return { tag, type, askedAt: Number(askedAt), bytes: entry.slice(end + 1) as Uint8Array<ArrayBuffer> }
}
