import { type FieldError, Problem } from '../problems.ts'
import { dayNumber, type Night } from './nights.ts'
import { CALENDAR_DAYS_MAX, STAY_NIGHTS_MAX } from './values.ts'

/**
 * The rules between the dates of a stay that no single field shows. `pointer` names where each date stands:
 * `?` in a query, `/stay/` in a body. Throws `invalid-request`.
 */
export function checkStayDates(
  stay: { arrival: Night; departure: Night },
  today: Night,
  pointer: '?' | '/stay/',
): void {
  const errors: FieldError[] = []
  const nights = dayNumber(stay.departure) - dayNumber(stay.arrival)
  if (stay.arrival < today)
    errors.push({ pointer: `${pointer}arrival`, detail: `arrival must not be before today at the hotel, ${today}` })
  if (nights < 1) errors.push({ pointer: `${pointer}departure`, detail: 'departure must be after arrival' })
  if (nights > STAY_NIGHTS_MAX)
    errors.push({
      pointer: `${pointer}departure`,
      detail: `a stay has at most ${STAY_NIGHTS_MAX} nights, this one has ${nights}`,
    })
  if (errors.length > 0) throw invalidRequest(errors)
}

/** The rules between the dates of a calendar question. Throws `invalid-request`. */
export function checkCalendarDates(span: { from: Night; to: Night }): void {
  const days = dayNumber(span.to) - dayNumber(span.from) + 1
  if (days < 1) throw invalidRequest([{ pointer: '?to', detail: 'to must not be before from' }])
  if (days > CALENDAR_DAYS_MAX)
    throw invalidRequest([{ pointer: '?to', detail: `at most ${CALENDAR_DAYS_MAX} days at once` }])
}

/** `invalid-request` with its fields; `detail` says the first thing to mend. */
export function invalidRequest(errors: FieldError[]): Problem {
  const first = errors[0]
  return new Problem('invalid-request', {
    detail: first ? `${first.pointer}: ${first.detail}` : 'The request is not valid',
    errors,
  })
}
