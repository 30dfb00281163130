/** Bookings that a demo hotel has already taken: scattered stays, and spells that are full or nearly so. */
import type { AriFacts } from '../../../shared/ari/facts.ts'
import { searchStay } from '../../../shared/ari/search.ts'
import { encodeSnapshot, openSnapshot, type Snapshot, writeAvailable } from '../../../shared/ari/snapshot.ts'
import { addDays, dayNumber, type Night } from '../../../shared/domain/nights.ts'
import { countParty, fits, type Party } from '../../../shared/domain/party.ts'
import type { Offer } from '../../../shared/routes/availability.ts'
import { type Chance, chanceFrom } from './chance.ts'
import { guestFor } from './demo-guests.ts'
import type { DemoStay } from './demo-property.ts'
import { firstOnOrAfter, type Weekday } from './seasons.ts'

/** A spell that sells well, at the first date where the hotel is open for it. */
export interface BusySpell {
  /** Days from today before which it does not begin. */
  after: number
  weekday: Weekday
  nights: number
  /** Rooms left in the end, by room type; those not named are left alone. */
  roomsLeft: Readonly<Record<string, number>>
}

export interface DemandPlan {
  seed: string
  facts: AriFacts
  today: Night
  /** Stays beside those of the busy spells. */
  scattered: number
  busySpells: readonly BusySpell[]
  parties: readonly (readonly [Party, weight: number])[]
  lengths: readonly (readonly [nights: number, weight: number])[]
  /** How often a rate plan is taken where it is on offer. */
  ratePlans: Readonly<Record<string, number>>
  requests: readonly string[]
}

/** How far ahead most of the scattered stays lie. */
const NEAR_DAYS = 120
/** Dates tried for one scattered stay. A lodge may be closed for two months of the four ahead. */
const TRIES_MAX = 40
/** Weeks a busy spell may slip to find the hotel open. */
const SPELL_WEEKS_MAX = 20

/** Stays that can be booked one after the other, each at its expected total. The same plan gives the same stays. */
export function makeDemand(plan: DemandPlan): DemoStay[] {
  const { facts } = plan
  const chance = chanceFrom(plan.seed)
  const left = facts.available.map((row) => [...row])
  const snapshot = openSnapshot(encodeSnapshot(facts))
  const stays: DemoStay[] = []

  const offersFor = (arrival: Night, nights: number, party: Party) =>
    searchStay(snapshot, { arrival, departure: addDays(arrival, nights), ...party }, plan.today).offers

  const take = (offer: Offer, arrival: Night, nights: number, party: Party) => {
    const { roomType, ratePlan } = offer
    occupy(snapshot, left, roomType, dayNumber(arrival) - dayNumber(facts.firstNight), nights)
    stays.push({
      stay: {
        roomType,
        ratePlan,
        arrival,
        departure: addDays(arrival, nights),
        adults: party.adults,
        childAges: [...party.childAges],
      },
      expectedTotal: offer.total,
      guest: guestFor(chance, stays.length + 1),
      ...(chance.number() < 0.2 ? { requests: chance.pick(plan.requests) } : {}),
    })
  }

  for (const spell of plan.busySpells) {
    const arrival = openingOf(spell, plan, (first) => offersFor(first, spell.nights, { adults: 1, childAges: [] }))
    if (arrival === undefined) continue
    for (const [roomType, wanted] of Object.entries(spell.roomsLeft)) {
      for (;;) {
        const party = partyFor(plan, chance, roomType)
        const offers = offersFor(arrival, spell.nights, party).filter((it) => it.roomType === roomType)
        if (offers.length === 0 || roomsLeft(facts, left, roomType, arrival, spell.nights) <= wanted) break
        take(pickOffer(offers, plan, chance), arrival, spell.nights, party)
      }
    }
  }

  for (let i = 0; i < plan.scattered; i++) {
    for (let tried = 0; tried < TRIES_MAX; tried++) {
      const arrival = addDays(plan.today, leadDays(chance))
      const nights = chance.weighted(plan.lengths)
      const party = chance.weighted(plan.parties)
      const offers = offersFor(arrival, nights, party)
      if (offers.length === 0) continue
      // A room with many left is the likelier sale: the cheapest is not always what guests take.
      const wanted = chance.weighted(offers.map((offer) => [offer.roomType, offer.available] as const))
      take(
        pickOffer(
          offers.filter((it) => it.roomType === wanted),
          plan,
          chance,
        ),
        arrival,
        nights,
        party,
      )
      break
    }
  }
  return stays
}

/** Sooner is likelier; one stay in twelve is planned much further ahead. */
function leadDays(chance: Chance): number {
  if (chance.number() < 1 / 12) return chance.whole(NEAR_DAYS, 2.5 * NEAR_DAYS)
  return Math.floor(chance.number() ** 1.4 * NEAR_DAYS)
}

function pickOffer(offers: readonly Offer[], plan: DemandPlan, chance: Chance): Offer {
  return chance.weighted(offers.map((offer) => [offer, plan.ratePlans[offer.ratePlan] ?? 1] as const))
}

/** A party that the room type takes, as chance has it; one adult where none of the plan's does. */
function partyFor(plan: DemandPlan, chance: Chance, roomType: string): Party {
  const { roomTypes, childBands } = plan.facts.content
  const room = roomTypes.find((it) => it.roomType === roomType)?.occupancy
  const fitting = plan.parties.filter(([party]) => room && fits(countParty(party, childBands), room))
  return fitting.length > 0 ? chance.weighted(fitting) : { adults: 1, childAges: [] }
}

function openingOf(spell: BusySpell, plan: DemandPlan, offersOn: (arrival: Night) => Offer[]): Night | undefined {
  const first = firstOnOrAfter(addDays(plan.today, spell.after), spell.weekday)
  for (let week = 0; week < SPELL_WEEKS_MAX; week++) {
    const arrival = addDays(first, 7 * week)
    const open = new Set(offersOn(arrival).map((it) => it.roomType))
    if (Object.keys(spell.roomsLeft).every((roomType) => open.has(roomType))) return arrival
  }
  return undefined
}

function rowOf(facts: AriFacts, roomType: string): number {
  return facts.content.roomTypes.findIndex((it) => it.roomType === roomType)
}

function roomsLeft(facts: AriFacts, left: number[][], roomType: string, arrival: Night, nights: number): number {
  const first = dayNumber(arrival) - dayNumber(facts.firstNight)
  return Math.min(...(left[rowOf(facts, roomType)] ?? []).slice(first, first + nights))
}

function occupy(snapshot: Snapshot, left: number[][], roomType: string, first: number, nights: number): void {
  const type = snapshot.content.roomTypes.findIndex((it) => it.roomType === roomType)
  const row = left[type] ?? []
  for (let i = first; i < first + nights; i++) {
    row[i] = (row[i] ?? 0) - 1
    writeAvailable(snapshot, type, i, row[i] ?? 0)
  }
}
