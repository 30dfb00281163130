/** Several rooms for one stay: what each party can book, and the cheapest rooms for all of them together. Pure. */
import type { Night } from '../domain/nights.ts'
import {
  type NoCombination,
  type Offer,
  type PartyOffers,
  type PricedProduct,
  REASONS,
  type RoomCombination,
  type RoomParty,
  type Unavailable,
} from '../routes/availability.ts'
import { searchStay } from './search.ts'
import type { Snapshot } from './snapshot.ts'

export interface SeveralRoomsQuestion {
  arrival: Night
  departure: Night
  parties: readonly RoomParty[]
}

export interface SeveralRooms {
  parties: PartyOffers[]
  cheapest: RoomCombination | null
  none: NoCombination | null
}

/** Offers party by party and the cheapest combination, or why there is none. `today` is the hotel's date. */
export function searchRooms(snapshot: Snapshot, question: SeveralRoomsQuestion, today: Night): SeveralRooms {
  const { arrival, departure } = question
  const answered = new Map<string, PartyOffers>()
  const parties = question.parties.map((party) => {
    const key = JSON.stringify(party)
    const known = answered.get(key)
    if (known) return known
    const { offers, unavailable } = searchStay(snapshot, { arrival, departure, ...party }, today)
    const found = { ...party, offers, reason: offers.length > 0 ? null : nearestReason(unavailable) }
    answered.set(key, found)
    return found
  })
  const offers = parties.map((party) => party.offers)
  const cheapest = cheapestCombination(offers)
  return { parties, cheapest: cheapest ?? null, none: cheapest ? null : whyNone(offers) }
}

/** The reason of the product that came nearest to being offered. */
function nearestReason(unavailable: readonly Unavailable[]): (typeof REASONS)[number] {
  const nearest = Math.max(...unavailable.map(({ reason }) => REASONS.indexOf(reason)))
  return REASONS[nearest] ?? 'outside-horizon'
}

/**
 * The cheapest offer for each party such that no room type is used more often than is left; undefined where that cannot
 * be. Exact. A party never needs more room types to choose from than there are parties: the others can use up no more
 * than all but one of its cheapest. That leaves 6 to the power of 6 combinations at most, and the bound most of them out.
 */
export function cheapestCombination(offers: readonly (readonly Offer[])[]): RoomCombination | undefined {
  const choices = offers.map((of) => cheapestByType(of).slice(0, offers.length))
  const left = roomsLeft(offers)
  // What the parties from each place on cost at least.
  const least = [0]
  for (const choice of choices.toReversed()) least.unshift((least[0] as number) + (choice[0]?.total ?? Infinity))
  const chosen: PricedProduct[] = []
  let best: RoomCombination | undefined
  choose(0, 0)
  return best

  function choose(party: number, spent: number): void {
    if (party === choices.length) {
      best = { total: spent, rooms: [...chosen] }
      return
    }
    for (const choice of choices[party] as PricedProduct[]) {
      const total = spent + choice.total
      // Choices rise in price: what follows is no better.
      if (total + (least[party + 1] as number) >= (best?.total ?? Infinity)) return
      const rooms = left.get(choice.roomType) as number
      if (rooms === 0) continue
      left.set(choice.roomType, rooms - 1)
      chosen.push(choice)
      choose(party + 1, total)
      chosen.pop()
      left.set(choice.roomType, rooms)
    }
  }
}

/** The cheapest product of each room type, cheapest type first; the first of several at one price. */
function cheapestByType(offers: readonly Offer[]): PricedProduct[] {
  const best = new Map<string, PricedProduct>()
  for (const { roomType, ratePlan, total } of offers) {
    const known = best.get(roomType)
    if (!known || total < known.total) best.set(roomType, { roomType, ratePlan, total })
  }
  return [...best.values()].sort((a, b) => a.total - b.total)
}

function roomsLeft(offers: readonly (readonly Offer[])[]): Map<string, number> {
  return new Map(offers.flat().map(({ roomType, available }) => [roomType, available]))
}

/**
 * Who is in the way: parties without any offer, or else the smallest group that needs more rooms than are left of the
 * types it could have. By Hall's theorem there is such a group exactly where there is no combination.
 */
function whyNone(offers: readonly (readonly Offer[])[]): NoCombination {
  const parties = offers.map((_, i) => i)
  const without = parties.filter((i) => offers[i]?.length === 0)
  if (without.length > 0) return { reason: 'no-offer', parties: without }
  const left = roomsLeft(offers)
  let smallest = parties
  for (let group = 1; group < 2 ** parties.length; group++) {
    const members = parties.filter((i) => group & (1 << i))
    if (members.length >= smallest.length) continue
    const types = new Set(members.flatMap((i) => (offers[i] as readonly Offer[]).map((offer) => offer.roomType)))
    const rooms = [...types].reduce((sum, type) => sum + (left.get(type) as number), 0)
    if (rooms < members.length) smallest = members
  }
  return { reason: 'too-few-left', parties: smallest }
}
