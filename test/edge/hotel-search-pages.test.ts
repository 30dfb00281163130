/** The pages that search all hotels, and other dates at one, as requests and answers over services in memory. */
import { beforeEach, describe, expect, it } from 'vitest'
import { guestPages } from '../../edge/pages/pages.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { Problem } from '../../shared/problems.ts'
import { type FakeGuestServices, fakeGuestServices } from '../browser/fake-guest-services.ts'
import { harbourContent, harbourHouse, quietWeek } from '../browser/harbour-house.ts'
import { bookingAddress, cookiesOf, form } from './guest-visit.ts'

const { monday, wednesday, friday } = quietWeek()
const stay = `arrival=${monday}&departure=${wednesday}&adults=2`
const address = (over: Record<string, string> = {}) =>
  `/?${new URLSearchParams({ destination: 'lisbon', arrival: monday, departure: wednesday, adults: '2', ...over })}`

let services: FakeGuestServices
let get: (path: string, headers?: Record<string, string>) => Promise<{ status: number; text: string; answer: Response }>
beforeEach(() => {
  const content = (property: string, name: string, over = {}) => harbourContent({ property, name, ...over })
  const full = harbourHouse(content('casa-cheia', 'Casa Cheia'))
  const zurich = { street: 'Quai 1', postalCode: '8001', city: 'Zürich', country: 'CH' }
  services = fakeGuestServices([
    harbourHouse(),
    { ...full, available: full.available.map((row) => row.map(() => 0)) },
    harbourHouse(content('limmat', 'Limmathof', { currency: 'CHF', address: zurich })),
  ])
  const pages = guestPages(services, {})
  get = async (path, headers = {}) => {
    const answer = await pages.request(path, { headers })
    return { status: answer.status, text: await answer.clone().text(), answer }
  }
})
const plain = (html: string) =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:])/g, '$1')

