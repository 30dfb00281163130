/**
 * Spans and their form on the wire: OTLP/HTTP in JSON (OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding"), which every
 * collector takes. Pure but for chance; edge and origin send with their own means.
 */

export interface Span {
  traceId: string
  spanId: string
  /** None for the first of its trace. */
  parentId: string | undefined
  /** A route's template or a statement's verb and table: never a value. */
  name: string
  kind: 'server' | 'client' | 'internal'
  /** Unix time in milliseconds, with a fraction. */
  startMs: number
  endMs: number
  attributes: Record<string, string | number | boolean>
  /** Why it failed, as a code or a kind of error; none where it did not. */
  failed?: string | undefined
}

/** Who sends the spans. */
export interface SpanSource {
  service: string
  version: string
}

/** Where spans go below the address that OTEL_EXPORTER_OTLP_ENDPOINT names. */
export const OTLP_TRACES_PATH = '/v1/traces'

const KINDS = { internal: 1, server: 2, client: 3 } as const
const STATUS_ERROR = 2

/** The body of one export. */
export function otlpBody(source: SpanSource, spans: readonly Span[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ 'service.name': source.service, 'service.version': source.version }) },
        scopeSpans: [{ scope: { name: 'stayzr' }, spans: spans.map(spanOf) }],
      },
    ],
  })
}

/**
 * Whether a trace is kept, by its id alone: whoever asks with the same share decides the same, so a trace is kept whole
 * or not at all. The last eight digits are chance also where the rest begins with a time (W3C Trace Context 2, 3.2.2.3).
 */
export function isTraceKept(traceId: string, share: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) < share * 2 ** 32
}

function spanOf(span: Span): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId === undefined ? {} : { parentSpanId: span.parentId }),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: attributesOf(span.attributes),
    status: span.failed === undefined ? {} : { code: STATUS_ERROR, message: span.failed },
  }
}

/** A whole number beyond 2^53, which is why it travels as text. Microseconds are as fine as clocks here tell. */
function nanoseconds(ms: number): string {
  return `${Math.round(ms * 1_000)}000`
}

function attributesOf(attributes: Span['attributes']): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: typedValue(value) }))
}

function typedValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
