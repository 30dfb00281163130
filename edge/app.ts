/**
 * The edge: guest pages, answers from the ARI snapshot, declared routes forwarded, assets. What is not declared is not
 * reachable.
 */
import { type Context, Hono } from 'hono'
import {
  answerAvailability,
  answerCalendar,
  answerFlexibleDates,
  answerProperty,
  answerSeveralRooms,
} from '../shared/ari/answers.ts'
import { Problem, problemResponse } from '../shared/problems.ts'
import { readBody } from '../shared/request-body.ts'
import { getAvailability, getCalendar, getFlexibleDates, getSeveralRooms } from '../shared/routes/availability.ts'
import { parseParams, parseQuery } from '../shared/routes/parse.ts'
import { getProperty } from '../shared/routes/properties.ts'
import { type ParamsOf, pathFor, type QueryOf, type Route } from '../shared/routes/route.ts'
import { routes } from '../shared/routes/table.ts'
import { REQUEST_ID_HEADER, type SigningKey } from '../shared/signing.ts'
import type { EdgeCache } from './ari/cache.ts'
import { type AriStore, openAriStore } from './ari/store.ts'
import { originSender, type SendToOrigin } from './forward.ts'
import { originGuestServices } from './origin-guest-services.ts'
import { guestPages } from './pages/pages.ts'

/** Longer addresses are no question of ours, and some caches cut them. */
const TARGET_LENGTH_MAX = 2_048
/** An ARI document that takes longer is as good as none: what is held is answered instead. */
const ARI_TIMEOUT_MS = 5_000
const VERSION = /^\d{1,15}$/

export interface EdgeOptions {
  originUrl: string
  signingKey: Promise<SigningKey>
  cache: EdgeCache
  /** From an asset's name to its fingerprinted address. */
  assets: Record<string, string>
  memoryBytesMax: number
  staleMaxMs: number
  /** workerd, node or deno; said by /health. */
  runtime: string
  /** The guest's address as the platform tells it; headers can be made up. */
  clientAddress: (c: Context) => string
  /** Serves a fingerprinted asset where the platform does not. */
  serveAsset?: (path: string) => Promise<Response | undefined>
  /** Replaced in tests. */
  fetch?: typeof fetch
  now?: () => number
}

export interface EdgeVariables {
  requestId: string
}
export type EdgeContext = Context<{ Variables: EdgeVariables }>

export interface EdgeApp {
  app: Hono<{ Variables: EdgeVariables }>
  store: AriStore
}

/** Everything an edge-answered handler needs. */
export interface EdgeParts {
  store: AriStore
  send: SendToOrigin
  cache: EdgeCache
  clientAddress: (c: Context) => string
  now: () => number
}

export function createEdge(options: EdgeOptions): EdgeApp {
  const now = options.now ?? (() => Date.now())
  const send = originSender(options)
  const store = openAriStore({
    cache: options.cache,
    memoryBytesMax: options.memoryBytesMax,
    staleMaxMs: options.staleMaxMs,
    now,
    askOrigin: (path) =>
      send({
        method: 'GET',
        target: path,
        headers: new Headers(),
        body: new Uint8Array(),
        requestId: crypto.randomUUID(),
        clientAddress: 'edge',
        timeoutMs: ARI_TIMEOUT_MS,
      }),
  })
  const parts: EdgeParts = { store, send, cache: options.cache, clientAddress: options.clientAddress, now }

  const app = new Hono<{ Variables: EdgeVariables }>({ strict: true })
  app.use(async (c, next) => {
    c.set('requestId', crypto.randomUUID())
    refuseStrangeTargets(c.req.url)
    await next()
    c.res.headers.set(REQUEST_ID_HEADER, c.get('requestId'))
  })
  app.onError((error, c) => {
    if (error instanceof Problem) return problemResponse(error, c.get('requestId'))
    console.error(
      JSON.stringify({ level: 'error', requestId: c.get('requestId'), err: String(error), stack: error.stack }),
    )
    return problemResponse(new Problem('internal'), c.get('requestId'))
  })

  app.get('/health', (c) => {
    c.header('cache-control', 'no-store')
    return c.json({ status: 'ok', runtime: options.runtime, ari: store.counters })
  })
  bindAnswered(app, parts)
  for (const declaration of Object.values(routes) as Route[]) bindForwarded(app, declaration, parts)
  const { serveAsset } = options
  if (serveAsset)
    app.get('/assets/*', async (c) => {
      const asset = await serveAsset(c.req.path)
      if (!asset) throw new Problem('not-found')
      return asset
    })
  // The API answers in problem documents; everything else is a page.
  refuseOtherMethods(app)
  for (const path of ['/api/*', '/internal/*'])
    app.all(path, () => {
      throw new Problem('not-found')
    })
  app.route('/', guestPages(originGuestServices(parts), options.assets))
  return { app, store }
}

