/** Where the edge takes connections on Node and Deno: in the clear at one address and, with a certificate, over TLS. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'

export interface TlsSettings {
  port: number
  /** The certificate, then those that lead to its authority, and its key, in PEM. */
  cert: string
  key: string
}

type Handler = (request: Request, env: object) => Response | Promise<Response>

/** Longer than balancers keep a connection that nobody uses, as a rule a minute: none is closed as a request is sent on it. */
const KEEP_ALIVE_MS = 75_000
/** Who connects and says nothing is not to hold up the end of the process. */
const HANDSHAKE_MS = 5_000

/** Of three settings, which are given together; undefined where none is. Throws with a line for each mistake, without values. */
export function readTls(given: Partial<Record<'port' | 'cert' | 'key', string | undefined>>): TlsSettings | undefined {
  const { port = '', cert = '', key = '' } = given
  if (given.port === undefined && given.cert === undefined && given.key === undefined) return undefined
  const mistakes = []
  if (!/^\d{1,5}$/.test(port) || Number(port) === 0 || Number(port) > 65_535)
    mistakes.push('TLS_PORT is missing or not usable; expected a port from 1 to 65535.')
  if (!cert.includes('-----BEGIN CERTIFICATE-----'))
    mistakes.push('TLS_CERT is missing or not usable; expected certificates in PEM, as a rule by TLS_CERT_FILE.')
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(key))
    mistakes.push('TLS_KEY is missing or not usable; expected a private key in PEM, as a rule by TLS_KEY_FILE.')
  if (mistakes.length === 0 && !belongTogether(cert, key))
    mistakes.push('TLS_KEY is not the key of the certificate in TLS_CERT.')
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
  return { port: Number(port), cert, key }
}

/** False also where one of them only looks like what it should be. */
function belongTogether(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

/**
 * Listens at `host` and `port` and, over TLS, at `tls.port` of all addresses; `told` hears of each. What is returned ends
 * all of it: for `drainMs` everything is answered as before, each answer closing its connection, so that its client looks
 * for another edge. Then nothing new is taken, what runs is finished, and `done` is called.
 */
export function listen(
  fetch: Handler,
  where: { host: string; port: number; tls?: TlsSettings | undefined },
  told: (at: { port: number; tls: boolean }) => void,
): (drainMs: number, done: () => void) => void {
  const { host, port, tls } = where
  let isStopping = false
  const answer: Handler = (request, env) => {
    const answered = fetch(request, env)
    if (!isStopping) return answered
    return answered instanceof Promise ? answered.then(lastOfItsConnection) : lastOfItsConnection(answered)
  }
  const servers: ReturnType<typeof serve>[] = []
  if (tls !== undefined) {
    const { cert, key } = tls
    servers.push(
      serve(
        {
          fetch: answer,
          // Who may reach it is for the network to say.
          hostname: '0.0.0.0',
          port: tls.port,
          createServer,
          serverOptions: { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS },
        },
        (address) => told({ port: address.port, tls: true }),
      ),
    )
  }
  servers.push(serve({ fetch: answer, hostname: host, port }, (address) => told({ port: address.port, tls: false })))
  for (const server of servers) if ('keepAliveTimeout' in server) server.keepAliveTimeout = KEEP_ALIVE_MS
  let open = servers.length
  const close = (done: () => void) => {
    for (const server of servers) {
      server.close(() => {
        if (--open === 0) done()
      })
      if ('closeIdleConnections' in server) server.closeIdleConnections()
    }
  }
  return (drainMs, done) => {
    isStopping = true
    // Once the loop has taken in all connections that were waiting: the system hangs up on those that still are.
    setTimeout(() => setImmediate(close, done), drainMs)
  }
}

function lastOfItsConnection(response: Response): Response {
  const last = new Response(response.body, response)
  last.headers.set('connection', 'close')
  return last
}
