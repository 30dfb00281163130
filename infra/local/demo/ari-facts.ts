/** What the changes of a demo hotel amount to, worked out in memory: to make demand that can be booked, and to check it. */
import type { AriFacts, RestrictionCell } from '../../../shared/ari/facts.ts'
import { addDays, dayNumber, type Night } from '../../../shared/domain/nights.ts'
import type { PropertyDefinition } from '../../../shared/domain/property.ts'
import type { AriChange } from '../../../shared/routes/ari.ts'
import { type Weekday, weekdayOf } from './seasons.ts'

const FREE: RestrictionCell = {
  minStayArrival: null,
  minStayThrough: null,
  maxStay: null,
  closedToArrival: false,
  closedToDeparture: false,
  closed: false,
}

/** The ARI of a property without reservations after its changes. Rooms are counted, not clamped. */
export function factsAfter(definition: PropertyDefinition, changes: readonly AriChange[]): AriFacts {
  const { content, rooms, inventory } = definition
  const firstDay = dayNumber(inventory.from)
  const nights = dayNumber(inventory.to) - firstDay + 1
  const rowOf = <T>(value: T): T[] => Array.from({ length: nights }, () => value)
  const products = content.roomTypes.flatMap(({ roomType }) =>
    content.ratePlans
      .filter((plan) => plan.roomTypes.includes(roomType))
      .map((plan) => ({
        roomType,
        ratePlan: plan.ratePlan,
        amounts: plan.derived ? null : rowOf<number | null>(null),
        restrictions: rowOf(FREE),
      })),
  )
  const inventories = content.roomTypes.map(({ roomType }) => ({
    roomType,
    cells: rowOf({ sellLimit: null as number | null, overbookLimit: 0, outOfOrder: 0 }),
  }))

  for (const change of changes) {
    const { roomType, ratePlan, from, to, weekdays, amount, sellLimit, overbookLimit, outOfOrder, ...rules } = change
    const product = products.find((it) => it.roomType === roomType && it.ratePlan === ratePlan)
    const cells = inventories.find((it) => it.roomType === roomType)?.cells
    for (const index of indexesOf(from, to, weekdays as Weekday[] | undefined, firstDay, nights)) {
      if (product) {
        product.restrictions[index] = merged(product.restrictions[index] ?? FREE, rules)
        if (product.amounts && amount !== undefined) product.amounts[index] = amount
      } else if (cells?.[index] && ratePlan === undefined)
        cells[index] = merged(cells[index], { sellLimit, overbookLimit, outOfOrder })
    }
  }

  const available = inventories.map(({ roomType, cells }) =>
    cells.map(({ sellLimit, overbookLimit, outOfOrder }) =>
      Math.max(0, Math.min((rooms[roomType]?.length ?? 0) - outOfOrder + overbookLimit, sellLimit ?? Infinity)),
    ),
  )
  return { content, version: 1, firstNight: inventory.from, nights, available, products }
}

function indexesOf(
  from: Night,
  to: Night,
  weekdays: Weekday[] | undefined,
  firstDay: number,
  nights: number,
): number[] {
  const found: number[] = []
  for (let night = from; night <= to; night = addDays(night, 1)) {
    const index = dayNumber(night) - firstDay
    if (index >= 0 && index < nights && (!weekdays || weekdays.includes(weekdayOf(night)))) found.push(index)
  }
  return found
}

/** The cell with the fields that a change names; a field left out (undefined) stays as it is. */
function merged<Cell extends object>(cell: Cell, change: { [Field in keyof Cell]?: Cell[Field] | undefined }): Cell {
  const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  return { ...cell, ...named }
}
