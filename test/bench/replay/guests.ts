/** Many guests at once: each searches, books what is offered at the total offered, and perhaps cancels later. */
import type { AvailabilityAnswer } from '../../../shared/routes/availability.ts'
import type { BookedReservation } from '../../../shared/routes/reservations.ts'
import { bookCall, cancelCall, searchCall } from './calls.ts'
import { type Client, slugOf } from './http.ts'
import type { ReplayPlan } from './plan.ts'
import { countUp, Tally } from './tally.ts'

/** A booking that was acknowledged. */
export type Held = { reference: string; guestToken: string; cancelled: boolean }

export type Outcome = {
  tally: Tally
  /** By the booking's place in the plan; null where it was refused. */
  held: (Held | null)[]
  /** The highest ARI version that any write answered with. */
  version: number
}

/**
 * Replays the plan's events with `guests` at a time. Events begin in their order; a cancellation waits until its booking
 * is settled. The first search asks for at least `version`, so that the rates just set are seen; later ones ask for
 * nothing, as strangers do.
 */
export async function replayAtOnce(
  client: Client,
  plan: ReplayPlan,
  options: { guests: number; version: number; onEvent: (tally: Tally) => void },
): Promise<Outcome> {
  const property = plan.definition.content.property
  const tally = new Tally()
  let version = options.version
  const settled: Promise<Held | null>[] = []
  const held: (Held | null)[] = plan.bookings.map(() => null)

  const book = async (index: number): Promise<Held | null> => {
    const { stay, line } = plan.bookings[index] as (typeof plan.bookings)[number]
    const found = await client.send(searchCall(property, stay))
    tally.note('search', found)
    if (found.status !== 200) {
      countUp(tally.unexpected, `search: ${found.status} ${slugOf(found.body)}`)
      return null
    }
    const isWanted = (it: { roomType: string; ratePlan: string }) =>
      it.roomType === stay.roomType && it.ratePlan === stay.ratePlan
    const { offers, unavailable } = found.body as AvailabilityAnswer
    const offer = offers.find(isWanted)
    if (!offer) {
      countUp(tally.refused, unavailable.find(isWanted)?.reason ?? 'not listed')
      return null
    }
    const answer = await client.send(bookCall(property, stay, offer.total, line))
    tally.note('book', answer)
    if (answer.status === 409) countUp(tally.staleRefusals, slugOf(answer.body) ?? '409')
    else if (answer.status !== 201) countUp(tally.unexpected, `book: ${answer.status} ${slugOf(answer.body)}`)
    if (answer.status !== 201) return null
    const { reference, guestToken } = answer.body as BookedReservation
    tally.booked++
    version = Math.max(version, answer.version ?? 0)
    return { reference, guestToken, cancelled: false }
  }

  const cancel = async (index: number): Promise<void> => {
    const booking = await settled[index]
    if (!booking) {
      tally.nothingToCancel++
      return
    }
    const answer = await client.send(cancelCall(booking.reference, booking.guestToken))
    tally.note('cancel', answer)
    if (answer.status !== 200) {
      countUp(tally.unexpected, `cancel: ${answer.status} ${slugOf(answer.body)}`)
      return
    }
    tally.cancelled++
    booking.cancelled = true
    version = Math.max(version, answer.version ?? 0)
  }

  await client.send(searchCall(property, (plan.bookings[0] as (typeof plan.bookings)[number]).stay, version))
  let next = 0
  const guest = async (): Promise<void> => {
    for (let event = plan.events[next++]; event; event = plan.events[next++]) {
      if (event.kind === 'book') {
        const promise = book(event.booking)
        settled[event.booking] = promise
        held[event.booking] = await promise
      } else await cancel(event.booking)
      options.onEvent(tally)
    }
  }
  tally.begin()
  await Promise.all(Array.from({ length: options.guests }, guest))
  tally.end()
  return { tally, held, version }
}
