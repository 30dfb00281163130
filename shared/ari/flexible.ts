/** Flexible dates: what a stay costs when arrival and departure may each move by a few nights. Pure. */
import { dayNumber, type Night, nightOf } from '../domain/nights.ts'
import { STAY_NIGHTS_MAX } from '../domain/values.ts'
import type { FlexibleStay } from '../routes/availability.ts'
import { calendarDays, type StayQuestion } from './search.ts'
import type { Snapshot } from './snapshot.ts'

export interface FlexibleQuestion extends StayQuestion {
  /** Nights by which arrival and departure may each move, either way. */
  flexibility: number
}

/**
 * Every stay whose arrival and departure lie within so many nights of the asked ones: the cheapest total, or the reason
 * nearest to selling. By arrival, then departure; what would be no stay (no night, more than may be sold) is left out.
 */
export function flexibleStays(snapshot: Snapshot, question: FlexibleQuestion, today: Night): FlexibleStay[] {
  const { flexibility, adults, childAges } = question
  const arrival = dayNumber(question.arrival)
  const departure = dayNumber(question.departure)
  const asked = departure - arrival
  const shortest = Math.max(1, asked - 2 * flexibility)
  const longest = Math.min(STAY_NIGHTS_MAX, asked + 2 * flexibility)
  const stays: FlexibleStay[] = []
  // Stays of one length are a calendar: the departure bounds which arrivals are in it.
  for (let nights = shortest; nights <= longest; nights++) {
    const first = Math.max(arrival - flexibility, departure - flexibility - nights)
    const last = Math.min(arrival + flexibility, departure + flexibility - nights)
    const days = calendarDays(snapshot, { from: nightOf(first), to: nightOf(last), nights, adults, childAges }, today)
    days.forEach((day, i) => {
      const departs = nightOf(first + i + nights)
      const isAsked = nights === asked && first + i === arrival
      stays.push({ ...day, departure: departs, nights, asked: isAsked })
    })
  }
  return stays.sort((a, b) => compareText(a.arrival, b.arrival) || a.nights - b.nights)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
