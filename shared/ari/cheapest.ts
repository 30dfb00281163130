/** The cheapest of what can be booked: for one stay, and of a calendar's days. Pure. */
import { dayNumber, type Night } from '../domain/nights.ts'
import { countParty } from '../domain/party.ts'
import { taxesOn, totalOf } from '../domain/taxes.ts'
import { type CalendarDay, REASONS } from '../routes/availability.ts'
import { evaluateStay, SELLABLE } from './judge.ts'
import { indexedStay, type StayQuestion } from './search.ts'
import type { Snapshot } from './snapshot.ts'

/** What a stay costs at least and what it buys, or the reason nearest to selling. */
export type Cheapest = Omit<CalendarDay, 'arrival'>

/**
 * The cheapest total of one stay: what a calendar of one day says, at a fraction of its cost. `today` is the hotel's
 * date. Of two products at the same total the first in the property's order is taken.
 */
export function cheapestOf(snapshot: Snapshot, question: StayQuestion, today: Night): Cheapest {
  if (question.arrival < today) return nothing(0)
  const { taxes, taxRounding, childBands } = snapshot.content
  const { adults, childAges } = question
  const arrival = dayNumber(question.arrival)
  const nights = dayNumber(question.departure) - arrival
  const stay = indexedStay(snapshot, arrival, nights, today)
  const { reasons, charges } = evaluateStay(snapshot, stay, countParty(question, childBands))
  // A higher charge costs less in all only where several included taxes are rounded one by one.
  const rises = taxes.filter((tax) => tax.kind === 'percent' && tax.included).length <= 1
  let nearest = 0
  let best = -1
  let lowest = Number.POSITIVE_INFINITY
  for (let i = 0; i < reasons.length; i++) {
    const code = reasons[i] as number
    const charge = charges[i] as number
    if (code !== SELLABLE) nearest = Math.max(nearest, code)
    else if (best === -1 || !rises || charge < (charges[best] as number)) {
      const total = totalOf(charge, taxesOn({ charge, nights, adults, childAges }, taxes, taxRounding))
      if (total >= lowest) continue
      lowest = total
      best = i
    }
  }
  const product = snapshot.products[best]
  if (!product) return nothing(nearest)
  const { roomType, plan } = product
  return { total: lowest, roomType: roomType.roomType, ratePlan: plan.ratePlan, reason: null }
}

function nothing(reason: number): Cheapest {
  return { total: null, roomType: null, ratePlan: null, reason: REASONS[reason] ?? 'outside-horizon' }
}

/** The day with the lowest total, the earliest of several; undefined where nothing is offered on any. */
export function cheapestDay(days: readonly CalendarDay[]): (CalendarDay & { total: number }) | undefined {
  let best: (CalendarDay & { total: number }) | undefined
  for (const day of days)
    if (day.total !== null && (!best || day.total < best.total)) best = day as CalendarDay & { total: number }
  return best
}
