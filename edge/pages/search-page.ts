import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Night } from '../../shared/domain/nights.ts'
import type { PropertyContent } from '../../shared/domain/property.ts'
import type { AvailabilityAnswer } from '../../shared/routes/availability.ts'
import { addressedHotel } from './addressed-hotel.ts'
import { count, date, dateSpan, partyText, todayIn } from './format.ts'
import { ariFloor } from './guest-cookies.ts'
import { type Html, page, type Site, staleNotice } from './layout.ts'
import { calendarSpan, monthCalendar, readCalendarView } from './month-calendar.ts'
import { searchResults } from './offers.ts'
import { OTHER_DATES_NIGHTS, otherDates } from './other-dates.ts'
import { findShortestStays } from './shortest-stay.ts'
import { fieldErrors, readStay, type StayReading, staySearchForm } from './stay-search.ts'

/** `GET /hotels/:property/search`: what is free for a stay, and the calendar of prices. Without dates the calendar alone. */
export function showSearch(site: Site) {
  return async (c: Context): Promise<Response> => {
    const content = await addressedHotel(site, c)
    return await searchPage(site, c, content)
  }
}

/** The search page for whatever the address says; also what a booking address with impossible dates leads to. */
export async function searchPage(site: Site, c: Context, content: PropertyContent): Promise<Response> {
  const floor = ariFloor(c, content.property)
  const today = todayIn(content.timeZone)
  const search = new URL(c.req.url).searchParams
  let reading = readStay(search, today)
  let answer: AvailabilityAnswer | undefined
  if (reading.stay)
    try {
      answer = await site.services.availability(c, content.property, reading.stay, floor)
    } catch (error) {
      reading = { ...reading, stay: undefined, errors: fieldErrors(error) }
    }
  const shortestStays = answer
    ? await findShortestStays(answer, (stay) => site.services.availability(c, content.property, stay, floor))
    : new Map()
  const others =
    reading.stay && answer?.offers.length === 0
      ? await site.services.flexibleDates(
          c,
          content.property,
          { ...reading.stay, flexibility: OTHER_DATES_NIGHTS },
          floor,
        )
      : undefined
  const view = readCalendarView(search, reading, today)
  const span = { ...calendarSpan(view.month, today), nights: view.nights, ...reading.party }
  const calendar = await site.services.calendar(c, content.property, span, floor)
  const isWrong = Object.keys(reading.errors).length > 0
  return await c.html(
    page(
      site,
      { title: answer ? `Rooms from ${date(answer.arrival)}` : 'Dates and prices', hotel: content },
      html`<div class="search-head"><h1>${answer ? `${count(answer.nights, 'night')} at ${content.name}` : 'When would you like to stay?'}</h1>
${answer ? searchAgain(content, reading, today) : staySearchForm(content, reading, today)}</div>
${staleNotice(answer ?? calendar, content.timeZone)}
<div class="search${answer ? ' search-with-rooms' : ''}">
${answer ? searchResults(content, answer, today, shortestStays, others ? otherDates(others) : '') : ''}
${monthCalendar(content, calendar, view, reading, today)}
</div>`,
    ),
    isWrong ? 422 : 200,
  )
}

/** The dates in a line, with the form folded away: results come first on a phone. */
function searchAgain(content: PropertyContent, reading: StayReading, today: Night): Html {
  const { stay } = reading
  return html`<details class="search-again"><summary><span>${stay ? `${dateSpan(stay.arrival, stay.departure)}, ${partyText(stay)}` : ''}</span> <span class="change">Change</span></summary>
${staySearchForm(content, reading, today)}</details>`
}
