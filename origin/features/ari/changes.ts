/** Writing rates, restrictions and inventory over spans of nights. */
import { type CellChange, RESTRICTION_FLAGS } from '../../../shared/ari/delta.ts'
import { NO_RATE } from '../../../shared/ari/snapshot.ts'
import { dayNumber, type Night } from '../../../shared/domain/nights.ts'
import { invalidRequest } from '../../../shared/domain/stay.ts'
import { type FieldError, Problem } from '../../../shared/problems.ts'
import type { AriChange } from '../../../shared/routes/ari.ts'
import { codeOf, type Tx } from '../../platform/database.ts'
import type { CurrentProperty } from '../properties/service.ts'
import { readInventory, readRates, readRestrictions } from './sql.ts'
import { clearRates, lockChanges, lockInventory, setInventory, setRates, setRestrictions } from './write-sql.ts'

/** More cells than this and a whole snapshot is the smaller thing to send. */
const DELTA_CELLS_MAX = 2_000
/** Nights that the changes of one request may name together: some seconds of work, while bookings may wait for the nights. */
const NIGHTS_MAX = 50_000
const RESTRICTIONS = [
  'minStayArrival',
  'minStayThrough',
  'maxStay',
  'closedToArrival',
  'closedToDeparture',
  'closed',
] as const
const OF_PLAN = ['amount', ...RESTRICTIONS] as const
const OF_ROOM_TYPE = ['sellLimit', 'overbookLimit', 'outOfOrder'] as const

/** Applies the changes in their order. Returns how many cells were written, and what changed for the outbox. */
export async function applyChanges(
  tx: Tx,
  property: CurrentProperty,
  changes: readonly AriChange[],
): Promise<{ cells: number; change: CellChange }> {
  checkChanges(property, changes)
  // One request at a time: the cells read back for the delta are then the cells of this version, and two requests never
  // wait for each other's rows.
  await lockChanges(tx, property.key)
  const inventory = changes.filter((change) => change.ratePlan === undefined)
  if (inventory.length > 0)
    await lockInventory(tx, property.key, {
      roomTypes: [...new Set(inventory.map((change) => change.roomType))],
      from: inventory.reduce((least, change) => (change.from < least ? change.from : least), inventory[0]?.from ?? ''),
      to: inventory.reduce((most, change) => (change.to > most ? change.to : most), ''),
    })
  let cells = 0
  for (const change of changes) cells += await applyChange(tx, property, change)
  if (cells > DELTA_CELLS_MAX) return { cells, change: { restructured: true } }
  const change = await changedCells(tx, property, changes)
  const emitted = change.available.length + change.amounts.length + change.restrictions.length
  return { cells, change: emitted > DELTA_CELLS_MAX ? { restructured: true } : change }
}

async function applyChange(tx: Tx, property: CurrentProperty, change: AriChange): Promise<number> {
  const { key } = property
  if (change.ratePlan === undefined) return await applyInventory(tx, property, change)
  let cells = 0
  const product = { ...change, ratePlan: change.ratePlan }
  if (change.amount === null) cells += await clearRates(tx, key, product)
  else if (change.amount !== undefined) cells += await setRates(tx, key, { ...product, amount: change.amount })
  if (restricts(change)) cells += await setRestrictions(tx, key, product)
  return cells
}

function restricts(change: AriChange): boolean {
  return RESTRICTIONS.some((field) => change[field] !== undefined)
}

async function applyInventory(tx: Tx, property: CurrentProperty, change: AriChange): Promise<number> {
  try {
    return await tx.savepoint((inner) => setInventory(inner, property.key, change))
  } catch (error) {
    if (codeOf(error) !== '23514') throw error
    throw new Problem('capacity-below-sold', {
      detail: `Between ${change.from} and ${change.to} more ${change.roomType} is sold than would be left. Move those stays first.`,
      roomType: change.roomType,
      from: change.from,
      to: change.to,
    })
  }
}

type Cells = Required<Omit<CellChange, 'restructured'>>

