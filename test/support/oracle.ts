/**
 * An independent, naive answer to every question a guest may ask: what is free, at what price, may I book it, what does
 * cancelling cost. Written from the rules alone, in memory, without a thought for speed, so that tests and the replay
 * can compare the real system's answers with it. It imports the shapes from shared/ and none of the arithmetic.
 */
import type { RatePlan, RoomType } from '../../shared/domain/property.ts'
import type { CalendarDay, Offer, Unavailable } from '../../shared/routes/availability.ts'
import { dateIn, daysFromTo, nightsOf, plusDays } from './oracle-dates.ts'
import { type OracleHotel, roomsLeft } from './oracle-hotel.ts'
import { judgedByRules, ORACLE_REASONS, type OracleReason, soldOutNights } from './oracle-judge.ts'
import { type OracleStay, priceOf } from './oracle-price.ts'

export type OracleProduct = OracleStay & { roomType: string; ratePlan: string }

export type OracleBooked = Pick<Offer, 'nightly' | 'taxes' | 'total' | 'cancellation'>

export type OracleBooking =
  | { outcome: 'booked'; booking: number; sold: OracleBooked }
  | { outcome: 'invalid-request'; pointers: string[] }
  | { outcome: 'restricted'; reason: OracleReason; nights: string[] }
  | { outcome: 'price-changed'; offer: Offer }
  | { outcome: 'sold-out'; nights: string[]; alternatives: Offer[] }

export type OracleCancellation = { outcome: 'cancelled'; fee: number } | { outcome: 'not-cancellable' }

type OracleReservation = { product: OracleProduct; sold: OracleBooked; status: 'confirmed' | 'cancelled' }

/** At most so many other offers with a `sold-out`, the cheapest first. */
const ALTERNATIVES_MAX = 6
/** An offer says no more than "nine or more". */
const SHOWN_MAX = 9
const NIGHTS_MAX = 90

export class Oracle {
  readonly hotel: OracleHotel
  /** A booking's number is its place here. */
  readonly reservations: OracleReservation[] = []

  constructor(hotel: OracleHotel) {
    this.hotel = hotel
  }

  /** The date at the hotel. */
  today(instant: number): string {
    return dateIn(this.hotel.content.timeZone, instant)
  }

