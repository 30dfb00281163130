/** Casa do Tejo: what its 42 rooms cost and when, and who has booked. */
import { addDays, type Night } from '../../../shared/domain/nights.ts'
import type { PropertyDefinition } from '../../../shared/domain/property.ts'
import { factsAfter } from './ari-facts.ts'
import { makeDemand } from './demand.ts'
import { DEMO_NIGHTS, type DemoProperty } from './demo-property.ts'
import { lisbonContent } from './lisbon-content.ts'
import { changesFor, type NightlyPlan, type ProductNight, type RoomTypeNight } from './nightly-plan.ts'
import {
  easterSunday,
  FRIDAY,
  horizon,
  inPartOfYear,
  nthWeekday,
  SATURDAY,
  weekdayOf,
  within,
  yearOf,
} from './seasons.ts'

const numbers = (floor: number, count: number) => Array.from({ length: count }, (_, i) => `${floor * 100 + i + 1}`)

const rooms: PropertyDefinition['rooms'] = {
  AZULEJO: [...numbers(1, 9), ...numbers(2, 7)],
  SNUG: ['401', '402', '403', '404'],
  RIVER: ['210', '211', '212', '213', ...numbers(3, 8)],
  TERRACE: ['405', '406', '407', '408', '409'],
  FAMILY: ['021', '022', '023'],
  MIRANTE: ['501', '502'],
}

/** Euros a night for a room on a weekday in low season. */
const LOW_SEASON: Readonly<Record<string, number>> = {
  SNUG: 84,
  AZULEJO: 112,
  RIVER: 148,
  TERRACE: 186,
  FAMILY: 204,
  MIRANTE: 310,
}
/** Euros that dinner, fado and breakfast for two add. */
const FADO = 78

type Event = 'new-year' | 'santo-antonio' | 'trade-fair' | 'easter'

/** What the city is up to on a night, if anything that fills it. */
function eventOn(night: Night): Event | undefined {
  const year = yearOf(night)
  if (inPartOfYear(night, '12-29', '01-01')) return 'new-year'
  if (inPartOfYear(night, '06-10', '06-14')) return 'santo-antonio'
  // The technology fair: Monday to Thursday of November's second full week.
  const fair = nthWeekday(year, 11, 1, 2)
  if (within(night, { from: fair, to: addDays(fair, 3) })) return 'trade-fair'
  const easter = easterSunday(year)
  if (within(night, { from: addDays(easter, -4), to: easter })) return 'easter'
  return undefined
}

const EVENT_LEVEL: Readonly<Record<Event, number>> = {
  'new-year': 2.1,
  'santo-antonio': 1.95,
  'trade-fair': 1.9,
  easter: 1.6,
}

/** Multiple of the low-season price. Lisbon is dearest in late spring and September; in August the city is away. */
function seasonLevel(night: Night): number {
  if (inPartOfYear(night, '05-01', '06-30')) return 1.5
  if (inPartOfYear(night, '07-01', '08-31')) return 1.38
  if (inPartOfYear(night, '09-01', '10-15')) return 1.52
  if (inPartOfYear(night, '03-16', '04-30') || inPartOfYear(night, '10-16', '11-03')) return 1.22
  if (inPartOfYear(night, '12-05', '12-28')) return 1.08
  return 1
}

const isWeekend = (night: Night) => weekdayOf(night) === FRIDAY || weekdayOf(night) === SATURDAY
const isHighSeason = (night: Night) => inPartOfYear(night, '05-01', '10-15')

/** The flexible rate in cents, whole euros. Rates rise by four per cent with each new year. */
function flexibleRate(roomType: string, night: Night, firstYear: number): number {
  const event = eventOn(night)
  const level = event ? EVENT_LEVEL[event] : seasonLevel(night) * (isWeekend(night) ? 1.12 : 1)
  const risen = 1.04 ** (yearOf(night) - firstYear)
  return Math.round((LOW_SEASON[roomType] ?? 0) * level * risen) * 100
}

function flexibleRules(roomType: string, night: Night): ProductNight {
  const event = eventOn(night)
  if (event === 'new-year')
    return {
      // Through, not on arrival: nobody cuts the holiday into single nights by arriving early.
      ...(night.endsWith('12-30') || night.endsWith('12-31') ? { minStayThrough: 3 } : {}),
      ...(night.endsWith('12-31') ? { closedToDeparture: true } : {}),
    }
  if (event === 'santo-antonio') return { minStayArrival: 2 }
  if (event === 'trade-fair') return { minStayArrival: 3 }
  const sought = roomType === 'TERRACE' || roomType === 'MIRANTE'
  if (sought && isHighSeason(night) && weekdayOf(night) === SATURDAY) return { minStayThrough: 2 }
  return {}
}

