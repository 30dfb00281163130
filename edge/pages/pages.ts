/** The guest pages: every address there is, and what holds for all of them. */
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { Problem } from '../../shared/problems.ts'
import { makeBooking, showBooking } from './book-page.ts'
import { showReservation } from './booking-page.ts'
import { cancelBooking, showCancellation } from './cancel-page.ts'
import { findBooking, showFindBooking } from './find-booking-page.ts'
import { knowsGuest } from './guest-cookies.ts'
import type { GuestServices } from './guest-services.ts'
import { showHotels } from './hotels-page.ts'
import { problemPage } from './problem-page.ts'
import { showProperty } from './property-page.ts'
import { refuseOtherSites } from './same-site.ts'
import { showSearch } from './search-page.ts'
import { securityHeaders } from './security-headers.ts'

/**
 * The pages over the services they need. `assets` maps an asset's name to its fingerprinted address. Mount it last: it
 * answers every address that nothing else has taken, if only to say that there is nothing.
 */
export function guestPages(services: GuestServices, assets: Record<string, string>): Hono {
  const site = { services, assets }
  const pages = new Hono()
  pages.onError(async (error, c) => await problemPage(site, c, problemOf(error, c)))
  pages.use(securityHeaders, storedNowhere, refuseOtherSites)

  pages.get('/', showHotels(site))
  pages.get('/hotels/:property', showProperty(site))
  pages.get('/hotels/:property/search', showSearch(site))
  pages.get('/hotels/:property/book', showBooking(site))
  pages.post('/hotels/:property/book', makeBooking(site))
  pages.get('/bookings/:reference', showReservation(site))
  pages.get('/bookings/:reference/cancel', showCancellation(site))
  pages.post('/bookings/:reference/cancel', cancelBooking(site))
  pages.get('/my-booking', showFindBooking(site))
  pages.post('/my-booking', findBooking(site))
  pages.all('*', () => {
    throw new Problem('not-found')
  })
  return pages
}

/**
 * Pages are for the one who asked. Without anything of a guest's in the request a browser may keep one, asking before it
 * shows it again; with it, nobody keeps anything.
 */
const storedNowhere: MiddlewareHandler = async (c, next) => {
  await next()
  if (c.res.headers.has('cache-control')) return
  const personal = knowsGuest(c) || c.res.headers.has('set-cookie') || c.req.method === 'POST'
  c.res.headers.set('cache-control', personal ? 'private, no-store' : 'private, no-cache')
}

/** What is thrown on purpose is a Problem; anything else is logged with its cause, which the guest does not get to see. */
function problemOf(error: Error, c: Context): Problem {
  if (error instanceof Problem) return error
  const requestId: unknown = c.get('requestId')
  console.error(JSON.stringify({ level: 'error', requestId, err: String(error), stack: error.stack }))
  return new Problem('internal')
}
