/** A small house in plain facts, open for sale on every night, for tests to close and price by exception. */
import type { RestrictionCell } from '../../../shared/ari/facts.ts'
import { encodeSnapshot, openSnapshot, type Snapshot } from '../../../shared/ari/snapshot.ts'
import { dayNumber, type Night } from '../../../shared/domain/nights.ts'
import type { PropertyContent } from '../../../shared/domain/property.ts'
import { someContent } from '../../support/builders.ts'

/** `AriFacts` that may be changed. */
export interface House {
  content: PropertyContent
  version: number
  firstNight: Night
  nights: number
  available: number[][]
  products: {
    roomType: string
    ratePlan: string
    amounts: (number | null)[] | null
    restrictions: RestrictionCell[]
  }[]
}

export const UNRESTRICTED: Readonly<RestrictionCell> = {
  minStayArrival: null,
  minStayThrough: null,
  maxStay: null,
  closedToArrival: false,
  closedToDeparture: false,
  closed: false,
}

/** Every product of the content at one rate, with so many rooms left of each type. */
export function aHouse(
  options: {
    content?: Partial<PropertyContent>
    firstNight?: Night
    nights?: number
    version?: number
    rate?: number
    left?: number
  } = {},
): House {
  const content = someContent('harbour-house', options.content)
  const nights = options.nights ?? 10
  const everyNight = <T>(value: T): T[] => Array.from({ length: nights }, () => structuredClone(value))
  return {
    content,
    version: options.version ?? 1,
    firstNight: options.firstNight ?? '2027-03-01',
    nights,
    available: content.roomTypes.map(() => everyNight(options.left ?? 3)),
    products: content.roomTypes.flatMap(({ roomType }) =>
      content.ratePlans
        .filter((plan) => plan.roomTypes.includes(roomType))
        .map((plan) => ({
          roomType,
          ratePlan: plan.ratePlan,
          amounts: plan.derived ? null : everyNight<number | null>(options.rate ?? 10_000),
          restrictions: everyNight<RestrictionCell>(UNRESTRICTED),
        })),
    ),
  }
}

/** Changes the restrictions of one product on one night. */
export function restrict(
  house: House,
  [roomType, ratePlan]: readonly [string, string],
  night: Night,
  cell: Partial<RestrictionCell>,
): void {
  Object.assign(product(house, roomType, ratePlan).restrictions[indexOf(house, night)] ?? {}, cell)
}

/** Sets the rate of one base product on one night; null takes it off sale. */
export function price(
  house: House,
  [roomType, ratePlan]: readonly [string, string],
  night: Night,
  amount: number | null,
): void {
  const { amounts } = product(house, roomType, ratePlan)
  if (amounts) amounts[indexOf(house, night)] = amount
}

/** Sets how many rooms of a type are left on one night. */
export function leave(house: House, roomType: string, night: Night, left: number): void {
  const row = house.available[house.content.roomTypes.findIndex((it) => it.roomType === roomType)]
  if (row) row[indexOf(house, night)] = left
}

export function snapshotOf(house: House): Snapshot {
  return openSnapshot(encodeSnapshot(house))
}

function product(house: House, roomType: string, ratePlan: string) {
  const found = house.products.find((it) => it.roomType === roomType && it.ratePlan === ratePlan)
  if (!found) throw new Error(`the house has no ${roomType} at ${ratePlan}`)
  return found
}

function indexOf(house: House, night: Night): number {
  const index = dayNumber(night) - dayNumber(house.firstNight)
  if (index < 0 || index >= house.nights) throw new Error(`${night} is not on sale in this house`)
  return index
}