/** What is declared for a path is bound by now; any other method there is told which ones are. */
function refuseOtherMethods(app: Hono<{ Variables: EdgeVariables }>): void {
  const allowed = Map.groupBy((Object.values(routes) as Route[]).filter(isPublic), ({ path }) => path)
  for (const [path, declared] of allowed)
    app.all(path, () => {
      const allow = declared.map(({ method }) => method.toUpperCase())
      if (allow.includes('GET')) allow.push('HEAD')
      throw new Problem('method-not-allowed', { allow })
    })
}

/** Whether anybody but the edge may call a route. */
function isPublic({ access }: Route): boolean {
  return access.kind !== 'edge'
}

/** The routes whose answers come out of the snapshot. */
function bindAnswered(app: Hono<{ Variables: EdgeVariables }>, parts: EdgeParts): void {
  const confirm = (c: EdgeContext, property: string) => parts.store.confirmed(property, minVersionOf(c), keepAliveOf(c))
  app.get(getProperty.path, async (c) => {
    const { property } = parseParams(getProperty, c.req.param()) as ParamsOf<typeof getProperty>
    parseQuery(getProperty, new URL(c.req.url).searchParams)
    return answered(answerProperty(await confirm(c, property)))
  })
  app.get(getAvailability.path, async (c) => {
    const { property } = parseParams(getAvailability, c.req.param()) as ParamsOf<typeof getAvailability>
    const query = parseQuery(getAvailability, new URL(c.req.url).searchParams) as QueryOf<typeof getAvailability>
    return answered(answerAvailability(await confirm(c, property), query, parts.now()))
  })
  app.get(getCalendar.path, async (c) => {
    const { property } = parseParams(getCalendar, c.req.param()) as ParamsOf<typeof getCalendar>
    const query = parseQuery(getCalendar, new URL(c.req.url).searchParams) as QueryOf<typeof getCalendar>
    return answered(answerCalendar(await confirm(c, property), query, parts.now()))
  })
  app.get(getFlexibleDates.path, async (c) => {
    const { property } = parseParams(getFlexibleDates, c.req.param()) as ParamsOf<typeof getFlexibleDates>
    const query = parseQuery(getFlexibleDates, new URL(c.req.url).searchParams) as QueryOf<typeof getFlexibleDates>
    return answered(answerFlexibleDates(await confirm(c, property), query, parts.now()))
  })
  app.get(getSeveralRooms.path, async (c) => {
    const { property } = parseParams(getSeveralRooms, c.req.param()) as ParamsOf<typeof getSeveralRooms>
    const query = parseQuery(getSeveralRooms, new URL(c.req.url).searchParams) as QueryOf<typeof getSeveralRooms>
    return answered(answerSeveralRooms(await confirm(c, property), query, parts.now()))
  })
}

function answered(body: { ariVersion: number }): Response {
  return new Response(JSON.stringify(body), {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'private, no-store',
      'x-ari-version': String(body.ariVersion),
    },
  })
}

