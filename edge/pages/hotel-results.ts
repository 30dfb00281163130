/** What is free at the hotels of a destination: the cheapest price of each, then the hotels where nothing is. */
import { html } from 'hono/html'
import type { SearchAnswer, SearchResult } from '../../shared/routes/search.ts'
import { clockTime, count, countryName, currencySign, money } from './format.ts'
import type { Html } from './layout.ts'
import { photoImage } from './photo.ts'
import { DAY_WORDS } from './refusals.ts'
import { type StayWish, searchAddress, stayQuery } from './stay-search.ts'

/** Everything the answer holds, as a guest reads it. */
export function hotelResults(answer: SearchAnswer): Html {
  const free = answer.results.filter((it) => it.total !== null)
  const rest = answer.results.filter((it) => it.total === null)
  return html`<section class="results" aria-labelledby="results-title">
<h2 id="results-title">${answer.bookable === 0 ? 'Nothing is free for this stay' : `${count(answer.bookable, 'hotel')} with a free room`}</h2>
${answer.bookable === 0 ? '' : html`<p class="results-what">${howSorted(answer)}</p>`}
${notices(answer)}
${free.map((hotel, i) => freeHotel(hotel, answer, i === 0))}
${
  rest.length > 0
    ? html`<section class="not-free" aria-labelledby="not-free-title">
<h3 id="not-free-title">Not for these dates</h3>
<ul>${rest.map((hotel) => fullHotel(hotel, answer))}</ul></section>`
    : ''
}
${answer.results.length === 0 ? html`<p class="results-empty">There are no hotels on this page. <a href="${resultsAddress(answer, {})}">Back to the first</a></p>` : ''}
${answer.pages > 1 ? pageSteps(answer) : ''}
</section>`
}

/** By price or by name, with a way to the other; and that prices of two currencies are not compared. */
function howSorted(answer: SearchAnswer): Html {
  const { sort, currencies } = answer
  const other = sort === 'price' ? 'name' : 'price'
  const order =
    sort === 'price' && currencies.length > 1
      ? ` Prices in ${currencies.map(currencySign).join(', then ')}; one currency is not compared with another.`
      : ''
  return html`The lowest price of each hotel for ${count(answer.nights, 'night')}, by ${sort}.${order} <a class="to-order" href="${resultsAddress(answer, { sort: other })}">Sort by ${other}</a>`
}

/** What a guest should know about prices that are old and hotels that are not there. */
function notices(answer: SearchAnswer): Html {
  return html`${
    answer.stale
      ? html`<p class="notice notice-stale" role="status">Some prices were last confirmed at ${clockTime(answer.asOf, 'UTC')} UTC. We are
reconnecting to the hotels; you can look around, and booking opens again in a moment.</p>`
      : ''
  }${
    answer.incomplete
      ? html`<p class="notice notice-warn" role="status">${count(answer.missing, 'hotel')} could not be asked in time.
<a href="${resultsAddress(answer, { sort: answer.sort })}">Ask again</a></p>`
      : ''
  }`
}

function freeHotel(hotel: SearchResult, answer: SearchAnswer, isFirst: boolean): Html {
  const { property, photo } = hotel
  const price = money(hotel.total ?? 0, hotel.currency)
  return html`<article class="room-result" aria-labelledby="hotel-${property}">
<div class="room-result-head">
${photo ? html`<div class="room-photo">${photoImage(property, photo, isFirst ? 'first' : 'below')}</div>` : ''}
<div>
<h3 id="hotel-${property}">${hotel.name}</h3>
<p class="facts">${placeOf(hotel)}<br>${hotel.tagline}</p>
</div>
</div>
<div class="offer">
<div class="offer-what"><p class="facts">Lowest price: ${hotel.roomTypeName}</p></div>
<div class="offer-price">
<p class="amount">${price}<span class="for">for ${count(answer.nights, 'night')}, all taxes included</span></p>
<a class="button" href="${searchAddress(property, stayOf(answer))}#rooms">Rooms<span class="unseen"> at ${hotel.name}</span></a>
</div>
</div>
</article>`
}

function fullHotel(hotel: SearchResult, answer: SearchAnswer): Html {
  const why = hotel.reason ? DAY_WORDS[hotel.reason].why : 'not on sale'
  return html`<li><h4>${hotel.name}</h4><p>${placeOf(hotel)}: ${why}. <a href="${searchAddress(hotel.property, stayOf(answer))}">Other days<span class="unseen"> at ${hotel.name}</span></a></p></li>`
}

function pageSteps(answer: SearchAnswer): Html {
  const { page, pages, sort } = answer
  const step = (to: number, text: string, rel: string) =>
    to < 1 || to > pages
      ? ''
      : html`<a class="button button-quiet" rel="${rel}" href="${resultsAddress(answer, { sort, page: to })}">${text}</a>`
  return html`<nav class="pages" aria-label="Pages">${step(page - 1, 'Previous', 'prev')}<span>Page ${page} of ${pages}</span>${step(page + 1, 'Next', 'next')}</nav>`
}

/** The same search in another order or on another page; what is usual stays out of the address. */
function resultsAddress(answer: SearchAnswer, { sort = 'price', page = 1 }: { sort?: string; page?: number }): string {
  const query = stayQuery(stayOf(answer))
  query.set('destination', answer.destination)
  if (sort !== 'price') query.set('sort', sort)
  if (page > 1) query.set('page', String(page))
  return `/?${query}`
}

function stayOf({ arrival, departure, adults, childAges }: SearchAnswer): StayWish {
  return { arrival, departure, adults, childAges }
}

function placeOf({ address }: SearchResult): string {
  return `${address.city}, ${countryName(address.country)}`
}
