import type { Context } from 'hono'
import { html } from 'hono/html'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { Problem } from '../../shared/problems.ts'
import type { ReservationView } from '../../shared/routes/reservations.ts'
import { openReservation, stayCard } from './booking-page.ts'
import { readForm } from './form-body.ts'
import { exactMoney, hotelTime } from './format.ts'
import { raiseAriFloor } from './guest-cookies.ts'
import { type Html, keepPrivate, page, type Site } from './layout.ts'

const KEY = /^[\w-]{8,64}$/

/** `GET /bookings/:reference/cancel`: what cancelling costs now, and the button that does it. */
export function showCancellation(site: Site) {
  return async (c: Context): Promise<Response> => {
    keepPrivate(c)
    const { reservation, content } = await openReservation(site, c)
    // Already cancelled, or too late: the booking itself says so.
    if (reservation.cancellationFeeNow === null) return c.redirect(`/bookings/${reservation.reference}`, 303)
    return await c.html(cancellationPage(site, reservation, content, reservation.cancellationFeeNow))
  }
}

/** The same address, sent. If the fee has risen since the page was shown, it is shown again and nothing happens. */
export function cancelBooking(site: Site) {
  return async (c: Context): Promise<Response> => {
    keepPrivate(c)
    const form = await readForm(c)
    const { reservation, content, token } = await openReservation(site, c)
    const { reference, cancellationFeeNow } = reservation
    const there = `/bookings/${reference}`
    if (cancellationFeeNow === null) return c.redirect(there, 303)
    const shown = Number(form.get('fee') ?? Number.NaN)
    if (!(cancellationFeeNow <= shown))
      return await c.html(cancellationPage(site, reservation, content, cancellationFeeNow, true), 409)
    const sentKey = form.get('idempotencyKey') ?? ''
    try {
      const done = await site.services.cancel(c, reference, token, KEY.test(sentKey) ? sentKey : crypto.randomUUID())
      raiseAriFloor(c, done.property, done.ariVersion)
    } catch (error) {
      // Cancelled meanwhile, in another tab or by the hotel: the booking itself says so.
      if (!(error instanceof Problem && error.slug === 'not-cancellable')) throw error
    }
    return c.redirect(there, 303)
  }
}

function cancellationPage(
  site: Site,
  reservation: ReservationView,
  content: PropertyContent,
  fee: number,
  hasRisen = false,
): Html {
  const { reference, currency, cancellation } = reservation
  return page(
    site,
    { title: `Cancel booking ${reference}`, hotel: content },
    html`<div class="booking">
<h1>Cancel this booking?</h1>
${
  hasRisen
    ? html`<div class="notice notice-warn" role="alert" tabindex="-1" autofocus><h2>The fee has changed</h2><p>The time for cancelling at the earlier price has just passed. Nothing is cancelled yet.</p></div>`
    : ''
}
<div class="booking-columns">
${stayCard(reservation, content)}
<form class="booking-side cancel-form" method="post" action="/bookings/${reference}/cancel">
<p class="fee">${fee === 0 ? 'Cancelling now costs you nothing.' : html`Cancelling now costs <strong>${exactMoney(fee, currency)}</strong>.`}</p>
${
  fee === 0 && cancellation.freeUntil !== null && cancellation.penalty > 0
    ? html`<p>That holds until ${hotelTime(cancellation.freeUntil, content.timeZone)}. From then on it costs ${exactMoney(cancellation.penalty, currency)}.</p>`
    : ''
}
<p>Your room goes back on sale at once. This cannot be undone.</p>
<input type="hidden" name="fee" value="${fee}">
<input type="hidden" name="idempotencyKey" value="${crypto.randomUUID()}">
<button class="button button-danger" type="submit">Cancel the booking</button>
<a class="button button-quiet" href="/bookings/${reference}">Keep it</a>
</form>
</div>
</div>`,
  )
}
