/** Search results: what can be booked, by room type, and why the rest cannot. */
import { html } from 'hono/html'
import type { Night } from '../../shared/domain/nights.ts'
import type { PropertyContent, RatePlan, RoomType } from '../../shared/domain/property.ts'
import type { AvailabilityAnswer, Offer, Unavailable } from '../../shared/routes/availability.ts'
import { count, money } from './format.ts'
import type { Html } from './layout.ts'
import { photoImage } from './photo.ts'
import { cancellationSentence, isFreeToCancel, priceTable, taxSentence } from './price.ts'
import { type RefusalFacts, type RefusalWords, refusalWords } from './refusals.ts'
import type { ShortestStays } from './shortest-stay.ts'
import { type StayWish, stayQuery } from './stay-search.ts'

/** From so few rooms on, a guest should know. */
const FEW_LEFT = 3

const MEALS: Readonly<Record<RatePlan['meal'], string>> = {
  'room-only': 'Room only',
  breakfast: 'Breakfast included',
  'half-board': 'Breakfast and dinner included',
  'full-board': 'All meals included',
  'all-inclusive': 'All meals and drinks included',
}

/** Everything the answer holds, as a guest reads it. `today` is the hotel's date; `others` stands where nothing is free. */
export function searchResults(
  content: PropertyContent,
  answer: AvailabilityAnswer,
  today: Night,
  shortestStays: ShortestStays,
  others: Html | '',
): Html {
  const facts: RefusalFacts = { content, stay: answer, today, shortestStays }
  const offered = content.roomTypes.filter((type) => answer.offers.some((it) => it.roomType === type.roomType))
  const rest = content.roomTypes.filter((type) => !offered.includes(type))
  const taxes = new Set(answer.offers.map((offer) => taxSentence(offer, answer.currency)))
  // Mostly the same for every offer, as with a city tax: then it is said once.
  const sameTaxes = taxes.size === 1 ? [...taxes][0] : undefined
  return html`<section id="rooms" class="results" aria-labelledby="rooms-title">
<h2 id="rooms-title">${offered.length > 0 ? `${count(offered.length, 'room')} to choose from` : 'Nothing is free for this stay'}</h2>
${
  offered.length > 0
    ? html`<p class="results-what">${sameTaxes ? `Prices are for the whole stay, ${sameTaxes}. ` : ''}<a class="to-calendar" href="#calendar">Other days</a></p>`
    : html`<p class="results-empty">${others === '' ? 'Here is why, room by room.' : 'The dates below are. After them stands why yours are not, room by room.'} <a href="#calendar">The calendar</a> shows the days that are free.</p>`
}
${others}
${offered.map((type) => roomResult(content, answer, type, { facts, sameTaxes: sameTaxes !== undefined }))}
${
  rest.length > 0
    ? html`<section class="not-free" aria-labelledby="not-free-title">
<h3 id="not-free-title">${offered.length > 0 ? 'Not for these dates' : 'Room by room'}</h3>
<ul>${rest.map((type) => refusedRoom(answer, type, facts))}</ul></section>`
    : ''
}
</section>`
}

function roomResult(
  content: PropertyContent,
  answer: AvailabilityAnswer,
  type: RoomType,
  { facts, sameTaxes }: { facts: RefusalFacts; sameTaxes: boolean },
): Html {
  const offers = answer.offers.filter((offer) => offer.roomType === type.roomType)
  const refused = answer.unavailable.filter((it) => it.roomType === type.roomType)
  const left = Math.min(...offers.map((offer) => offer.available))
  const photo = type.photos[0]
  return html`<article class="room-result" aria-labelledby="room-${type.roomType}">
<div class="room-result-head">
${photo ? html`<div class="room-photo">${photoImage(content.property, photo)}</div>` : ''}
<div>
<h3 id="room-${type.roomType}">${type.name}</h3>
<p class="facts">${type.beds}<br>${type.squareMetres} m², for up to ${count(type.occupancy.max, 'guest')}</p>
${left <= FEW_LEFT ? html`<p class="few-left">Only ${left} left</p>` : ''}
</div>
</div>
<ul class="offers">${offers.map((offer) => offerLine(content, answer, type, offer, sameTaxes))}</ul>
${refused.length > 0 ? refusedPlans(refused, facts) : ''}
</article>`
}

