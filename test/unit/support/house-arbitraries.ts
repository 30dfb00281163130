/** Houses, and questions to them, drawn at random: small, so that rules, rates and edges meet often. */
import fc from 'fast-check'
import type { RestrictionCell } from '../../../shared/ari/facts.ts'
import type { StayQuestion } from '../../../shared/ari/search.ts'
import { ROUNDINGS } from '../../../shared/domain/money.ts'
import { addDays } from '../../../shared/domain/nights.ts'
import type { PropertyContent, RatePlan, RoomType, Tax } from '../../../shared/domain/property.ts'
import { aRatePlan, aRoomType, someContent } from '../../support/builders.ts'
import type { House } from './house.ts'

// Shrinking a whole house takes minutes; after ten seconds the smallest failing one so far will do.
fc.configureGlobal({ interruptAfterTimeLimit: 10_000 })

export const FIRST_NIGHT = '2027-03-20'
export const TODAY = FIRST_NIGHT

const rounding = fc.constantFrom(...ROUNDINGS)
const rate = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 500, max: 30_000 }) },
  fc.constant(0),
  fc.constant(null),
)
const left = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 12 }) }, fc.constant(0))

/** How many nights, or null for no rule; mostly none. */
const length = fc.oneof({ weight: 10, arbitrary: fc.constant(null) }, fc.integer({ min: 1, max: 5 }))
const rarely = fc.oneof({ weight: 30, arbitrary: fc.constant(false) }, fc.constant(true))

export const someRestriction: fc.Arbitrary<RestrictionCell> = fc.record({
  minStayArrival: length,
  minStayThrough: length,
  maxStay: length,
  closedToArrival: rarely,
  closedToDeparture: rarely,
  closed: rarely,
})

const someOccupancy = fc.record({
  base: fc.integer({ min: 1, max: 2 }),
  max: fc.integer({ min: 3, max: 5 }),
  maxAdults: fc.integer({ min: 2, max: 4 }),
  maxChildren: fc.integer({ min: 0, max: 2 }),
  singleUse: fc.integer({ min: -3_000, max: 1_000 }),
  extraAdult: fc.nat(5_000),
  childAmounts: fc.tuple(fc.nat(1_000), fc.nat(3_000)),
})

const someTax: fc.Arbitrary<Tax> = fc.oneof(
  fc.record({
    kind: fc.constant('percent' as const),
    code: fc.constant('VAT'),
    name: fc.constant('VAT'),
    basisPoints: fc.nat(2_500),
    included: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('person-night' as const),
    code: fc.constant('CITY'),
    name: fc.constant('City tax'),
    amount: fc.nat(500),
    minAge: fc.nat(18),
    maxNights: fc.integer({ min: 1, max: 4 }),
    included: fc.boolean(),
  }),
)

const someCancellation = fc.record({
  freeUntilDays: fc.option(fc.nat(30)),
  freeUntilTime: fc.constantFrom('00:00', '01:30', '18:00', '23:59'),
  penalty: fc.constantFrom('first-night' as const, 'full-stay' as const, 'percent' as const),
  penaltyPercent: fc.nat(100),
})

/** One to three room types; a base plan for all, perhaps one for some, and up to two derived from the first. */
const someHouseContent: fc.Arbitrary<PropertyContent> = fc
  .record({
    rooms: fc.array(someOccupancy, { minLength: 1, maxLength: 3 }),
    corporate: fc.option(fc.nat(2)),
    derived: fc.array(
      fc.record({
        percentBasisPoints: fc.integer({ min: -3_000, max: 2_000 }),
        amount: fc.integer({ min: -1_500, max: 1_500 }),
        rounding,
        increment: fc.constantFrom(1, 5, 100),
        inheritRestrictions: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    advance: fc.tuple(fc.option(fc.nat(6)), fc.option(fc.integer({ min: 3, max: 12 }))),
    cancellation: someCancellation,
    taxes: fc.array(someTax, { maxLength: 3 }),
    taxRounding: rounding,
  })
  .map(({ rooms, corporate, derived, advance, cancellation, taxes, taxRounding }) => {
    const roomTypes: RoomType[] = rooms.map((occupancy, i) => aRoomType(`ROOM${i}`, occupancy))
    const all = roomTypes.map((it) => it.roomType)
    const ratePlans: RatePlan[] = [aRatePlan('BAR', { roomTypes: all, cancellation })]
    if (corporate !== null)
      ratePlans.push(
        aRatePlan('CORP', {
          roomTypes: [all[corporate % all.length] ?? 'ROOM0'],
          advanceMin: advance[0],
          advanceMax: advance[1],
        }),
      )
    derived.forEach((rules, i) => {
      ratePlans.push(aRatePlan(`DERIVED${i}`, { roomTypes: all, derived: { ratePlan: 'BAR', ...rules } }))
    })
    return someContent('harbour-house', { roomTypes, ratePlans, taxes, taxRounding })
  })

/** A house on sale for up to two weeks from `FIRST_NIGHT`. */
export function someHouse(): fc.Arbitrary<House> {
  const nightsOnSale = fc.oneof(fc.integer({ min: 1, max: 14 }), { weight: 3, arbitrary: fc.constant(14) })
  return fc.tuple(someHouseContent, nightsOnSale).chain(([content, nights]) => {
    const everyNight = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: nights, maxLength: nights })
    const products = content.roomTypes.flatMap(({ roomType }) =>
      content.ratePlans.filter((plan) => plan.roomTypes.includes(roomType)).map((plan) => ({ roomType, plan })),
    )
    return fc
      .record({
        version: fc.nat(2 ** 31),
        available: fc.tuple(...content.roomTypes.map(() => everyNight(left))),
        products: fc.tuple(
          ...products.map(({ roomType, plan }) =>
            fc.record({
              roomType: fc.constant(roomType),
              ratePlan: fc.constant(plan.ratePlan),
              amounts: plan.derived ? fc.constant(null) : everyNight(rate),
              restrictions: everyNight(someRestriction),
            }),
          ),
        ),
      })
      .map((facts) => ({ content, firstNight: FIRST_NIGHT, nights, ...facts }))
  })
}

/** A stay of 1 to 5 nights that begins from today to 12 days on, so that some reach past the last night on sale. */
export const someStay: fc.Arbitrary<StayQuestion> = fc
  .record({
    lead: fc.nat(12),
    nights: fc.integer({ min: 1, max: 5 }),
    adults: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 2 }) }, fc.integer({ min: 3, max: 4 })),
    childAges: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(fc.nat(17), { maxLength: 2 })),
  })
  .map(({ lead, nights, adults, childAges }) => {
    const arrival = addDays(TODAY, lead)
    return { arrival, departure: addDays(arrival, nights), adults, childAges }
  })
