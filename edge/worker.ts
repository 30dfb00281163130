/** The edge on Cloudflare: bindings in, edge app out. */
import { signingKeyFrom } from '../shared/signing.ts'
import { createEdge, type EdgeApp } from './app.ts'
import { cloudflareCache } from './ari/cache.ts'
import { openCopies, type R2Bucket, r2Objects } from './ari/copies.ts'
import assets from './build/manifest.json' with { type: 'json' }
import { boundLimits, type RateLimit } from './http/address-limits.ts'
import { type SpanSink, spanSinkFrom } from './tracing.ts'

interface Bindings {
  /** Where the origin is reached: its load balancer. */
  ORIGIN_URL: string
  /** kid:base64, a secret. */
  EDGE_SIGNING_KEY: string
  /** Hosts that are answered, separated by commas; every host where empty. */
  PUBLIC_HOSTS?: string
  /** What is deployed, as Cloudflare names it. */
  VERSION?: { id: string }
  /** Counters by address; whichever is not bound limits nothing. */
  READS?: RateLimit
  WRITES?: RateLimit
  SIGN_INS?: RateLimit
  ARI_MEMORY_BYTES_MAX: string
  ARI_STALE_SECONDS_MAX: string
  /** The bucket the origin's storage is in; an edge without one answers 503 where it would read a copy. */
  ARI_COPIES?: R2Bucket
  /** An OpenTelemetry collector, and the share of traces that is kept; no spans where there is none. */
  OTEL_EXPORTER_OTLP_ENDPOINT?: string
  OTEL_TRACES_SAMPLER_ARG?: string
}

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void
  passThroughOnException(): void
}

/** Built with the first request and kept for the isolate's life: the snapshots live in it. */
let edge: EdgeApp | undefined
let spans: SpanSink | undefined

export default {
  fetch(request: Request, bindings: Bindings, context: ExecutionContext): Response | Promise<Response> {
    // Nothing may be waited for here: the next request would find no edge yet, and build a second one with a memory of its own.
    if (!edge) spans = spanSinkFrom(bindings, bindings.VERSION?.id.slice(0, 8) ?? 'unknown')
    edge ??= createEdge({
      originUrl: bindings.ORIGIN_URL,
      signingKey: signingKeyFrom(bindings.EDGE_SIGNING_KEY),
      cache: cloudflareCache(() => caches.open('stayzr'), bindings.ORIGIN_URL),
      ...(bindings.ARI_COPIES === undefined ? {} : { copies: openCopies(r2Objects(bindings.ARI_COPIES)) }),
      assets,
      memoryBytesMax: Number(bindings.ARI_MEMORY_BYTES_MAX),
      staleMaxMs: Number(bindings.ARI_STALE_SECONDS_MAX) * 1000,
      build: bindings.VERSION?.id.slice(0, 8) ?? Date.now().toString(36),
      publicHosts: bindings.PUBLIC_HOSTS,
      allowCall: boundLimits({ read: bindings.READS, write: bindings.WRITES, 'sign-in': bindings.SIGN_INS }),
      runtime: 'workerd',
      spans,
      clientAddress: ({ headers }) => headers.get('cf-connecting-ip') ?? 'unknown',
    })
    logCounters(edge)
    const sending = spans?.sendIfDue()
    if (sending) context.waitUntil(sending)
    return edge.app.fetch(request, bindings, context as never)
  },
}

/** An isolate has no address of its own to be asked for metrics, so it writes them down: its own, since it began. */
const COUNTERS_EVERY_MS = 60_000
let isolate: string | undefined
let loggedAt = 0

function logCounters({ store }: EdgeApp): void {
  const now = Date.now()
  if (now - loggedAt < COUNTERS_EVERY_MS) return
  loggedAt = now
  // With the first request nothing has been counted yet; and only within a request is there chance for a name.
  if (isolate === undefined) isolate = crypto.randomUUID()
  else console.log(JSON.stringify({ level: 'info', message: 'ari', isolate, ...store.counters, held: store.held() }))
}