/** What the cells that were named hold now: of a rate change the rates, of a restriction the restrictions. */
async function changedCells(tx: Tx, property: CurrentProperty, changes: readonly AriChange[]): Promise<Cells> {
  const cells: Cells = { available: [], amounts: [], restrictions: [] }
  for (const change of changes) {
    const span = { from: change.from, to: change.to, roomType: change.roomType }
    if (change.ratePlan === undefined) {
      for (const row of await readInventory(tx, property.key, span))
        if (row.roomType === change.roomType) cells.available.push([row.roomType, dayNumber(row.night), row.available])
      continue
    }
    const plan = { ...span, ratePlans: [change.ratePlan] }
    if (change.amount !== undefined) {
      const rates = new Map((await readRates(tx, property.key, plan)).map((row) => [dayNumber(row.night), row.amount]))
      for (let day = dayNumber(change.from); day <= dayNumber(change.to); day++)
        cells.amounts.push([change.roomType, change.ratePlan, day, rates.get(day) ?? NO_RATE])
    }
    if (!restricts(change)) continue
    for (const row of await readRestrictions(tx, property.key, plan))
      cells.restrictions.push([
        row.roomType,
        row.ratePlan,
        dayNumber(row.night),
        row.minStayArrival ?? 0,
        row.minStayThrough ?? 0,
        row.maxStay ?? 0,
        (row.closedToArrival ? RESTRICTION_FLAGS.CLOSED_TO_ARRIVAL : 0) |
          (row.closedToDeparture ? RESTRICTION_FLAGS.CLOSED_TO_DEPARTURE : 0) |
          (row.closed ? RESTRICTION_FLAGS.CLOSED : 0),
      ])
  }
  return cells
}

/** What no single field shows: codes that exist, fields that belong together, nights on sale. */
function checkChanges(property: CurrentProperty, changes: readonly AriChange[]): void {
  const errors: FieldError[] = []
  changes.forEach((change, i) => {
    const at = (field: string, detail: string) => errors.push({ pointer: `/changes/${i}/${field}`, detail })
    const plan = property.content.ratePlans.find((it) => it.ratePlan === change.ratePlan)
    if (!property.content.roomTypes.some((type) => type.roomType === change.roomType))
      at('roomType', `there is no room type ${change.roomType}`)
    if (change.ratePlan !== undefined && !plan) at('ratePlan', `there is no rate plan ${change.ratePlan}`)
    if (plan && !plan.roomTypes.includes(change.roomType))
      at('ratePlan', `${plan.ratePlan} does not sell ${change.roomType}`)
    if (plan?.derived && change.amount !== undefined)
      at('amount', `${plan.ratePlan} is priced from ${plan.derived.ratePlan}`)
    if (change.to < change.from) at('to', 'must not be before from')
    checkOnSale(property, change.from, change.to, at)
    for (const field of OF_ROOM_TYPE)
      if (change.ratePlan !== undefined && change[field] !== undefined)
        at(field, 'belongs to the room type; leave ratePlan out')
    for (const field of OF_PLAN)
      if (change.ratePlan === undefined && change[field] !== undefined)
        at(field, 'belongs to a rate plan; give ratePlan')
    if ([...OF_PLAN, ...OF_ROOM_TYPE].every((field) => change[field] === undefined))
      at('', 'changes nothing; name what is to be set')
  })
  const nights = changes.reduce((sum, change) => sum + dayNumber(change.to) - dayNumber(change.from) + 1, 0)
  if (nights > NIGHTS_MAX)
    errors.push({ pointer: '/changes', detail: `these are ${nights} nights; at most ${NIGHTS_MAX} in one request` })
  if (errors.length > 0) throw invalidRequest(errors.slice(0, 20))
}

function checkOnSale(
  property: CurrentProperty,
  from: Night,
  to: Night,
  at: (field: string, detail: string) => void,
): void {
  if (from < property.firstNight) at('from', `nights on sale begin on ${property.firstNight}`)
  if (to > property.lastNight) at('to', `nights on sale end on ${property.lastNight}`)
}