/** Routes that the origin answers, kept for a while where their policy allows. Those for the edge itself are not bound. */
function bindForwarded(app: Hono<{ Variables: EdgeVariables }>, declaration: Route, parts: EdgeParts): void {
  const { cache } = declaration
  if (!isPublic(declaration) || cache === 'edge-answered') return
  app.on(declaration.method.toUpperCase(), declaration.path, async (c) => {
    const params = (parseParams(declaration, c.req.param()) ?? {}) as Record<string, string>
    const url = new URL(c.req.url)
    parseQuery(declaration, url.searchParams)
    const target = pathFor(declaration.path, params) + url.search
    if (typeof cache === 'object') return await cachedAnswer(c, target, cache, parts)
    return await parts.send({
      method: c.req.method,
      target,
      headers: c.req.raw.headers,
      body: await readBody(c.req.raw),
      requestId: c.get('requestId'),
      clientAddress: parts.clientAddress(c),
    })
  })
}

/**
 * A public answer that may be kept: asked for without the caller's headers, so that nothing of the caller is in it, and
 * kept only if it is a plain, public success.
 */
export async function cachedAnswer(
  c: EdgeContext,
  target: string,
  policy: { seconds: number; immutable?: boolean },
  parts: EdgeParts,
): Promise<Response> {
  const key = `answers${target}`
  const headers = {
    'cache-control': policy.immutable
      ? `public, max-age=${policy.seconds}, immutable`
      : `public, max-age=${policy.seconds}`,
    'x-content-type-options': 'nosniff',
  }
  const kept = readKept(await parts.cache.get(key))
  if (kept) return new Response(kept.bytes, { headers: { ...headers, 'content-type': kept.type } })
  const answer = await parts.send({
    method: 'GET',
    target,
    headers: new Headers(),
    body: new Uint8Array(),
    requestId: c.get('requestId'),
    clientAddress: parts.clientAddress(c),
  })
  const contentType = answer.headers.get('content-type')
  const isPublic = /\bpublic\b/.test(answer.headers.get('cache-control') ?? '')
  if (answer.status !== 200 || contentType === null || !isPublic || answer.headers.has('set-cookie')) return answer
  const bytes = new Uint8Array(await answer.arrayBuffer())
  await parts.cache.put(key, keepable(contentType, bytes), policy.seconds)
  return new Response(bytes, { headers: { ...headers, 'content-type': contentType } })
}

/** Media type and bytes as one entry, so that they are kept and lost together: a line with the type, then the bytes. */
function keepable(type: string, bytes: Uint8Array): Uint8Array {
  const line = new TextEncoder().encode(`${type}\n`)
  const entry = new Uint8Array(line.byteLength + bytes.byteLength)
  entry.set(line)
  entry.set(bytes, line.byteLength)
  return entry
}

function readKept(entry: Uint8Array | undefined): { type: string; bytes: Uint8Array<ArrayBuffer> } | undefined {
  const end = entry?.indexOf(10) ?? -1
  if (!entry || end === -1) return undefined
  return {
    type: new TextDecoder().decode(entry.subarray(0, end)),
    bytes: entry.slice(end + 1) as Uint8Array<ArrayBuffer>,
  }
}

/** The lowest ARI version the caller may be shown, from the header. What is no version is refused: it was meant as one. */
function minVersionOf(c: EdgeContext): number | undefined {
  const text = c.req.header('x-ari-min-version')
  if (text === undefined) return undefined
  if (!VERSION.test(text))
    throw new Problem('invalid-request', {
      detail: 'x-ari-min-version: the whole number of an x-ari-version',
      errors: [{ pointer: 'x-ari-min-version', detail: 'write the whole number of an x-ari-version' }],
    })
  return Number(text)
}

/** Keeps work going after the answer, where the platform needs to be told. */
export function keepAliveOf(c: Context): (work: Promise<unknown>) => void {
  return (work) => {
    try {
      c.executionCtx.waitUntil(work)
    } catch {
      // Node and Deno have no execution context, and end nothing with the request.
    }
  }
}

function refuseStrangeTargets(address: string): void {
  if (address.length > TARGET_LENGTH_MAX + 200)
    throw new Problem('uri-too-long', { detail: `An address has at most ${TARGET_LENGTH_MAX} characters.` })
  const path = new URL(address).pathname
  if (path.includes('//') || /%(?:2f|5c|00|2e)/i.test(path) || path.includes('\\')) throw new Problem('not-found')
}
