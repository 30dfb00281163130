/** The machine with the database is gone, and everything comes back from object storage by the script that people would run. */
import { addDays } from '../../../shared/domain/nights.ts'
import { today } from '../../support/builders.ts'
import { BookingLoad, describeTally } from '../bookings.ts'
import type { Check, Context } from '../check.ts'
import { waitFor } from '../check.ts'
import { expectStatus } from '../client.ts'
import { finish } from '../shell.ts'

/** What of bookings may be lost with the machine (B1). */
const lossSecondsMax = 60
/** Long enough for a segment to be stored and another to be begun. */
const bookingSeconds = 75

interface Found {
  total: number
  version: number
  stale: boolean
}

async function search({ guest, hotels }: Context): Promise<Found> {
  const arrival = addDays(today(), 20)
  const answer = await guest.call({
    path: `/api/v1/properties/${hotels.codes[0]}/availability?arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`,
  })
  const { offers, ariVersion, stale } = expectStatus(answer, 200, 'a search').json<{
    offers: { available: number }[]
    ariVersion: number
    stale: boolean
  }>()
  return { total: offers.length, version: ariVersion, stale }
}

export const recover: Check = {
  name: 'recover',
  title:
    'the database, its replica and their volumes are destroyed under bookings; recover brings back all but a minute',
  async run(context) {
    const { stack, guest, hotels } = context
    const load = new BookingLoad(guest, hotels, 2)
    await new Promise((resolve) => setTimeout(resolve, bookingSeconds * 1000))
    const before = await search(context)
    // By the database's clock, which dates bookings too.
    const [gone] = await stack.sql<{ at: string }>('select clock_timestamp() as at')
    const containers = [await stack.container('postgres'), await stack.container('postgres-replica')]
    await finish('docker', ['kill', ...containers.map(({ id }) => id)])
    const began = performance.now()
    const bookings = load.stop()
    // Its volumes are gone with it; what is not in object storage is lost.
    const report = await stack.script('infra/runbooks/recover', ['--replace-data'], { RECOVER_BUILD: 'no' })
    const seconds = Math.round((performance.now() - began) / 1000)
    const tally = await bookings
    // Those of the minutes without a database wait for it as long as a guest does.
    if (tally.booked < bookingSeconds) throw new Error(`too few were booked to lose any: ${describeTally(tally)}`)

    const rows = await stack.sql<{ reference: string; status: string; seconds: number }>(
      `select reference, status, extract(epoch from timestamptz '${gone?.at}' - booked_at)::float as seconds from reservation`,
    )
    const stored = new Map(rows.map((row) => [row.reference, row]))
    // Without those that were asked again, and booked, once it was back.
    const loss = Math.min(...rows.map((row) => row.seconds).filter((age) => age >= 0))
    if (loss > lossSecondsMax) throw new Error(`the newest booking that came back was ${loss.toFixed(0)} s old`)
    const lost = [...hotels.acknowledged.keys()].filter((reference) => !stored.has(reference))
    if (lost.length > lossSecondsMax * 2) throw new Error(`${lost.length} bookings are lost, at two a second`)
    // The world as it is from here on.
    for (const reference of lost) hotels.acknowledged.delete(reference)
    for (const { reference, status } of rows)
      if (!hotels.acknowledged.has(reference)) hotels.acknowledged.set(reference, status as 'confirmed' | 'cancelled')
    hotels.unsettled.length = 0

    // The edge kept its memory, and has seen versions that never were.
    let after = before
    await waitFor(
      async () => {
        after = await search(context)
        return !after.stale && after.version > before.version + 1_000_000
      },
      15_000,
      'the edge still answers from what was before',
    )
    if (!/total +\d+ s/.test(report)) throw new Error(report)
    return `${seconds} s; newest booking ${loss.toFixed(1)} s old, ${lost.length} of ${hotels.acknowledged.size + lost.length} lost, ${describeTally(tally)}; ARI version from ${before.version} to ${after.version}`
  },
}
