import { divideRounded, type Rounding } from './money.ts'
import type { Tax } from './property.ts'

/** One tax on one stay, minor units. `included`: contained in the room charge; else added to it. */
export interface TaxAmount {
  code: string
  name: string
  amount: number
  included: boolean
}

export interface Taxable {
  /** The room charge: the sum of the nightly amounts, minor units. */
  charge: number
  nights: number
  adults: number
  childAges: readonly number[]
}

/**
 * The taxes of a stay, in the property's order. Included percentages are taken out of the charge together
 * (charge × rate ÷ (1 + sum of included rates)); percentages on top are reckoned on what is left; a person-night tax
 * counts adults and children of at least its age for its first nights. Each line is rounded once, by the named rule.
 */
export function taxesOn(stay: Taxable, taxes: readonly Tax[], rounding: Rounding): TaxAmount[] {
  const contained = taxes.filter((tax) => tax.kind === 'percent' && tax.included)
  const containedBasisPoints = contained.reduce((sum, tax) => sum + (tax.kind === 'percent' ? tax.basisPoints : 0), 0)
  const takenOut = (basisPoints: number) =>
    divideRounded(stay.charge * basisPoints, 10_000 + containedBasisPoints, rounding)
  const net = contained.reduce(
    (left, tax) => left - (tax.kind === 'percent' ? takenOut(tax.basisPoints) : 0),
    stay.charge,
  )
  return taxes.map((tax) => ({ code: tax.code, name: tax.name, included: tax.included, amount: amountOf(tax) }))

  function amountOf(tax: Tax): number {
    if (tax.kind === 'person-night') {
      const persons = stay.adults + stay.childAges.filter((age) => age >= tax.minAge).length
      return tax.amount * persons * Math.min(stay.nights, tax.maxNights)
    }
    return tax.included ? takenOut(tax.basisPoints) : divideRounded(net * tax.basisPoints, 10_000, rounding)
  }
}

/** What the guest pays: the charge and every tax that is not contained in it. */
export function totalOf(charge: number, taxes: readonly TaxAmount[]): number {
  return taxes.reduce((sum, tax) => sum + (tax.included ? 0 : tax.amount), charge)
}
