/**
 * How many requests are answered at a time. Beyond what this process and the database behind it can do, more at once only
 * makes each slower, until nobody waits for the answers any more. So the rest waits in line for a moment, and is then told
 * 503 before anything was done for it, which costs a twentieth of a booking.
 */

/** Kinds of work that must not take each other's places. */
export type Lane = 'work' | 'edge' | 'files'

export interface Place {
  /** Gives the place back. Called once. */
  leave(): void
}

export interface Gate {
  /**
   * A place, or why there is none: so many wait already, or this one has waited too long. `waitedMs`: how long before it came
   * here.
   */
  enter(waitedMs?: number): Promise<Place | 'line-full' | 'waited-too-long'>
  /** How many are inside, how many may be, how many wait. */
  state(): { running: number; limit: number; waiting: number }
  close(): void
}

export interface GateOptions {
  /** Places there are at most, and at least. */
  most: number
  least: number
  /** Whether places become fewer while answers take long. Not where that is somebody else's doing, such as a storage's. */
  adapts: boolean
}

/** For a burst, such as fifty clicks at once: most of them are answered, and all well within a second. */
const PATIENCE_MS = 300
/**
 * A line that is never empty is no burst but too much: then waiting in it only makes everybody late (as in CoDel, RFC 8289,
 * and Facebook's adaptive queues, which do this).
 */
const STANDING_MS = 300
const PATIENCE_STANDING_MS = 25
/** How often the number of places is looked at. */
const LOOK_MS = 250
/** What an answer may take while it is busy. With waiting, and what waits unseen, it is within the second that guests have. */
const ANSWER_MS = 200
/** How late timers may be: then the processor is what there is too little of, and answers wait before they are counted. */
const LAG_MS = 150

/** What was seen since the last look. */
export interface Seen {
  answers: number
  /** Of these, how many took longer than `ANSWER_MS`. */
  slow: number
  /** Whether all places were taken at some time. */
  wasFull: boolean
  lagMs: number
}

/**
 * The number of places after a look: a sixth fewer where one answer in ten was slow or timers were late, a third where most
 * were slow; a twentieth more where all were taken and answers were quick. Pure.
 */
export function nextLimit(limit: number, seen: Seen, { most, least }: Pick<GateOptions, 'most' | 'least'>): number {
  const floor = Math.min(least, most)
  if (seen.slow * 2 > seen.answers) return Math.max(floor, (limit * 2) / 3)
  if (seen.slow * 10 > seen.answers || seen.lagMs > LAG_MS) return Math.max(floor, (limit * 5) / 6)
  return seen.wasFull ? Math.min(most, limit + Math.max(1, limit / 20)) : limit
}

/** Which line a request stands in, by its path; undefined for those that are always answered. */
export function laneOf(path: string): Lane | undefined {
  if (path === '/metrics' || path === '/health' || path.startsWith('/health/')) return undefined
  // What guests are told at the edge must not grow old because many book, nor the other way round.
  if (path.startsWith('/internal/')) return 'edge'
  // Waits for the object storage, which no booking may.
  return path.includes('/photos/') ? 'files' : 'work'
}

/** Set by nginx when it passes a request on: Unix time in seconds, with three decimals. */
export const SENT_AT_HEADER = 'x-request-start'
/** Older than any request can be, so it is not a time. */
const AGE_MAX_MS = 120_000
const CLOCKS_COMPARED_MS = 30_000

/**
 * Tells how long a request has waited unseen, in the system's queues while this process was busy, by the time at which it was
 * sent here. The shortest way of the last half minute counts as none, so clocks need not agree.
 */
export function openArrivals(): (sentAt: string | undefined, nowMs: number) => number {
  let [shortest, shortestBefore] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  let since = 0
  return (sentAt, nowMs) => {
    if (sentAt === undefined || !/^\d{10}\.\d{3}$/.test(sentAt)) return 0
    const age = nowMs - Number(sentAt) * 1_000
    if (Math.abs(age) > AGE_MAX_MS) return 0
    if (nowMs - since > CLOCKS_COMPARED_MS) {
      shortestBefore = shortest
      shortest = Number.POSITIVE_INFINITY
      since = nowMs
    }
    shortest = Math.min(shortest, age)
    return age - Math.min(shortest, shortestBefore)
  }
}

/** The three gates of an origin that answers so many at a time, with so many connections to its database. */
export function openGates(requestsMax: number, poolMax: number): Record<Lane, Gate> {
  // With fewer places than connections the database would be idle while guests wait.
  const bounds = { most: requestsMax, least: poolMax, adapts: true }
  const files = Math.max(2, Math.ceil(requestsMax / 8))
  return {
    work: openGate(bounds),
    edge: openGate(bounds),
    files: openGate({ most: files, least: files, adapts: false }),
  }
}

interface Waiting {
  admit(place: Place): void
  timer: ReturnType<typeof setTimeout>
}

export function openGate(options: GateOptions): Gate {
  const line: Waiting[] = []
  let limit = options.most
  let running = 0
  let emptySince = performance.now()
  let seen: Seen = { answers: 0, slow: 0, wasFull: false, lagMs: 0 }
  let lookedAt = performance.now()

  const looks = setInterval(() => {
    const now = performance.now()
    seen.lagMs = now - lookedAt - LOOK_MS
    lookedAt = now
    if (options.adapts) limit = nextLimit(limit, seen, options)
    seen = { answers: 0, slow: 0, wasFull: false, lagMs: 0 }
    admitWaiting()
  }, LOOK_MS)
  looks.unref()

  const places = () => Math.max(1, Math.floor(limit))

  function take(asked: number): Place {
    running += 1
    return {
      leave() {
        running -= 1
        seen.answers += 1
        if (performance.now() - asked > ANSWER_MS) seen.slow += 1
        admitWaiting()
      },
    }
  }
  function admitWaiting(): void {
    while (running < places()) {
      const next = line.shift()
      if (next === undefined) break
      clearTimeout(next.timer)
      next.admit(take(performance.now()))
    }
    if (line.length === 0) emptySince = performance.now()
  }

  return {
    async enter(waitedMs = 0) {
      const asked = performance.now()
      // Nobody sees that line; only refusing shortens it. A few are let in all the same: after a pause there is no more.
      if (waitedMs > PATIENCE_MS && running >= Math.min(options.least, places())) return 'waited-too-long'
      if (line.length === 0) {
        emptySince = asked
        if (running < places()) return take(asked)
      }
      seen.wasFull = true
      if (line.length >= options.most) return 'line-full'
      const patience = asked - emptySince > STANDING_MS ? PATIENCE_STANDING_MS : PATIENCE_MS
      return await new Promise((resolve) => {
        const waiting: Waiting = {
          admit: resolve,
          timer: setTimeout(() => {
            line.splice(line.indexOf(waiting), 1)
            if (line.length === 0) emptySince = performance.now()
            resolve('waited-too-long')
          }, patience),
        }
        line.push(waiting)
      })
    },
    state: () => ({ running, limit: places(), waiting: line.length }),
    close: () => clearInterval(looks),
  }
}
