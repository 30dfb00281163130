/** Where requests come in: in the clear at one address and, with a certificate, over TLS at another. */
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'

export interface TlsConfig {
  port: number
  /** The server's certificate, then those that lead to its authority, in PEM. */
  cert: string
  /** That certificate's key, in PEM. */
  key: string
}

export interface Listening {
  host: string
  port: number
  tls: boolean
}

type Server = ReturnType<typeof serve>

/** Who may reach it is for the network to say. */
const ALL = '0.0.0.0'
/** nginx gives up after two; who connects and says nothing is not to hold up the end of the process. */
const HANDSHAKE_MS = 5_000

/**
 * Begins to listen: in the clear at `host` and `port`, over TLS at `tls.port` of all addresses. `told` hears of each once it
 * takes connections, `failed` of one that cannot.
 */
export function listen(
  fetch: (request: Request, env?: object) => Response | Promise<Response>,
  where: { host: string; port: number; tls?: TlsConfig | undefined },
  told: (at: Listening) => void,
  failed: (error: NodeJS.ErrnoException, port: number) => void,
): Server[] {
  const { host, port, tls } = where
  const servers: Server[] = []
  if (tls !== undefined) {
    const { cert, key } = tls
    const secured = serve(
      {
        fetch,
        hostname: ALL,
        port: tls.port,
        createServer,
        serverOptions: { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS },
      },
      (address) => told({ host: ALL, port: address.port, tls: true }),
    )
    secured.on('error', (error: NodeJS.ErrnoException) => failed(error, tls.port))
    servers.push(secured)
  }
  const plain = serve({ fetch, hostname: host, port }, (address) => told({ host, port: address.port, tls: false }))
  plain.on('error', (error: NodeJS.ErrnoException) => failed(error, port))
  servers.push(plain)
  return servers
}
