import { networkOf } from '../../shared/networks.ts'
import { Problem } from '../../shared/problems.ts'
import type { RateLimitClass } from '../../shared/routes/route.ts'
import type { Counters } from './counters.ts'

/**
 * Calls a minute from one address. Only what can be used to guess secrets is limited here: a last name for a reference,
 * a password. What a hotel may sell in a minute has no such number.
 */
const PER_MINUTE: Partial<Record<RateLimitClass, number>> = { 'sign-in': 10, lookup: 60 }

export interface Limiter {
  /** Counts one call; throws `too-many-requests` beyond the class's number. */
  take(limit: RateLimitClass, address: string): Promise<void>
}

export function openLimiter(counters: Counters): Limiter {
  return {
    async take(limit, address) {
      const most = PER_MINUTE[limit]
      if (most === undefined) return
      if ((await counters.count(`${limit}:${networkOf(address)}`)) > most)
        throw new Problem('too-many-requests', { detail: 'Too many tries. Wait a minute.', retryAfterSeconds: 60 })
    },
  }
}