function offerLine(
  content: PropertyContent,
  answer: AvailabilityAnswer,
  type: RoomType,
  offer: Offer,
  sameTaxes: boolean,
): Html {
  const plan = content.ratePlans.find((it) => it.ratePlan === offer.ratePlan)
  const { currency } = answer
  const now = Date.now()
  const terms = cancellationSentence(
    offer.cancellation,
    { total: offer.total, currency, timeZone: content.timeZone },
    now,
  )
  const name = plan?.name ?? offer.ratePlan
  return html`<li class="offer">
<div class="offer-what">
<h4>${name}</h4>
<ul class="ticks">
<li>${plan ? MEALS[plan.meal] : ''}</li>
<li class="${isFreeToCancel(offer.cancellation, now) ? 'good' : 'plain'}">${terms}</li>
</ul>
<details><summary>Price by night</summary>${priceTable(offer, currency, `${type.name}, ${name}: price by night`)}</details>
</div>
<div class="offer-price">
<p class="amount">${money(offer.total, currency)}<span class="for">for ${count(answer.nights, 'night')}${
    sameTaxes ? '' : `, ${taxSentence(offer, currency)}`
  }</span></p>
<a class="button" href="${bookAddress(content.property, offer, answer)}">Book<span class="unseen"> ${type.name}, ${name}, ${money(offer.total, currency)}</span></a>
</div>
</li>`
}

/** The booking page for an offer of a stay. */
export function bookAddress(property: string, offer: { roomType: string; ratePlan: string }, stay: StayWish): string {
  const query = stayQuery(stay)
  query.set('roomType', offer.roomType)
  query.set('ratePlan', offer.ratePlan)
  return `/hotels/${property}/book?${query}`
}

function refusedPlans(refused: readonly Unavailable[], facts: RefusalFacts): Html {
  return html`<details class="more-rates"><summary>${count(refused.length, 'more rate')}, not for this stay</summary>
<ul>${refused.map(
    (it) => html`<li><strong>${planName(it, facts)}</strong> ${words(refusalWords(it, facts))}</li>`,
  )}</ul></details>`
}

/**
 * A room type that cannot be had at all: each reason once, the one that most rates share first. A room that is sold out
 * or too small is so at every rate, whatever else the rates ask for.
 */
function refusedRoom(answer: AvailabilityAnswer, type: RoomType, facts: RefusalFacts): Html {
  const refused = answer.unavailable.filter((it) => it.roomType === type.roomType)
  const atEveryRate = refused.find((it) => it.reason === 'sold-out' || it.reason === 'occupancy')
  if (atEveryRate) return html`<li><h4>${type.name}</h4><p>${words(refusalWords(atEveryRate, facts))}</p></li>`
  const reasons = new Map<string, { said: RefusalWords; plans: string[] }>()
  for (const it of refused) {
    const said = refusalWords(it, facts)
    const known = reasons.get(said.why)
    if (known) known.plans.push(planName(it, facts))
    else reasons.set(said.why, { said, plans: [planName(it, facts)] })
  }
  const sorted = [...reasons.values()].sort((a, b) => b.plans.length - a.plans.length)
  return html`<li><h4>${type.name}</h4>${sorted.map(
    ({ said, plans }) =>
      html`<p>${sorted.length > 1 ? html`<span class="plans">${plans.join(', ')}:</span> ` : ''}${words(said)}</p>`,
  )}</li>`
}

function planName({ ratePlan }: { ratePlan: string }, { content }: RefusalFacts): string {
  return content.ratePlans.find((it) => it.ratePlan === ratePlan)?.name ?? ratePlan
}

function words({ why, change }: RefusalWords): Html {
  return html`${why}${change ? html` <a href="${change.href}">${change.text}</a>` : ''}`
}
