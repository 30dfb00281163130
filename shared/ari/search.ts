/** Availability questions, answered from a snapshot. Pure; the same at the edge, at the origin and in tests. */
import { freeUntil, penaltyOf } from '../domain/cancellation.ts'
import { dayNumber, type Night, nightOf } from '../domain/nights.ts'
import { type CountedParty, countParty, type Party } from '../domain/party.ts'
import { nightlyAmount, occupancySupplement } from '../domain/pricing.ts'
import { taxesOn, totalOf } from '../domain/taxes.ts'
import type { CalendarDay, Offer, Unavailable } from '../routes/availability.ts'
import { evaluateStay, type IndexedStay, refusalFor, SELLABLE } from './judge.ts'
import { cheapestByDay } from './month.ts'
import { amountAt, availableAt, type Product, type Snapshot } from './snapshot.ts'

export interface StayQuestion extends Party {
  arrival: Night
  departure: Night
}

export interface CalendarQuestion extends Party {
  from: Night
  to: Night
  nights: number
}

/** Every product of the property for a stay: what can be booked, itemised, and why the rest cannot. */
export function searchStay(
  snapshot: Snapshot,
  question: StayQuestion,
  today: Night,
): { offers: Offer[]; unavailable: Unavailable[] } {
  const arrivalDay = dayNumber(question.arrival)
  const stay = indexedStay(snapshot, arrivalDay, dayNumber(question.departure) - arrivalDay, today)
  const party = countParty(question, snapshot.content.childBands)
  const { reasons } = evaluateStay(snapshot, stay, party)
  const offers: Offer[] = []
  const unavailable: Unavailable[] = []
  for (const product of snapshot.products) {
    const code = reasons[product.index] as number
    if (code === SELLABLE) {
      offers.push(offerFor(snapshot, product, stay, party, question))
      continue
    }
    const refusal = refusalFor(snapshot, product, stay, code)
    unavailable.push({
      roomType: product.roomType.roomType,
      ratePlan: product.plan.ratePlan,
      reason: refusal.reason,
      nights: refusal.nights.map((index) => dateOf(snapshot, index)),
    })
  }
  return { offers, unavailable }
}

/** The cheapest total for each arrival date from `from` to `to`, both included, or the reason nearest to selling. */
export function calendarDays(snapshot: Snapshot, question: CalendarQuestion, today: Night): CalendarDay[] {
  const first = dayNumber(question.from)
  const found = cheapestByDay(snapshot, first, dayNumber(question.to), question, dayNumber(today))
  return found.map((it, i) => {
    const arrival = dateText(first + i)
    return typeof it === 'string'
      ? { arrival, total: null, roomType: null, ratePlan: null, reason: it }
      : {
          arrival,
          total: it.total,
          roomType: it.product.roomType.roomType,
          ratePlan: it.product.plan.ratePlan,
          reason: null,
        }
  })
}

/** A stay in the snapshot's own terms. */
export function indexedStay(snapshot: Snapshot, arrivalDay: number, nights: number, today: Night): IndexedStay {
  return { first: arrivalDay - snapshot.firstDay, nights, leadDays: arrivalDay - dayNumber(today) }
}

/** The itemised offer of a product for a stay. Judge it first: this prices whatever it is given. */
export function offerFor(
  snapshot: Snapshot,
  product: Product,
  stay: IndexedStay,
  party: CountedParty,
  asked: Party,
): Offer {
  const { content } = snapshot
  const supplement = occupancySupplement(product.roomType.occupancy, party)
  const nightly: Offer['nightly'] = []
  let charge = 0
  let available = 9
  for (let i = stay.first; i < stay.first + stay.nights; i++) {
    const amount = nightlyAmount(amountAt(snapshot, product, i), supplement, product.plan.derived)
    nightly.push({ night: dateOf(snapshot, i), amount })
    charge += amount
    available = Math.min(available, availableAt(snapshot, product.roomTypeIndex, i))
  }
  const taxes = taxesOn(
    { charge, nights: stay.nights, adults: asked.adults, childAges: asked.childAges },
    content.taxes,
    content.taxRounding,
  )
  const total = totalOf(charge, taxes)
  const policy = product.plan.cancellation
  return {
    roomType: product.roomType.roomType,
    ratePlan: product.plan.ratePlan,
    available,
    nightly,
    taxes,
    total,
    cancellation: {
      freeUntil: freeUntil(policy, dateOf(snapshot, stay.first), content.timeZone),
      penalty: penaltyOf(policy, { firstNight: nightly[0]?.amount ?? 0, total }, content.taxRounding),
    },
  }
}

function dateOf(snapshot: Snapshot, index: number): Night {
  return dateText(snapshot.firstDay + index)
}

const texts = new Map<number, Night>()
/** `nightOf`, remembered: a few thousand dates serve every question. */
export function dateText(day: number): Night {
  let text = texts.get(day)
  if (text === undefined) {
    if (texts.size > 10_000) texts.clear()
    text = nightOf(day)
    texts.set(day, text)
  }
  return text
}
