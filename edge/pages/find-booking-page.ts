import type { Context } from 'hono'
import { html } from 'hono/html'
import { Problem } from '../../shared/problems.ts'
import type { ReservationView } from '../../shared/routes/reservations.ts'
import { stayCard } from './booking-page.ts'
import { readForm } from './form-body.ts'
import { errorSummary, type FieldErrors, inputField } from './form-parts.ts'
import { bookingToken } from './guest-cookies.ts'
import { type Html, keepPrivate, page, type Site } from './layout.ts'

const LABELS = { reference: 'Booking reference', lastName: 'Last name' } as const
const REFERENCE = /^[0-9A-HJKMNP-TV-Z]{10}$/

interface Asked {
  reference: string
  lastName: string
}

/** `GET /my-booking`: the form for those who have neither the browser they booked with nor the private link at hand. */
export function showFindBooking(site: Site) {
  return async (c: Context): Promise<Response> => {
    keepPrivate(c)
    return await c.html(formPage(site, { reference: '', lastName: '' }, {}))
  }
}

/** The form sent: the masked stay. By POST, so that the name stands in no address, no history and no log. */
export function findBooking(site: Site) {
  return async (c: Context): Promise<Response> => {
    keepPrivate(c)
    const form = await readForm(c)
    const asked = { reference: (form.get('reference') ?? '').trim(), lastName: (form.get('lastName') ?? '').trim() }
    // Read from paper, a reference comes with spaces and dashes; O, I and L are not used in it and mean 0 and 1.
    const reference = asked.reference.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
    const errors: Record<string, string> = {}
    if (!REFERENCE.test(reference)) errors.reference = 'ten letters and digits, such as 7K2M9QX4TB'
    if (asked.lastName === '') errors.lastName = 'the name the room was booked under'
    else if (asked.lastName.length > 80) errors.lastName = 'at most 80 characters'
    if (Object.keys(errors).length > 0) return await c.html(formPage(site, asked, errors), 422)
    if (bookingToken(c, reference) !== undefined) return c.redirect(`/bookings/${reference}`, 303)
    try {
      const reservation = await site.services.reservation(c, reference, { lastName: asked.lastName })
      return await c.html(await maskedPage(site, c, reservation))
    } catch (error) {
      const unknown = error instanceof Problem && ['reservation-not-found', 'invalid-request'].includes(error.slug)
      if (!unknown) throw error
      return await c.html(formPage(site, asked, {}, true), 404)
    }
  }
}

function formPage(site: Site, asked: Asked, errors: FieldErrors, unknown = false): Html {
  return page(
    site,
    { title: 'My booking' },
    html`<div class="find-booking">
<h1>My booking</h1>
<p class="lead">To change or cancel, open the private link from your confirmation. To look up a stay, the reference and the last name are enough.</p>
${
  unknown
    ? html`<div class="notice notice-error" role="alert" tabindex="-1" autofocus><h2>No booking found</h2><p>There is no booking with this reference and this last name. Please check both; the reference is on your confirmation.</p></div>`
    : errorSummary(errors, LABELS)
}
<form method="post" action="/my-booking" novalidate>
${inputField({
  name: 'reference',
  label: LABELS.reference,
  value: asked.reference,
  error: errors.reference,
  hint: 'Ten letters and digits',
  attributes: { autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', maxlength: 20, required: true },
})}
${inputField({
  name: 'lastName',
  label: LABELS.lastName,
  value: asked.lastName,
  error: errors.lastName,
  attributes: { autocomplete: 'family-name', maxlength: 80, required: true },
})}
<button class="button" type="submit">Show my booking</button>
</form>
</div>`,
  )
}

async function maskedPage(site: Site, c: Context, reservation: ReservationView): Promise<Html> {
  const content = await site.services.property(c, reservation.property)
  return page(
    site,
    { title: `Booking ${reservation.reference}`, hotel: content },
    html`<div class="booking">
<h1>Your stay at ${content.name}</h1>
<div class="booking-columns">
${stayCard(reservation, content)}
<div class="booking-side"><section aria-labelledby="more-title"><h2 id="more-title">To change or cancel</h2>
<p>Reference and name show the stay, and nothing more: anybody who has seen your confirmation knows them. Open the private link from your confirmation to see everything and to cancel.</p>
<p>No link at hand? Please call the hotel: <a href="tel:${content.phone.replace(/[^+\d]/g, '')}">${content.phone}</a></p></section></div>
</div>
</div>`,
  )
}
