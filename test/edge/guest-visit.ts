/** A guest before the pages of one hotel, without a browser: asks, sends forms, keeps cookies. */
import { expect } from 'vitest'
import { guestPages } from '../../edge/pages/pages.ts'
import { type FakeGuestServices, fakeGuestServices } from '../browser/fake-guest-services.ts'
import { harbourHouse, quietWeek } from '../browser/harbour-house.ts'

const { monday, wednesday } = quietWeek()
export const hotel = '/hotels/harbour-house'
export const stay = { arrival: monday, departure: wednesday, adults: '2', roomType: 'DBL', ratePlan: 'BAR' }
/** Two nights at 110.00 and city tax for two: 8.00 a night. */
export const TOTAL = 23_600
const guest = { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test', phone: '', requests: '' }

export const bookingAddress = (over: Record<string, string> = {}) =>
  `${hotel}/book?${new URLSearchParams({ ...stay, ...over })}`
/** The booking form as a guest fills it in. */
export const form = (over: Record<string, string> = {}) => ({
  ...guest,
  expectedTotal: String(TOTAL),
  idempotencyKey: crypto.randomUUID(),
  ...over,
})
/** What a browser would send back after an answer. */
export const cookiesOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
/** The value of a hidden field of a page. */
export const hidden = (page: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1]

export interface GuestVisit {
  services: FakeGuestServices
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  /** Any other request to the pages. */
  request(path: string, init: RequestInit): Promise<Response>
  /** Books the stay above. */
  book(): Promise<{ path: string; cookie: string; answer: Response }>
}

export function guestVisit(house = harbourHouse()): GuestVisit {
  const services = fakeGuestServices([house])
  const pages = guestPages(services, { 'base.css': '/assets/base.01234567.css' })
  const visit: GuestVisit = {
    services,
    get: async (path, headers = {}) => await pages.request(path, { headers }),
    post: async (path, fields, headers = {}) =>
      await pages.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
        body: new URLSearchParams(fields).toString(),
      }),
    request: async (path, init) => await pages.request(path, init),
    async book() {
      const answer = await visit.post(bookingAddress(), form())
      expect(answer.status, await answer.clone().text()).toBe(303)
      return { path: answer.headers.get('location') ?? '', cookie: cookiesOf(answer), answer }
    },
  }
  return visit
}
