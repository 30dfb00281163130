/**
 * Spans of requests, transactions, statements and calls elsewhere, sent to an OpenTelemetry collector. Off unless there is
 * an address to send to. A collector that is slow or away costs spans, never a request: they wait in a bounded queue, and
 * what does not fit is dropped and counted.
 *
 * No OpenTelemetry SDK: measured, it is 25 MB in the image, 29 MB of memory and 160 ms at start, for what these lines do.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isTraceKept, OTLP_TRACES_PATH, otlpBody, type Span, type SpanSource } from '../../shared/otlp.ts'
import { newSpanId, readTraceparent } from '../../shared/trace.ts'
import { currentContext, inContext } from './request-context.ts'

/** Some 2 MB; a busy second of one instance at a share of 1. */
const QUEUE_MAX = 4_096
const BATCH_MAX = 512
const EVERY_MS = 2_000
const SEND_MS = 5_000
/** Of the time a process has to stop. */
const CLOSE_MS = 2_000
/** A collector that is away is said once in so long. */
const WARN_EVERY_MS = 60_000

type Attributes = Span['attributes']

export interface OpenSpan {
  readonly spanId: string
  attributes: Attributes
  /** Ends it, once. `failed`: a code or a kind of error. `name`: a better one, known by now. */
  end(outcome?: { failed?: string | undefined; name?: string }): void
}

export interface Tracer {
  /** The span of a request that came in, where its trace is kept. */
  request(traceparent: string | undefined, name: string): OpenSpan | undefined
  /** A span within the current request; undefined where that is not traced. */
  begin(name: string, kind: Span['kind'], attributes?: Attributes): OpenSpan | undefined
  /** Runs `work` in a span of its own within the current request. */
  span<T>(name: string, kind: Span['kind'], attributes: Attributes, work: () => Promise<T>): Promise<T>
  /** Sends what is waiting, for a few seconds at most. */
  close(): Promise<void>
}

export interface TracerOptions {
  /** Without a slash at its end. */
  endpoint: string
  /** Of all traces, from 0 to 1. */
  share: number
  source: SpanSource
  /** Spans that could not be sent. */
  dropped: (count: number) => void
  warn: (fields: object, message: string) => void
}

/** What there is where no address is set: no span, and nothing to pay for. */
export const untraced: Tracer = {
  request: () => undefined,
  begin: () => undefined,
  span: (_name, _kind, _attributes, work) => work(),
  close: async () => {},
}

export function openTracer(options: TracerOptions): Tracer {
  const queue: Span[] = []
  let sending: Promise<void> | undefined
  let warnedAt = Number.NEGATIVE_INFINITY

  async function send(): Promise<void> {
    const batch = queue.splice(0, BATCH_MAX)
    try {
      const response = await fetch(options.endpoint + OTLP_TRACES_PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: otlpBody(options.source, batch),
        signal: AbortSignal.timeout(SEND_MS),
      })
      await response.body?.cancel()
      if (!response.ok) lost(batch.length, `answered ${response.status}`)
    } catch (error) {
      lost(batch.length, error instanceof Error ? error.name : 'failed')
    }
  }

  function lost(count: number, why: string): void {
    options.dropped(count)
    if (performance.now() - warnedAt < WARN_EVERY_MS) return
    warnedAt = performance.now()
    options.warn({ err: why }, 'spans could not be sent to the collector')
  }

  /** One request at a time, so that a slow collector holds one batch and no more. */
  function flush(): Promise<void> {
    sending ??= (async () => {
      while (queue.length > 0) await send()
    })().finally(() => {
      sending = undefined
    })
    return sending
  }

  // Anew with every sending, as the system's clock may be set while the process runs for weeks.
  let clockOffset = Date.now() - performance.now()
  const now = () => clockOffset + performance.now()
  const timer = setInterval(() => {
    clockOffset = Date.now() - performance.now()
    void flush()
  }, EVERY_MS)
  timer.unref()

  function open(
    parent: { traceId: string; spanId: string | undefined },
    name: string,
    kind: Span['kind'],
    attributes: Attributes,
  ): OpenSpan {
    const startMs = now()
    const spanId = newSpanId()
    let ended = false
    return {
      spanId,
      attributes,
      end(outcome = {}) {
        if (ended) return
        ended = true
        if (queue.length >= QUEUE_MAX) return lost(1, 'more spans than can be sent')
        queue.push({
          traceId: parent.traceId,
          spanId,
          parentId: parent.spanId,
          name: outcome.name ?? name,
          kind,
          startMs,
          endMs: now(),
          attributes: this.attributes,
          failed: outcome.failed,
        })
        if (queue.length >= BATCH_MAX) void flush()
      },
    }
  }

  function begin(name: string, kind: Span['kind'], attributes: Attributes = {}): OpenSpan | undefined {
    const context = currentContext()
    if (context?.traceId === undefined || context.spanId === undefined) return undefined
    return open({ traceId: context.traceId, spanId: context.spanId }, name, kind, attributes)
  }

  return {
    request(traceparent, name) {
      const trace = readTraceparent(traceparent)
      // By the id as well as the flag: whoever sends the flag is outside, and would decide what we pay for.
      if (!trace?.sampled || !isTraceKept(trace.traceId, options.share)) return undefined
      return open({ traceId: trace.traceId, spanId: trace.parentId }, name, 'server', {})
    },
    begin,
    async span(name, kind, attributes, work) {
      const span = begin(name, kind, attributes)
      const context = currentContext()
      if (!span || !context) return await work()
      try {
        const result = await inContext({ ...context, spanId: span.spanId }, work)
        span.end()
        return result
      } catch (error) {
        span.end({ failed: failureOf(error) })
        throw error
      }
    },
    async close() {
      clearInterval(timer)
      await Promise.race([flush(), sleep(CLOSE_MS, undefined, { ref: false })])
    },
  }
}

/** A failure's code or kind; never its message, which may hold what a guest wrote. */
export function failureOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'failed'
  if ('slug' in error) return String(error.slug)
  if ('code' in error && error.code) return String(error.code)
  return error instanceof Error ? error.name : 'failed'
}
