/**
 * Nightly amounts of every product for a party that changes nothing in the price, worked out for a night when it is
 * first asked about and kept beside the snapshot: most parties are such, and deriving a plan's amount is most of the
 * work of pricing.
 */
import { nightlyAmount } from '../domain/pricing.ts'
import { NO_RATE, type Snapshot } from './snapshot.ts'

interface Kept {
  /** By night, then product; `NO_RATE` where the product has none. */
  amounts: Int32Array
  /** 1 for each night whose amounts are worked out. */
  known: Uint8Array
  /** An amount does not fit: derived from a very high rate in a currency of very small units. */
  beyond: boolean
}

const keptBySnapshot = new WeakMap<Snapshot, Kept>()

/**
 * The amounts by night × products + product, worked out at least for the given nights, which lie within the horizon.
 * Undefined where they cannot be kept; then work them out one by one.
 */
export function nightlyAmounts(snapshot: Snapshot, first: number, nights: number): Int32Array | undefined {
  let kept = keptBySnapshot.get(snapshot)
  if (!kept) {
    kept = {
      amounts: new Int32Array(snapshot.nights * snapshot.products.length),
      known: new Uint8Array(snapshot.nights),
      beyond: false,
    }
    keptBySnapshot.set(snapshot, kept)
  }
  for (let night = first; night < first + nights; night++)
    if (kept.known[night] === 0) {
      workOut(snapshot, night, kept)
      kept.known[night] = 1
    }
  return kept.beyond ? undefined : kept.amounts
}

/** To be called for each night whose rates change. */
export function forgetNightlyAmounts(snapshot: Snapshot, night: number): void {
  const kept = keptBySnapshot.get(snapshot)
  if (kept) kept.known[night] = 0
}

/** Bytes that the amounts of a snapshot take once they are asked for. */
export function nightlyBytes(snapshot: Snapshot): number {
  return snapshot.nights * (4 * snapshot.products.length + 1)
}

function workOut(snapshot: Snapshot, night: number, kept: Kept): void {
  const from = night * snapshot.baseProducts
  const to = night * snapshot.products.length
  for (const { index, amountsPlace, plan } of snapshot.products) {
    const rate = amountsPlace === -1 ? NO_RATE : (snapshot.amounts[from + amountsPlace] as number)
    const amount = rate === NO_RATE ? NO_RATE : nightlyAmount(rate, 0, plan.derived)
    kept.amounts[to + index] = amount
    if (kept.amounts[to + index] !== amount) kept.beyond = true
  }
}
