/**
 * What a request must look like before anything reads it. An address is taken letter for letter or not at all: where the
 * machines in front of us and we ourselves could read it differently, somebody else's answer could be kept under it.
 */
import type { Context } from 'hono'
import { Problem } from '../../shared/problems.ts'

/** Longer addresses are no question of ours, and some caches cut them. */
const TARGET_LENGTH_MAX = 2_048
/**
 * Scheme and host, path, query. Every path there is consists of letters, digits, dots, dashes and underscores: no empty
 * part, no part that begins with a dot, no escape, no `;`, no backslash.
 */
const ADDRESS =
  /^https?:\/\/((?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?)((?:\/[\w~-][\w.~-]*)*\/?)(?:\?([^#]*))?$/
/** Escaped control characters: in nothing that anybody types, and some readers end a text at them. */
const ESCAPED_CONTROL = /%(?:[01][0-9a-f]|7f)/i
const HOST = /^(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** From a setting: hosts separated by commas, as the address bar shows them. Nothing set: every host. */
export function hostsFrom(setting: string | undefined): ReadonlySet<string> | undefined {
  const hosts = (setting ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '')
  return hosts.length === 0 ? undefined : new Set(hosts)
}

/**
 * Throws a problem for a request that no caller of ours sends: a method, host, address or query beyond what any route
 * takes, or a reading request with a body, which the next machine could take for a request of its own.
 */
export function refuseStrangeRequests(c: Context, publicHosts: ReadonlySet<string> | undefined): void {
  const { method, url } = c.req
  if (!METHODS.includes(method)) throw new Problem('method-not-allowed', { allow: METHODS })
  const [, host, path, query = ''] = ADDRESS.exec(url) ?? []
  if (host === undefined || path === undefined) throw new Problem(isTooLong(url) ? 'uri-too-long' : 'not-found')
  if (path.length + query.length > TARGET_LENGTH_MAX)
    throw new Problem('uri-too-long', { detail: `An address has at most ${TARGET_LENGTH_MAX} characters.` })
  if (query !== '' && ESCAPED_CONTROL.test(query))
    throw new Problem('not-found', { detail: 'The query holds a control character.' })
  refuseOtherHosts(c.req.header('host'), host, path, publicHosts)
  if (method === 'GET' || method === 'HEAD') refuseBody(c)
}

function isTooLong(url: string): boolean {
  return url.length > TARGET_LENGTH_MAX + 300
}

/** The host that was asked and the host in the address must be one and the same, and ours where we know ours. */
function refuseOtherHosts(
  asked: string | undefined,
  host: string,
  path: string,
  publicHosts: ReadonlySet<string> | undefined,
): void {
  if (asked !== undefined && asked !== host && (!HOST.test(asked) || withoutPort(asked) !== withoutPort(host)))
    throw new Problem('misdirected-request')
  // Whatever checks our health asks by address.
  if (publicHosts && path !== '/health' && !publicHosts.has(host)) throw new Problem('misdirected-request')
}

/** A port that goes without saying may be said or not. */
function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)$/, '')
}

function refuseBody(c: Context): void {
  const length = c.req.header('content-length')
  if ((length !== undefined && length !== '0') || c.req.header('transfer-encoding') !== undefined)
    throw new Problem('unexpected-body')
}
