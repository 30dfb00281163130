/** Berghaus Silvretta: what its 24 rooms cost and when, when it is shut, and who has booked. */
import { addDays, type Night } from '../../../shared/domain/nights.ts'
import type { PropertyDefinition } from '../../../shared/domain/property.ts'
import { alpineContent } from './alpine-content.ts'
import { factsAfter } from './ari-facts.ts'
import { makeDemand } from './demand.ts'
import { DEMO_NIGHTS, type DemoProperty } from './demo-property.ts'
import { changesFor, type NightlyPlan, type ProductNight, type RoomTypeNight } from './nightly-plan.ts'
import {
  easterSunday,
  FRIDAY,
  firstOnOrAfter,
  horizon,
  inPartOfYear,
  SATURDAY,
  weekdayOf,
  within,
  yearOf,
} from './seasons.ts'

const rooms: PropertyDefinition['rooms'] = {
  KAMMER: ['31', '32', '33'],
  ARVE: ['1', '2', '11', '12', '13', '14', '15', '16'],
  BALKON: ['21', '22', '23', '24', '25', '26'],
  FAMILIE: ['3', '4', '17', '18'],
  GRAT: ['34', '35'],
  MAIENSAESS: ['Maiensäss'],
}

/** Francs a night with breakfast, in the weeks between the seasons. */
const BETWEEN_SEASONS: Readonly<Record<string, number>> = {
  KAMMER: 98,
  ARVE: 184,
  BALKON: 226,
  FAMILIE: 268,
  GRAT: 352,
  MAIENSAESS: 390,
}

type Season = 'closed' | 'christmas' | 'sports-weeks' | 'easter' | 'ski' | 'summer' | 'autumn' | 'between'

const LEVEL: Readonly<Record<Season, number>> = {
  closed: 1,
  christmas: 1.95,
  'sports-weeks': 1.7,
  easter: 1.5,
  ski: 1.35,
  summer: 1.3,
  autumn: 1.12,
  between: 1,
}

/** The season of a night. Winter ends on 19 April, or on Easter Monday where that is later; then the house rests a month. */
function seasonOn(night: Night): Season {
  const year = yearOf(night)
  const easter = easterSunday(year)
  const lastOfWinter = [`${year}-04-19`, addDays(easter, 1)].sort().at(-1) as Night
  if (inPartOfYear(night, '11-02', '11-30')) return 'closed'
  if (night > lastOfWinter && night <= addDays(lastOfWinter, 32)) return 'closed'
  if (inPartOfYear(night, '12-20', '01-05')) return 'christmas'
  if (within(night, { from: addDays(easter, -3), to: addDays(easter, 1) })) return 'easter'
  // The cantons' school holidays follow one another from the last Saturday of January on.
  const sports = firstOnOrAfter(`${year}-01-25`, SATURDAY)
  if (within(night, { from: sports, to: addDays(sports, 34) })) return 'sports-weeks'
  if (inPartOfYear(night, '12-01', '12-31') || night <= lastOfWinter) return 'ski'
  if (inPartOfYear(night, '07-04', '08-23')) return 'summer'
  if (inPartOfYear(night, '09-12', '10-18')) return 'autumn'
  return 'between'
}

/** The weeks in which everyone wants to ski. */
const isSkiWeek = (season: Season) => season === 'christmas' || season === 'sports-weeks'
const isWinter = (season: Season) => isSkiWeek(season) || season === 'ski' || season === 'easter'
const isWeekend = (night: Night) => weekdayOf(night) === FRIDAY || weekdayOf(night) === SATURDAY

/** Bed and breakfast in Rappen, whole francs. Rates rise by three per cent with each new year. */
function breakfastRate(roomType: string, night: Night, season: Season, firstYear: number): number {
  // High weeks cost the same every night: weekends add nothing where the week is sold whole.
  const weekend = isWeekend(night) && !isSkiWeek(season) ? 1.1 : 1
  const risen = 1.03 ** (yearOf(night) - firstYear)
  return Math.round((BETWEEN_SEASONS[roomType] ?? 0) * LEVEL[season] * weekend * risen) * 100
}

