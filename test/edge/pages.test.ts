/** The guest pages as requests and answers, over services in memory. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { Problem } from '../../shared/problems.ts'
import { harbourContent, harbourHouse, quietWeek, today } from '../browser/harbour-house.ts'
import { bookingAddress, cookiesOf, form, type GuestVisit, guestVisit, hidden, hotel, TOTAL } from './guest-visit.ts'

const { monday, tuesday, wednesday, thursday, friday } = quietWeek()

let visit: GuestVisit
beforeEach(() => {
  visit = guestVisit()
})
const get: GuestVisit['get'] = (...given) => visit.get(...given)
const post: GuestVisit['post'] = (...given) => visit.post(...given)

describe('what people wrote', () => {
  const HOSTILE = `"><script>alert('x')</script><b onmouseover=alert(1)>&`

  it('is shown as text wherever it stands', async () => {
    const content = harbourContent({ name: HOSTILE, tagline: HOSTILE, policies: [{ title: HOSTILE, text: HOSTILE }] })
    visit = guestVisit(harbourHouse(content))
    const answer = await post(bookingAddress(), form({ firstName: HOSTILE, requests: HOSTILE }))
    const reservation = await get(answer.headers.get('location') ?? '', { cookie: cookiesOf(answer) })
    const written = new URLSearchParams({ arrival: HOSTILE, departure: HOSTILE, childAges: HOSTILE, month: HOSTILE })
    for (const shown of [
      await get('/'),
      await get(hotel),
      await get(`${hotel}/search?${written}`),
      await post(bookingAddress(), form({ lastName: HOSTILE, email: HOSTILE })),
      reservation,
      await post('/my-booking', { reference: HOSTILE, lastName: HOSTILE }),
    ]) {
      const text = await shown.text()
      expect(text).toContain('&lt;script&gt;')
      expect(text).not.toContain('<script>')
      expect(text).not.toContain('<b onmouseover')
    }
  })
})

describe('every page', () => {
  it('runs and styles nothing that is not one of our files', async () => {
    const { path, cookie } = await visit.book()
    for (const page of ['/', hotel, `${hotel}/search`, bookingAddress(), '/my-booking', '/nothing', path]) {
      const answer = await get(page, { cookie })
      const policy = answer.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('x-frame-options')).toBe('DENY')
      expect(answer.headers.get('strict-transport-security')).toContain('max-age=')
      const text = await answer.text()
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=/)
    }
  })

  it('takes its assets from their fingerprinted addresses', async () => {
    expect(await (await get('/')).text()).toContain('href="/assets/base.01234567.css"')
  })

  it('is kept by nobody once it knows a guest', async () => {
    const { path, cookie } = await visit.book()
    expect((await get(hotel)).headers.get('cache-control')).toBe('private, no-cache')
    expect((await get(hotel, { cookie })).headers.get('cache-control')).toBe('private, no-store')
    const reservation = await get(path, { cookie })
    expect(reservation.headers.get('cache-control')).toBe('private, no-store')
    expect(reservation.headers.get('referrer-policy')).toBe('same-origin')
  })

  it('says in the house’s look that there is nothing', async () => {
    for (const path of ['/nothing', '/hotels/no-such-house', '/hotels/%E0%A4%A', '/hotels/A<b>/search']) {
      const answer = await get(path)
      expect(answer.status, path).toBe(404)
      expect(await answer.text()).toContain('<h1>')
    }
  })

  it('shows nothing of an unexpected error but that it happened', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    visit.services.refuseNext('properties', new Error('password=hunter2'))
    const answer = await get('/')
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('hunter2')
    expect(logged).toHaveBeenCalledOnce()
    logged.mockRestore()
  })

  it('says when the hotel cannot be reached, and when to try again', async () => {
    visit.services.refuseNext('property', new Problem('origin-unavailable', { retryAfterSeconds: 7 }))
    const answer = await get(hotel)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('7')
  })

  it('says when its prices could not be confirmed', async () => {
    expect(await (await get(`${hotel}/search`)).text()).not.toContain('last confirmed')
    visit.services.staleSince = new Date(Date.now() - 120_000).toISOString()
    for (const path of [hotel, `${hotel}/search`, `${hotel}/search?arrival=${monday}&departure=${wednesday}`])
      expect(await (await get(path)).text(), path).toContain('last confirmed')
  })
})

describe('search', () => {
  it.each([
    ['half a stay', { arrival: monday }, 'departure', 'choose the day you leave'],
    ['a date that does not exist', { arrival: '2027-02-30', departure: '2027-03-02' }, 'arrival', 'this is no date'],
    ['a day that is past', { arrival: '2020-01-01', departure: '2020-01-02' }, 'arrival', 'this day is past'],
    ['leaving first', { arrival: wednesday, departure: monday }, 'departure', 'later day'],
    ['a stay too long', { arrival: monday, departure: addDays(monday, 91) }, 'departure', 'up to 90 nights'],
    ['nobody', { arrival: monday, departure: wednesday, adults: '0' }, 'adults', 'at least one adult'],
    ['a child of 18', { arrival: monday, departure: wednesday, childAges: '7, 18' }, 'childAges', 'whole years'],
  ])('with %s says so beside the field', async (_, query: Record<string, string>, field, words) => {
    const answer = await get(`${hotel}/search?${new URLSearchParams(query)}`)
    expect(answer.status).toBe(422)
    const text = await answer.text()
    expect(text).toMatch(new RegExp(`id="${field}-error">[^<]*${words}`))
    expect(text).toMatch(new RegExp(`id="${field}"[^>]*aria-describedby="[^"]*${field}-error"[^>]*aria-invalid="true"`))
    expect(text).toContain(`<a href="#${field}">`)
    expect(visit.services.calls.some((call) => call.name === 'availability')).toBe(false)
  })

  it('shows a refusal of the service beside its field', async () => {
    const errors = [{ pointer: '?departure', detail: 'the house closes for good' }]
    visit.services.refuseNext('availability', new Problem('invalid-request', { errors }))
    const answer = await get(`${hotel}/search?arrival=${monday}&departure=${wednesday}`)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toMatch(/id="departure-error">the house closes for good/)
  })

  it('offers rooms with their price, taxes and terms', async () => {
    const text = await (await get(`${hotel}/search?arrival=${monday}&departure=${wednesday}&adults=2`)).text()
    expect(text).toContain('€236')
    expect(text).toContain('including €16 City tax')
    expect(text).toMatch(/Free to cancel until 18:00 on [^;]*, Lisbon time/)
    expect(text).toContain('Not refundable')
  })

  it('says how few are left, and only then', async () => {
    const few = await (await get(`${hotel}/search?arrival=${wednesday}&departure=${thursday}`)).text()
    expect(few.match(/Only \d left/g)).toEqual(['Only 1 left'])
  })

  it('says on which night a room is sold out', async () => {
    const text = await (await get(`${hotel}/search?arrival=${friday}&departure=${addDays(friday, 1)}`)).text()
    expect(text).toContain('Nothing is free for this stay')
    expect(text).toMatch(/Sold out on Fri \d+ [A-Z]/)
  })

  it('leads from a day without arrivals to the day before', async () => {
    const text = await (await get(`${hotel}/search?arrival=${thursday}&departure=${friday}`)).text()
    expect(text).toContain('No stay can begin on Thu')
    expect(text).toContain(`arrival=${wednesday}&amp;departure=${friday}`)
  })

  it('says how long a stay must be, and leads to one that is long enough', async () => {
    const text = await (await get(`${hotel}/search?arrival=${tuesday}&departure=${wednesday}&adults=2`)).text()
    expect(text).toMatch(/Stays that begin on Tue \d+ \w+ are of 3 nights or more/)
    expect(text).toContain(`arrival=${tuesday}&amp;departure=${friday}&amp;adults=2">Stay 3 nights</a>`)
  })

  it('says only that a room is sold out, whatever else its rates ask for', async () => {
    const text = await (await get(`${hotel}/search?arrival=${friday}&departure=${addDays(friday, 1)}&adults=2`)).text()
    expect(text.match(/<h4>[^<]*<\/h4><p>Sold out on Fri/g)).toHaveLength(2)
  })

  it('links every free day of the calendar and says of the others why not', async () => {
    const text = await (await get(`${hotel}/search?month=${friday.slice(0, 7)}&nights=1`)).text()
    expect(text).toContain(`/search?arrival=${wednesday}&amp;departure=${thursday}`)
    expect(text).not.toContain(`/search?arrival=${friday}&amp;`)
    expect(text).toMatch(/Friday \d+ \w+ \d+: sold out/)
    expect(text).toMatch(/Thursday \d+ \w+ \d+: no arrivals on this day/)
  })

  it('asks the calendar for no day that is past, whatever month is named', async () => {
    for (const month of ['1999-01', '9999-12', 'soon', '']) {
      expect((await get(`${hotel}/search?month=${month}&nights=-3`)).status, month).toBe(200)
      const asked = visit.services.calls.findLast((call) => call.name === 'calendar')?.arguments[1]
      expect((asked as { from: string }).from >= today()).toBe(true)
    }
  })
})

describe('booking', () => {
  it('keeps what was written and says what is wrong beside each field', async () => {
    const answer = await post(
      bookingAddress(),
      form({ firstName: 'Zoë', lastName: ' ', email: 'zoe@', requests: 'A cot' }),
    )
    expect(answer.status).toBe(422)
    const text = await answer.text()
    expect(text).toMatch(/id="lastName-error">please write your last name/)
    expect(text).toMatch(/id="email-error">[^<]*e-mail address/)
    expect(text).not.toContain('id="firstName-error"')
    expect(text).toContain('value="Zoë"')
    expect(text).toContain('value="zoe@"')
    expect(text).toMatch(/<textarea[^>]*>\s*A cot<\/textarea>/)
    expect(visit.services.calls.some((call) => call.name === 'book')).toBe(false)
  })

  it('sends a party with children and a long wish as the API wants them', async () => {
    const answer = await post(
      bookingAddress({ childAges: '7,4' }),
      form({ expectedTotal: '29600', phone: '+351 1', requests: 'Late.\r\nVery late.' }),
    )
    expect(answer.status).toBe(303)
    expect(visit.services.calls.find((call) => call.name === 'book')?.arguments[1]).toEqual({
      stay: { roomType: 'DBL', ratePlan: 'BAR', arrival: monday, departure: wednesday, adults: 2, childAges: [7, 4] },
      expectedTotal: 29_600,
      guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test', phone: '+351 1' },
      requests: 'Late.\nVery late.',
    })
  })

  it('leads to the booking with cookies that only this host and no script can read', async () => {
    const { path, answer } = await visit.book()
    expect(path).toMatch(/^\/bookings\/[0-9A-Z]{10}$/)
    const cookies = answer.headers.getSetCookie()
    expect(cookies.map((cookie) => cookie.split('=')[0]).sort()).toEqual([
      '__Host-stayzr-ari',
      '__Host-stayzr-bookings',
    ])
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; HttpOnly/)
      expect(cookie).toMatch(/; Secure/)
      expect(cookie).toMatch(/; SameSite=Lax/)
      expect(cookie).toMatch(/; Path=\//)
      expect(cookie).not.toMatch(/Domain/)
    }
  })

  it('lets the guest see nothing older than their booking', async () => {
    const { cookie } = await visit.book()
    await get(`${hotel}/search?arrival=${monday}&departure=${wednesday}`, { cookie })
    const asked = visit.services.calls.slice(-3)
    expect(asked.map((call) => call.name)).toEqual(['property', 'availability', 'calendar'])
    for (const call of asked) expect(call.arguments.at(-1)).toBe(42)
  })

  it('sent twice is one booking', async () => {
    const same = form()
    const first = await post(bookingAddress(), same)
    const second = await post(bookingAddress(), same)
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
    expect(visit.services.bookings.size).toBe(1)
  })

  it('gives every form a key of its own', async () => {
    const keys = [await get(bookingAddress()), await get(bookingAddress())].map(async (answer) =>
      hidden(await answer.text(), 'idempotencyKey'),
    )
    const [first, second] = await Promise.all(keys)
    expect(first).toMatch(/^[\w-]{20,}$/)
    expect(second).not.toBe(first)
  })

  it('shows the old and the new price and asks again', async () => {
    const sent = form({ expectedTotal: '20000' })
    const answer = await post(bookingAddress(), sent)
    expect(answer.status).toBe(409)
    const text = await answer.text()
    expect(text).toContain('<del>€200.00</del>')
    expect(text).toContain('<strong>€236.00</strong>')
    expect(hidden(text, 'expectedTotal')).toBe(String(TOTAL))
    expect(hidden(text, 'idempotencyKey')).not.toBe(sent.idempotencyKey)
    expect(text).toContain('value="ana@example.test"')
    expect(visit.services.bookings.size).toBe(0)
  })

  it('that came too late says which night and offers what else is free', async () => {
    const question = { arrival: monday, departure: wednesday, adults: 2, childAges: [] }
    const alternatives = await visit.services.availability(undefined as never, 'harbour-house', question)
    const suites = alternatives.offers.filter((offer) => offer.roomType === 'STE')
    visit.services.refuseNext('book', new Problem('sold-out', { nights: [addDays(monday, 1)], alternatives: suites }))
    const answer = await post(bookingAddress(), form())
    expect(answer.status).toBe(409)
    const text = await answer.text()
    expect(text).toMatch(/Sold out on Tue \d+ [A-Z]/)
    expect(text).toMatch(/href="[^"]*\/book\?[^"]*roomType=STE[^"]*"/)
  })

  it('that breaks a rule says which, and on which night', async () => {
    visit.services.refuseNext('book', new Problem('restricted', { reason: 'closed-to-arrival', nights: [monday] }))
    const answer = await post(bookingAddress(), form())
    expect(answer.status).toBe(409)
    expect(await answer.text()).toMatch(/No stay can begin on Mon \d+ [A-Z]/)
  })

  it.each(['origin-unavailable', 'internal'] as const)('during %s keeps what was written and the key', async (slug) => {
    visit.services.refuseNext('book', new Problem(slug, { retryAfterSeconds: 5 }))
    const sent = form({ requests: 'A cot' })
    const answer = await post(bookingAddress(), sent)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    const text = await answer.text()
    expect(text).toContain('Bookings are paused for a moment')
    expect(hidden(text, 'idempotencyKey')).toBe(sent.idempotencyKey)
    expect(text).toContain('A cot')
    expect((await post(bookingAddress(), sent)).status).toBe(303)
  })

  it('of a form that was sent before with other details does not book on its own', async () => {
    visit.services.refuseNext('book', new Problem('idempotency-key-reused'))
    const sent = form()
    const answer = await post(bookingAddress(), sent)
    expect(answer.status).toBe(422)
    expect(hidden(await answer.text(), 'idempotencyKey')).not.toBe(sent.idempotencyKey)
  })

  it('of what is not free any more says so before the form is filled in', async () => {
    const answer = await get(bookingAddress({ arrival: friday, departure: addDays(friday, 1) }))
    expect(answer.status).toBe(409)
    expect(await answer.text()).not.toContain('name="email"')
  })

  it.each([{ roomType: 'NONE' }, { ratePlan: 'NONE' }])('of %o leads nowhere', async (over) => {
    expect((await get(bookingAddress(over as Record<string, string>))).status).toBe(404)
  })

  it('with impossible dates leads to the search and its errors', async () => {
    const answer = await get(bookingAddress({ departure: '2027-02-30' }))
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('id="departure-error"')
  })
})

describe('forms from other sites', () => {
  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': '', origin: 'https://evil.example' },
    { 'sec-fetch-site': '', origin: 'null' },
  ])('are refused: %o', async (given) => {
    const { cookie, path } = await visit.book()
    const sent = { ...(given as Record<string, string>), cookie }
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const [name, value] of Object.entries(sent)) if (value !== '') headers[name] = value
    for (const [address, fields] of [
      [bookingAddress(), form()],
      [`${path}/cancel`, { fee: '0' }],
      ['/my-booking', { reference: path.slice(-10), lastName: 'Reis' }],
    ] as const) {
      const answer = await visit.request(address, {
        method: 'POST',
        headers,
        body: String(new URLSearchParams(fields)),
      })
      expect(answer.status).toBe(403)
    }
    expect(visit.services.bookings.size).toBe(1)
    expect([...visit.services.bookings.values()][0]?.status).toBe('confirmed')
  })

  it('are taken from our own, in browsers that only send Origin', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost' }
    const body = String(new URLSearchParams(form()))
    expect((await visit.request(bookingAddress(), { method: 'POST', headers, body })).status).toBe(303)
  })

  it('may be no file and no megabyte', async () => {
    expect((await post(bookingAddress(), form(), { 'content-type': 'multipart/form-data' })).status).toBe(415)
    expect((await post(bookingAddress(), form({ requests: 'x'.repeat(40_000) }))).status).toBe(413)
  })
})
