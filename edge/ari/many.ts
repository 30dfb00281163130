/**
 * Many properties at once: one head for all of them, then each from memory, and what has moved or is not held filled a few
 * at a time until a deadline. Each is handed over as it comes and not kept, so memory stays within the store's bound.
 */
import type { Confirmed } from '../../shared/ari/answers.ts'
import { Problem } from '../../shared/problems.ts'
import type { Head, Visit } from './documents.ts'
import { withPatience } from './patience.ts'
import type { AriStore } from './store.ts'

/** workerd opens six connections at once for a request; one stays for whatever else it needs. */
const FILLS_AT_ONCE = 5
/** A fill is up to four subrequests with those to the cache, and Cloudflare allows a request 1,000. */
const FILLS_MAX = 200
export interface ManyHeads {
  properties: readonly { property: string; version: number }[]
  /** When they were asked for. */
  confirmedAt: number
  /** The lowest version that this guest may be shown, by property. */
  floors?: ReadonlyMap<string, number> | undefined
  /** Whoever waits, waits no longer; what comes later is there for the next one. */
  deadlineMs: number
}

/** Hands each property's snapshot to `each`, at most once. Returns how many could not be had in time. */
export async function confirmMany(
  store: AriStore,
  heads: ManyHeads,
  visit: Omit<Visit, 'askedAt'>,
  each: (confirmed: Confirmed) => void,
): Promise<{ missing: number }> {
  const waiting = new Map<string, Head>()
  for (const { property, version } of heads.properties) {
    const head = { version, confirmedAt: heads.confirmedAt }
    const found = store.heldBy(property, head)
    if (found && found.snapshot.version >= floorOf(property)) each(found)
    else waiting.set(property, head)
  }
  if (waiting.size === 0) return { missing: 0 }

  const queue = [...waiting].slice(0, FILLS_MAX)
  let over = false
  const fillers = Array.from({ length: Math.min(FILLS_AT_ONCE, queue.length) }, async () => {
    for (let next = queue.shift(); next && !over; next = queue.shift()) await fill(...next)
  })
  const filling = Promise.all(fillers)
  visit.keepAlive(filling)
  await withPatience(filling, heads.deadlineMs)
  over = true
  for (const property of waiting.keys()) {
    // Not brought up to date in time, and says so itself where that matters; a guest's own booking must be in it.
    const found = store.lastHeld(property)
    if (!found || found.snapshot.version < floorOf(property)) continue
    waiting.delete(property)
    each(found)
  }
  return { missing: waiting.size }

  async function fill(property: string, head: Head): Promise<void> {
    try {
      const { keepAlive, traceparent } = visit
      const filled = await store.confirmedBy(property, head, keepAlive, traceparent)
      // The fill that was joined may have begun with an earlier head than this one.
      let found = store.heldBy(property, head) ?? filled
      const floor = floorOf(property)
      if (found.snapshot.version < floor) found = await store.confirmed(property, floor, keepAlive, traceparent)
      if (over || !waiting.delete(property)) return
      each(found)
    } catch (error) {
      // Gone since the head was read: it is not missing.
      if (!over && error instanceof Problem && error.slug === 'property-not-found') waiting.delete(property)
    }
  }

  function floorOf(property: string): number {
    return heads.floors?.get(property) ?? 0
  }
}
