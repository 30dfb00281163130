/** Availability questions, answered from a snapshot. Pure; the same at the edge, at the origin and in tests. */
import { freeUntil, penaltyOf } from '../domain/cancellation.ts'
import { dayNumber, type Night, nightOf } from '../domain/nights.ts'
import { type CountedParty, countParty, type Party } from '../domain/party.ts'
import { nightlyAmount, occupancySupplement } from '../domain/pricing.ts'
import { taxesOn, totalOf } from '../domain/taxes.ts'
import { type CalendarDay, type Offer, REASONS, type Reason, type Unavailable } from '../routes/availability.ts'
import { type IndexedStay, judgeStay } from './judge.ts'
import type { Product, Snapshot } from './snapshot.ts'

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
  const offers: Offer[] = []
  const unavailable: Unavailable[] = []
  for (const product of snapshot.products) {
    const refusal = judgeStay(snapshot, product, stay, party)
    if (!refusal) offers.push(offerFor(snapshot, product, stay, party, question))
    else
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
  const last = dayNumber(question.to)
  const party = countParty(question, snapshot.content.childBands)
  const supplements = snapshot.products.map((product) => occupancySupplement(product.roomType.occupancy, party))
  const days: CalendarDay[] = []
  for (let day = first; day <= last; day++) {
    const stay = indexedStay(snapshot, day, question.nights, today)
    days.push(
      stay.leadDays < 0
        ? nothing(day, 'outside-horizon')
        : cheapestOn(snapshot, day, stay, party, supplements, question),
    )
  }
  return days
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
  const rates = product.amountsRow * snapshot.nights
  const rooms = product.roomTypeIndex * snapshot.nights
  for (let i = stay.first; i < stay.first + stay.nights; i++) {
    const amount = nightlyAmount(snapshot.amounts[rates + i] as number, supplement, product.plan.derived)
    nightly.push({ night: dateOf(snapshot, i), amount })
    charge += amount
    available = Math.min(available, snapshot.available[rooms + i] as number)
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

function cheapestOn(
  snapshot: Snapshot,
  day: number,
  stay: IndexedStay,
  party: CountedParty,
  supplements: readonly number[],
  asked: Party,
): CalendarDay {
  let best: { product: Product; total: number } | undefined
  let nearest = -1
  for (const product of snapshot.products) {
    const refusal = judgeStay(snapshot, product, stay, party)
    if (refusal) {
      nearest = Math.max(nearest, REASONS.indexOf(refusal.reason))
      continue
    }
    const total = totalFor(snapshot, product, stay, supplements[product.index] as number, asked)
    if (!best || total < best.total) best = { product, total }
  }
  if (!best) return nothing(day, REASONS[nearest] ?? 'outside-horizon')
  return {
    arrival: dateText(day),
    total: best.total,
    roomType: best.product.roomType.roomType,
    ratePlan: best.product.plan.ratePlan,
    reason: null,
  }
}

function totalFor(snapshot: Snapshot, product: Product, stay: IndexedStay, supplement: number, asked: Party): number {
  const rates = product.amountsRow * snapshot.nights
  let charge = 0
  for (let i = stay.first; i < stay.first + stay.nights; i++)
    charge += nightlyAmount(snapshot.amounts[rates + i] as number, supplement, product.plan.derived)
  const { taxes, taxRounding } = snapshot.content
  return totalOf(charge, taxesOn({ charge, nights: stay.nights, ...asked }, taxes, taxRounding))
}

function nothing(day: number, reason: Reason): CalendarDay {
  return { arrival: dateText(day), total: null, roomType: null, ratePlan: null, reason }
}

function dateOf(snapshot: Snapshot, index: number): Night {
  return dateText(snapshot.firstDay + index)
}

const texts = new Map<number, Night>()
/** `nightOf`, remembered: a few thousand dates serve every question. */
function dateText(day: number): Night {
  let text = texts.get(day)
  if (text === undefined) {
    if (texts.size > 10_000) texts.clear()
    text = nightOf(day)
    texts.set(day, text)
  }
  return text
}
