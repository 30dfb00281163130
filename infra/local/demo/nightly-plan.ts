/** Turns what a hotel wants night by night into the fewest changes that say it. */
import { addDays, dayNumber, type Night } from '../../../shared/domain/nights.ts'
import type { PropertyContent } from '../../../shared/domain/property.ts'
import type { AriChange } from '../../../shared/routes/ari.ts'
import { type Weekday, weekdayOf } from './seasons.ts'

/** Rate and restrictions of a product on one night; a field left out stays at its default: no rate, no restriction. */
export type ProductNight = Pick<
  AriChange,
  'amount' | 'minStayArrival' | 'minStayThrough' | 'maxStay' | 'closedToArrival' | 'closedToDeparture' | 'closed'
>
/** Inventory of a room type on one night; a field left out stays at its default. */
export type RoomTypeNight = Pick<AriChange, 'sellLimit' | 'overbookLimit' | 'outOfOrder'>

export interface NightlyPlan {
  product(roomType: string, ratePlan: string, night: Night): ProductNight
  roomType(roomType: string, night: Night): RoomTypeNight
}

/**
 * The changes that make a plan true on the given nights (consecutive, in order), for a property without any ARI yet.
 * Each night of each product stands in one change at most, so their order does not matter.
 */
export function changesFor(content: PropertyContent, nights: readonly Night[], plan: NightlyPlan): AriChange[] {
  return content.roomTypes.flatMap(({ roomType }) => [
    ...compress(nights, (night) => plan.roomType(roomType, night)).map((span) => ({ roomType, ...span })),
    ...content.ratePlans
      .filter((it) => it.roomTypes.includes(roomType))
      .flatMap(({ ratePlan }) =>
        compress(nights, (night) => plan.product(roomType, ratePlan, night)).map((span) => ({
          roomType,
          ratePlan,
          ...span,
        })),
      ),
  ])
}

type Span<Fields> = Fields & { from: Night; to: Night; weekdays?: Weekday[] }

/** Runs of equal weeks, weekday by weekday; weekdays whose runs agree are written together. Nights that say nothing are left out. */
function compress<Fields extends object>(nights: readonly Night[], fieldsOn: (night: Night) => Fields): Span<Fields>[] {
  const [first, last] = [nights[0], nights.at(-1)]
  if (first === undefined || last === undefined) return []
  const monday = dayNumber(addDays(first, 1 - weekdayOf(first)))
  const weekOf = (night: Night) => Math.floor((dayNumber(night) - monday) / 7)
  const runs = new Map<string, { fields: Fields; from: Night; to: Night; weekdays: Weekday[] }>()
  for (const weekday of [1, 2, 3, 4, 5, 6, 7] as const) {
    let open: { text: string; fields: Fields; from: Night; to: Night } | undefined
    const close = () => {
      if (open && open.text !== '{}') {
        const key = `${weekOf(open.from)} ${weekOf(open.to)} ${open.text}`
        const same = runs.get(key)
        if (same) {
          same.weekdays.push(weekday)
          if (open.from < same.from) same.from = open.from
          if (open.to > same.to) same.to = open.to
        } else runs.set(key, { fields: open.fields, from: open.from, to: open.to, weekdays: [weekday] })
      }
      open = undefined
    }
    for (const night of nights.filter((it) => weekdayOf(it) === weekday)) {
      const fields = fieldsOn(night)
      const text = JSON.stringify(fields)
      if (open?.text !== text) close()
      if (open) open.to = night
      else open = { text, fields, from: night, to: night }
    }
    close()
  }
  return [...runs.values()].map(({ fields, from, to, weekdays }) => ({
    ...fields,
    from,
    to,
    ...(weekdays.length < 7 ? { weekdays } : {}),
  }))
}
