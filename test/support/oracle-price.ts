/** The oracle's prices: the rules for nightly amounts, taxes and cancelling, each written out once, in whole numbers. */
import type { PropertyContent, RatePlan, RoomType } from '../../shared/domain/property.ts'
import type { Offer } from '../../shared/routes/availability.ts'
import { instantOf, nightsOf, plusDays } from './oracle-dates.ts'
import type { OracleHotel } from './oracle-hotel.ts'
import { type OracleRounding, quotient, toMultiple } from './oracle-money.ts'

export type OracleStay = { arrival: string; departure: string; adults: number; childAges: readonly number[] }

/** Who pays as what: children beyond the last band are adults. */
export type OracleParty = { adults: number; children: number[] }

/** The party as the hotel's bands count it. */
export function partyOf(content: PropertyContent, stay: OracleStay): OracleParty {
  const last = content.childBands.at(-1)
  const children = stay.childAges.filter((age) => last !== undefined && age <= last.maxAge)
  return { adults: stay.adults + stay.childAges.length - children.length, children }
}

/** The nightly rate a product is priced from: its own, or its parent's for the same room type. Undefined: none. */
export function rateOf(hotel: OracleHotel, roomType: RoomType, plan: RatePlan, night: string): number | undefined {
  if (!plan.derived) return hotel.rates.get(`${roomType.roomType}|${plan.ratePlan}|${night}`)
  const parentCode = plan.derived.ratePlan
  const parent = hotel.content.ratePlans.find((it) => it.ratePlan === parentCode)
  if (!parent?.roomTypes.includes(roomType.roomType)) return undefined
  return hotel.rates.get(`${roomType.roomType}|${parentCode}|${night}`)
}

/** Nightly amounts, taxes, total and cancellation terms of a stay whose every night has a rate. */
export function priceOf(
  hotel: OracleHotel,
  roomType: RoomType,
  plan: RatePlan,
  stay: OracleStay,
): Pick<Offer, 'nightly' | 'taxes' | 'total' | 'cancellation'> {
  const nightly = nightsOf(stay.arrival, stay.departure).map((night) => ({
    night,
    amount: nightlyAmount(hotel, roomType, plan, stay, night),
  }))
  const charge = nightly.reduce((sum, { amount }) => sum + amount, 0)
  const taxes = taxesOn(hotel.content, stay, nightly.length, charge)
  const added = taxes.filter((tax) => !tax.included).reduce((sum, tax) => sum + tax.amount, 0)
  const total = charge + added
  return { nightly, taxes, total, cancellation: termsOf(hotel.content, plan, stay, nightly[0]?.amount ?? 0, total) }
}

function nightlyAmount(
  hotel: OracleHotel,
  roomType: RoomType,
  plan: RatePlan,
  stay: OracleStay,
  night: string,
): number {
  const rate = rateOf(hotel, roomType, plan, night)
  if (rate === undefined) throw new Error(`${roomType.roomType} ${plan.ratePlan} has no rate on ${night}`)
  const { base, singleUse, extraAdult, childAmounts } = roomType.occupancy
  const { adults, children } = partyOf(hotel.content, stay)
  let amount = rate
  if (adults === 1 && children.length === 0 && base > 1) amount += singleUse
  for (let adult = base + 1; adult <= adults; adult++) amount += extraAdult
  for (const age of children) {
    const band = hotel.content.childBands.findIndex((it) => age >= it.minAge && age <= it.maxAge)
    amount += childAmounts[band] ?? 0
  }
  amount = atLeastZero(amount)
  if (!plan.derived) return amount
  const { percentBasisPoints, amount: more, rounding, increment } = plan.derived
  const changed = quotient(BigInt(amount) * BigInt(10_000 + percentBasisPoints), 10_000n, rounding)
  return toMultiple(atLeastZero(changed + more), increment, rounding)
}

function taxesOn(content: PropertyContent, stay: OracleStay, nights: number, charge: number): Offer['taxes'] {
  const rounding: OracleRounding = content.taxRounding
  const contained = content.taxes.reduce(
    (sum, tax) => sum + (tax.kind === 'percent' && tax.included ? tax.basisPoints : 0),
    0,
  )
  const includedPercent = (basisPoints: number) =>
    quotient(BigInt(charge) * BigInt(basisPoints), BigInt(10_000 + contained), rounding)
  let net = charge
  for (const tax of content.taxes) if (tax.kind === 'percent' && tax.included) net -= includedPercent(tax.basisPoints)
  // Several included taxes, each rounded up, can add up to more than a charge of a few cents.
  net = atLeastZero(net)
  return content.taxes.map((tax) => {
    const { code, name, included } = tax
    if (tax.kind === 'person-night') {
      const persons = stay.adults + stay.childAges.filter((age) => age >= tax.minAge).length
      return { code, name, amount: tax.amount * persons * Math.min(nights, tax.maxNights), included }
    }
    if (included) return { code, name, amount: includedPercent(tax.basisPoints), included }
    return { code, name, amount: quotient(BigInt(net) * BigInt(tax.basisPoints), 10_000n, rounding), included }
  })
}

function termsOf(
  content: PropertyContent,
  plan: RatePlan,
  stay: OracleStay,
  firstNight: number,
  total: number,
): Offer['cancellation'] {
  const { freeUntilDays, freeUntilTime, penalty, penaltyPercent } = plan.cancellation
  const owed =
    penalty === 'first-night'
      ? firstNight
      : penalty === 'full-stay'
        ? total
        : quotient(BigInt(total) * BigInt(penaltyPercent), 100n, content.taxRounding)
  const freeUntil =
    freeUntilDays === null
      ? null
      : new Date(instantOf(content.timeZone, plusDays(stay.arrival, -freeUntilDays), freeUntilTime)).toISOString()
  return { freeUntil, penalty: Math.min(owed, total) }
}

function atLeastZero(amount: number): number {
  return amount < 0 ? 0 : amount
}
