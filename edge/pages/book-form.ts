/** The booking page as HTML: summary, form, notices; and what stands there instead when the offer is gone. */
import { html } from 'hono/html'
import { dayNumber, type Night } from '../../shared/domain/nights.ts'
import type { Offer, Reason } from '../../shared/routes/availability.ts'
import type { Wanted } from './book-page.ts'
import { errorSummary } from './form-parts.ts'
import { count, date, exactMoney, money, partyText, shortDate, todayIn } from './format.ts'
import { GUEST_LABELS, type GuestReading, guestFields } from './guest-form.ts'
import { type Html, page, type Site } from './layout.ts'
import { bookAddress } from './offers.ts'
import { photoImage } from './photo.ts'
import { cancellationSentence, priceTable } from './price.ts'
import { refusalWords } from './refusals.ts'
import { searchAddress } from './stay-search.ts'

/** Why the form is shown again. */
export type BookingNotice =
  | { kind: 'price-changed'; shown: number }
  | { kind: 'paused' | 'in-progress' | 'too-many' | 'sent-before' }
  | { kind: 'not-taken'; detail: string }

export interface BookingFormView {
  guest: GuestReading
  /** Sent with the form: the same form twice is one booking. */
  key: string
  /** Undefined where it is not free any more but may already be this guest's. */
  offer: Offer | undefined
  /** What the guest agrees to pay, minor units. */
  total: number
  notice?: BookingNotice
}

/** The page with the form. */
export function bookingForm(site: Site, wanted: Wanted, view: BookingFormView): Html {
  const { content, stay } = wanted
  const total = money(view.total, content.currency)
  return page(
    site,
    { title: 'Book your stay', hotel: content },
    html`<div class="book">
<h1>Book your stay</h1>
${view.notice ? noticeBox(view.notice, view.total, content.currency) : ''}
${errorSummary(view.guest.errors, GUEST_LABELS)}
<div class="book-columns">
${summary(wanted, view.offer)}
<form class="guest-form" method="post" action="${bookAddress(content.property, wanted, stay)}" novalidate>
<h2>Who is coming?</h2>
${guestFields(view.guest)}
<input type="hidden" name="expectedTotal" value="${view.total}">
<input type="hidden" name="idempotencyKey" value="${view.key}">
<div class="book-now">
<p><strong>${total}</strong> for ${count(dayNumber(stay.departure) - dayNumber(stay.arrival), 'night')}, taxes included. Nothing is charged now: you pay at the hotel.</p>
<button class="button button-lamp" type="submit">Book for ${total}</button>
</div>
</form>
</div>
</div>`,
  )
}

function summary(wanted: Wanted, offer: Offer | undefined): Html {
  const { content, stay } = wanted
  const type = content.roomTypes.find((it) => it.roomType === wanted.roomType)
  const plan = content.ratePlans.find((it) => it.ratePlan === wanted.ratePlan)
  const photo = type?.photos[0]
  return html`<section class="summary" aria-labelledby="summary-title">
${photo ? html`<div class="summary-photo">${photoImage(content.property, photo, 'first')}</div>` : ''}
<div class="summary-words">
<h2 id="summary-title">${type?.name}</h2>
<p class="plan">${plan?.name}</p>
${stayFacts(content, stay)}
${
  offer
    ? html`${priceTable(offer, content.currency, 'Price of the stay')}
<p class="terms">${cancellationSentence(
        offer.cancellation,
        { total: offer.total, currency: content.currency, timeZone: content.timeZone },
        Date.now(),
      )}.</p>`
    : ''
}
<p><a href="${searchAddress(content.property, stay)}">Choose another room or rate</a></p>
</div>
</section>`
}

/** Arrival and departure with the hotel's hours, and who comes. */
export function stayFacts(
  hotel: { checkInFrom: string; checkOutUntil: string },
  stay: { arrival: Night; departure: Night; adults: number; childAges: readonly number[] },
): Html {
  return html`<dl class="stay-facts">
<div><dt>Arrival</dt><dd>${date(stay.arrival)}<span>from ${hotel.checkInFrom}</span></dd></div>
<div><dt>Departure</dt><dd>${date(stay.departure)}<span>until ${hotel.checkOutUntil}</span></dd></div>
<div><dt>Guests</dt><dd>${partyText(stay)}</dd></div>
</dl>`
}

