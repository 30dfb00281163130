import type { Context } from 'hono'
import { html } from 'hono/html'
import type { KnownDestination } from '../../shared/domain/destinations.ts'
import { dateAt } from '../../shared/domain/zone.ts'
import { Problem } from '../../shared/problems.ts'
import type { listProperties } from '../../shared/routes/properties.ts'
import type { AnswerOf } from '../../shared/routes/route.ts'
import type { SearchAnswer } from '../../shared/routes/search.ts'
import { errorSummary, type FieldErrors, selectField } from './form-parts.ts'
import { countryName, dateSpan, partyText } from './format.ts'
import { ariFloors } from './guest-cookies.ts'
import { hotelResults } from './hotel-results.ts'
import { type Html, page, type Site } from './layout.ts'
import { photoImage } from './photo.ts'
import { fieldErrors, readStay, STAY_LABELS, type StayReading, type StayWish, stayFields } from './stay-search.ts'

/** Somewhere it is still this date; a hotel further east refuses its own past itself. */
const FURTHEST_BEHIND_MS = 12 * 3_600_000
/** A page of hotels with a photo each is long enough on a phone. */
const PAGE_SIZE = 20
const PAGES_MAX = 500
/** Adults to choose from, before a hotel says how many its rooms take. */
const ADULTS_OFFERED = 6

/** What the address asks for: a destination, a stay, an order and a page. Nothing at all shows every hotel. */
interface SearchReading extends StayReading {
  destination: string
  sort: 'price' | 'name'
  page: number
}

/** `GET /`: every hotel of the installation; with a destination and dates, what is free there at what price. */
export function showHotels(site: Site) {
  return async (c: Context): Promise<Response> => {
    const today = dateAt(Date.now() - FURTHEST_BEHIND_MS, 'UTC')
    const { searchParams } = new URL(c.req.url)
    let reading = readSearch(searchParams, today)
    const [{ properties }, destinations] = await Promise.all([
      site.services.properties(c),
      site.services.destinations(c),
    ])
    let answer: SearchAnswer | undefined
    if (reading.stay)
      try {
        answer = await search(site, c, reading, reading.stay)
      } catch (error) {
        reading = { ...reading, stay: undefined, errors: searchErrors(error) }
      }
    const isWrong = Object.keys(reading.errors).length > 0
    const form = searchForm(reading, destinations, today)
    return await c.html(
      page(
        site,
        {
          title: answer ? `Hotels in ${answer.name}, ${dateSpan(answer.arrival, answer.departure)}` : 'Hotels',
          description: 'Book direct with the hotel, at the whole price.',
        },
        html`<div class="search-head"><h1>${answer ? `Hotels in ${answer.name}` : 'Where would you like to wake up?'}</h1>
${answer ? searchAgain(answer, form) : properties.length === 0 ? '' : form}</div>
<div class="hotels">
${answer ? hotelResults(answer) : everyHotel(properties)}
</div>`,
      ),
      isWrong ? 422 : 200,
    )
  }
}

async function search(site: Site, c: Context, reading: SearchReading, stay: StayWish): Promise<SearchAnswer> {
  const { destination, sort, page: number } = reading
  const query = { ...stay, destination, sort, page: number, pageSize: PAGE_SIZE }
  return await site.services.search(c, query, ariFloors(c))
}

function readSearch(search: URLSearchParams, today: string): SearchReading {
  const stay = readStay(search, today)
  const destination = (search.get('destination') ?? '').trim().slice(0, 80)
  const errors: Record<string, string> = {}
  // Half of a search is a mistake; nothing of one is a visit.
  const begun = destination !== '' || stay.written.arrival !== '' || stay.written.departure !== ''
  if (begun && !/[\p{L}\p{N}]/u.test(destination)) errors.destination = 'choose where you would like to go'
  Object.assign(errors, stay.errors)
  if (begun && stay.written.arrival === '') errors.arrival ??= 'choose the day you arrive'
  if (begun && stay.written.departure === '') errors.departure ??= 'choose the day you leave'
  const number = Number(search.get('page') ?? 1)
  return {
    ...stay,
    stay: Object.keys(errors).length === 0 ? stay.stay : undefined,
    errors,
    destination,
    sort: search.get('sort') === 'name' ? 'name' : 'price',
    page: Number.isInteger(number) && number >= 1 && number <= PAGES_MAX ? number : 1,
  }
}

/** What is wrong with a search, by field. Anything else is not the guest's mistake and goes on. */
function searchErrors(error: unknown): FieldErrors {
  if (error instanceof Problem && error.slug === 'destination-not-found')
    return { destination: 'there are no hotels there; choose another place' }
  return fieldErrors(error)
}

function searchForm(reading: SearchReading, destinations: readonly KnownDestination[], today: string): Html {
  const { destination, errors } = reading
  const places = destinations.map(({ destination: value, kind, name }) => ({
    value,
    text: kind === 'country' ? `All of ${name}` : name,
  }))
  const labels = { destination: 'Where', ...STAY_LABELS }
  return html`${errorSummary(errors, labels)}
<form class="stay-search stay-search-where" action="/" method="get" novalidate data-stay-search>
${selectField({
  name: 'destination',
  label: labels.destination,
  value: destination,
  error: errors.destination,
  options: [{ value: '', text: 'Choose a place' }, ...places],
})}
${stayFields(reading, today, ADULTS_OFFERED)}
<button class="button" type="submit">Show hotels</button>
</form>`
}

/** The search in a line, with the form folded away: results come first on a phone. */
function searchAgain(answer: SearchAnswer, form: Html): Html {
  return html`<details class="search-again"><summary><span>${dateSpan(answer.arrival, answer.departure)}, ${partyText(answer)}</span> <span class="change">Change</span></summary>
${form}</details>`
}

function everyHotel(properties: AnswerOf<typeof listProperties>['properties']): Html {
  if (properties.length === 0) return html`<p class="lead">No hotel takes bookings here yet. Please come back soon.</p>`
  return html`<ul class="hotel-cards">${properties.map(
    (hotel, i) => html`<li><a class="hotel-card" href="/hotels/${hotel.property}">
${hotel.photo ? html`<span class="hotel-card-photo">${photoImage(hotel.property, hotel.photo, i === 0 ? 'first' : 'below')}</span>` : ''}
<span class="hotel-card-words"><span class="place">${hotel.address.city}, ${countryName(hotel.address.country)}</span>
<strong>${hotel.name}</strong>
<span class="tagline">${hotel.tagline}</span></span></a></li>
`,
  )}</ul>`
}
