/** Forms count only when they were sent from our own pages. */
import type { MiddlewareHandler } from 'hono'
import { Problem } from '../../shared/problems.ts'

/**
 * Refuses a write that another site made the browser send. `Sec-Fetch-Site` says so in every current browser; older ones
 * send `Origin`, which must be ours. A request with neither comes from no browser and carries no guest's cookies.
 */
export const refuseOtherSites: MiddlewareHandler = async (c, next) => {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && !fromOurPages(c.req.raw)) {
    throw new Problem('cross-site-request', {
      detail: 'This form was sent from another site. Open the page here and send it again.',
    })
  }
  await next()
}

function fromOurPages(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' || site === 'none'
  const origin = request.headers.get('origin')
  if (origin === null) return true
  // The scheme may differ behind a proxy that ends TLS; the host may not. An opaque origin ("null") has none.
  return URL.canParse(origin) && new URL(origin).host === (request.headers.get('host') ?? new URL(request.url).host)
}
