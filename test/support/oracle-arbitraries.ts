/** Random hotels, random stays: everything a property can be set up with, small enough that the rules meet each other. */
import fc from 'fast-check'
import type { AriFacts } from '../../shared/ari/facts.ts'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { daysFromTo, nightsOf, plusDays } from './oracle-dates.ts'
import { NO_RESTRICTION, newHotel, type OracleHotel, type OracleRestriction, roomsLeft } from './oracle-hotel.ts'
import type { OracleStay } from './oracle-price.ts'

export type RandomHotel = { hotel: OracleHotel; from: string; to: string }

/** A spread of zones: clocks that change in the north, in the south, by half an hour, never, and far from UTC. */
const ZONES = [
  'Europe/Lisbon',
  'Europe/Zurich',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Apia',
]
const ROUNDINGS = ['half-up', 'half-even', 'up', 'down'] as const

const rounding = fc.constantFrom(...ROUNDINGS)
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 100, max: 90_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_000_000, max: 100_000_000 }) },
)

const childBands = fc
  .uniqueArray(fc.integer({ min: 0, max: 17 }), { maxLength: 3 })
  .map((ends) =>
    ends
      .sort((a, b) => a - b)
      .map((maxAge, i, all) => ({ code: `BAND${i}`, minAge: i === 0 ? 0 : (all[i - 1] ?? 0) + 1, maxAge })),
  )

const percentTax = fc.record({
  kind: fc.constant('percent' as const),
  basisPoints: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 10_000 })),
  included: fc.boolean(),
})
const cityTax = fc.record({
  kind: fc.constant('person-night' as const),
  amount: fc.integer({ min: 0, max: 900 }),
  minAge: fc.integer({ min: 0, max: 18 }),
  maxNights: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(999)),
  included: fc.boolean(),
})

const occupancy = fc.record({
  base: fc.integer({ min: 1, max: 3 }),
  roomAboveBase: fc.integer({ min: 0, max: 5 }),
  maxAdults: fc.integer({ min: 2, max: 8 }),
  maxChildren: fc.integer({ min: 0, max: 4 }),
  singleUse: fc.oneof(fc.integer({ min: -9_000, max: 2_000 }), fc.constant(0)),
  extraAdult: fc.integer({ min: 0, max: 8_000 }),
  childAmounts: fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 3, maxLength: 3 }),
})

const plan = fc.record({
  /** Which room types it sells, as a bit each. */
  sells: fc.integer({ min: 1, max: 7 }),
  advanceMin: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }) },
  ),
  advanceMax: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: 8, max: 60 }) },
  ),
  cancellation: fc.record({
    freeUntilDays: fc.option(fc.integer({ min: 0, max: 90 }), { freq: 4 }),
    freeUntilTime: fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(clockTime),
    penalty: fc.constantFrom('first-night' as const, 'full-stay' as const, 'percent' as const),
    penaltyPercent: fc.integer({ min: 0, max: 100 }),
  }),
})
const derivation = fc.record({
  percentBasisPoints: fc.oneof(
    fc.integer({ min: -3_000, max: 3_000 }),
    fc.integer({ min: -9_999, max: 30_000 }),
    fc.constant(0),
  ),
  amount: fc.oneof(fc.integer({ min: -3_000, max: 3_000 }), fc.constant(0)),
  rounding,
  increment: fc.constantFrom(1, 1, 5, 50, 100, 333),
  inheritRestrictions: fc.boolean(),
})

const stretch = { start: fc.integer({ min: 0, max: 40 }), length: fc.integer({ min: 1, max: 6 }) }
const restriction = fc.record({
  ...stretch,
  plan: fc.nat({ max: 4 }),
  roomType: fc.nat({ max: 2 }),
  rule: fc.oneof(
    fc.record({ minStayArrival: fc.integer({ min: 1, max: 7 }) }),
    fc.record({ minStayThrough: fc.integer({ min: 1, max: 7 }) }),
    fc.record({ maxStay: fc.integer({ min: 1, max: 7 }) }),
    fc.constantFrom<Partial<OracleRestriction>>(
      { closedToArrival: true },
      { closedToDeparture: true },
      { closed: true },
      { closedToArrival: true, closedToDeparture: true, minStayThrough: 3 },
    ),
  ),
})
const rate = fc.record({
  ...stretch,
  plan: fc.nat({ max: 4 }),
  roomType: fc.nat({ max: 2 }),
  amount: fc.option(amount),
})
const inventory = fc.record({
  ...stretch,
  roomType: fc.nat({ max: 2 }),
  change: fc.oneof(
    fc.record({ sold: fc.integer({ min: 0, max: 12 }), held: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ sellLimit: fc.integer({ min: 0, max: 5 }), sold: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ outOfOrder: fc.integer({ min: 0, max: 4 }), overbookLimit: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ blocked: fc.integer({ min: 0, max: 4 }) }),
  ),
})

