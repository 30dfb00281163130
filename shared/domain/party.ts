import type { ChildBand, Occupancy } from './property.ts'

/** Who travels: at least one adult; children by age in whole years. */
export interface Party {
  adults: number
  childAges: readonly number[]
}

/** A party as a property counts it: children above the last age band are adults. */
export interface CountedParty {
  adults: number
  children: number
  /** Children in each band, in the bands' order. */
  byBand: readonly number[]
}

/** Counts a party under a property's child bands. Bands follow one another from age 0; no bands: every child is an adult. */
export function countParty(party: Party, bands: readonly ChildBand[]): CountedParty {
  const byBand = bands.map(() => 0)
  let grown = 0
  for (const age of party.childAges) {
    const index = bands.findIndex((band) => age >= band.minAge && age <= band.maxAge)
    if (index === -1) grown += 1
    else byBand[index] = (byBand[index] ?? 0) + 1
  }
  return { adults: party.adults + grown, children: party.childAges.length - grown, byBand }
}

/** Whether a room takes the party. */
export function fits(party: CountedParty, room: Occupancy): boolean {
  return (
    party.adults <= room.maxAdults && party.children <= room.maxChildren && party.adults + party.children <= room.max
  )
}