  /** Every product, offered or with the reason why not: room types, then rate plans, in the hotel's order. */
  availability(stay: OracleStay, today: string): { offers: Offer[]; unavailable: Unavailable[] } {
    const offers: Offer[] = []
    const unavailable: Unavailable[] = []
    for (const [roomType, plan] of this.#products()) {
      const codes = { roomType: roomType.roomType, ratePlan: plan.ratePlan }
      const refusal = judgedByRules(this.hotel, roomType, plan, stay, today)
      const soldOut = refusal ? [] : soldOutNights(this.hotel, roomType, stay)
      if (refusal) unavailable.push({ ...codes, ...refusal })
      else if (soldOut.length > 0) unavailable.push({ ...codes, reason: 'sold-out', nights: soldOut })
      else offers.push(this.#offer(roomType, plan, stay))
    }
    return { offers, unavailable }
  }

  /** For each arrival date the cheapest total, or the reason that comes last among the products'. */
  calendar(
    question: { from: string; to: string; nights: number; adults: number; childAges: readonly number[] },
    today: string,
  ): CalendarDay[] {
    const { from, to, nights, adults, childAges } = question
    return nightsOf(from, plusDays(to, 1)).map((arrival) => {
      const none = { arrival, total: null, roomType: null, ratePlan: null }
      if (arrival < today) return { ...none, reason: 'outside-horizon' as const }
      const stay = { arrival, departure: plusDays(arrival, nights), adults, childAges }
      const { offers, unavailable } = this.availability(stay, today)
      let cheapest = offers[0]
      for (const offer of offers) if (cheapest && offer.total < cheapest.total) cheapest = offer
      if (cheapest) {
        const { total, roomType, ratePlan } = cheapest
        return { arrival, total, roomType, ratePlan, reason: null }
      }
      const places = unavailable.map(({ reason }) => ORACLE_REASONS.indexOf(reason))
      return { ...none, reason: ORACLE_REASONS[Math.max(...places)] ?? null }
    })
  }

  /** Books a product at the total the guest was shown, or says the first thing that is wrong. */
  book(product: OracleProduct, expectedTotal: number, today: string): OracleBooking {
    const pointers = this.#invalidPointers(product, today)
    if (pointers.length > 0) return { outcome: 'invalid-request', pointers }
    const [roomType, plan] = this.#product(product)
    if (!roomType || !plan) throw new Error('looked up above')
    const refusal = judgedByRules(this.hotel, roomType, plan, product, today)
    if (refusal) return { outcome: 'restricted', ...refusal }
    const offer = this.#offer(roomType, plan, product)
    if (offer.total !== expectedTotal) return { outcome: 'price-changed', offer }
    const nights = soldOutNights(this.hotel, roomType, product)
    if (nights.length > 0) {
      const { offers } = this.availability(product, today)
      const alternatives = offers.sort((a, b) => a.total - b.total).slice(0, ALTERNATIVES_MAX)
      return { outcome: 'sold-out', nights, alternatives }
    }
    const { nightly, taxes, total, cancellation } = offer
    const sold = { nightly, taxes, total, cancellation }
    this.#take(product, 1)
    this.reservations.push({ product, sold, status: 'confirmed' })
    return { outcome: 'booked', booking: this.reservations.length - 1, sold }
  }

  /** Cancels a booking at an instant: free strictly before the deadline, the penalty from then on. */
  cancel(booking: number, instant: number): OracleCancellation {
    const reservation = this.reservations[booking]
    if (!reservation) throw new Error(`there is no booking ${booking}`)
    const { product, sold } = reservation
    if (reservation.status !== 'confirmed' || this.today(instant) > product.arrival)
      return { outcome: 'not-cancellable' }
    reservation.status = 'cancelled'
    this.#take(product, -1)
    const { freeUntil, penalty } = sold.cancellation
    const free = freeUntil !== null && instant < Date.parse(freeUntil)
    return { outcome: 'cancelled', fee: free ? 0 : penalty }
  }

  /** Rooms sold by `${roomType}|${night}`, counted from the reservations that stand. Nights without any are left out. */
  recount(): Map<string, number> {
    const sold = new Map<string, number>()
    for (const { product, status } of this.reservations) {
      if (status !== 'confirmed') continue
      for (const night of nightsOf(product.arrival, product.departure)) {
        const key = `${product.roomType}|${night}`
        sold.set(key, (sold.get(key) ?? 0) + 1)
      }
    }
    return sold
  }

  /** The price of a product for a stay as if a room were free; undefined where it cannot be priced or is refused. */
  totalIfFree(product: OracleProduct, today: string): number | undefined {
    const [roomType, plan] = this.#product(product)
    if (!roomType || !plan || judgedByRules(this.hotel, roomType, plan, product, today)) return undefined
    return priceOf(this.hotel, roomType, plan, product).total
  }

  #offer(roomType: RoomType, plan: RatePlan, stay: OracleStay): Offer {
    const left = nightsOf(stay.arrival, stay.departure).map((night) => roomsLeft(this.hotel, roomType.roomType, night))
    return {
      roomType: roomType.roomType,
      ratePlan: plan.ratePlan,
      available: Math.min(SHOWN_MAX, ...left),
      ...priceOf(this.hotel, roomType, plan, stay),
    }
  }

  #take(product: OracleProduct, rooms: number): void {
    for (const night of nightsOf(product.arrival, product.departure)) {
      const cell = this.hotel.inventory.get(`${product.roomType}|${night}`)
      if (!cell) throw new Error(`${product.roomType} is not on sale on ${night}`)
      cell.sold += rooms
    }
  }

  #invalidPointers({ roomType, ratePlan, arrival, departure }: OracleProduct, today: string): string[] {
    const nights = daysFromTo(arrival, departure)
    const pointers: string[] = []
    if (nights <= 0 || nights > NIGHTS_MAX) pointers.push('/stay/departure')
    if (arrival < today) pointers.push('/stay/arrival')
    const type = this.hotel.content.roomTypes.find((it) => it.roomType === roomType)
    const plan = this.hotel.content.ratePlans.find((it) => it.ratePlan === ratePlan)
    if (!type) pointers.push('/stay/roomType')
    if (!plan?.roomTypes.includes(roomType)) pointers.push('/stay/ratePlan')
    return pointers
  }

  #product({ roomType, ratePlan }: OracleProduct): [RoomType | undefined, RatePlan | undefined] {
    const pair = this.#products().find(([type, plan]) => type.roomType === roomType && plan.ratePlan === ratePlan)
    return pair ?? [undefined, undefined]
  }

  #products(): [RoomType, RatePlan][] {
    const { roomTypes, ratePlans } = this.hotel.content
    return roomTypes.flatMap((type) =>
      ratePlans
        .filter((plan) => plan.roomTypes.includes(type.roomType))
        .map((plan): [RoomType, RatePlan] => [type, plan]),
    )
  }
}
