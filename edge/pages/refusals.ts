/** Why a room or a day is not offered, in a guest's words, and what to change. */
import { addDays, dayNumber, type Night } from '../../shared/domain/nights.ts'
import type { PropertyContent } from '../../shared/domain/property.ts'
import type { Reason } from '../../shared/routes/availability.ts'
import { count, nightList } from './format.ts'
import { productKey, type ShortestStays } from './shortest-stay.ts'
import { type StayWish, searchAddress } from './stay-search.ts'

export interface Refused {
  roomType: string
  ratePlan: string
  reason: Reason
  nights: readonly Night[]
}

export interface RefusalWords {
  /** A whole sentence. */
  why: string
  /** A way out, where one is known. */
  change?: { text: string; href: string }
}

/** What the words are made from, beyond the refusal itself. */
export interface RefusalFacts {
  /** Knows the numbers that the answer leaves out. */
  content: PropertyContent
  stay: StayWish
  today: Night
  shortestStays?: ShortestStays
}

/** Says why a product is not offered for a stay. */
export function refusalWords(refused: Refused, facts: RefusalFacts): RefusalWords {
  const { content, stay, today } = facts
  const nights = nightList(refused.nights)
  const roomType = content.roomTypes.find((type) => type.roomType === refused.roomType)
  const plan = content.ratePlans.find((it) => it.ratePlan === refused.ratePlan)
  switch (refused.reason) {
    case 'outside-horizon':
      return { why: `Not on sale yet for ${nights}. Earlier dates can be booked.` }
    case 'occupancy':
      return {
        why: roomType
          ? `This room is for ${roomFor(roomType.occupancy)}. Book two rooms, or a larger one.`
          : 'Too small for you.',
      }
    case 'not-priced':
      return { why: `This rate is not offered on ${nights}.` }
    case 'closed':
      return { why: `Not sold on ${nights}.` }
    case 'closed-to-arrival':
      return {
        why: `No stay can begin on ${nights}.`,
        change:
          stay.arrival > today
            ? moved(stay, -1, 0, 'Arrive a day earlier', content)
            : moved(stay, 1, 1, 'Arrive a day later', content),
      }
    case 'closed-to-departure':
      return { why: `No stay can end on ${nights}.`, change: moved(stay, 0, 1, 'Leave a day later', content) }
    case 'min-stay-arrival':
      return longer(refused, facts, `Stays that begin on ${nights}`)
    case 'min-stay-through':
      return longer(refused, facts, `Stays over ${nights}`)
    case 'max-stay':
      return {
        why: `This rate is for stays shorter than ${count(lengthOf(stay), 'night')}.`,
        change: moved(stay, 0, -1, 'Leave a day earlier', content),
      }
    case 'advance-min':
      return { why: `This rate is booked at least ${count(plan?.advanceMin ?? 1, 'day')} before arrival.` }
    case 'advance-max':
      return { why: `This rate is booked at most ${count(plan?.advanceMax ?? 1, 'day')} before arrival.` }
    case 'sold-out':
      return { why: `Sold out on ${nights}.` }
  }
}

function lengthOf(stay: StayWish): number {
  return dayNumber(stay.departure) - dayNumber(stay.arrival)
}

/** With the shortest stay's length where it is known, and a link where it can be booked. */
function longer(refused: Refused, { content, stay, shortestStays }: RefusalFacts, which: string): RefusalWords {
  const shortest = shortestStays?.get(productKey(refused))
  if (!shortest) return { why: `${which} are longer at this rate.` }
  const why = `${which} are of ${shortest.nights} nights or more at this rate.`
  if (!shortest.isFree) return { why }
  return { why, change: moved(stay, 0, shortest.nights - lengthOf(stay), `Stay ${shortest.nights} nights`, content) }
}

function moved(stay: StayWish, arrivalDays: number, departureDays: number, text: string, content: PropertyContent) {
  const arrival = addDays(stay.arrival, arrivalDays)
  const departure = addDays(stay.departure, departureDays)
  return { text, href: searchAddress(content.property, { ...stay, arrival, departure }) }
}

/** `3 guests, up to 2 adults and 1 child`: who fits, without what the number says already. */
export function roomFor(room: { max: number; maxAdults: number; maxChildren: number }): string {
  const parts = []
  if (room.maxAdults < room.max) parts.push(count(room.maxAdults, 'adult'))
  if (room.maxChildren > 0 && room.maxChildren < room.max) parts.push(count(room.maxChildren, 'child', 'children'))
  return `${count(room.max, 'guest')}${parts.length > 0 ? `, up to ${parts.join(' and ')}` : ''}`
}

/** A calendar's day in a word or two, and as a sentence for those who hear it. */
export const DAY_WORDS: Readonly<Record<Reason, { short: string; why: string }>> = {
  'outside-horizon': { short: '–', why: 'not on sale' },
  occupancy: { short: 'Small', why: 'no room takes so many guests' },
  'not-priced': { short: 'Closed', why: 'not on sale' },
  closed: { short: 'Closed', why: 'closed' },
  'closed-to-arrival': { short: 'No arrival', why: 'no arrivals on this day' },
  'closed-to-departure': { short: 'Other length', why: 'no departures at the end of this stay' },
  'min-stay-arrival': { short: 'Longer stay', why: 'only longer stays begin on this day' },
  'min-stay-through': { short: 'Longer stay', why: 'sold only within a longer stay' },
  'max-stay': { short: 'Shorter stay', why: 'only shorter stays begin on this day' },
  'advance-min': { short: 'Too soon', why: 'must be booked further ahead' },
  'advance-max': { short: 'Later', why: 'cannot be booked so far ahead yet' },
  'sold-out': { short: 'Full', why: 'sold out' },
}
