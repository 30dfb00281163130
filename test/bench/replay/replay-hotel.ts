/** The property that the file's guests are sent to. */
import type { PropertyContent } from '../../../shared/domain/property.ts'
import type { FileBooking } from './bookings-file.ts'
import type { PlannedBooking } from './plan.ts'

export const BASE_PLAN = 'FLEX'
/** Sold to the file's guests with a deposit that is not given back. */
export const DERIVED_PLAN = 'NRF'
export const REPLAY_ZONE = 'Europe/Lisbon'

const ADULT_FROM = 13

/** The file counts children and babies but not their years: 3 to 16 and 0 to 2, always the same for a row and seed. */
export function childAgesOf({ line, children, babies }: FileBooking, seed: number): number[] {
  const ages = Array.from({ length: children }, (_, i) => 3 + ((line * 7 + i * 5 + seed) % 14))
  return [...ages, ...Array.from({ length: babies }, (_, i) => (line + i + seed) % 3)]
}

/**
 * A property with these room types, each wide enough for the parties that the file sends to it, one base plan and one
 * derived from it. One tax is in the price and one is added.
 */
export function replayContent(
  property: string,
  roomTypes: readonly string[],
  bookings: readonly PlannedBooking[],
): PropertyContent {
  return {
    property,
    name: 'Replayed demand',
    tagline: 'Guests who were there',
    description: 'Made for a replay of real bookings.',
    address: { street: 'Quay 1', postalCode: '1200-001', city: 'Lisbon', country: 'PT' },
    phone: '+351 21 000 0000',
    email: 'desk@replay.example',
    timeZone: REPLAY_ZONE,
    currency: 'EUR',
    checkInFrom: '15:00',
    checkOutUntil: '11:00',
    policies: [],
    photos: [],
    childBands: [
      { code: 'INFANT', minAge: 0, maxAge: 2 },
      { code: 'CHILD', minAge: 3, maxAge: ADULT_FROM - 1 },
    ],
    taxes: [
      { kind: 'percent', code: 'VAT', name: 'VAT 6 %', basisPoints: 600, included: true },
      { kind: 'percent', code: 'LEVY', name: 'Tourism levy 1.5 %', basisPoints: 150, included: false },
    ],
    taxRounding: 'half-up',
    roomTypes: roomTypes.map((roomType) => ({
      roomType,
      name: `Room type ${roomType}`,
      description: 'A room type of the file.',
      beds: 'As booked',
      squareMetres: 20,
      amenities: [],
      photos: [],
      occupancy: occupancyFor(bookings.filter(({ stay }) => stay.roomType === roomType)),
    })),
    ratePlans: [
      {
        ratePlan: BASE_PLAN,
        name: 'Flexible',
        description: 'Free to cancel until a month before.',
        meal: 'breakfast',
        roomTypes: [...roomTypes],
        derived: null,
        advanceMin: null,
        advanceMax: null,
        // A month, so that some of the replayed cancellations come too late and cost something.
        cancellation: { freeUntilDays: 30, freeUntilTime: '18:00', penalty: 'first-night', penaltyPercent: 0 },
      },
      {
        ratePlan: DERIVED_PLAN,
        name: 'Not refundable',
        description: 'A tenth less, and nothing back.',
        meal: 'breakfast',
        roomTypes: [...roomTypes],
        derived: {
          ratePlan: BASE_PLAN,
          percentBasisPoints: -1_000,
          amount: 0,
          rounding: 'half-up',
          increment: 10,
          inheritRestrictions: true,
        },
        advanceMin: null,
        advanceMax: null,
        cancellation: { freeUntilDays: null, freeUntilTime: '00:00', penalty: 'full-stay', penaltyPercent: 0 },
      },
    ],
  }
}

function occupancyFor(bookings: readonly PlannedBooking[]): PropertyContent['roomTypes'][number]['occupancy'] {
  let [max, maxAdults, maxChildren] = [2, 2, 0]
  for (const { stay } of bookings) {
    const older = stay.childAges.filter((age) => age >= ADULT_FROM).length
    max = Math.max(max, stay.adults + stay.childAges.length)
    maxAdults = Math.max(maxAdults, stay.adults + older)
    maxChildren = Math.max(maxChildren, stay.childAges.length - older)
  }
  return { base: 2, max, maxAdults, maxChildren, singleUse: -1_000, extraAdult: 2_000, childAmounts: [0, 750] }
}
