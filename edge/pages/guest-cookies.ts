/**
 * What a guest's browser remembers: the tokens of their last bookings, and the lowest ARI version each property may show
 * them. Both cookies are out of reach of scripts and never leave this host.
 */
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

const BOOKINGS = 'stayzr-bookings'
const ARI = 'stayzr-ari'

/** A browser rarely manages more stays at once, and five tokens stay well below what servers accept as a header. */
const BOOKINGS_MAX = 5
const PROPERTIES_MAX = 5
/** A stay may be booked two years ahead; browsers keep cookies for 400 days at most. */
const BOOKINGS_SECONDS = 400 * 86_400
/** Every edge shows a change within seconds; the floor only has to outlive an outage. */
const ARI_SECONDS = 3_600

const BOOKING_PAIR = /^([0-9A-HJKMNP-TV-Z]{10})\.([\w~+/=-]{1,200})$/
const ARI_PAIR = /^([a-z0-9][a-z0-9-]{0,62})\.(\d{1,15})$/

/** Whether the request carries anything of a guest's, so that its answer must be stored nowhere. */
export function knowsGuest(c: Context): boolean {
  return getCookie(c, BOOKINGS, 'host') !== undefined || getCookie(c, ARI, 'host') !== undefined
}

/** The token this browser holds for a booking. */
export function bookingToken(c: Context, reference: string): string | undefined {
  return pairsIn(c, BOOKINGS, BOOKING_PAIR).get(reference)
}

/** Keeps a booking's token, forgetting the oldest beyond five. */
export function rememberBooking(c: Context, reference: string, token: string): void {
  if (!BOOKING_PAIR.test(`${reference}.${token}`)) return
  keepPair(c, BOOKINGS, BOOKING_PAIR, [reference, token], BOOKINGS_MAX, BOOKINGS_SECONDS)
}

/** The lowest ARI version of a property that this guest may be shown. */
export function ariFloor(c: Context, property: string): number | undefined {
  const version = pairsIn(c, ARI, ARI_PAIR).get(property)
  return version === undefined ? undefined : Number(version)
}

/** `ariFloor` of every property that this guest has booked or cancelled at lately. */
export function ariFloors(c: Context): ReadonlyMap<string, number> {
  return new Map([...pairsIn(c, ARI, ARI_PAIR)].map(([property, version]) => [property, Number(version)]))
}

/** From now on this guest sees at least this version: their own booking or cancellation is in it. */
export function raiseAriFloor(c: Context, property: string, version: number): void {
  const floor = Math.max(version, ariFloor(c, property) ?? 0)
  keepPair(c, ARI, ARI_PAIR, [property, String(floor)], PROPERTIES_MAX, ARI_SECONDS)
}

/** `a.1|b.2` as a map; whatever is not of the right shape was not written by us and is left out. */
function pairsIn(c: Context, name: string, shape: RegExp): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const text of (getCookie(c, name, 'host') ?? '').split('|')) {
    const [, key, value] = shape.exec(text) ?? []
    if (key !== undefined && value !== undefined) pairs.set(key, value)
  }
  return pairs
}

function keepPair(
  c: Context,
  name: string,
  shape: RegExp,
  [key, value]: [string, string],
  most: number,
  maxAge: number,
): void {
  const pairs = pairsIn(c, name, shape)
  // Last in, last out: a booking looked at again is not the oldest any more.
  pairs.delete(key)
  pairs.set(key, value)
  const text = [...pairs]
    .slice(-most)
    .map((pair) => pair.join('.'))
    .join('|')
  setCookie(c, name, text, { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax', maxAge })
}
