import { divideRounded, type Rounding } from './money.ts'
import type { Tax } from './property.ts'

/** One tax on one stay, minor units. `included`: contained in the room charge; else added to it. */
export interface TaxAmount {
  code: string
  name: string
  amount: number
  included: boolean
}

/** Who stays for how long; what the room costs comes beside it. */
export interface TaxedStay {
  nights: number
  adults: number
  childAges: readonly number[]
}

/** A stay with its room charge: the sum of the nightly amounts, minor units. */
export interface Taxable extends TaxedStay {
  charge: number
}

/**
 * The taxes of stays that differ in their room charge alone, for many of them in a row. Included percentages are taken
 * out of the charge together (charge × rate ÷ (1 + sum of included rates)); percentages on top are reckoned on what is
 * left; a person-night tax counts adults and children of at least its age for its first nights. Each line is rounded once,
 * by the named rule.
 */
export class TaxReckoner {
  /** By tax, in the property's order, for the charge reckoned last; minor units. */
  readonly amounts: number[]
  readonly #taxes: readonly Tax[]
  readonly #rounding: Rounding
  /** 10,000 and the basis points of all included percentages. */
  readonly #gross: number

  constructor(taxes: readonly Tax[], rounding: Rounding, stay: TaxedStay) {
    this.#taxes = taxes
    this.#rounding = rounding
    this.#gross = taxes.reduce(
      (sum, tax) => sum + (tax.kind === 'percent' && tax.included ? tax.basisPoints : 0),
      10_000,
    )
    // What persons and nights owe does not depend on the charge.
    this.amounts = taxes.map((tax) => (tax.kind === 'person-night' ? personNights(tax, stay) * tax.amount : 0))
  }

  /** Fills `amounts` for a room charge. Returns what the guest pays: the charge and every tax not contained in it. */
  total(charge: number): number {
    let net = charge
    for (let i = 0; i < this.#taxes.length; i++) {
      const tax = this.#taxes[i] as Tax
      if (tax.kind !== 'percent' || !tax.included) continue
      const amount = divideRounded(charge * tax.basisPoints, this.#gross, this.#rounding)
      this.amounts[i] = amount
      net -= amount
    }
    let total = charge
    for (let i = 0; i < this.#taxes.length; i++) {
      const tax = this.#taxes[i] as Tax
      if (tax.included) continue
      if (tax.kind === 'percent') this.amounts[i] = divideRounded(net * tax.basisPoints, 10_000, this.#rounding)
      total += this.amounts[i] as number
    }
    return total
  }
}

/** How many nights of how many persons a tax counts. */
function personNights(tax: Tax & { kind: 'person-night' }, stay: TaxedStay): number {
  const persons = stay.adults + stay.childAges.filter((age) => age >= tax.minAge).length
  return persons * Math.min(stay.nights, tax.maxNights)
}

/** The taxes of a stay as lines, in the property's order. */
export function taxesOn(stay: Taxable, taxes: readonly Tax[], rounding: Rounding): TaxAmount[] {
  const reckoner = new TaxReckoner(taxes, rounding, stay)
  reckoner.total(stay.charge)
  return taxes.map((tax, i) => ({
    code: tax.code,
    name: tax.name,
    included: tax.included,
    amount: reckoner.amounts[i] as number,
  }))
}

/** What the guest pays: the charge and every tax that is not contained in it. */
export function totalOf(charge: number, taxes: readonly TaxAmount[]): number {
  return taxes.reduce((sum, tax) => sum + (tax.included ? 0 : tax.amount), charge)
}