function breakfastRules(roomType: string, night: Night, season: Season): ProductNight {
  if (roomType === 'MAIENSAESS') {
    if (!isSkiWeek(season)) return { minStayArrival: 2 }
    // Let from Saturday to Saturday.
    return weekdayOf(night) === SATURDAY ? { minStayArrival: 7 } : { closedToArrival: true, closedToDeparture: true }
  }
  if (inPartOfYear(night, '12-30', '12-31')) return { minStayThrough: 4 }
  if (season === 'christmas' || season === 'easter') return { minStayArrival: 3 }
  if (season === 'sports-weeks') return roomType === 'FAMILIE' ? { minStayArrival: 4 } : { minStayArrival: 3 }
  return {}
}

function productNight(roomType: string, ratePlan: string, night: Night, firstYear: number): ProductNight {
  const season = seasonOn(night)
  switch (ratePlan) {
    case 'BAR':
      return {
        amount: breakfastRate(roomType, night, season, firstYear),
        ...breakfastRules(roomType, night, season),
        ...(season === 'closed' ? { closed: true } : {}),
      }
    case 'HALBPENSION':
      // The cook's nights off: no dinner on Mondays between the seasons.
      return season === 'between' && weekdayOf(night) === 1 ? { closed: true } : {}
    case 'FRUEH':
      return { maxStay: 14, ...(season === 'christmas' ? { closed: true } : {}) }
    case 'SKIWOCHE':
      return isWinter(season) && inPartOfYear(night, '01-06', '03-31')
        ? { minStayArrival: 5, maxStay: 21 }
        : { closed: true }
    default:
      return {}
  }
}

function roomTypeNight(roomType: string, night: Night): RoomTypeNight {
  // One bunk room at a time is painted in the quiet weeks of June.
  if (roomType === 'FAMILIE' && inPartOfYear(night, '06-01', '06-19')) return { outOfOrder: 1 }
  // Kept back for walkers who come down from the pass.
  if (roomType === 'KAMMER' && seasonOn(night) === 'summer') return { sellLimit: 2 }
  if (roomType === 'ARVE' && inPartOfYear(night, '01-06', '01-24')) return { overbookLimit: 1 }
  return {}
}

/** Berghaus Silvretta on the day it opens its books, a date in Zurich. The same day gives the same hotel. */
export function alpine(today: Night): DemoProperty {
  const definition: PropertyDefinition = {
    content: alpineContent,
    rooms,
    inventory: { from: today, to: addDays(today, DEMO_NIGHTS - 1) },
    listed: true,
  }
  const firstYear = yearOf(today)
  const plan: NightlyPlan = {
    product: (roomType, ratePlan, night) => productNight(roomType, ratePlan, night, firstYear),
    roomType: roomTypeNight,
  }
  const changes = changesFor(alpineContent, horizon(today, DEMO_NIGHTS), plan)
  const demand = makeDemand({
    seed: `${alpineContent.property} ${today}`,
    facts: factsAfter(definition, changes),
    today,
    scattered: 85,
    busySpells: [
      { after: 16, weekday: FRIDAY, nights: 3, roomsLeft: { KAMMER: 0, ARVE: 0, BALKON: 0, FAMILIE: 0, GRAT: 0 } },
      {
        after: 30,
        weekday: SATURDAY,
        nights: 7,
        roomsLeft: { ARVE: 2, BALKON: 0, FAMILIE: 1, GRAT: 0, MAIENSAESS: 0 },
      },
      { after: 66, weekday: SATURDAY, nights: 7, roomsLeft: { BALKON: 1, FAMILIE: 0, MAIENSAESS: 0 } },
    ],
    parties: [
      [{ adults: 2, childAges: [] }, 10],
      [{ adults: 1, childAges: [] }, 3],
      [{ adults: 2, childAges: [5] }, 1],
      [{ adults: 2, childAges: [10, 7] }, 3],
      [{ adults: 2, childAges: [15, 12, 3] }, 1],
      [{ adults: 4, childAges: [] }, 1],
    ],
    lengths: [
      [2, 6],
      [3, 7],
      [4, 5],
      [5, 3],
      [7, 5],
      [10, 1],
    ],
    ratePlans: { BAR: 4, HALBPENSION: 7, FRUEH: 4, SKIWOCHE: 5 },
    requests: [
      'We come by the 16.05 bus with two large bags and a sledge.',
      'One of us eats no gluten.',
      'Is there a place to wax skis?',
      'We bring our dog, an old and quiet one.',
      'A table by the stove, if it can be arranged.',
      'Two pairs of snowshoes to borrow, sizes 38 and 44.',
    ],
  })
  return { definition, changes, demand }
}
