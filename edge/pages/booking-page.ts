/** One booking: the confirmation, and later "my booking". Needs the token that the booker's browser or link holds. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { dayNumber, type Night } from '../../shared/domain/nights.ts'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { Problem } from '../../shared/problems.ts'
import type { ReservationStatus, ReservationView } from '../../shared/routes/reservations.ts'
import { stayFacts } from './book-form.ts'
import { count, exactMoney, hotelTime, money } from './format.ts'
import { ariFloor, bookingToken, rememberBooking } from './guest-cookies.ts'
import { type Html, keepPrivate, page, type Site } from './layout.ts'
import { cancellationSentence, priceTable } from './price.ts'

/** How long after booking the page says thank you instead of describing an older booking. */
const JUST_BOOKED_MS = 15 * 60_000
const REFERENCE = /^[0-9A-HJKMNP-TV-Z]{10}$/i

/** `GET /bookings/:reference`, and `?token=…`: the private link, which becomes a cookie and leaves the address. */
export function showReservation(site: Site) {
  return async (c: Context): Promise<Response> => {
    keepPrivate(c)
    const linked = new URL(c.req.url).searchParams.get('token')
    if (linked !== null) {
      const reference = referenceIn(c)
      // Only a link that opens the booking may push another token out of the cookie.
      await site.services.reservation(c, reference, { token: linked })
      rememberBooking(c, reference, linked)
      return c.redirect(`/bookings/${reference}`, 303)
    }
    const { reservation, content, token } = await openReservation(site, c)
    const link = `${publicOrigin(c)}/bookings/${reservation.reference}?token=${encodeURIComponent(token)}`
    return await c.html(reservationPage(site, reservation, content, link))
  }
}

/** The reservation of the address, for the guest whose browser holds its token. Throws `reservation-not-found`. */
export async function openReservation(
  site: Site,
  c: Context,
): Promise<{ reservation: ReservationView; content: PropertyContent; token: string }> {
  const reference = referenceIn(c)
  const token = bookingToken(c, reference)
  if (token === undefined) throw new Problem('reservation-not-found')
  const reservation = await site.services.reservation(c, reference, { token })
  const content = await site.services.property(c, reservation.property, ariFloor(c, reservation.property))
  return { reservation, content, token }
}

/** Where the guest's browser is. Behind a proxy that ends TLS the request itself looks like plain HTTP. */
function publicOrigin(c: Context): string {
  const { protocol, host } = new URL(c.req.url)
  return `${c.req.header('x-forwarded-proto') === 'https' ? 'https:' : protocol}//${host}`
}

function referenceIn(c: Context): string {
  const reference = (c.req.param('reference') ?? '').toUpperCase()
  if (!REFERENCE.test(reference)) throw new Problem('reservation-not-found')
  return reference
}

function reservationPage(site: Site, reservation: ReservationView, content: PropertyContent, link: string): Html {
  const { reference } = reservation
  return page(
    site,
    { title: `Booking ${reference}`, hotel: content },
    html`<div class="booking">
${opening(reservation, content)}
<div class="booking-columns">
${stayCard(reservation, content)}
<div class="booking-side">
<section aria-labelledby="price-title"><h2 id="price-title">${isOver(reservation.status) ? 'Price it was booked at' : 'Price'}</h2>
${priceTable(reservation, reservation.currency, 'Price of the stay')}
${isOver(reservation.status) ? '' : html`<p class="quiet">You pay at the hotel.</p>`}</section>
${cancellation(reservation, content)}
${isOver(reservation.status) ? '' : privateLink(link)}
</div>
</div>
</div>`,
  )
}