/** Thursday to Saturday, when the house around the corner sings; not when the city is full anyway. */
function fadoNight(roomType: string, night: Night, firstYear: number): ProductNight {
  const weekday = weekdayOf(night)
  if (eventOn(night) || weekday < 4 || weekday > 6) return {}
  return {
    amount: flexibleRate(roomType, night, firstYear) + FADO * 100,
    minStayArrival: 2,
    maxStay: 3,
    ...(weekday === SATURDAY ? { closedToArrival: true } : {}),
  }
}

function productNight(roomType: string, ratePlan: string, night: Night, firstYear: number): ProductNight {
  const event = eventOn(night)
  switch (ratePlan) {
    case 'BAR':
      return { amount: flexibleRate(roomType, night, firstYear), ...flexibleRules(roomType, night) }
    case 'ADVANCE':
      return { maxStay: 14, ...(event === 'trade-fair' || event === 'new-year' ? { closed: true } : {}) }
    case 'WEEK':
      return { minStayArrival: 7, maxStay: 60 }
    case 'FADO':
      return fadoNight(roomType, night, firstYear)
    default:
      return {}
  }
}

function roomTypeNight(roomType: string, night: Night): RoomTypeNight {
  // Each winter the façade scaffold takes two of the tiled rooms for three weeks.
  if (roomType === 'AZULEJO' && inPartOfYear(night, '01-11', '01-31')) return { outOfOrder: 2 }
  if (roomType === 'AZULEJO' && inPartOfYear(night, '08-01', '08-31')) return { overbookLimit: 1 }
  // Kept back for guests who come every year and telephone.
  if (roomType === 'RIVER' && isHighSeason(night)) return { sellLimit: 10 }
  if (roomType === 'MIRANTE' && eventOn(night) === 'santo-antonio') return { sellLimit: 1 }
  return {}
}

/** Casa do Tejo on the day it opens its books, a date in Lisbon. The same day gives the same hotel. */
export function lisbon(today: Night): DemoProperty {
  const definition: PropertyDefinition = {
    content: lisbonContent,
    rooms,
    inventory: { from: today, to: addDays(today, DEMO_NIGHTS - 1) },
    listed: true,
  }
  const firstYear = yearOf(today)
  const plan: NightlyPlan = {
    product: (roomType, ratePlan, night) => productNight(roomType, ratePlan, night, firstYear),
    roomType: roomTypeNight,
  }
  const changes = changesFor(lisbonContent, horizon(today, DEMO_NIGHTS), plan)
  const demand = makeDemand({
    seed: `${lisbonContent.property} ${today}`,
    facts: factsAfter(definition, changes),
    today,
    scattered: 110,
    busySpells: [
      // A congress weekend: nothing left but the last room under the eaves.
      {
        after: 10,
        weekday: FRIDAY,
        nights: 2,
        roomsLeft: { SNUG: 1, AZULEJO: 0, RIVER: 0, TERRACE: 0, FAMILY: 0, MIRANTE: 0 },
      },
      { after: 24, weekday: SATURDAY, nights: 2, roomsLeft: { SNUG: 0, RIVER: 2, TERRACE: 0, MIRANTE: 0 } },
      { after: 45, weekday: FRIDAY, nights: 3, roomsLeft: { TERRACE: 1, FAMILY: 0, MIRANTE: 1 } },
    ],
    parties: [
      [{ adults: 2, childAges: [] }, 12],
      [{ adults: 1, childAges: [] }, 5],
      [{ adults: 2, childAges: [4] }, 1],
      [{ adults: 2, childAges: [9, 6] }, 2],
      [{ adults: 2, childAges: [14, 11] }, 1],
      [{ adults: 3, childAges: [] }, 1],
    ],
    lengths: [
      [1, 4],
      [2, 8],
      [3, 8],
      [4, 5],
      [5, 2],
      [7, 2],
      [9, 1],
    ],
    ratePlans: { BAR: 5, ADVANCE: 4, BREAKFAST: 5, WEEK: 6, FADO: 2 },
    requests: [
      'We land at ten in the evening and will be at the door towards midnight.',
      'Twin beds, please.',
      'A room away from the lift if you have one.',
      'It is our tenth anniversary. A good table tip for Saturday?',
      'We would need a cot.',
      'Could you fetch two large suitcases from the square at three?',
    ],
  })
  return { definition, changes, demand }
}
