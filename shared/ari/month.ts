/** The cheapest stay of a length for each of many arrival dates, worked out together. Pure. */
import { countParty, fits, type Party } from '../domain/party.ts'
import { nightlyAmount, occupancySupplement } from '../domain/pricing.ts'
import { TaxReckoner } from '../domain/taxes.ts'
import { REASONS, type Reason } from '../routes/availability.ts'
import { decide, type IndexedStay, minStayThrough, roomsLeft, ruleOn, SELLABLE } from './judge.ts'
import { nightlyAmounts } from './nightly.ts'
import { amountAt, CLOSED, NO_RATE, type Product, type Snapshot } from './snapshot.ts'

const OCCUPANCY = REASONS.indexOf('occupancy')
const NOT_PRICED = REASONS.indexOf('not-priced')
const SOLD_OUT = REASONS.indexOf('sold-out')

/** The cheapest product on an arrival date and its total, or the reason nearest to selling. */
export type CheapestDay = { product: Product; total: number } | Reason

/**
 * One entry for each arrival day from `first` to `last`, both included and day numbers as `today` is. Of two products at
 * the same total the first in the property's order is taken. Nightly amounts are worked out once and slide along with the
 * arrival date; what a product would cost in all is only reckoned where its room charge is the lowest so far.
 */
export function cheapestByDay(
  snapshot: Snapshot,
  first: number,
  last: number,
  question: Party & { nights: number },
  today: number,
): CheapestDay[] {
  const { nights } = question
  const party = countParty(question, snapshot.content.childBands)
  const days = last - first + 1
  // Arrivals before today or outside the horizon are not looked at; the others lie between these places.
  const from = Math.max(0, snapshot.firstDay - first, today - first)
  const to = Math.min(days, snapshot.firstDay + snapshot.nights - nights - first + 1)
  const totals = new Float64Array(days).fill(Number.POSITIVE_INFINITY)
  const charges = new Float64Array(days).fill(Number.POSITIVE_INFINITY)
  const winners = new Int32Array(days).fill(-1)
  const nearest = new Int8Array(days).fill(REASONS.indexOf('outside-horizon'))
  const { taxes, taxRounding } = snapshot.content
  const reckoner = new TaxReckoner(taxes, taxRounding, question)
  // A higher charge never costs less in all, so that the lowest charge has the lowest total; not so where several included
  // taxes are rounded at once.
  const rises = taxes.filter((tax) => tax.kind === 'percent' && tax.included).length <= 1
  const left = new Uint8Array(days)
  const span = Math.max(0, to - from)
  const night = first + from - snapshot.firstDay
  const kept = span > 0 ? nightlyAmounts(snapshot, night, span + nights - 1) : undefined
  const priced = new Float64Array(span + nights - 1)
  const rules = new RuleCounts(span + nights - 1)
  const stay: IndexedStay = { first: 0, nights, leadDays: 0 }
  let type = -1
  let taken = false
  let supplement = 0
  for (const product of span > 0 ? snapshot.products : []) {
    if (product.roomTypeIndex !== type) {
      type = product.roomTypeIndex
      taken = fits(party, product.roomType.occupancy)
      if (taken) {
        supplement = occupancySupplement(product.roomType.occupancy, party)
        for (let day = from; day < to; day++) {
          stay.first = first + day - snapshot.firstDay
          left[day] = roomsLeft(snapshot, type, stay)
        }
      }
    }
    if (!taken) {
      for (let day = from; day < to; day++) nearest[day] = Math.max(nearest[day] as number, OCCUPANCY)
      continue
    }
    // Amounts of the product's nights: where they are kept, or worked out for this party.
    const plain = supplement === 0 ? kept : undefined
    const amounts = plain ?? priced
    const step = plain ? snapshot.products.length : 1
    let comingAt = plain ? night * step + product.index : 0
    let goingAt = comingAt
    if (!plain) priceNights(snapshot, product, night, supplement, priced)
    // Rules are only looked at where the product would be the cheapest.
    let counted = false
    // What the nights of the stay come to, kept up to date while its arrival moves on by a day at a time: each turn adds
    // the night that comes in at the end, and takes away the one that goes out at the beginning.
    let charge = 0
    let unpriced = 0
    for (let i = 1 - nights; i < span; i++) {
      const coming = amounts[comingAt] as number
      comingAt += step
      if (coming === NO_RATE) unpriced++
      else charge += coming
      if (i < 0) continue
      const day = from + i
      if (charge < (charges[day] as number) || winners[day] === -1) {
        stay.first = first + day - snapshot.firstDay
        stay.leadDays = first + day - today
        let code = NOT_PRICED
        if (unpriced === 0) {
          if (!counted) rules.count(snapshot, product, night, nights)
          counted = true
          code = decide(snapshot, product, stay, rules.closed(i, nights), rules.tooShort(i, nights))
        }
        if (code === SELLABLE && left[day] === 0) code = SOLD_OUT
        if (code !== SELLABLE) nearest[day] = Math.max(nearest[day] as number, code)
        else {
          const total = reckoner.total(charge)
          if (rises) charges[day] = charge
          if (total < (totals[day] as number)) {
            totals[day] = total
            winners[day] = product.index
          }
        }
      }
      const going = amounts[goingAt] as number
      goingAt += step
      if (going === NO_RATE) unpriced--
      else charge -= going
    }
  }
  return Array.from({ length: days }, (_, day): CheapestDay => {
    const winner = snapshot.products[winners[day] as number]
    return winner ? { product: winner, total: totals[day] as number } : (REASONS[nearest[day] as number] as Reason)
  })
}

/** Works out the nightly amounts of a product from a night on; `NO_RATE` where there is none. */
function priceNights(
  snapshot: Snapshot,
  product: Product,
  night: number,
  supplement: number,
  amounts: Float64Array,
): void {
  for (let i = 0; i < amounts.length; i++) {
    const rate = amountAt(snapshot, product, night + i)
    amounts[i] = rate === NO_RATE ? NO_RATE : nightlyAmount(rate, supplement, product.plan.derived)
  }
}

/** How many of the nights so far are closed, or ask for a longer stay: any stay's own are one subtraction away. */
class RuleCounts {
  readonly #closed: Uint16Array
  readonly #tooShort: Uint16Array

  constructor(nights: number) {
    this.#closed = new Uint16Array(nights + 1)
    this.#tooShort = new Uint16Array(nights + 1)
  }

  /** Counts a product's nights from a night of the snapshot on, for stays of so many nights. */
  count(snapshot: Snapshot, product: Product, night: number, nights: number): void {
    let closed = 0
    let tooShort = 0
    for (let i = 0; i + 1 < this.#closed.length; i++) {
      const rule = ruleOn(snapshot, product, night + i)
      if ((rule & CLOSED) !== 0) closed++
      if (minStayThrough(rule) > nights) tooShort++
      this.#closed[i + 1] = closed
      this.#tooShort[i + 1] = tooShort
    }
  }

  /** Whether a night of the stay that begins with the i-th counted one is closed. */
  closed(i: number, nights: number): boolean {
    return this.#closed[i + nights] !== this.#closed[i]
  }

  tooShort(i: number, nights: number): boolean {
    return this.#tooShort[i + nights] !== this.#tooShort[i]
  }
}
