/** What the oracle knows of a hotel: one map entry a room type, rate plan and night. Slow to read and hard to get wrong. */
import type { PropertyContent } from '../../shared/domain/property.ts'
import { nightsOf, plusDays } from './oracle-dates.ts'

export type OracleRestriction = {
  minStayArrival: number | null
  minStayThrough: number | null
  maxStay: number | null
  closedToArrival: boolean
  closedToDeparture: boolean
  closed: boolean
}

export type OracleInventory = {
  physical: number
  outOfOrder: number
  overbookLimit: number
  blocked: number
  held: number
  sold: number
  sellLimit: number | null
}

export const NO_RESTRICTION: OracleRestriction = {
  minStayArrival: null,
  minStayThrough: null,
  maxStay: null,
  closedToArrival: false,
  closedToDeparture: false,
  closed: false,
}

export type OracleHotel = {
  content: PropertyContent
  /** By `${roomType}|${night}`; a night without an entry is outside the horizon. */
  inventory: Map<string, OracleInventory>
  /** Minor units by `${roomType}|${ratePlan}|${night}`; base plans only; no entry: no rate. */
  rates: Map<string, number>
  /** By `${roomType}|${ratePlan}|${night}`; no entry: no restriction. */
  restrictions: Map<string, OracleRestriction>
}

/** A hotel with so many rooms of each type on every night from `from` to `to`, both included, and nothing priced. */
export function newHotel(
  content: PropertyContent,
  horizon: { from: string; to: string },
  physical: Record<string, number>,
): OracleHotel {
  const inventory = new Map<string, OracleInventory>()
  for (const { roomType } of content.roomTypes)
    for (const night of nightsOf(horizon.from, plusDays(horizon.to, 1)))
      inventory.set(`${roomType}|${night}`, {
        physical: physical[roomType] ?? 0,
        outOfOrder: 0,
        overbookLimit: 0,
        blocked: 0,
        held: 0,
        sold: 0,
        sellLimit: null,
      })
  return { content, inventory, rates: new Map(), restrictions: new Map() }
}

/** Rooms left to sell: within what is physically there, and within the sell limit. 0 outside the horizon. */
export function roomsLeft(hotel: OracleHotel, roomType: string, night: string): number {
  const cell = hotel.inventory.get(`${roomType}|${night}`)
  if (!cell) return 0
  const taken = cell.sold + cell.held
  const byRooms = cell.physical - cell.outOfOrder + cell.overbookLimit - taken - cell.blocked
  const byLimit = cell.sellLimit === null ? Number.POSITIVE_INFINITY : cell.sellLimit - taken
  return Math.max(0, Math.min(byRooms, byLimit))
}
