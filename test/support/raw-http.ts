/** HTTP as bytes on a socket: requests that no client library would send, and all that comes back. */
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  /** Lower-case names; repeated ones joined with a line break. */
  headers: Record<string, string>
  body: string
  /** How many answers came down the connection. */
  answers: number
}

/** A request's bytes. `headers` may repeat names; Host and `Connection: close` are added unless given. */
export function requestText(
  host: string,
  line: string,
  headers: readonly (readonly [string, string])[] = [],
  body = '',
): string {
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const all = [
    ...(given.has('host') ? [] : [['Host', host] as const]),
    ...headers,
    ...(given.has('connection') ? [] : [['Connection', 'close'] as const]),
  ]
  return `${line} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** Sends the bytes on a connection of their own, and reads until the other side closes it or says nothing for `quietMs`. */
export async function sendRaw(url: string, text: string, quietMs = 3_000): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  const received = await new Promise<Buffer>((resolve) => {
    const parts: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(Buffer.from(text, 'latin1')))
    const done = () => {
      socket.destroy()
      resolve(Buffer.concat(parts))
    }
    socket.setTimeout(quietMs, done)
    socket
      .on('data', (part) => parts.push(part))
      .on('end', done)
      .on('error', done)
      .on('close', done)
  })
  return parse(received.toString('latin1'))
}

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = (end === -1 ? text : text.slice(0, end)).split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = headers[name] === undefined ? value : `${headers[name]}\n${value}`
  }
  const rest = end === -1 ? '' : text.slice(end + 4)
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0),
    headers,
    body: headers['transfer-encoding'] === 'chunked' ? unchunked(rest) : rest,
    answers: [...text.matchAll(/HTTP\/1\.[01] \d{3} /g)].length,
  }
}

function unchunked(text: string): string {
  let body = ''
  let at = 0
  for (;;) {
    const end = text.indexOf('\r\n', at)
    const length = Number.parseInt(text.slice(at, end), 16)
    if (end === -1 || !(length > 0)) return body
    body += text.slice(end + 2, end + 2 + length)
    at = end + 4 + length
  }
}
