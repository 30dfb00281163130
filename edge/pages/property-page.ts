import type { Context } from 'hono'
import { html } from 'hono/html'
import { addDays, type Night } from '../../shared/domain/nights.ts'
import type { PropertyContent, RoomType } from '../../shared/domain/property.ts'
import { Problem } from '../../shared/problems.ts'
import { addressedHotel } from './addressed-hotel.ts'
import { countryName, money, shortDate, todayIn } from './format.ts'
import { ariFloor } from './guest-cookies.ts'
import { type Html, page, type Site, staleNotice } from './layout.ts'
import { photoImage } from './photo.ts'
import { roomFor } from './refusals.ts'
import { readStay, staySearchForm } from './stay-search.ts'

/** How far ahead the price "from" looks: what most guests book, and quick to answer. */
const FROM_PRICE_DAYS = 60

/** `GET /hotels/:property`: the hotel, its rooms and what it is like to stay. */
export function showProperty(site: Site) {
  return async (c: Context): Promise<Response> => {
    const content = await addressedHotel(site, c)
    const today = todayIn(content.timeZone)
    const from = await pricesFrom(site, c, content, today)
    const reading = readStay(new URL(c.req.url).searchParams, today)
    return await c.html(
      page(
        site,
        { title: content.name, hotel: content, description: content.tagline },
        html`${hero(content)}
<div class="booking-bar"><div class="booking-bar-inner">
${staySearchForm(content, { ...reading, errors: {} }, today)}
<p class="booking-bar-note">${from ? html`From ${money(from.lowest, content.currency)} a night. ` : ''}<a href="/hotels/${content.property}/search">See prices day by day</a></p>
</div></div>
${staleNotice(content, content.timeZone)}
<section class="about" aria-labelledby="about-title">
<div class="prose"><h2 id="about-title">${content.tagline}</h2>
${paragraphs(content.description)}</div>
${facts(content)}
</section>
<section class="rooms" aria-labelledby="rooms-title">
<h2 id="rooms-title">Rooms</h2>
${content.roomTypes.map((type) => room(content, type, from))}
</section>
${gallery(content)}
${policies(content)}`,
      ),
    )
  }
}

function hero(content: PropertyContent): Html {
  const photo = content.photos[0]
  return html`<div class="hero${photo ? '' : ' hero-plain'}">
${photo ? photoImage(content.property, photo, 'first') : ''}
<div class="hero-words"><p class="place">${content.address.city}, ${countryName(content.address.country)}</p>
<h1>${content.name}</h1></div>
</div>`
}

function facts(content: PropertyContent): Html {
  const { address } = content
  return html`<dl class="facts-card">
<div><dt>Check-in</dt><dd>from ${content.checkInFrom}</dd></div>
<div><dt>Check-out</dt><dd>until ${content.checkOutUntil}</dd></div>
<div><dt>Address</dt><dd>${address.street}<br>${address.postalCode} ${address.city}, ${countryName(address.country)}</dd></div>
<div><dt>Talk to us</dt><dd><a href="tel:${content.phone.replace(/[^+\d]/g, '')}">${content.phone}</a><br><a href="mailto:${content.email}">${content.email}</a></dd></div>
</dl>`
}

function room(content: PropertyContent, type: RoomType, from: PricesFrom | undefined): Html {
  const photo = type.photos[0]
  const price = from?.byRoomType.get(type.roomType)
  return html`<article class="room" aria-labelledby="type-${type.roomType}">
${photo ? html`<div class="room-photo">${photoImage(content.property, photo)}</div>` : ''}
<div class="room-words">
<h3 id="type-${type.roomType}">${type.name}</h3>
<p>${type.description}</p>
<dl class="room-facts"><div><dt>Beds</dt><dd>${type.beds}</dd></div>
<div><dt>Size</dt><dd>${type.squareMetres} m²</dd></div>
<div><dt>Guests</dt><dd>${roomFor(type.occupancy)}</dd></div></dl>
<ul class="amenities">${type.amenities.map((amenity) => html`<li>${amenity}</li>`)}</ul>
<p class="room-price">${
    from && price !== undefined
      ? html`<span>from <strong>${money(price, content.currency)}</strong> a night</span> <span class="quiet">on ${shortDate(from.night)}</span> `
      : ''
  }<a class="button button-quiet" href="/hotels/${content.property}/search">See prices<span class="unseen"> for ${type.name}</span></a></p>
</div>
</article>`
}

function gallery(content: PropertyContent): Html | '' {
  const photos = content.photos.slice(1)
  if (photos.length === 0) return ''
  return html`<section class="gallery" aria-labelledby="gallery-title"><h2 id="gallery-title" class="unseen">Photos of ${content.name}</h2>
<ul>${photos.map((photo) => html`<li>${photoImage(content.property, photo)}</li>`)}</ul></section>`
}

function policies(content: PropertyContent): Html | '' {
  if (content.policies.length === 0) return ''
  return html`<section class="policies" aria-labelledby="policies-title"><h2 id="policies-title">Good to know</h2>
<dl>${content.policies.map(({ title, text }) => html`<div><dt>${title}</dt><dd>${paragraphs(text)}</dd></div>`)}</dl></section>`
}

function paragraphs(text: string): Html[] {
  return text.split(/\n\s*\n/).map((paragraph) => html`<p>${paragraph}</p>`)
}

interface PricesFrom {
  lowest: number
  /** The night it is for: the cheapest of the coming weeks. */
  night: Night
  /** What each room type costs on that night, its cheapest rate. */
  byRoomType: Map<string, number>
}

/** One night's prices on the cheapest of the coming days. Undefined where nothing is free or no answer is to be had. */
async function pricesFrom(
  site: Site,
  c: Context,
  content: PropertyContent,
  today: Night,
): Promise<PricesFrom | undefined> {
  const party = { adults: 2, childAges: [] }
  const floor = ariFloor(c, content.property)
  try {
    const span = { from: today, to: addDays(today, FROM_PRICE_DAYS), nights: 1, ...party }
    const { days } = await site.services.calendar(c, content.property, span, floor)
    const free = days.flatMap((day) => (day.total === null ? [] : [{ night: day.arrival, total: day.total }]))
    const cheapest = free.sort((a, b) => a.total - b.total)[0]
    if (!cheapest) return undefined
    const stay = { arrival: cheapest.night, departure: addDays(cheapest.night, 1), ...party }
    const { offers } = await site.services.availability(c, content.property, stay, floor)
    const byRoomType = new Map<string, number>()
    for (const { roomType, total } of offers)
      byRoomType.set(roomType, Math.min(total, byRoomType.get(roomType) ?? total))
    return { lowest: cheapest.total, night: cheapest.night, byRoomType }
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}
