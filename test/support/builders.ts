/** Builders take only what matters to a test. */
import { addDays, type Night } from '../../shared/domain/nights.ts'
import type { PropertyContent, PropertyDefinition, RatePlan, RoomType } from '../../shared/domain/property.ts'
import { dateAt } from '../../shared/domain/zone.ts'
import type { AriChange } from '../../shared/routes/ari.ts'

/** Today at the properties that the builders make. */
export function today(): Night {
  return dateAt(Date.now(), 'Europe/Lisbon')
}

export function aRoomType(code: string, occupancy: Partial<RoomType['occupancy']> = {}): RoomType {
  return {
    roomType: code,
    name: `Room ${code}`,
    description: 'A quiet room.',
    beds: 'One double bed',
    squareMetres: 20,
    amenities: ['Wi-Fi'],
    photos: [],
    occupancy: {
      base: 2,
      max: 4,
      maxAdults: 3,
      maxChildren: 2,
      singleUse: -1000,
      extraAdult: 3000,
      childAmounts: [0, 1500],
      ...occupancy,
    },
  }
}

export function aRatePlan(code: string, over: Partial<RatePlan> = {}): RatePlan {
  return {
    ratePlan: code,
    name: `Plan ${code}`,
    description: 'The flexible rate.',
    meal: 'breakfast',
    roomTypes: ['DBL', 'STE'],
    derived: null,
    advanceMin: null,
    advanceMax: null,
    cancellation: { freeUntilDays: 2, freeUntilTime: '18:00', penalty: 'first-night', penaltyPercent: 0 },
    ...over,
  }
}

export function someContent(property: string, over: Partial<PropertyContent> = {}): PropertyContent {
  return {
    property,
    name: 'Harbour House',
    tagline: 'Rooms above the harbour',
    description: 'A small house by the water.',
    address: { street: 'Quay 1', postalCode: '1200-001', city: 'Lisbon', country: 'PT' },
    phone: '+351 21 000 0000',
    email: 'desk@harbour.example',
    timeZone: 'Europe/Lisbon',
    currency: 'EUR',
    checkInFrom: '15:00',
    checkOutUntil: '11:00',
    policies: [{ title: 'Quiet', text: 'From ten at night.' }],
    photos: [],
    childBands: [
      { code: 'INFANT', minAge: 0, maxAge: 2 },
      { code: 'CHILD', minAge: 3, maxAge: 12 },
    ],
    taxes: [
      { kind: 'percent', code: 'VAT', name: 'VAT 6 %', basisPoints: 600, included: true },
      { kind: 'person-night', code: 'CITY', name: 'City tax', amount: 400, minAge: 13, maxNights: 7, included: false },
    ],
    taxRounding: 'half-up',
    roomTypes: [aRoomType('DBL'), aRoomType('STE', { base: 2, max: 5 })],
    ratePlans: [
      aRatePlan('BAR'),
      aRatePlan('NRF', {
        derived: {
          ratePlan: 'BAR',
          percentBasisPoints: -1000,
          amount: 0,
          rounding: 'half-up',
          increment: 1,
          inheritRestrictions: true,
        },
        cancellation: { freeUntilDays: null, freeUntilTime: '00:00', penalty: 'full-stay', penaltyPercent: 0 },
      }),
    ],
    ...over,
  }
}

/** A property with the nights of 200 days from today on sale and so many rooms of each type. */
export function aProperty(
  property: string,
  options: { rooms?: Record<string, number>; content?: Partial<PropertyContent>; days?: number } = {},
): PropertyDefinition {
  const content = someContent(property, options.content)
  const rooms = Object.fromEntries(
    content.roomTypes.map(({ roomType }) => [
      roomType,
      Array.from({ length: options.rooms?.[roomType] ?? 3 }, (_, i) => `${roomType}-${i + 1}`),
    ]),
  )
  return { content, rooms, inventory: { from: today(), to: addDays(today(), options.days ?? 200) }, listed: true }
}

/** One rate for every night of every base plan. */
export function flatRates(definition: PropertyDefinition, amount = 10_000): AriChange[] {
  return definition.content.ratePlans
    .filter((plan) => !plan.derived)
    .flatMap((plan) =>
      plan.roomTypes.map((roomType) => ({ roomType, ratePlan: plan.ratePlan, ...definition.inventory, amount })),
    )
}
