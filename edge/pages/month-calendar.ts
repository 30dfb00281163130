/**
 * The month calendar: the cheapest total for each day a guest could arrive. Drawn as the front of a house at dusk: a lit
 * window is a day with a free room, the brighter the cheaper; a dark window says why it is dark.
 */
import { html } from 'hono/html'
import { addDays, dayNumber, daysInMonth, type Night, weekday } from '../../shared/domain/nights.ts'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { STAY_NIGHTS_MAX } from '../../shared/domain/values.ts'
import type { CalendarAnswer, CalendarDay } from '../../shared/routes/availability.ts'
import {
  addMonths,
  count,
  currencySign,
  exactMoney,
  longDate,
  monthTitle,
  partyText,
  WEEKDAYS,
  WEEKDAYS_SHORT,
  wholeAmount,
} from './format.ts'
import type { Html } from './layout.ts'
import { DAY_WORDS } from './refusals.ts'
import { partyQuery, type StayReading, stayQuery } from './stay-search.ts'

/** Which month is shown, and for how many nights each day is priced. */
export interface CalendarView {
  /** `YYYY-MM` */
  month: string
  nights: number
}

const NIGHTS_USUALLY = 2
const DAYS_WORTH_SHOWING = 10
/** As far ahead as a guest may leaf. */
const MONTHS_AHEAD = 24

/** Reads the month and the length of stay from an address; whatever makes no sense becomes the usual. */
export function readCalendarView(search: URLSearchParams, reading: StayReading, today: Night): CalendarView {
  const first = today.slice(0, 7)
  const { stay } = reading
  // With the month nearly over there is little left to see in it.
  const soon = addDays(today, DAYS_WORTH_SHOWING).slice(0, 7)
  const asked = search.get('month') ?? stay?.arrival.slice(0, 7) ?? soon
  const last = addMonths(first, MONTHS_AHEAD)
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(asked) ? (asked < first ? first : asked > last ? last : asked) : first
  const nights = Number(search.get('nights') ?? Number.NaN)
  if (Number.isInteger(nights) && nights >= 1 && nights <= STAY_NIGHTS_MAX) return { month, nights }
  return { month, nights: stay ? dayNumber(stay.departure) - dayNumber(stay.arrival) : NIGHTS_USUALLY }
}

/** The dates to ask prices for: the month's, without what is past. */
export function calendarSpan(month: string, today: Night): { from: Night; to: Night } {
  const first = `${month}-01`
  return { from: first < today ? today : first, to: lastOf(month) }
}

/** The calendar with its links; `answer` covers `calendarSpan`. */
export function monthCalendar(
  content: PropertyContent,
  answer: CalendarAnswer,
  view: CalendarView,
  reading: StayReading,
  today: Night,
): Html {
  const { month, nights } = view
  const days = new Map(answer.days.map((day) => [day.arrival, day]))
  const level = priceLevels(answer.days)
  const cell = (night: Night): Html => dayCell(content, days.get(night), night, { nights, reading, level, answer })
  const open = answer.days.some((day) => day.total !== null)
  const hasLowest = answer.days.some((day) => day.total !== null && level(day.total) === 1)
  return html`<section class="calendar" id="calendar" aria-labelledby="calendar-title">
<h2 id="calendar-title">Prices by arrival day</h2>
<p class="calendar-what">Lowest total for ${count(nights, 'night')}, ${partyText(reading.party)}, in ${currencySign(answer.currency)}</p>
<div class="calendar-bar">
${nightsStepper(content.property, view, reading)}
${monthSteps(content.property, view, reading, today)}
</div>
<table>
<caption>${monthTitle(month)}</caption>
<thead><tr>${WEEKDAYS_SHORT.map(
    (name, i) =>
      html`<th scope="col" abbr="${WEEKDAYS[i]}">${name.slice(0, 2)}<span class="wide">${name.slice(2)}</span></th>`,
  )}</tr></thead>
<tbody>
${weeksOf(month, today).map(
  (week) => html`<tr>${week.map((night) => (night === null ? html`<td></td>` : cell(night)))}</tr>
`,
)}</tbody>
</table>
${
  open
    ? html`<ul class="calendar-key">${hasLowest ? html`<li class="key-low">Lowest prices</li>` : ''}<li class="key-free">Free</li><li class="key-dark">Not free</li></ul>`
    : html`<p class="calendar-empty">Nothing is free to arrive in ${monthTitle(month)} for ${count(nights, 'night')}. Try another month or another length of stay.</p>`
}
</section>`
}

interface DayContext {
  nights: number
  reading: StayReading
  level: (total: number) => 1 | 2 | 3
  answer: CalendarAnswer
}