function noticeBox(notice: BookingNotice, total: number, currency: string): Html {
  const [kind, title, text] = noticeWords(notice, total, currency)
  return html`<div class="notice notice-${kind}" role="alert" tabindex="-1" autofocus><h2>${title}</h2>${text}</div>`
}

function noticeWords(notice: BookingNotice, total: number, currency: string): ['warn' | 'error', string, Html] {
  switch (notice.kind) {
    case 'price-changed':
      return [
        'warn',
        'The price has changed',
        html`<p>While you were writing, the price for this stay went from <del>${exactMoney(notice.shown, currency)}</del> to <strong>${exactMoney(total, currency)}</strong>. Nothing is booked yet. Book at the new price below, or choose another room.</p>`,
      ]
    case 'paused':
      return [
        'warn',
        'Bookings are paused for a moment',
        html`<p>We could not reach the hotel. What you wrote is kept below: please send it again in a minute. Sending it twice never books twice.</p>`,
      ]
    case 'in-progress':
      return [
        'warn',
        'Your booking is still being made',
        html`<p>It takes a little longer than usual. Please send the form again in a moment; it never books twice.</p>`,
      ]
    case 'too-many':
      return [
        'warn',
        'That was a lot at once',
        html`<p>Please wait a minute and send the form again. What you wrote is kept below.</p>`,
      ]
    case 'sent-before':
      return [
        'error',
        'This form was sent before, with other details',
        html`<p>The first one may already be booked: please look at <a href="/my-booking">My booking</a> before you send it again.</p>`,
      ]
    case 'not-taken':
      return ['error', 'The hotel could not take this booking', html`<p>${notice.detail}</p>`]
  }
}

/** Shown instead of the form when the offer cannot be had: why, on which night, and what else is free. */
export function refusedOffer(
  site: Site,
  wanted: Wanted,
  refused: { reason: Reason; nights: readonly Night[] },
  alternatives: readonly Offer[],
): Html {
  const { content, stay } = wanted
  const type = content.roomTypes.find((it) => it.roomType === wanted.roomType)
  const { why, change } = refusalWords({ ...wanted, ...refused }, { content, stay, today: todayIn(content.timeZone) })
  const soldOut = refused.reason === 'sold-out'
  return page(
    site,
    { title: soldOut ? 'Just sold out' : 'Not for this stay', hotel: content },
    html`<div class="book">
<h1>${soldOut ? 'Someone was quicker' : 'Not for this stay'}</h1>
<div class="notice notice-warn" role="alert"><h2>${type?.name}, ${shortDate(stay.arrival)} to ${shortDate(stay.departure)}</h2>
<p>${why} Nothing is booked.${change ? html` <a href="${change.href}">${change.text}</a>` : ''}</p></div>
${
  alternatives.length > 0
    ? html`<section aria-labelledby="else-title"><h2 id="else-title">Free for the same dates</h2>
<ul class="alternatives">${alternatives.map((offer) => alternative(wanted, offer))}</ul></section>`
    : html`<p>Nothing else is free for these dates.</p>`
}
<p><a class="button button-quiet" href="${searchAddress(content.property, stay)}">See all rooms and other dates</a></p>
</div>`,
  )
}

function alternative({ content, stay }: Wanted, offer: Offer): Html {
  const type = content.roomTypes.find((it) => it.roomType === offer.roomType)
  const plan = content.ratePlans.find((it) => it.ratePlan === offer.ratePlan)
  const photo = type?.photos[0]
  return html`<li><a href="${bookAddress(content.property, offer, stay)}">
${photo ? html`<span class="alternative-photo">${photoImage(content.property, photo)}</span>` : ''}
<span class="alternative-words"><strong>${type?.name ?? offer.roomType}</strong> <span>${plan?.name ?? offer.ratePlan}</span></span>
<span class="alternative-price">${money(offer.total, content.currency)}</span></a></li>`
}
