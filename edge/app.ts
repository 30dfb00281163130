/**
 * The edge: guest pages, answers from the ARI snapshot, declared routes forwarded, assets. What is not declared is not
 * reachable.
 */
import { type Context, Hono } from 'hono'
import { answerCalendar, answerFlexibleDates, answerProperty, answerSeveralRooms } from '../shared/ari/answers.ts'
import { availabilityText } from '../shared/ari/availability-text.ts'
import { Problem, problemResponse } from '../shared/problems.ts'
import { getAvailability, getCalendar, getFlexibleDates, getSeveralRooms } from '../shared/routes/availability.ts'
import { getProperty } from '../shared/routes/properties.ts'
import type { Route } from '../shared/routes/route.ts'
import { routes } from '../shared/routes/table.ts'
import type { SigningKey } from '../shared/signing.ts'
import type { EdgeCache } from './ari/cache.ts'
import type { CopyReader } from './ari/copies.ts'
import type { AskOrigin } from './ari/documents.ts'
import { type AriStore, openAriStore } from './ari/store.ts'
import { originSender, type SendToOrigin } from './forward.ts'
import type { AllowCall } from './http/address-limits.ts'
import { type Begin, beginning } from './http/beginning.ts'
import { bindForwarded } from './http/forwarded.ts'
import { completeHeaders } from './http/headers.ts'
import { contextOf } from './http/keep-alive.ts'
import { type KnownQuestions, openKnownQuestions } from './http/known-questions.ts'
import { publicAnswers } from './http/public-answers.ts'
import { originGuestServices } from './origin-guest-services.ts'
import { guestPages } from './pages/pages.ts'
import { bindSearch, type EdgeSearch, openSearch } from './search.ts'
import type { SpanSink } from './tracing.ts'

export interface EdgeOptions {
  originUrl: string
  signingKey: Promise<SigningKey>
  cache: EdgeCache
  /** The origin's copies in object storage, for when it cannot be reached; none where left out. */
  copies?: CopyReader
  /** From an asset's name to its fingerprinted address. */
  assets: Record<string, string>
  memoryBytesMax: number
  staleMaxMs: number
  /** Names what is deployed: what a browser kept of an earlier build is not taken for this one's answer. */
  build: string
  /** Hosts that are answered, separated by commas; every host where left out. */
  publicHosts?: string | undefined
  /** workerd, node or deno; said by /health. */
  runtime: string
  /** The guest's address as the platform tells it; headers can be made up. */
  clientAddress: (request: Request, env: unknown) => string
  /** The coarse limit by address; none where left out. */
  allowCall?: AllowCall | undefined
  /** Serves a fingerprinted asset where the platform does not. */
  serveAsset?: (path: string) => Promise<Response | undefined>
  /** Where spans of what is asked of the origin go; none where left out. */
  spans?: SpanSink | undefined
  /** Replaced in tests. */
  fetch?: typeof fetch
  now?: () => number
}

export interface EdgeVariables {
  requestId: string
}

export interface EdgeApp {
  app: Hono<{ Variables: EdgeVariables }>
  store: AriStore
  /** Questions answered from snapshots, by route. */
  answered: AnswerCounts
}

/** From a route's template to how often it was answered since the start. */
export type AnswerCounts = Map<string, { count: number }>

/** Everything an edge-answered handler needs. */
export interface EdgeParts {
  store: AriStore
  search: EdgeSearch
  send: SendToOrigin
  cache: EdgeCache
  known: KnownQuestions
  clientAddress: (c: Context) => string
  build: string
  now: () => number
  answered: AnswerCounts
}

export function createEdge(options: EdgeOptions): EdgeApp {
  const now = options.now ?? (() => Date.now())
  const send = originSender(options)
  const askOrigin: AskOrigin = (path, { timeoutMs, traceparent }) =>
    send({
      method: 'GET',
      target: path,
      headers: new Headers(traceparent === undefined ? {} : { traceparent }),
      body: new Uint8Array(),
      requestId: crypto.randomUUID(),
      clientAddress: 'edge',
      timeoutMs,
    })
  const store = openAriStore({
    cache: options.cache,
    ...(options.copies === undefined ? {} : { copies: options.copies }),
    memoryBytesMax: options.memoryBytesMax,
    staleMaxMs: options.staleMaxMs,
    now,
    askOrigin,
  })
  const parts: EdgeParts = {
    store,
    search: openSearch({ store, cache: options.cache, askOrigin, staleMaxMs: options.staleMaxMs, now }),
    send,
    cache: options.cache,
    known: openKnownQuestions(options, store, now),
    clientAddress: (c) => options.clientAddress(c.req.raw, c.env),
    build: options.build,
    now,
    answered: new Map(),
  }

  const begin = beginning(options)
  const failed = (error: Error, c: Context<{ Variables: EdgeVariables }>) => {
    if (error instanceof Problem) return problemResponse(error, c.get('requestId'))
    console.error(
      JSON.stringify({ level: 'error', requestId: c.get('requestId'), err: String(error), stack: error.stack }),
    )
    return problemResponse(new Problem('internal'), c.get('requestId'))
  }

  const app = new Hono<{ Variables: EdgeVariables }>({ strict: true })
  app.use(async (c, next) => {
    await next()
    completeHeaders(c.res.headers, c)
  })
  // After the one above, so that refusals are complete as well.
  app.use(async (c, next) => {
    await begin(c)
    await next()
  })
  app.onError(failed)

  app.get('/health', (c) => {
    c.header('cache-control', 'no-store')
    return c.json({
      status: 'ok',
      runtime: options.runtime,
      ari: { ...store.counters, held: store.held(), known: parts.known.held() },
    })
  })
  bindSearch(app, parts.search)
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

  // Before all of it, and by themselves: with nothing around their handlers, answers from memory cost half as much.
  const answers = new Hono<{ Variables: EdgeVariables }>({ strict: true })
  answers.onError((error, c) => {
    const refusal = failed(error, c)
    completeHeaders(refusal.headers, c)
    return refusal
  })
  bindAnswered(answers, parts, begin)
  answers.notFound((c) => app.fetch(c.req.raw, c.env, contextOf(c)))
  const whole = answers.fetch
  answers.fetch = (request, env, context) => {
    const known = parts.known.answer(request, env)
    if (known instanceof Promise) return known.then((it) => it ?? whole(request, env, context))
    return known ?? whole(request, env, context)
  }
  return { app: answers, store, answered: parts.answered }
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
function bindAnswered(app: Hono<{ Variables: EdgeVariables }>, parts: EdgeParts, begin: Begin): void {
  const answer = publicAnswers(app, parts, begin)
  answer(getProperty, answerProperty)
  answer(getAvailability, availabilityText)
  answer(getCalendar, answerCalendar)
  answer(getFlexibleDates, answerFlexibleDates)
  answer(getSeveralRooms, answerSeveralRooms)
}
