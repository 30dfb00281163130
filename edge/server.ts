/** The edge on Node or Deno, for an installation without Cloudflare: `ORIGIN_URL=… EDGE_SIGNING_KEY=… node edge/server.ts`. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { REQUEST_ID_HEADER, signingKeyFrom } from '../shared/signing.ts'
import { createEdge } from './app.ts'
import { memoryCache } from './ari/cache.ts'
import { type CopyReader, openCopies } from './ari/copies.ts'
import { openObjects } from './ari/copies-on-server.ts'
import { listedProperties, warmUp } from './ari/warm-up.ts'
import { originSender } from './forward.ts'
import { memoryLimits } from './http/address-limits.ts'
import { compressing } from './http/compression.ts'
import { listen, readTls, type TlsSettings } from './listening.ts'
import { mayReadMetrics, renderMetrics } from './metrics.ts'
import { type SpanSink, spanSinkFrom } from './tracing.ts'

const BUILD = join(import.meta.dirname, 'build')
const MEDIA_TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  webp: 'image/webp',
  woff2: 'font/woff2',
  png: 'image/png',
  ico: 'image/x-icon',
}
/** How long running requests may take to finish once nothing new is taken. */
const FINISH_MS = 8_000

/** What the server tells of a request beside it. */
interface NodeEnv {
  incoming?: { socket?: { remoteAddress?: string } }
}

/** Only what the manifest names is served; nothing is looked up on the disk by a caller's path. */
async function assetServer(manifest: Record<string, string>) {
  const known = new Set(Object.values(manifest))
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()
  return async (path: string): Promise<Response | undefined> => {
    if (!known.has(path)) return undefined
    let bytes = kept.get(path)
    if (!bytes) {
      bytes = new Uint8Array(await readFile(join(BUILD, path)))
      kept.set(path, bytes)
    }
    return new Response(bytes, {
      headers: {
        'content-type': MEDIA_TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      },
    })
  }
}

