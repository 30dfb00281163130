/** After the replay: does what the system counted agree with the reservations, and with what the guests were told? */
import postgres from 'postgres'
import { addDays, nightsBetween } from '../../../shared/domain/nights.ts'
import type { AvailabilityAnswer } from '../../../shared/routes/availability.ts'
import { searchCall } from './calls.ts'
import type { Held } from './guests.ts'
import type { Client } from './http.ts'
import type { ReplayPlan } from './plan.ts'

export type Recount = {
  /** How it was counted, for the report. */
  by: string
  /** Room nights on which more is sold than there are rooms, as `DBL 2027-03-01: 5 of 4`. */
  oversold: string[]
  /** Wherever two counts of the same thing differ, in words. */
  drift: string[]
}

/**
 * Counts in the database itself: each night's sold rooms against the reservations that stand, night by night twice (by
 * their dates, and by their nightly prices), and the reservations against the answers that the guests hold.
 */
export async function recountInDatabase(
  ownerUrl: string,
  organisation: string,
  plan: ReplayPlan,
  held: readonly (Held | null)[],
): Promise<Recount> {
  const sql = postgres(ownerUrl, {
    max: 1,
    onnotice: () => {},
    types: { date: { to: 1082, from: [1082], serialize: String, parse: String } },
  })
  try {
    return await sql.begin(async (tx) => {
      await tx`select set_config('app.org_id', ${organisation}, true)`
      const nights = await tx<CountedNight[]>`
        with house as (
          select property_id
          from property
          where code = ${plan.definition.content.property}
        ), standing as (
          select r.reservation_id, r.room_type, r.arrival, r.departure
          from reservation r
          join house using (property_id)
          where r.status in ('hold', 'confirmed', 'inHouse', 'checkedOut')
        ), by_dates as (
          select s.room_type, s.arrival + i as night, count(*)::int as rooms
          from standing s, generate_series(0, s.departure - s.arrival - 1) i
          group by s.room_type, s.arrival + i
        ), by_prices as (
          select s.room_type, n.night, count(*)::int as rooms
          from standing s
          join reservation_night n using (reservation_id)
          group by s.room_type, n.night
        )
        select n.room_type as "roomType", n.night, n.sold, n.held,
          n.physical - n.out_of_order + n.overbook_limit - n.blocked as rooms,
          coalesce(d.rooms, 0) as "byDates", coalesce(p.rooms, 0) as "byPrices"
        from room_type_night n
        join house using (property_id)
        left join by_dates d on d.room_type = n.room_type and d.night = n.night
        left join by_prices p on p.room_type = n.room_type and p.night = n.night
        order by n.room_type, n.night`
      const reservations = await tx<{ reference: string; status: string }[]>`
        select r.reference, r.status
        from reservation r
        join property p using (property_id)
        where p.code = ${plan.definition.content.property}
        order by r.reference`
      return {
        by: 'SQL over all nights and reservations',
        oversold: nights
          .filter((it) => Math.max(it.byDates, it.sold + it.held) > it.rooms)
          .map((it) => `${it.roomType} ${it.night}: ${it.byDates} of ${it.rooms}`),
        drift: [
          ...nights
            .filter((it) => it.sold + it.held !== it.byDates || it.byDates !== it.byPrices)
            .map(
              (it) =>
                `${it.roomType} ${it.night}: counter ${it.sold}+${it.held}, reservations ${it.byDates}, their nights ${it.byPrices}`,
            ),
          ...reservationsThatDiffer(reservations, held),
        ],
      }
    })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

type CountedNight = {
  roomType: string
  night: string
  sold: number
  held: number
  rooms: number
  byDates: number
  byPrices: number
}

/** A booking the guests hold that is not there, one that nobody holds, or one in another state. */
function reservationsThatDiffer(
  rows: readonly { reference: string; status: string }[],
  held: readonly (Held | null)[],
): string[] {
  const known = new Map(held.flatMap((it) => (it ? [[it.reference, it.cancelled ? 'cancelled' : 'confirmed']] : [])))
  const differences: string[] = []
  for (const { reference, status } of rows) {
    const told = known.get(reference)
    known.delete(reference)
    if (told === undefined) differences.push(`${reference} is ${status}, and no guest holds it`)
    else if (told !== status) differences.push(`${reference} is ${status}; its guest was told ${told}`)
  }
  return [...differences, ...[...known.keys()].map((reference) => `${reference} was acknowledged and is not there`)]
}

/**
 * Counts from outside: asks the edge what is left of every room type on every night, not older than `version`, and
 * compares it with the bookings that the guests hold. Sees differences only where fewer than nine rooms are left.
 */
export async function recountByAnswers(
  client: Client,
  plan: ReplayPlan,
  held: readonly (Held | null)[],
  version: number,
): Promise<Recount> {
  const sold = new Map<string, number>()
  plan.bookings.forEach(({ stay }, i) => {
    const booking = held[i]
    if (!booking || booking.cancelled) return
    for (const night of nightsBetween(stay.arrival, stay.departure)) {
      const key = `${stay.roomType}|${night}`
      sold.set(key, (sold.get(key) ?? 0) + 1)
    }
  })
  const { content, inventory } = plan.definition
  const drift: string[] = []
  const oversold: string[] = []
  const extra = extraRooms(plan)
  for (const night of nightsBetween(inventory.from, addDays(inventory.to, 1))) {
    const stay = { roomType: '', ratePlan: '', arrival: night, departure: addDays(night, 1), adults: 2, childAges: [] }
    const answer = await client.send(searchCall(content.property, stay, version))
    const { offers = [], unavailable = [] } = answer.body as Partial<AvailabilityAnswer>
    for (const { roomType } of content.roomTypes) {
      const key = `${roomType}|${night}`
      const left = Math.max(0, (plan.capacity.get(roomType) ?? 0) - (sold.get(key) ?? 0))
      if ((sold.get(key) ?? 0) > (plan.capacity.get(roomType) ?? 0) + (extra.get(key)?.overbook ?? 0))
        oversold.push(`${roomType} ${night}: ${sold.get(key)} of ${plan.capacity.get(roomType)}`)
      // Where limits were set as well, the room left is not what the bookings alone say.
      if (extra.has(key)) continue
      const offered = offers.find((it) => it.roomType === roomType)
      const reasons = unavailable.filter((it) => it.roomType === roomType).map(({ reason }) => reason)
      const shown = offered?.available ?? (reasons.includes('sold-out') ? 0 : undefined)
      if (shown !== undefined && shown !== Math.min(9, left))
        drift.push(`${roomType} ${night}: the edge shows ${shown} left, the guests’ bookings leave ${left}`)
    }
  }
  return { by: 'the edge’s answers for every night (counts above nine are not visible there)', oversold, drift }
}

/** Nights whose inventory the plan changes, by `${roomType}|${night}`. */
function extraRooms(plan: ReplayPlan): Map<string, { overbook: number }> {
  const extra = new Map<string, { overbook: number }>()
  for (const { roomType, ratePlan, from, to, overbookLimit } of plan.changes) {
    if (ratePlan !== undefined) continue
    for (const night of nightsBetween(from, addDays(to, 1))) {
      const key = `${roomType}|${night}`
      extra.set(key, { overbook: overbookLimit ?? extra.get(key)?.overbook ?? 0 })
    }
  }
  return extra
}
