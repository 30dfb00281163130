/** Booking one offer: the stay and its price, who is coming, and every way it can be refused. */
import type { Context } from 'hono'
import type { Night } from '../../shared/domain/nights.ts'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { Problem } from '../../shared/problems.ts'
import type { AvailabilityAnswer, Offer, Reason } from '../../shared/routes/availability.ts'
import { addressedHotel } from './addressed-hotel.ts'
import { type BookingNotice, bookingForm, refusedOffer } from './book-form.ts'
import { readForm } from './form-body.ts'
import { todayIn } from './format.ts'
import { ariFloor, raiseAriFloor, rememberBooking } from './guest-cookies.ts'
import { type GuestReading, NO_GUEST, readGuest } from './guest-form.ts'
import { keepPrivate, type Site } from './layout.ts'
import { searchPage } from './search-page.ts'
import { readStay, type StayWish } from './stay-search.ts'

/** A stay of a product, as the address of the page names it. */
export interface Wanted {
  content: PropertyContent
  stay: StayWish
  roomType: string
  ratePlan: string
}

const KEY = /^[\w-]{8,64}$/

/** `GET /hotels/:property/book?roomType&ratePlan&arrival&departure&adults&childAges` */
export function showBooking(site: Site) {
  return async (c: Context): Promise<Response> => {
    const wanted = await readWanted(site, c)
    if (wanted instanceof Response) return wanted
    return await renderBooking(site, c, wanted, { guest: NO_GUEST, key: newKey() })
  }
}

/** The same address, sent: books at the total that was shown, or says what is in the way and keeps what was written. */
export function makeBooking(site: Site) {
  return async (c: Context): Promise<Response> => {
    keepPrivate(c)
    const form = await readForm(c)
    const wanted = await readWanted(site, c)
    if (wanted instanceof Response) return wanted
    const guest = readGuest(form)
    const sentKey = form.get('idempotencyKey') ?? ''
    const key = KEY.test(sentKey) ? sentKey : newKey()
    const expectedTotal = Number(form.get('expectedTotal') ?? Number.NaN)
    if (guest.guest === undefined || !Number.isInteger(expectedTotal) || expectedTotal < 0)
      return await renderBooking(site, c, wanted, { guest, key, status: 422 })
    try {
      const booked = await site.services.book(
        c,
        wanted.content.property,
        {
          stay: { roomType: wanted.roomType, ratePlan: wanted.ratePlan, ...wanted.stay },
          expectedTotal,
          guest: guest.guest,
          ...(guest.requests === undefined ? {} : { requests: guest.requests }),
        },
        key,
      )
      rememberBooking(c, booked.reference, booked.guestToken)
      raiseAriFloor(c, booked.property, booked.ariVersion)
      return c.redirect(`/bookings/${booked.reference}`, 303)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return await renderRefusal(site, c, wanted, { guest, key, problem: error, shown: expectedTotal })
    }
  }
}

interface Attempt {
  guest: GuestReading
  key: string
  status?: 422
}

/** The form with a fresh price, or why there is none. */
async function renderBooking(site: Site, c: Context, wanted: Wanted, attempt: Attempt): Promise<Response> {
  const answer = await askAgain(site, c, wanted)
  const offer = offerOf(answer.offers, wanted)
  if (offer) return await c.html(bookingForm(site, wanted, { ...attempt, offer, total: offer.total }), attempt.status)
  const refused = answer.unavailable.find((it) => it.roomType === wanted.roomType && it.ratePlan === wanted.ratePlan)
  return await c.html(refusedOffer(site, wanted, refused ?? { reason: 'not-priced', nights: [] }, answer.offers), 409)
}

interface Refusal {
  guest: GuestReading
  key: string
  problem: Problem
  /** The total the guest agreed to, minor units. */
  shown: number
}

async function renderRefusal(site: Site, c: Context, wanted: Wanted, refusal: Refusal): Promise<Response> {
  const { problem, guest, key, shown } = refusal
  const { extensions } = problem
  if (problem.retryAfterSeconds !== undefined) c.header('retry-after', String(problem.retryAfterSeconds))
  // The form as it was sent. The total stays what the guest agreed to, the origin compares it anyway.
  const again = async (notice: BookingNotice, status: 409 | 422 | 429 | 503, sentKey = key) => {
    const offer = offerOf((await askAgain(site, c, wanted)).offers, wanted)
    return await c.html(bookingForm(site, wanted, { guest, key: sentKey, offer, total: shown, notice }), status)
  }
  switch (problem.slug) {
    case 'price-changed': {
      const offer = extensions.offer as Offer
      const notice = { kind: 'price-changed', shown } as const
      // Another total is another request, and needs a key of its own.
      return await c.html(bookingForm(site, wanted, { guest, key: newKey(), offer, total: offer.total, notice }), 409)
    }
    case 'sold-out':
    case 'restricted': {
      const reason = problem.slug === 'sold-out' ? 'sold-out' : (extensions.reason as Reason)
      const nights = (extensions.nights ?? []) as Night[]
      const alternatives = (extensions.alternatives as Offer[] | undefined) ?? (await askAgain(site, c, wanted)).offers
      return await c.html(refusedOffer(site, wanted, { reason, nights }, alternatives), 409)
    }
    case 'idempotency-key-reused':
      return await again({ kind: 'sent-before' }, 422, newKey())
    case 'invalid-request':
      return await again({ kind: 'not-taken', detail: problem.message }, 422)
    case 'idempotency-in-progress':
      return await again({ kind: 'in-progress' }, 409)
    case 'too-many-requests':
      return await again({ kind: 'too-many' }, 429)
    case 'origin-unavailable':
    case 'service-unavailable':
    case 'internal':
      // Whether it was booked is not known. The same key makes sending again safe.
      return await again({ kind: 'paused' }, 503)
    default:
      throw problem
  }
}

function offerOf(offers: readonly Offer[], { roomType, ratePlan }: Wanted): Offer | undefined {
  return offers.find((it) => it.roomType === roomType && it.ratePlan === ratePlan)
}

async function askAgain(site: Site, c: Context, { content, stay }: Wanted): Promise<AvailabilityAnswer> {
  return await site.services.availability(c, content.property, stay, ariFloor(c, content.property))
}

/** What the address asks for. Impossible dates lead to the search with its errors, an unknown product to a 404. */
async function readWanted(site: Site, c: Context): Promise<Wanted | Response> {
  const content = await addressedHotel(site, c)
  const search = new URL(c.req.url).searchParams
  const roomType = search.get('roomType') ?? ''
  const ratePlan = search.get('ratePlan') ?? ''
  const plan = content.ratePlans.find((it) => it.ratePlan === ratePlan)
  const exists = content.roomTypes.some((it) => it.roomType === roomType)
  if (!plan || !exists) throw new Problem('not-found', { detail: 'The hotel no longer offers this room at this rate.' })
  const { stay } = readStay(search, todayIn(content.timeZone))
  if (!stay) return await searchPage(site, c, content)
  return { content, stay, roomType, ratePlan }
}

function newKey(): string {
  return crypto.randomUUID()
}
