/** What every answer tells browsers and caches, unless it says otherwise itself. */
import type { Context } from 'hono'

/** Pages have a policy of their own (edge/pages/security-headers.ts); data is nothing to run, frame or embed. */
const DATA_HEADERS: readonly (readonly [string, string])[] = [
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['x-content-type-options', 'nosniff'],
  ['cross-origin-resource-policy', 'same-origin'],
]
const TRANSPORT_SECURITY = 'max-age=63072000; includeSubDomains'
/** Nobody keeps anything that was not made to be kept. */
export const STORED_NOWHERE = 'private, no-store'

/** Completes an answer: stored nowhere where it says nothing about it, and nothing in it is run. */
export function completeHeaders(c: Context): void {
  const { headers } = c.res
  if (!headers.has('cache-control')) headers.set('cache-control', STORED_NOWHERE)
  // A page: it has said all of this, and more.
  if (headers.has('content-security-policy')) return
  for (const [name, value] of DATA_HEADERS) if (!headers.has(name)) headers.set(name, value)
  if (c.req.url.startsWith('https:')) headers.set('strict-transport-security', TRANSPORT_SECURITY)
}