describe('the page of all hotels', () => {
  it('shows every hotel and asks where and when', async () => {
    const { status, text } = await get('/')
    expect(status).toBe(200)
    for (const name of ['Harbour House', 'Casa Cheia', 'Limmathof']) expect(text).toContain(name)
    expect(text).toContain('<option value="zurich">Zürich</option>')
    expect(text).toContain('<option value="PT">All of Portugal</option>')
    expect(services.calls.map((call) => call.name)).not.toContain('search')
  })

  it('leads to each hotel’s rooms for the stay, with its lowest price, and says where nothing is free', async () => {
    const { status, text } = await get(address())
    expect(status).toBe(200)
    expect(text).toContain('<title>Hotels in Lisbon, ')
    expect(plain(text)).toContain('1 hotel with a free room')
    // Two nights at 110.00 less ten percent, and city tax for two.
    expect(plain(text)).toContain('Lowest price: Quay Double €214 for 2 nights, all taxes included')
    expect(text).toContain(`href="/hotels/harbour-house/search?${stay.replaceAll('&', '&amp;')}#rooms"`)
    expect(plain(text)).toContain('Not for these dates Casa Cheia Lisbon, Portugal: sold out. Other days')
    expect(text).not.toContain('Limmathof')
  })

  it('sorts by name where asked, and leads back', async () => {
    const { text } = await get(address({ sort: 'name' }))
    expect(services.calls.at(-2)?.arguments[0]).toMatchObject({ sort: 'name', page: 1, destination: 'lisbon' })
    expect(text).toMatch(/<a class="to-order" href="[^"]*">Sort by price/)
  })

  it('shows nobody less than their own booking', async () => {
    const pages = guestPages(services, {})
    const booked = await pages.request(bookingAddress(), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      body: String(new URLSearchParams(form())),
    })
    expect(booked.status, await booked.clone().text()).toBe(303)
    const { answer } = await get(address(), { cookie: cookiesOf(booked) })
    const floors = services.calls.find((call) => call.name === 'search')?.arguments[1] as ReadonlyMap<string, number>
    expect([...floors]).toEqual([['harbour-house', 42]])
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
  })

  it('says what is old and what is missing, and how to ask again', async () => {
    services.staleSince = '2026-11-01T10:30:00.000Z'
    services.missing = 3
    const { text } = await get(address())
    expect(plain(text)).toContain('last confirmed at 10:30 UTC')
    expect(plain(text)).toContain('3 hotels could not be asked in time. Ask again')
  })

  it('shows a page that is not there as empty, with a way back', async () => {
    const { status, text } = await get(address({ page: '7' }))
    expect(status).toBe(200)
    expect(plain(text)).toContain('There are no hotels on this page. Back to the first')
  })

  it.each([
    ['no place', { destination: '' }, 'Where: choose where you would like to go'],
    ['a place that is none', { destination: '---' }, 'Where: choose where you would like to go'],
    ['a place without hotels', { destination: 'atlantis' }, 'Where: there are no hotels there; choose another place'],
    ['no arrival', { arrival: '' }, 'Arrival: choose the day you arrive'],
    ['no departure', { departure: '' }, 'Departure: choose the day you leave'],
    ['no dates', { arrival: '', departure: '' }, 'Departure: choose the day you leave'],
    ['30 February', { arrival: '2027-02-30' }, 'Arrival: this is no date; write it as 2027-05-28'],
    ['the past', { arrival: '2020-01-01', departure: '2020-01-03' }, 'Arrival: this day is past'],
    ['no adults', { adults: '0' }, 'Adults: at least one adult'],
    ['children without ages', { childAges: 'two' }, 'Children: write each child'],
  ])('says beside the field what is wrong with %s, and keeps the rest', async (_, over, words) => {
    const { status, text } = await get(address(over))
    expect(status).toBe(422)
    expect(plain(text)).toContain(words)
    expect(text).toContain('Harbour House')
    if (!('destination' in over)) expect(text).toContain('<option value="lisbon" selected>')
  })

  it('takes a page or an order that makes no sense for the usual', async () => {
    for (const over of [{ page: '-1' }, { page: 'x' }, { page: '99999' }, { sort: 'stars' }]) {
      expect((await get(address(over as unknown as Record<string, string>))).status).toBe(200)
      const search = services.calls.findLast((call) => call.name === 'search')
      expect(search?.arguments[0]).toMatchObject({ page: 1, sort: 'price' })
    }
  })

  it('shows what anybody wrote as text', async () => {
    const hostile = `"><script>alert('x')</script>&`
    const { text } = await get(address({ destination: hostile, arrival: hostile, childAges: hostile }))
    expect(text).not.toContain('<script>alert')
  })

  it('is a page, too, where nothing can be asked', async () => {
    services.refuseNext('search', new Problem('origin-unavailable'))
    const { status, text } = await get(address())
    expect(status).toBe(503)
    expect(text).toContain('<h1>')
  })
})

describe('a hotel with nothing free', () => {
  const searched = (arrival: string, departure: string) =>
    `/hotels/harbour-house/search?arrival=${arrival}&departure=${departure}&adults=2`

  it('offers the nearest other dates, those of the same length first', async () => {
    const { text } = await get(searched(friday, addDays(friday, 1)))
    expect(plain(text)).toContain('Nothing is free for this stay The dates below are')
    const found = [...text.matchAll(/<li><a href="[^"]*arrival=([\d-]+)&amp;departure=([\d-]+)[^"]*#rooms">/g)].map(
      ([, from = '', to = '']) => [from, to],
    )
    // In days from Friday, which is sold out; Thursday takes no arrivals.
    const around = [
      [1, 2],
      [-2, -1],
      [2, 3],
      [3, 4],
      [-2, 0],
      [1, 3],
    ]
    expect(found).toEqual(around.map((days) => days.map((day) => addDays(friday, day))))
  })

  it('asks no more where something is free, and says nothing where nothing is around either', async () => {
    await get(searched(monday, wednesday))
    expect(services.calls.map((call) => call.name)).not.toContain('flexibleDates')
    const { text } = await get(searched(friday, addDays(friday, 1)).replace('harbour-house', 'casa-cheia'))
    expect(services.calls.map((call) => call.name)).toContain('flexibleDates')
    expect(text).not.toContain('Free around your dates')
    expect(plain(text)).toContain('Here is why, room by room')
  })
})
