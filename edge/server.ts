/** The edge on Node or Deno, for an installation without Cloudflare: `ORIGIN_URL=… EDGE_SIGNING_KEY=… node edge/server.ts`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { signingKeyFrom } from '../shared/signing.ts'
import { createEdge } from './app.ts'
import { noCache } from './ari/cache.ts'
import { memoryLimits } from './http/address-limits.ts'

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
/** How long running requests may take to finish once the process is told to stop. */
const DRAIN_MS = 10_000

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

function setting(name: string, fallback?: string): string {
  const value = process.env[name] || fallback
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

const edge = createEdge({
  originUrl: setting('ORIGIN_URL'),
  signingKey: signingKeyFrom(setting('EDGE_SIGNING_KEY')),
  cache: noCache,
  assets,
  memoryBytesMax: Number(setting('ARI_MEMORY_BYTES_MAX', '268435456')),
  staleMaxMs: Number(setting('ARI_STALE_SECONDS_MAX', '900')) * 1000,
  // A start may be of other code than the one before; a browser then asks for the whole answer once.
  build: setting('BUILD', Date.now().toString(36)),
  publicHosts: process.env.PUBLIC_HOSTS,
  allowCall: memoryLimits(),
  runtime: 'Deno' in globalThis ? 'deno' : 'node',
  clientAddress: (c) => getConnInfo(c).remote.address ?? 'unknown',
  serveAsset: await assetServer(assets),
})

const server = serve(
  { fetch: edge.app.fetch, hostname: setting('HOST', '127.0.0.1'), port: Number(setting('PORT', '8787')) },
  (address) => console.log(JSON.stringify({ level: 'info', message: 'listening', port: address.port })),
)
let stopping = false
const stop = () => {
  if (stopping) process.exit(1)
  stopping = true
  setTimeout(() => process.exit(1), DRAIN_MS).unref()
  server.close(() => process.exit(0))
  if ('closeIdleConnections' in server) server.closeIdleConnections()
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
