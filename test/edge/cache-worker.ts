/** The Cloudflare adapter behind HTTP, so that its contract can be held against it in workerd: /{cache}?key=…&seconds=… */
import { cloudflareCache, type EdgeCache } from '../../edge/ari/cache.ts'

const broken = { match: () => Promise.reject(new Error('broken')), put: () => Promise.reject(new Error('broken')) }
const adapters: Record<string, EdgeCache> = {
  '/cache': cloudflareCache(() => caches.open('stayzr'), 'https://origin.example'),
  '/staging': cloudflareCache(() => caches.open('stayzr'), 'https://origin.staging.example'),
  '/broken': cloudflareCache(async () => broken as unknown as Cache, 'https://origin.example'),
  '/shut': cloudflareCache(() => Promise.reject(new Error('no caches here')), 'https://origin.example'),
}

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const cache = adapters[url.pathname]
    if (!cache) return new Response('', { status: 404 })
    const key = url.searchParams.get('key') ?? ''
    if (request.method === 'PUT') {
      await cache.put(key, new Uint8Array(await request.arrayBuffer()), Number(url.searchParams.get('seconds')))
      return new Response(null, { status: 204 })
    }
    const bytes = await cache.get(key)
    return bytes ? new Response(bytes as Uint8Array<ArrayBuffer>) : new Response(null, { status: 204 })
  },
}