function dayCell(content: PropertyContent, day: CalendarDay | undefined, night: Night, context: DayContext): Html {
  const { nights, reading, level, answer } = context
  const number = Number(night.slice(8))
  const words = day?.reason ? DAY_WORDS[day.reason] : { short: '', why: 'past' }
  if (!day || day.total === null)
    return html`<td class="dark"><span class="day" aria-hidden="true">${number}</span><span class="why" aria-hidden="true">${words.short}</span><span class="unseen">${longDate(night)}: ${words.why}</span></td>`
  const stay = { ...reading.party, arrival: night, departure: addDays(night, nights) }
  const chosen = reading.stay?.arrival === night
  const lit = level(day.total)
  const [weekdayName = '', , ...rest] = longDate(night).split(' ')
  const whole = wholeAmount(day.total, answer.currency)
  const exact = exactMoney(day.total, answer.currency)
  return html`<td class="lit-${lit}"><a href="/hotels/${content.property}/search?${stayQuery(stay)}#rooms"${
    chosen ? html` aria-current="date"` : ''
  }><span class="unseen">${weekdayName} </span><span class="day">${number}</span><span class="unseen"> ${rest.join(' ')}, ${count(nights, 'night')}: </span><span class="price${whole.length > 4 ? ' price-long' : ''}">${whole}</span><span class="unseen"> ${currencySign(answer.currency)}, exactly ${exact}${lit === 1 ? ', among the lowest this month' : ''}</span></a></td>`
}

/** 1 lowest, 3 highest. Measured from the month's lowest, so that one dear night does not make all others look cheap. */
function priceLevels(days: readonly CalendarDay[]): (total: number) => 1 | 2 | 3 {
  const totals = days.flatMap((day) => (day.total === null ? [] : [day.total]))
  const lowest = Math.min(...totals)
  if (Math.max(...totals) === lowest) return () => 2
  return (total) => (total <= lowest * 1.04 ? 1 : total <= lowest * 1.25 ? 2 : 3)
}

function monthSteps(property: string, view: CalendarView, reading: StayReading, today: Night): Html {
  const first = today.slice(0, 7)
  const step = (months: number, arrow: string) => {
    const month = addMonths(view.month, months)
    const beyond = month < first || month > addMonths(first, MONTHS_AHEAD)
    const name = monthTitle(month)
    return beyond
      ? html`<span class="step step-none" aria-hidden="true">${arrow}</span>`
      : html`<a class="step" href="${viewAddress(property, { ...view, month }, reading)}" aria-label="${name}">${arrow}</a>`
  }
  return html`<nav class="stepper" aria-label="Month">${step(-1, '‹')}<span>${monthTitle(view.month)}</span>${step(1, '›')}</nav>`
}

function nightsStepper(property: string, view: CalendarView, reading: StayReading): Html {
  const step = (nights: number, sign: string) =>
    nights < 1 || nights > STAY_NIGHTS_MAX
      ? html`<span class="step step-none" aria-hidden="true">${sign}</span>`
      : html`<a class="step" href="${viewAddress(property, { ...view, nights }, reading)}" aria-label="Prices for ${count(nights, 'night')}">${sign}</a>`
  return html`<nav class="stepper" aria-label="Length of stay">${step(view.nights - 1, '−')}<span>${count(view.nights, 'night')}</span>${step(view.nights + 1, '+')}</nav>`
}

/** The same search with another month or length of stay in the calendar; dates already chosen stay. */
function viewAddress(property: string, view: CalendarView, reading: StayReading): string {
  const query = reading.stay ? stayQuery(reading.stay) : new URLSearchParams(partyQuery(reading.party))
  query.set('month', view.month)
  query.set('nights', String(view.nights))
  return `/hotels/${property}/search?${query}#calendar`
}

function lastOf(month: string): Night {
  const days = daysInMonth(Number(month.slice(0, 4)), Number(month.slice(5, 7)))
  return `${month}-${String(days).padStart(2, '0')}`
}

/** Whole weeks from Monday, without those that are past; null before the first and after the last of the month. */
function weeksOf(month: string, today: Night): (Night | null)[][] {
  const first = `${month}-01`
  const before = weekday(dayNumber(first))
  const length = Number(lastOf(month).slice(8))
  return Array.from({ length: Math.ceil((before + length) / 7) }, (_, week) =>
    Array.from({ length: 7 }, (_, i) => {
      const offset = week * 7 + i - before
      return offset < 0 || offset >= length ? null : addDays(first, offset)
    }),
  ).filter((week) => week.some((night) => night !== null && night >= today))
}
