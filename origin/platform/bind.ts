/**
 * From a route object to a running handler: who calls, may they, is the request well-formed, then the feature's
 * function, then the answer. Features neither parse nor render.
 */
import type { Context, Hono } from 'hono'
import { Problem } from '../../shared/problems.ts'
import { parseBody, parseParams, parseQuery } from '../../shared/routes/parse.ts'
import {
  type AnswerOf,
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  type Route,
  successStatus,
  type Upload,
} from '../../shared/routes/route.ts'
import { type Announced, readAway } from '../../shared/uploads.ts'
import { type Actor, type Authenticate, allow, refuseCrossSite } from './actors.ts'
import type { Limiter } from './limits.ts'

/** What a feature's function is given. */
export interface Call<R extends Route> {
  params: ParamsOf<R>
  query: QueryOf<R>
  body: BodyOf<R>
  actor: Actor
  requestId: string
  clientAddress: string
  /** Present where the route requires one. */
  idempotencyKey: string
  /** Encodings the edge takes; empty for none. */
  acceptEncoding: string
  /** Present where the route takes a file. */
  file: UploadedFile
}

/** A file that is on its way, and what was announced of it. */
export interface UploadedFile extends Announced {
  stream: ReadableStream<Uint8Array>
  mediaType: string
}

/** An answer with headers of its own; most features return the body alone. */
export class Answer<T> {
  readonly body: T
  readonly headers: Record<string, string>
  constructor(body: T, headers: Record<string, string>) {
    this.body = body
    this.headers = headers
  }
}

/** Bytes instead of JSON, for routes whose success is not JSON. */
export class Bytes {
  readonly bytes: Uint8Array | string
  readonly headers: Record<string, string>
  constructor(bytes: Uint8Array | string, headers: Record<string, string>) {
    this.bytes = bytes
    this.headers = headers
  }
}

export type Feature<R extends Route> = (call: Call<R>) => Promise<AnswerOf<R> | Answer<AnswerOf<R>> | Bytes>
export type Bind = <R extends Route>(declaration: R, feature: Feature<R>) => void

/** Set by the request middleware before any route runs. */
export interface OriginVariables {
  requestId: string
  clientAddress: string
  /** The body's bytes, read once, within the limit. */
  bodyBytes: Uint8Array
  /** What a file is said to be, where one is on its way: then there are no bytes above. */
  announced: Announced | undefined
  /** Template of the route that answered; for logs and metrics. */
  route: string
  organisation: string
}
export type OriginContext = Context<{ Variables: OriginVariables }>

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/

/** Returns the `bind` that features use. Every route's access, limits and shapes are enforced here and nowhere else. */
export function binder(
  app: Hono<{ Variables: OriginVariables }>,
  deps: { authenticate: Authenticate; limiter: Limiter },
): Bind {
  return (declaration, feature) => {
    const { upload } = declaration
    const answer = async (c: OriginContext): Promise<Response> => {
      const clientAddress = c.get('clientAddress')
      const actor = await deps.authenticate(c.req.raw.headers)
      // A front desk looks up bookings all day from one address, and has nothing to guess.
      if ('organisation' in actor) c.set('organisation', actor.organisation)
      else await deps.limiter.take(declaration.rateLimit, clientAddress)
      allow(declaration.access, actor)
      refuseCrossSite(declaration.method, actor, c.req.raw.headers)
      const params = parseParams(declaration, c.req.param())
      const query = parseQuery(declaration, new URL(c.req.url).searchParams)
      const idempotencyKey = declaration.idempotencyKey ? requireKey(c) : ''
      const body = declaration.body ? parseBody(declaration, readJson(c)) : undefined
      const file = upload ? fileOf(c, upload) : undefined
      const result = await feature({
        params: params as never,
        query: query as never,
        body: body as never,
        actor,
        requestId: c.get('requestId'),
        clientAddress,
        idempotencyKey,
        acceptEncoding: c.req.header('accept-encoding') ?? '',
        file: file as never,
      })
      return render(declaration, result)
    }
    app.on(declaration.method.toUpperCase(), declaration.path, async (c: OriginContext) => {
      c.set('route', declaration.path)
      if (!upload) return await answer(c)
      try {
        return await answer(c)
      } finally {
        await readAway(c.req.raw.body, upload.bytesMax)
      }
    })
  }
}

function render(declaration: Route, result: unknown): Response {
  const status = successStatus(declaration)
  if (result instanceof Bytes)
    return new Response(result.bytes as BodyInit, {
      status,
      headers: { 'cache-control': 'private, no-store', ...result.headers },
    })
  const [body, headers] = result instanceof Answer ? [result.body, result.headers] : [result, {}]
  const cache =
    typeof declaration.cache === 'object' ? `public, max-age=${declaration.cache.seconds}` : 'private, no-store'
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': cache, ...headers },
  })
}

function fileOf(c: OriginContext, allowed: Upload): UploadedFile {
  const said = c.get('announced')
  const stream = c.req.raw.body
  if (!said || !stream) throw new Problem('content-digest-missing')
  if (said.length > allowed.bytesMax)
    throw new Problem('body-too-large', { detail: `A file has at most ${allowed.bytesMax} bytes.` })
  return { ...said, stream, mediaType: (c.req.header('content-type') ?? '').toLowerCase() }
}

function requireKey(c: OriginContext): string {
  const key = c.req.header('idempotency-key')
  if (key === undefined || key === '')
    throw new Problem('idempotency-key-missing', {
      detail: 'Send an Idempotency-Key header: a fresh UUID for each new request, the same one when asking again.',
    })
  if (!IDEMPOTENCY_KEY.test(key))
    throw new Problem('invalid-request', {
      detail: 'Idempotency-Key: 1 to 255 visible ASCII characters',
      errors: [{ pointer: 'Idempotency-Key', detail: '1 to 255 visible ASCII characters' }],
    })
  return key
}

function readJson(c: OriginContext): unknown {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/json\s*(?:;|$)/i.test(type)) throw new Problem('unsupported-media-type')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(c.get('bodyBytes')))
  } catch {
    throw new Problem('malformed-body', { detail: 'The body is not well-formed JSON in UTF-8.' })
  }
}
