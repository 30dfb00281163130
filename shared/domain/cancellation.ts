import { divideRounded, type Rounding } from './money.ts'
import { addDays, type Night } from './nights.ts'
import type { CancellationPolicy } from './property.ts'
import { dateAt, type Instant, instantAt } from './zone.ts'

/** A policy as it holds for one sold stay: free before an instant (null: never), then a penalty in minor units. */
export interface Terms {
  freeUntil: string | null
  penalty: number
}

/** The instant until which cancelling is free, RFC 3339, or null. */
export function freeUntil(policy: CancellationPolicy, arrival: Night, timeZone: string): string | null {
  if (policy.freeUntilDays === null) return null
  const instant = instantAt(addDays(arrival, -policy.freeUntilDays), policy.freeUntilTime, timeZone)
  return new Date(instant).toISOString()
}

/** What cancelling too late costs, minor units, never more than the total. */
export function penaltyOf(
  policy: CancellationPolicy,
  sold: { firstNight: number; total: number },
  rounding: Rounding,
): number {
  const penalty =
    policy.penalty === 'first-night'
      ? sold.firstNight
      : policy.penalty === 'full-stay'
        ? sold.total
        : divideRounded(sold.total * policy.penaltyPercent, 100, rounding)
  return Math.min(penalty, sold.total)
}

export interface Cancellable {
  status: string
  arrival: Night
  timeZone: string
  terms: Terms
}

export type CancellationDecision = { allowed: true; fee: number } | { allowed: false; why: string }

/** Whether a reservation can be cancelled at an instant, and what that costs. Pure: pages show the same answer before the button. */
export function decideCancellation(reservation: Cancellable, now: Instant): CancellationDecision {
  if (reservation.status === 'cancelled') return { allowed: false, why: 'It is cancelled already.' }
  if (reservation.status !== 'confirmed' && reservation.status !== 'hold')
    return { allowed: false, why: 'The stay has begun or is over; please speak to the front desk.' }
  if (dateAt(now, reservation.timeZone) > reservation.arrival)
    return { allowed: false, why: 'The arrival date has passed; please speak to the front desk.' }
  const { freeUntil, penalty } = reservation.terms
  const free = freeUntil !== null && now < Date.parse(freeUntil)
  return { allowed: true, fee: free ? 0 : penalty }
}
