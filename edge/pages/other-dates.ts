/** Dates around the asked ones on which something is free, for a guest who was told that nothing is. */
import { html } from 'hono/html'
import { dayNumber } from '../../shared/domain/nights.ts'
import type { FlexibleDatesAnswer, FlexibleStay } from '../../shared/routes/availability.ts'
import { count, dateSpan, money } from './format.ts'
import type { Html } from './layout.ts'
import { searchAddress } from './stay-search.ts'

/** Nights that arrival and departure are moved by. */
export const OTHER_DATES_NIGHTS = 3
/** Enough to choose from, few enough to read. */
const SHOWN_MAX = 6

/** The nearest stays that are free, those of the asked length first. Nothing where there are none. */
export function otherDates(answer: FlexibleDatesAnswer): Html | '' {
  const free = nearestFree(answer)
  if (free.length === 0) return ''
  const { adults, childAges } = answer
  return html`<section class="not-free" aria-labelledby="other-dates-title">
<h3 id="other-dates-title">Free around your dates</h3>
<ul>${free.map(
    ({ arrival, departure, nights, total }) =>
      html`<li><a href="${searchAddress(answer.property, { arrival, departure, adults, childAges })}#rooms">${dateSpan(arrival, departure)}</a> ${count(nights, 'night')} from ${money(total ?? 0, answer.currency)}</li>`,
  )}</ul></section>`
}

function nearestFree({ arrival, departure, stays }: FlexibleDatesAnswer): FlexibleStay[] {
  const [from, to] = [dayNumber(arrival), dayNumber(departure)]
  const distance = (stay: FlexibleStay) =>
    Math.abs(dayNumber(stay.arrival) - from) + Math.abs(dayNumber(stay.departure) - to)
  const isOtherLength = (stay: FlexibleStay) => (stay.nights === to - from ? 0 : 1)
  return stays
    .filter((stay) => stay.total !== null)
    .sort((a, b) => isOtherLength(a) - isOtherLength(b) || distance(a) - distance(b) || (a.total ?? 0) - (b.total ?? 0))
    .slice(0, SHOWN_MAX)
}