/** A hotel whose horizon begins a few nights around `today` and is 25 to 45 nights long. */
export function randomHotel(today: string): fc.Arbitrary<RandomHotel> {
  return fc
    .record({
      timeZone: fc.constantFrom(...ZONES),
      taxRounding: rounding,
      childBands,
      taxes: fc.array(fc.oneof(percentTax, cityTax), { maxLength: 4 }),
      rooms: fc.array(fc.record({ occupancy, physical: fc.integer({ min: 1, max: 14 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      basePlans: fc.array(plan, { minLength: 1, maxLength: 2 }),
      derivedPlans: fc.array(fc.record({ plan, derivation, parent: fc.nat({ max: 1 }) }), { maxLength: 3 }),
      standardRates: fc.array(amount, { minLength: 2, maxLength: 2 }),
      begins: fc.integer({ min: -4, max: 4 }),
      nights: fc.integer({ min: 25, max: 45 }),
      rates: fc.array(rate, { maxLength: 8 }),
      restrictions: fc.array(restriction, { minLength: 6, maxLength: 24 }),
      inventories: fc.array(inventory, { minLength: 2, maxLength: 10 }),
    })
    .map((given): RandomHotel => {
      const from = plusDays(today, given.begins)
      const to = plusDays(from, given.nights - 1)
      const content = contentOf(given)
      const physical = Object.fromEntries(given.rooms.map((room, i) => [`TYPE${i}`, room.physical]))
      const hotel = newHotel(content, { from, to }, physical)
      const nightsIn = (it: { start: number; length: number }) =>
        nightsOf(plusDays(from, it.start), plusDays(from, it.start + it.length)).filter((night) => night <= to)
      const sells = (roomType: string, code: string) =>
        content.ratePlans.some((it) => it.ratePlan === code && it.roomTypes.includes(roomType))
      given.basePlans.forEach((_, p) => {
        for (const { roomType } of content.roomTypes)
          if (sells(roomType, `BASE${p}`))
            for (const night of nightsOf(from, plusDays(to, 1)))
              hotel.rates.set(`${roomType}|BASE${p}|${night}`, given.standardRates[p] ?? 0)
      })
      for (const it of given.rates)
        for (const night of nightsIn(it)) {
          const key = `TYPE${it.roomType}|BASE${it.plan}|${night}`
          if (it.amount === null) hotel.rates.delete(key)
          else if (hotel.rates.has(key)) hotel.rates.set(key, it.amount)
        }
      for (const it of given.restrictions)
        for (const night of nightsIn(it)) {
          const chosen = content.ratePlans[it.plan % content.ratePlans.length]?.ratePlan ?? ''
          const roomType = `TYPE${it.roomType % content.roomTypes.length}`
          const key = `${roomType}|${chosen}|${night}`
          if (sells(roomType, chosen))
            hotel.restrictions.set(key, { ...NO_RESTRICTION, ...hotel.restrictions.get(key), ...it.rule })
        }
      for (const it of given.inventories)
        for (const night of nightsIn(it)) {
          const cell = hotel.inventory.get(`TYPE${it.roomType}|${night}`)
          if (cell) Object.assign(cell, it.change)
        }
      return { hotel, from, to }
    })
}

/** A stay somewhere around the horizon of a `randomHotel`, mostly short, for a party that often fits. */
export function randomStay(today: string): fc.Arbitrary<OracleStay> {
  return fc
    .record({
      ahead: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 25 }) },
        { weight: 1, arbitrary: fc.integer({ min: 26, max: 50 }) },
      ),
      nights: fc.oneof(
        { weight: 24, arbitrary: fc.integer({ min: 1, max: 5 }) },
        { weight: 8, arbitrary: fc.integer({ min: 6, max: 14 }) },
        { weight: 1, arbitrary: fc.integer({ min: 15, max: 90 }) },
      ),
      adults: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }) },
        { weight: 1, arbitrary: fc.integer({ min: 4, max: 8 }) },
      ),
      childAges: fc.oneof(
        { weight: 2, arbitrary: fc.constant<number[]>([]) },
        { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 17 }), { minLength: 1, maxLength: 4 }) },
      ),
    })
    .map(({ ahead, nights, adults, childAges }) => {
      const arrival = plusDays(today, ahead)
      return { arrival, departure: plusDays(arrival, nights), adults, childAges }
    })
}

