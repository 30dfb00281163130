import type { Context } from 'hono'
import { html } from 'hono/html'
import { countryName } from './format.ts'
import { page, type Site } from './layout.ts'
import { photoImage } from './photo.ts'

/** `GET /`: every hotel of the installation, with its picture. */
export function showHotels(site: Site) {
  return async (c: Context): Promise<Response> => {
    const { properties } = await site.services.properties(c)
    return await c.html(
      page(
        site,
        { title: 'Hotels', description: 'Book direct with the hotel, at the whole price.' },
        html`<div class="hotels">
<h1>Where would you like to wake up?</h1>
${
  properties.length === 0
    ? html`<p class="lead">No hotel takes bookings here yet. Please come back soon.</p>`
    : html`<ul class="hotel-cards">${properties.map(
        (hotel, i) => html`<li><a class="hotel-card" href="/hotels/${hotel.property}">
${hotel.photo ? html`<span class="hotel-card-photo">${photoImage(hotel.property, hotel.photo, i === 0 ? 'first' : 'below')}</span>` : ''}
<span class="hotel-card-words"><span class="place">${hotel.address.city}, ${countryName(hotel.address.country)}</span>
<strong>${hotel.name}</strong>
<span class="tagline">${hotel.tagline}</span></span></a></li>
`,
      )}</ul>`
}
</div>`,
      ),
    )
  }
}
