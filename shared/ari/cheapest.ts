import { dayNumber, type Night } from '../domain/nights.ts'
import type { CalendarDay } from '../routes/availability.ts'
import { calendarDays, type StayQuestion } from './search.ts'
import type { Snapshot } from './snapshot.ts'

/** The cheapest total of one stay and what it buys, or the reason nearest to selling. `today` is the hotel's date. */
export function cheapestOf(snapshot: Snapshot, stay: StayQuestion, today: Night): CalendarDay {
  const { arrival, departure, adults, childAges } = stay
  const nights = dayNumber(departure) - dayNumber(arrival)
  const [day] = calendarDays(snapshot, { from: arrival, to: arrival, nights, adults, childAges }, today)
  return day as CalendarDay
}

/** The day with the lowest total, the earliest of several; undefined where nothing is offered on any. */
export function cheapestDay(days: readonly CalendarDay[]): (CalendarDay & { total: number }) | undefined {
  let best: (CalendarDay & { total: number }) | undefined
  for (const day of days)
    if (day.total !== null && (!best || day.total < best.total)) best = day as CalendarDay & { total: number }
  return best
}
