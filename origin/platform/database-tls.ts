/** Encrypting what goes to PostgreSQL and PgBouncer. */
import { isIP } from 'node:net'

export interface DatabaseAddress {
  url: string
  /** Authorities in PEM: then the server's certificate and name are verified against them. */
  ca?: string | undefined
}

/**
 * What the driver is given for it. A server without TLS, or with another's certificate, is then not spoken to. Without
 * authorities `sslmode` in the URL says what is done; `verify-full` verifies against the well-known ones.
 */
export function databaseTls({ url, ca }: DatabaseAddress): { ssl?: { ca: string; host?: string } } {
  if (ca === undefined) return {}
  const host = new URL(url).hostname.replace(/[[\]]/g, '')
  // The driver names the server only where it has a name; an address would otherwise be taken for localhost.
  return { ssl: isIP(host) === 0 ? { ca } : { ca, host } }
}
