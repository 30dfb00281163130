/** The origin's HTTP surface: health and metrics for operators, everything else for the edge alone. */
import { Hono } from 'hono'
import { invalidRequest } from '../shared/domain/stay.ts'
import { Problem, problemResponse } from '../shared/problems.ts'
import { readBody } from '../shared/request-body.ts'
import {
  CLIENT_ADDRESS_HEADER,
  REFUSED,
  REQUEST_ID_HEADER,
  readSignature,
  SIGNATURE_AGE_MAX_MS,
  SIGNATURE_HEADER,
} from '../shared/signing.ts'
import { readTraceparent } from '../shared/trace.ts'
import { type Announced, announcement, CONTENT_DIGEST_HEADER, UPLOAD_LENGTH_HEADER } from '../shared/uploads.ts'
import { type Gate, type Lane, laneOf, openArrivals, SENT_AT_HEADER } from './platform/admission.ts'
import type { OriginContext, OriginVariables } from './platform/bind.ts'
import type { Counters } from './platform/counters.ts'
import { codeOf, isBusy, isConnectionLost } from './platform/database.ts'
import { isSignedByEdge } from './platform/edge-signature.ts'
import { requireOperator } from './platform/operators.ts'
import { inContext } from './platform/request-context.ts'
import type { Activity } from './platform/stopping.ts'
import type { Logger, Metrics } from './platform/telemetry.ts'
import { type Tracer, untraced } from './platform/tracing.ts'

const REQUEST_ID = /^[A-Za-z0-9-]{8,64}$/
/** A signature is good from so long before its time to so long after it; half as much again for clocks that differ. */
const REPLAY_SECONDS = (3 * SIGNATURE_AGE_MAX_MS) / 1000

export interface AppDependencies {
  log: Logger
  metrics: Metrics
  signingKeys: ReadonlyMap<string, Uint8Array>
  counters: Counters
  /** How many are answered at a time; without gates all are. */
  gates?: Record<Lane, Gate>
  /** Bearer token for metrics; empty: only this machine may read them. */
  metricsToken: string
  /** What the process is doing, for those who stop it. */
  activity: Activity
  tracer?: Tracer
  /** Told of what nobody expected. */
  reportError?: (error: unknown, request: { route: string | undefined; method: string }) => void
}

/** The app with its middleware; bind operator routes before calling `requireSignature`. */
export function createApp(deps: AppDependencies): Hono<{ Variables: OriginVariables }> {
  const app = new Hono<{ Variables: OriginVariables }>({ strict: true })
  const { tracer = untraced } = deps
  const waitedMs = openArrivals()

  app.use(async (c, next) => {
    const began = performance.now()
    const given = c.req.header(REQUEST_ID_HEADER) ?? ''
    c.set('requestId', REQUEST_ID.test(given) ? given : crypto.randomUUID())
    const traceparent = c.req.header('traceparent')
    const traceId = readTraceparent(traceparent)?.traceId
    const span = tracer.request(traceparent, c.req.method)
    deps.metrics.inFlight.inc()
    deps.activity.running += 1
    await inContext({ requestId: c.get('requestId'), traceId, spanId: span?.spanId }, next)
    deps.metrics.inFlight.dec()
    deps.activity.running -= 1
    if (deps.activity.stopping) c.res.headers.set('connection', 'close')
    const durationMs = Math.round((performance.now() - began) * 10) / 10
    const route = c.get('route') ?? 'unmatched'
    c.res.headers.set(REQUEST_ID_HEADER, c.get('requestId'))
    deps.metrics.observe(route, c.req.method, c.res.status, durationMs / 1000)
    if (span) {
      span.attributes = {
        'http.request.method': c.req.method,
        'http.route': route,
        'http.response.status_code': c.res.status,
        'stayzr.request_id': c.get('requestId'),
      }
      span.end({ name: `${c.req.method} ${route}`, failed: c.res.status >= 500 ? String(c.res.status) : undefined })
    }
    // Probes ask every few seconds; what they find shows elsewhere. Who was refused is counted, and in nginx's log: with too
    // much to do, a line for each would take time from those who are not.
    const isProbe = laneOf(c.req.path) === undefined && c.res.status < 400
    const level = isProbe || route === SHED ? 'debug' : 'info'
    deps.log[level](
      {
        requestId: c.get('requestId'),
        route,
        method: c.req.method,
        status: c.res.status,
        durationMs,
        traceId,
        organisation: c.get('organisation'),
      },
      'request',
    )
  })

  app.onError((error, c) => problemResponse(asProblem(error, c as unknown as OriginContext, deps), c.get('requestId')))
  app.notFound((c) => problemResponse(new Problem('not-found'), c.get('requestId')))
  app.use(async (c, next) => {
    const lane = laneOf(c.req.path)
    const gate = lane === undefined ? undefined : deps.gates?.[lane]
    if (!gate) return await next()
    const place = await gate.enter(waitedMs(c.req.header(SENT_AT_HEADER), Date.now()))
    if (typeof place === 'string') return refusedForNow(c, deps.metrics, place)
    try {
      return await next()
    } finally {
      place.leave()
    }
  })
  app.get('/metrics', async (c) => {
    c.set('route', '/metrics')
    requireOperator(c, deps.metricsToken, 'machine')
    return c.text(await deps.metrics.render(), 200, { 'content-type': 'text/plain; version=0.0.4' })
  })
  return app
}

