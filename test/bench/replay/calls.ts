/** The calls a replayed guest makes. */
import { randomUUID } from 'node:crypto'
import { BASE_PATH } from './hotel-set-up.ts'
import type { Call } from './http.ts'
import type { WantedStay } from './plan.ts'

/** What is free for the guest's dates and party. */
export function searchCall(property: string, stay: WantedStay, minVersion?: number): Call {
  const { arrival, departure, adults, childAges } = stay
  const ages = childAges.length === 0 ? '' : `&childAges=${childAges.join(',')}`
  const query = `arrival=${arrival}&departure=${departure}&adults=${adults}${ages}`
  return { method: 'GET', path: `${BASE_PATH}/${property}/availability?${query}`, minVersion }
}

/** Books the stay at a total; a fresh Idempotency-Key each time it is made. */
export function bookCall(property: string, stay: WantedStay, expectedTotal: number, line: number): Call {
  return {
    method: 'POST',
    path: `${BASE_PATH}/${property}/reservations`,
    body: {
      stay,
      expectedTotal,
      guest: { firstName: 'Guest', lastName: `Line ${line}`, email: `line-${line}@replay.example` },
    },
    idempotencyKey: randomUUID(),
  }
}

/** Cancels, with the token from the booking. */
export function cancelCall(reference: string, guestToken: string): Call {
  return {
    method: 'POST',
    path: `/api/v1/reservations/${reference}/cancellation`,
    token: guestToken,
    idempotencyKey: randomUUID(),
  }
}

/** The cheapest totals by arrival date, for the guest's party. */
export function calendarCall(
  property: string,
  question: { from: string; to: string; nights: number; adults: number; childAges: readonly number[] },
  minVersion?: number,
): Call {
  const { from, to, nights, adults, childAges } = question
  const ages = childAges.length === 0 ? '' : `&childAges=${childAges.join(',')}`
  const query = `from=${from}&to=${to}&nights=${nights}&adults=${adults}${ages}`
  return { method: 'GET', path: `${BASE_PATH}/${property}/calendar?${query}`, minVersion }
}
