/**
 * Spans of what the edge asks the origin, sent to an OpenTelemetry collector. What is answered from memory leaves none: it
 * takes microseconds, and `server-timing` says where the answer came from.
 */
import { OTLP_TRACES_PATH, otlpBody, type Span } from '../shared/otlp.ts'

const QUEUE_MAX = 512
const EVERY_MS = 2_000
const SEND_MS = 5_000

export interface SpanSink {
  /** Of all traces, the share that is kept; the origin is given the same. */
  readonly share: number
  /** Keeps a span until the next sending; what does not fit is dropped. Never throws, and nobody waits for it. */
  add(span: Span): void
  /** Sends what there is, if it is time; nothing to wait for where it is not. On Cloudflare a request carries it along. */
  sendIfDue(): Promise<void> | undefined
}

/** `endpoint` without a slash at its end. */
export function openSpanSink(options: { endpoint: string; share: number; version: string }): SpanSink {
  const source = { service: 'stayzr-edge', version: options.version }
  let queue: Span[] = []
  let sentAt = 0
  return {
    share: options.share,
    add(span) {
      if (queue.length < QUEUE_MAX) queue.push(span)
    },
    sendIfDue() {
      if (queue.length === 0 || Date.now() - sentAt < EVERY_MS) return undefined
      sentAt = Date.now()
      const batch = queue
      queue = []
      return fetch(options.endpoint + OTLP_TRACES_PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: otlpBody(source, batch),
        signal: AbortSignal.timeout(SEND_MS),
      }).then(
        async (response) => await response.body?.cancel(),
        () => {},
      )
    },
  }
}

/** What the environment says of traces: the sink, or none where no address is set. Throws where the share is no share. */
export function spanSinkFrom(
  settings: { OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined; OTEL_TRACES_SAMPLER_ARG?: string | undefined },
  version: string,
): SpanSink | undefined {
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '')
  if (!endpoint) return undefined
  const share = Number(settings.OTEL_TRACES_SAMPLER_ARG || '0.05')
  if (!(share >= 0 && share <= 1))
    throw new Error('OTEL_TRACES_SAMPLER_ARG is not usable; expected a number from 0 to 1.')
  return openSpanSink({ endpoint, share, version })
}