/** Stands for the route of what was refused before its route was looked for. */
const SHED = 'shed'

/** Nothing was done for it, not even its signature looked at. When to come back differs, so that not all do at once. */
function refusedForNow(c: OriginContext, metrics: Metrics, reason: string): Response {
  c.set('route', SHED)
  metrics.shed.inc({ reason })
  const problem = new Problem('service-unavailable', {
    detail: 'Too much at once. Send the same request again.',
    retryAfterSeconds: 1 + Math.floor(Math.random() * 3),
  })
  return problemResponse(problem, c.get('requestId'))
}

/**
 * From here on only the edge is answered: its signature covers the method, the target, the guest's address and the body. A
 * write is taken once: the same request again, overheard or sent twice by something in between, is refused.
 */
export function requireSignature(app: Hono<{ Variables: OriginVariables }>, deps: AppDependencies): void {
  app.use(async (c, next) => {
    const signature = c.req.header(SIGNATURE_HEADER) ?? ''
    const requestId = c.req.header(REQUEST_ID_HEADER) ?? ''
    const clientAddress = c.req.header(CLIENT_ADDRESS_HEADER) ?? ''
    const { method } = c.req
    // Before a body is read: what is no signature of now needs no more looking at.
    if (!readSignature(signature, Date.now()) || !REQUEST_ID.test(requestId)) return refused(c, 'unauthenticated')
    const file = announcedFile(c)
    const body = file ? new Uint8Array() : await readBody(c.req.raw)
    const url = new URL(c.req.url)
    const parts = {
      requestId,
      clientAddress,
      method,
      target: url.pathname + url.search,
      body: file ? announcement(file) : body,
    }
    if (!isSignedByEdge(signature, deps.signingKeys, parts, Date.now())) return refused(c, 'unauthenticated')
    const isWrite = method !== 'GET' && method !== 'HEAD'
    if (isWrite && !(await deps.counters.first(`request:${requestId}`, REPLAY_SECONDS)))
      return refused(c, 'request-replayed')
    c.set('clientAddress', clientAddress)
    c.set('bodyBytes', body)
    c.set('announced', file)
    return await next()
  })
}

/**
 * What the edge announces of a file; that it was the edge is for the signature to say. Any other request has its body
 * hashed, so the headers cannot be put to it.
 */
function announcedFile(c: OriginContext): Announced | undefined {
  const length = c.req.header(UPLOAD_LENGTH_HEADER)
  const [, sha256] = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(c.req.header(CONTENT_DIGEST_HEADER) ?? '') ?? []
  return length !== undefined && sha256 !== undefined ? { sha256, length: Number(length) } : undefined
}

/** Says so in a header too, by which the edge knows that it was meant, and not its caller. */
function refused(c: OriginContext, slug: 'unauthenticated' | 'request-replayed'): Response {
  const detail = slug === 'unauthenticated' ? { detail: 'The origin answers the edge only.' } : {}
  const response = problemResponse(new Problem(slug, detail), c.get('requestId'))
  response.headers.set(SIGNATURE_HEADER, REFUSED)
  return response
}

function asProblem(error: unknown, c: OriginContext, { log, reportError }: AppDependencies): Problem {
  if (error instanceof Problem) return error
  const fields = { requestId: c.get('requestId'), route: c.get('route'), code: codeOf(error) }
  if (isConnectionLost(error)) {
    log.warn({ ...fields, err: describe(error) }, 'the database connection was lost')
    return new Problem('service-unavailable', {
      detail: 'The database cannot be reached. Try again shortly.',
      retryAfterSeconds: 2,
    })
  }
  if (isBusy(error)) {
    log.warn({ ...fields, err: describe(error) }, 'the database was too busy')
    return new Problem('service-unavailable', {
      detail: 'Too much at once. Send the same request again.',
      retryAfterSeconds: 1,
    })
  }
  // What the schemas let through and the database cannot hold, such as a lone surrogate: the sender's to mend.
  if (codeOf(error) === '22021' || codeOf(error) === '22P05')
    return invalidRequest([{ pointer: '', detail: 'a text holds a character that cannot be stored' }])
  log.error({ ...fields, err: describe(error) }, 'unexpected error')
  reportError?.(error, { route: c.get('route'), method: c.req.method })
  return new Problem('internal')
}

/** Name, message and stack; never the statement's parameters, which hold guests' data. */
function describe(error: unknown): { name: string; message: string; stack: string | undefined } {
  const known = error instanceof Error ? error : new Error(String(error))
  return { name: known.name, message: known.message, stack: known.stack }
}