/** A setting, or what is in the file that NAME_FILE names: so secrets reach a container. */
function given(name: string): string | undefined {
  const file = process.env[`${name}_FILE`]
  if (!file) return process.env[name] || undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    console.error(`${name}_FILE: that file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
    process.exit(1)
  }
}

function setting(name: string, fallback?: string): string {
  const value = given(name) || fallback
  if (value === undefined) {
    console.error(`${name} is missing. The edge needs ORIGIN_URL and EDGE_SIGNING_KEY; see .env.example.`)
    process.exit(1)
  }
  return value
}

const assets = JSON.parse(
  await readFile(join(BUILD, 'manifest.json'), 'utf8').catch(() => {
    console.error('The assets are not built. Run: npm run build')
    process.exit(1)
  }),
) as Record<string, string>

/** A whole number of a setting, or the end of the process with a sentence. */
function numberFrom(name: string, fallback: number): number {
  const value = Number(setting(name, String(fallback)))
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`${name} is not usable; expected a whole number.`)
  process.exit(1)
}

/** Where TLS is spoken, or the end of the process with a sentence for each mistake. */
function tlsFrom(): TlsSettings | undefined {
  try {
    return readTls({ port: given('TLS_PORT'), cert: given('TLS_CERT'), key: given('TLS_KEY') })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

/** The origin's copies in object storage; none where no address is set. */
async function copiesFrom(address: string | undefined): Promise<CopyReader | undefined> {
  if (!address) return undefined
  try {
    return openCopies(await openObjects(address))
  } catch (error) {
    console.error(`ARI_COPIES_URL is not usable: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}

/** Where spans go, or the end of the process with a sentence. */
function spansFrom(environment: NodeJS.ProcessEnv): SpanSink | undefined {
  try {
    return spanSinkFrom(environment, build)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

const log = (fields: object) => console.log(JSON.stringify({ level: 'info', ...fields }))
const memoryBytesMax = numberFrom('ARI_MEMORY_BYTES_MAX', 268_435_456)
const copies = await copiesFrom(process.env.ARI_COPIES_URL)
const originUrl = setting('ORIGIN_URL')
const metricsToken = given('EDGE_METRICS_TOKEN')
const drainMs = numberFrom('DRAIN_SECONDS', 0) * 1_000
const tls = tlsFrom()
// Behind a proxy that sets it, such as our nginx, guests would otherwise all be that one address. To be set only where nobody
// else reaches this port.
const addressHeader = given('CLIENT_ADDRESS_HEADER')
// The origin may be given several, so that one can take over from another; the first is signed with.
const signingKey = signingKeyFrom(setting('EDGE_SIGNING_KEY').split(',')[0] ?? '')

const build = setting('BUILD', Date.now().toString(36))
const spans = spansFrom(process.env)
setInterval(() => void spans?.sendIfDue(), 2_000).unref()

const edge = createEdge({
  originUrl,
  signingKey,
  cache: memoryCache(numberFrom('EDGE_CACHE_BYTES_MAX', 33_554_432)),
  ...(copies === undefined ? {} : { copies }),
  assets,
  memoryBytesMax,
  staleMaxMs: numberFrom('ARI_STALE_SECONDS_MAX', 900) * 1000,
  // A start may be of other code than the one before; a browser then asks for the whole answer once.
  build,
  spans,
  publicHosts: process.env.PUBLIC_HOSTS,
  allowCall: memoryLimits(),
  runtime: 'Deno' in globalThis ? 'deno' : 'node',
  clientAddress: ({ headers }, env) =>
    (addressHeader && headers.get(addressHeader)) || (env as NodeEnv).incoming?.socket?.remoteAddress || 'unknown',
  serveAsset: await assetServer(assets),
})

const warmUpSeconds = numberFrom('ARI_WARM_UP_SECONDS', 3)
if (warmUpSeconds > 0) {
  const warmed = await warmUp({
    store: edge.store,
    copies,
    listed: () => listedProperties(originSender({ originUrl, signingKey })),
    // The rest is for what guests turn out to ask for.
    bytesMax: memoryBytesMax / 2,
    msMax: warmUpSeconds * 1_000,
  })
  log({ message: 'warmed up', ...warmed })
}

/** Everything goes to the app, but metrics, which are for operators. */
function answer(request: Request, env: NodeEnv) {
  if (request.url.endsWith('/metrics') && request.method === 'GET' && new URL(request.url).pathname === '/metrics') {
    const address = env.incoming?.socket?.remoteAddress ?? ''
    if (mayReadMetrics(request.headers, address, metricsToken))
      return new Response(renderMetrics(edge), {
        headers: { 'content-type': 'text/plain; version=0.0.4', 'cache-control': 'no-store' },
      })
  }
  return edge.app.fetch(request, env)
}

/**
 * A line for each request that had to wait for something: the origin, mostly. What is answered from memory is only counted
 * (/metrics), as a line would cost more than the answer.
 */
function answerAndLog(request: Request, env: NodeEnv): Response | Promise<Response> {
  const answered = answer(request, env)
  return answered instanceof Promise ? logged(request, answered) : answered
}

async function logged(request: Request, answered: Promise<Response>): Promise<Response> {
  const began = performance.now()
  const response = await answered
  const path = new URL(request.url).pathname
  if (path !== '/health' && !path.startsWith('/assets/'))
    log({
      requestId: response.headers.get(REQUEST_ID_HEADER),
      method: request.method,
      // Without its query, which holds what a guest looks for.
      path,
      status: response.status,
      durationMs: Math.round(performance.now() - began),
    })
  return response
}

const close = listen(
  compressing(answerAndLog) as typeof edge.app.fetch,
  { host: setting('HOST', '127.0.0.1'), port: numberFrom('PORT', 8_787), tls },
  (at) => log({ message: 'listening', ...at }),
)
let stopping = false
const stop = () => {
  if (stopping) process.exit(1)
  stopping = true
  setTimeout(() => process.exit(1), drainMs + FINISH_MS).unref()
  close(drainMs, () => process.exit(0))
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