/** The same hotel as the engine reads it. */
export function factsOf({ hotel, from, to }: RandomHotel): AriFacts {
  const { content } = hotel
  const nights = nightsOf(from, plusDays(to, 1))
  return {
    content,
    version: 7,
    firstNight: from,
    nights: daysFromTo(from, to) + 1,
    available: content.roomTypes.map(({ roomType }) => nights.map((night) => roomsLeft(hotel, roomType, night))),
    products: content.roomTypes.flatMap(({ roomType }) =>
      content.ratePlans
        .filter((it) => it.roomTypes.includes(roomType))
        .map(({ ratePlan, derived }) => ({
          roomType,
          ratePlan,
          amounts: derived ? null : nights.map((night) => hotel.rates.get(`${roomType}|${ratePlan}|${night}`) ?? null),
          restrictions: nights.map(
            (night) => hotel.restrictions.get(`${roomType}|${ratePlan}|${night}`) ?? NO_RESTRICTION,
          ),
        })),
    ),
  }
}

type Given<A> = A extends fc.Arbitrary<infer T> ? T : never

function contentOf(given: {
  timeZone: string
  taxRounding: (typeof ROUNDINGS)[number]
  childBands: PropertyContent['childBands']
  taxes: Given<typeof percentTax | typeof cityTax>[]
  rooms: { occupancy: Given<typeof occupancy> }[]
  basePlans: Given<typeof plan>[]
  derivedPlans: { plan: Given<typeof plan>; derivation: Given<typeof derivation>; parent: number }[]
}): PropertyContent {
  const soldBy = (bits: number) => {
    const codes = given.rooms.map((_, i) => `TYPE${i}`).filter((_, i) => bits & (1 << i))
    return codes.length > 0 ? codes : ['TYPE0']
  }
  const planFields = { name: 'Plan', description: 'A plan.', meal: 'breakfast' as const }
  const policyOf = ({ sells, ...rest }: Given<typeof plan>) => ({ ...rest, roomTypes: soldBy(sells) })
  const basePlans = given.basePlans.map((it, p) => ({
    ratePlan: `BASE${p}`,
    ...planFields,
    ...policyOf(it),
    derived: null,
  }))
  const derivedPlans = given.derivedPlans.map((it, p) => ({
    ratePlan: `DERIVED${p}`,
    ...planFields,
    ...policyOf(it.plan),
    derived: { ratePlan: `BASE${it.parent % basePlans.length}`, ...it.derivation },
  }))
  return {
    property: 'random-house',
    name: 'Random House',
    tagline: 'Never the same',
    description: 'A house made of chance.',
    address: { street: 'Quay 1', postalCode: '1200-001', city: 'Lisbon', country: 'PT' },
    phone: '+351 21 000 0000',
    email: 'desk@random.example',
    timeZone: given.timeZone,
    currency: 'EUR',
    checkInFrom: '15:00',
    checkOutUntil: '11:00',
    policies: [],
    photos: [],
    childBands: given.childBands,
    taxes: given.taxes.map((tax, i) => ({ ...tax, code: `TAX${i}`, name: `Tax ${i}` })),
    taxRounding: given.taxRounding,
    roomTypes: given.rooms.map((room, i) => ({
      roomType: `TYPE${i}`,
      name: 'Room',
      description: 'A room.',
      beds: 'One bed',
      squareMetres: 20,
      amenities: [],
      photos: [],
      occupancy: {
        base: room.occupancy.base,
        max: room.occupancy.base + room.occupancy.roomAboveBase,
        maxAdults: room.occupancy.maxAdults,
        maxChildren: room.occupancy.maxChildren,
        singleUse: room.occupancy.singleUse,
        extraAdult: room.occupancy.extraAdult,
        childAmounts: room.occupancy.childAmounts.slice(0, given.childBands.length),
      },
    })),
    // A derived plan may stand before its parent in the list.
    ratePlans: [...derivedPlans.slice(0, 1), ...basePlans, ...derivedPlans.slice(1)],
  }
}

function clockTime([hour, minute]: [number, number]): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}
