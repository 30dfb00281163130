/**
 * What stands behind `caches` in the bench: entries in memory with their time to live. workerd asks it over HTTP: GET
 * with `cf-cache-status: HIT` in the answer, or PUT with a whole HTTP response as the body.
 */
type Entry = { response: Response; body: ArrayBuffer; until: number }

const ENTRIES_MAX = 20_000
const entries = new Map<string, Entry>()

export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method === 'PUT') return await keep(request)
    if (request.method === 'PURGE') {
      const removed = entries.delete(request.url)
      return new Response(null, { status: removed ? 200 : 404 })
    }
    const entry = entries.get(request.url)
    if (!entry || entry.until <= Date.now()) {
      entries.delete(request.url)
      return new Response(null, { status: 504, headers: { 'cf-cache-status': 'MISS' } })
    }
    const headers = new Headers(entry.response.headers)
    headers.set('cf-cache-status', 'HIT')
    return new Response(entry.body.slice(0), { status: entry.response.status, headers })
  },
}

async function keep(request: Request): Promise<Response> {
  const message = new Uint8Array(await request.arrayBuffer())
  const end = endOfHead(message)
  const [start = '', ...lines] = new TextDecoder().decode(message.subarray(0, end)).split('\r\n')
  const headers = new Headers()
  for (const line of lines.filter((it) => it !== '')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (name !== 'transfer-encoding') headers.append(name, line.slice(colon + 1).trim())
  }
  const seconds = Number(/max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1] ?? 0)
  if (entries.size >= ENTRIES_MAX) entries.clear()
  entries.set(request.url, {
    response: new Response(null, { status: Number(start.split(' ')[1]), headers }),
    body: message.slice(end).buffer,
    until: Date.now() + seconds * 1_000,
  })
  return new Response(null, { status: 204 })
}

/** Where the body begins: after the first empty line. */
function endOfHead(message: Uint8Array): number {
  for (let i = 3; i < message.length; i++)
    if (message[i - 3] === 13 && message[i - 2] === 10 && message[i - 1] === 13 && message[i] === 10) return i + 1
  return message.length
}
