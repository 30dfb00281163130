/** What guests do with a booking they have: look it up, keep its link, cancel it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { tokenOf } from '../browser/fake-guest-services.ts'
import { bookingAddress, cookiesOf, form, type GuestVisit, guestVisit, hidden, TOTAL } from './guest-visit.ts'

let visit: GuestVisit
beforeEach(() => {
  visit = guestVisit()
})
const get: GuestVisit['get'] = (...given) => visit.get(...given)
const post: GuestVisit['post'] = (...given) => visit.post(...given)

describe('my booking', () => {
  it('opens with the private link, which leaves no token in the address', async () => {
    const { path } = await visit.book()
    const reference = path.slice(-10)
    const answer = await get(`${path}?token=${tokenOf(reference)}`)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(path)
    const text = await (await get(path, { cookie: cookiesOf(answer) })).text()
    expect(text).toContain(reference)
    expect(text).toContain('Ana Reis')
  })

  it('stays closed without the token, and to a wrong one, which is not remembered', async () => {
    const { path } = await visit.book()
    expect((await get(path)).status).toBe(404)
    expect((await get(path, { cookie: `__Host-stayzr-bookings=${path.slice(-10)}.guessed` })).status).toBe(404)
    const wrong = await get(`${path}?token=guessed`)
    expect(wrong.status).toBe(404)
    expect(wrong.headers.getSetCookie()).toEqual([])
  })

  it('remembers the last five', async () => {
    let cookie = ''
    const paths: string[] = []
    for (let i = 0; i < 6; i++) {
      const answer = await post(
        bookingAddress({ roomType: i < 3 ? 'DBL' : 'STE' }),
        form({ expectedTotal: i < 3 ? String(TOTAL) : '43600' }),
        { cookie },
      )
      cookie = cookiesOf(answer)
      paths.push(answer.headers.get('location') ?? '')
    }
    expect(await Promise.all(paths.map(async (path) => (await get(path, { cookie })).status))).toEqual([
      404, 200, 200, 200, 200, 200,
    ])
  })

  it('shows the stay and no person to reference and last name', async () => {
    const { path } = await visit.book()
    const answer = await post('/my-booking', {
      reference: `${path.slice(-10, -5)} ${path.slice(-5).toLowerCase()}`,
      lastName: 'reis',
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    const text = await answer.text()
    expect(text).toContain('Quay Double')
    expect(text).not.toContain('Reis')
    expect(text).not.toContain('ana@example.test')
    expect(text).not.toContain('/cancel')
  })

  it('does not tell a wrong name from a wrong reference', async () => {
    const { path } = await visit.book()
    const wrongName = await post('/my-booking', { reference: path.slice(-10), lastName: 'Silva' })
    const wrongReference = await post('/my-booking', { reference: '0000000000', lastName: 'Silva' })
    expect([wrongName.status, wrongReference.status]).toEqual([404, 404])
    const same = (text: string) => text.replaceAll(path.slice(-10), '').replaceAll('0000000000', '')
    expect(same(await wrongName.text())).toBe(same(await wrongReference.text()))
  })

  it('asks in a form that never puts the name into an address', async () => {
    expect(await (await get('/my-booking')).text()).toMatch(/<form method="post" action="\/my-booking"/)
  })

  it('is cancelled after saying what that costs', async () => {
    const { path, cookie } = await visit.book()
    const page = await (await get(`${path}/cancel`, { cookie })).text()
    expect(page).toContain('Cancelling now costs you nothing')
    const fee = hidden(page, 'fee') ?? ''
    const answer = await post(`${path}/cancel`, { fee, idempotencyKey: crypto.randomUUID() }, { cookie })
    expect(answer.status).toBe(303)
    expect(await (await get(path, { cookie })).text()).toContain('This booking is cancelled')
    expect((await get(`${path}/cancel`, { cookie })).status).toBe(303)
  })

  it('is not cancelled at a fee that the guest has not seen', async () => {
    const { path, cookie } = await visit.book()
    const booking = visit.services.bookings.get(path.slice(-10))
    if (booking)
      visit.services.bookings.set(booking.reference, { ...booking, cancellation: { freeUntil: null, penalty: 11_000 } })
    const answer = await post(`${path}/cancel`, { fee: '0' }, { cookie })
    expect(answer.status).toBe(409)
    const text = await answer.text()
    expect(text).toContain('€110.00')
    expect(hidden(text, 'fee')).toBe('11000')
    expect(visit.services.calls.some((call) => call.name === 'cancel')).toBe(false)
  })

  it('cannot be cancelled by somebody else', async () => {
    const { path } = await visit.book()
    expect((await post(`${path}/cancel`, { fee: '0' })).status).toBe(404)
    expect(visit.services.calls.some((call) => call.name === 'cancel')).toBe(false)
  })
})
