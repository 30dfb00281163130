/** A hotel for the page tests: small, with one of each thing that a page has to say. */
import type { AriFacts, RestrictionCell } from '../../shared/ari/facts.ts'
import { productsOf } from '../../shared/ari/snapshot.ts'
import { addDays, dayNumber, type Night, weekday } from '../../shared/domain/nights.ts'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { dateAt } from '../../shared/domain/zone.ts'
import { aRatePlan, aRoomType, someContent } from '../support/builders.ts'

const NIGHTS = 400
const FREE: RestrictionCell = {
  minStayArrival: null,
  minStayThrough: null,
  maxStay: null,
  closedToArrival: false,
  closedToDeparture: false,
  closed: false,
}

/** Today where the hotel is. */
export function today(): Night {
  return dateAt(Date.now(), 'Europe/Lisbon')
}

/**
 * A quiet week some way ahead, whole within one month, and what is special in it: stays that begin on Tuesday are of
 * three nights or more, on Wednesday one suite is left, Thursday takes no arrivals, Friday is sold out altogether.
 */
export function quietWeek(): { monday: Night; tuesday: Night; wednesday: Night; thursday: Night; friday: Night } {
  let monday = addDays(today(), 30)
  while (weekday(dayNumber(monday)) !== 0 || Number(monday.slice(8)) > 20) monday = addDays(monday, 1)
  return {
    monday,
    tuesday: addDays(monday, 1),
    wednesday: addDays(monday, 2),
    thursday: addDays(monday, 3),
    friday: addDays(monday, 4),
  }
}

const photo = (name: string, alt: string) => ({ photo: `${name}-01234567.webp`, alt, width: 960, height: 640 })

/** What guests read about it. */
export function harbourContent(over: Partial<PropertyContent> = {}): PropertyContent {
  return someContent('harbour-house', {
    tagline: 'Twelve rooms above the fishing harbour',
    photos: [photo('hero', 'The house from the water'), photo('quay', 'Boats at the quay')],
    roomTypes: [
      { ...aRoomType('SGL', { base: 1, max: 1, maxAdults: 1, maxChildren: 0, singleUse: 0 }), name: 'Cabin Single' },
      { ...aRoomType('DBL'), name: 'Quay Double', photos: [photo('double', 'A bed by the window')] },
      { ...aRoomType('STE', { max: 5 }), name: 'Lighthouse Suite', photos: [photo('suite', 'A round room')] },
    ],
    ratePlans: [
      aRatePlan('BAR', { name: 'Flexible', roomTypes: ['SGL', 'DBL', 'STE'] }),
      aRatePlan('NRF', {
        name: 'Early and sure',
        roomTypes: ['DBL', 'STE'],
        advanceMin: 14,
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
  })
}

/** Its rates and rooms. Weekends cost more; see `quietWeek` for the nights that differ. */
export function harbourHouse(content: PropertyContent = harbourContent()): AriFacts {
  const firstNight = today()
  const week = quietWeek()
  const dates = Array.from({ length: NIGHTS }, (_, i) => addDays(firstNight, i))
  const rates: Readonly<Record<string, number>> = { SGL: 7_000, DBL: 11_000, STE: 21_000 }
  return {
    content,
    version: 41,
    firstNight,
    nights: NIGHTS,
    available: content.roomTypes.map(({ roomType }) =>
      dates.map((night) => {
        if (night === week.friday) return 0
        if (roomType !== 'STE') return 6
        return night === week.wednesday ? 1 : 3
      }),
    ),
    products: productsOf(content).map(({ roomType, plan }) => ({
      roomType: roomType.roomType,
      ratePlan: plan.ratePlan,
      amounts: plan.derived
        ? null
        : dates.map((night) => (rates[roomType.roomType] ?? 9_000) + (weekday(dayNumber(night)) >= 4 ? 2_000 : 0)),
      restrictions: dates.map((night) => ({
        ...FREE,
        closedToArrival: night === week.thursday,
        minStayArrival: night === week.tuesday ? 3 : null,
      })),
    })),
  }
}