function opening(reservation: ReservationView, content: PropertyContent): Html {
  const { guest, status, cancelledAt, cancellationFee, currency } = reservation
  if (status === 'cancelled')
    return html`<h1>This booking is cancelled</h1>
<p class="lead">Cancelled at ${hotelTime(cancelledAt ?? reservation.bookedAt, content.timeZone)}. ${
      cancellationFee ? `The cancellation costs ${exactMoney(cancellationFee, currency)}.` : 'It costs you nothing.'
    } <a href="/hotels/${content.property}/search">Look for other dates</a></p>`
  if (status === 'noShow')
    return html`<h1>We missed you</h1><p class="lead">This stay was not taken up. Please call the hotel if that is wrong.</p>`
  if (status === 'inHouse' || status === 'checkedOut')
    return html`<h1>${status === 'inHouse' ? 'Enjoy your stay' : 'Thank you for staying'}, ${guest.firstName}</h1>`
  if (Date.now() - Date.parse(reservation.bookedAt) < JUST_BOOKED_MS)
    return html`<h1>It’s booked, ${guest.firstName}</h1>
<p class="lead">Your room at ${content.name} is yours. Keep the reference and the private link below: with them you can come back to this page.</p>`
  return html`<h1>Your booking, ${guest.firstName}</h1>`
}

/** The stay as a card, like the one filled in at the desk. Also shown masked, to those who only know reference and name. */
export function stayCard(reservation: ReservationView, content: PropertyContent): Html {
  const { stay, guest } = reservation
  const type = content.roomTypes.find((it) => it.roomType === stay.roomType)
  const plan = content.ratePlans.find((it) => it.ratePlan === stay.ratePlan)
  return html`<section class="stay-card" aria-labelledby="stay-title">
<div class="stay-card-head">
<p class="reference"><span>Reference</span><strong>${reservation.reference}</strong></p>
<p class="status status-${reservation.status}">${STATUS[reservation.status]}</p>
</div>
<h2 id="stay-title">${type?.name ?? stay.roomType}</h2>
<p class="plan">${plan?.name ?? stay.ratePlan}, ${nightsText(stay)}</p>
${stayFacts(content, stay)}
<dl class="stay-facts">
<div><dt>Booked by</dt><dd>${guest.firstName} ${guest.lastName}${guest.email ? html`<span>${guest.email}</span>` : ''}${guest.phone ? html`<span>${guest.phone}</span>` : ''}</dd></div>
${reservation.requests ? html`<div><dt>Your wishes</dt><dd class="wishes">${reservation.requests}</dd></div>` : ''}
</dl>
</section>`
}

const STATUS: Readonly<Record<ReservationStatus, string>> = {
  hold: 'On hold',
  confirmed: 'Confirmed',
  inHouse: 'In house',
  checkedOut: 'Checked out',
  cancelled: 'Cancelled',
  noShow: 'Not taken up',
}

function nightsText({ arrival, departure }: { arrival: Night; departure: Night }): string {
  return count(dayNumber(departure) - dayNumber(arrival), 'night')
}

function cancellation(reservation: ReservationView, content: PropertyContent): Html | '' {
  if (isOver(reservation.status)) return ''
  const { total, currency, cancellationFeeNow, reference } = reservation
  return html`<section aria-labelledby="cancel-title"><h2 id="cancel-title">If your plans change</h2>
<p>${cancellationSentence(reservation.cancellation, { total, currency, timeZone: content.timeZone }, Date.now())}.</p>
${
  cancellationFeeNow === null
    ? html`<p>This stay can no longer be cancelled here. Please call the hotel: <a href="tel:${content.phone.replace(/[^+\d]/g, '')}">${content.phone}</a></p>`
    : html`<p>Cancelling today costs ${cancellationFeeNow === 0 ? 'nothing' : money(cancellationFeeNow, currency)}.</p>
<p><a class="button button-quiet" href="/bookings/${reference}/cancel">Cancel this booking</a></p>`
}</section>`
}

function privateLink(link: string): Html {
  return html`<section class="private-link" aria-labelledby="link-title"><h2 id="link-title">Your private link</h2>
<p id="link-hint">Opens this booking on any device. Who has it can cancel the booking, so keep it to yourself.</p>
<div class="copy"><input id="private-link" value="${link}" readonly aria-labelledby="link-title" aria-describedby="link-hint"></div>
<p><a href="${link}">Open the private link</a></p></section>`
}

function isOver(status: ReservationStatus): boolean {
  return status === 'cancelled' || status === 'noShow' || status === 'checkedOut'
}
