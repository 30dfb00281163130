/** What is asked for: properties by Zipf's law, and dates, stays and parties of real bookings. */
import { addDays, dayNumber, type Night } from '../../../shared/domain/nights.ts'
import type { FileBooking } from '../replay/bookings-file.ts'
import type { WantedStay } from '../replay/plan.ts'
import { childAgesOf } from '../replay/replay-hotel.ts'
import { randomNumbers } from '../replay/restrictions.ts'

/** A stay and a party; which room type and plan is decided by what is offered. */
export type AskedStay = Pick<WantedStay, 'arrival' | 'departure' | 'adults' | 'childAges'>

/** Numbers from 0 up to and not including 1; the same seed gives the same ones. */
export function randomShares(seed: number): () => number {
  const whole = randomNumbers(seed)
  const below = 2 ** 30
  return () => whole(below) / below
}

/**
 * Draws ranks from 0 to `count` - 1 by Zipf's law with exponent 1: the n-th is asked for 1/n as often as the first.
 * `share` gives numbers from 0 to 1.
 */
export function zipf(count: number, share: () => number): () => number {
  const upTo = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1)
    upTo[rank] = sum
  }
  return () => {
    const at = share() * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((upTo[middle] as number) > at) high = middle
      else low = middle + 1
    }
    return low
  }
}

/**
 * Draws the stays of the file's bookings as they would be searched today: as many days ahead as they were booked, as many
 * nights, the same party. Bookings beyond the horizon are left out. Throws where none is left.
 */
export function stays(
  bookings: readonly FileBooking[],
  options: { today: Night; lastNight: Night; seed: number; share: () => number },
): () => AskedStay {
  const asked = bookings.flatMap((booking): AskedStay[] => {
    const arrival = addDays(options.today, dayNumber(booking.arrival) - dayNumber(booking.bookedOn))
    const departure = addDays(arrival, booking.nights)
    if (arrival < options.today || departure > options.lastNight) return []
    return [{ arrival, departure, adults: booking.adults, childAges: childAgesOf(booking, options.seed) }]
  })
  if (asked.length === 0) throw new Error('No booking of the file lies within the next two years of its making.')
  return () => asked[Math.floor(options.share() * asked.length)] as AskedStay
}

/** Moments of a Poisson process of so many a second, in milliseconds from its beginning, up to an end. */
export function poissonMoments(aSecond: number, untilMs: number, share: () => number): number[] {
  const moments: number[] = []
  for (let at = 0; ; ) {
    at += (-Math.log(1 - share()) * 1_000) / aSecond
    if (at >= untilMs) return moments
    moments.push(at)
  }
}
