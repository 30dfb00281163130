/** From a booking acknowledged at one edge to its being seen at another, which is told nothing. */

import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { startNodeEdge } from '../../../infra/local/services.ts'
import { addDays } from '../../../shared/domain/nights.ts'
import type { AvailabilityAnswer } from '../../../shared/routes/availability.ts'
import { bookCall, searchCall } from '../replay/calls.ts'
import { type Client, openClient } from '../replay/http.ts'
import type { WantedStay } from '../replay/plan.ts'
import { percentile } from '../replay/tally.ts'
import type { Bench, Measured } from './bench.ts'
import { randomShares } from './bookings.ts'
import { benchHotel, type Hotel, setUp } from './hotels.ts'
import type { Line } from './lines.ts'
import { startOriginProcess } from './origin-stack.ts'
import { edgeWorker, startWorkerd } from './workerd.ts'

const HOTELS = 8
const ASKED_EACH_MS = 20
/** Given up after; counted as this long. */
const PATIENCE_MS = 10_000
/** Between two bookings of a property, so that they meet the watched edge at any moment of its head's life. */
const PAUSE_MS_MAX = 1_500

/** Books through the edge on Node and asks the one on workerd, and the other way round. */
export async function measureVisible(bench: Bench): Promise<Measured> {
  const { started, cores } = bench
  const data = await bench.data()
  const origin = await started.keep(startOriginProcess(data, cores))
  const hotels = Array.from({ length: HOTELS }, (_, i) =>
    benchHotel(`visible-${i + 1}`, { roomTypes: 5, plans: 4, rooms: 20 }),
  )
  for (const hotel of hotels) await setUp(origin, data.apiKey, hotel)
  const { url, signingKey } = origin
  const node = await started.keep(startNodeEdge({ originUrl: url, signingKey, log: () => {} }))
  const workerd = await started.keep(
    startWorkerd(await edgeWorker({ url, signingKey }), {
      directory: join(bench.directory, 'visible'),
      readyPath: '/health',
    }),
  )
  cores.pinServers(node.pid, workerd.pid)
  const clients = { node: openClient(node.url, HOTELS * 2), workerd: openClient(workerd.url, HOTELS * 2) }
  const seconds = bench.options.seconds
  const onWorkerd = await watch(hotels, { seconds, books: clients.node, asks: clients.workerd, seed: 1 })
  const onNode = await watch(hotels, { seconds, books: clients.workerd, asks: clients.node, seed: 2 })
  clients.node.close()
  clients.workerd.close()
  await started.stop(origin, node, workerd)
  return {
    lines: [lineOf('the edge on workerd', onWorkerd), lineOf('the edge on Node', onNode)],
    details: { onWorkerd, onNode },
  }
}

function lineOf(where: string, delaysMs: readonly number[]): Line {
  return {
    part: 'visible',
    name: `commit to visible at ${where}, p99`,
    value: percentile(delaysMs, 0.99),
    unit: 'ms',
    bound: { atMost: 2_000 },
    remark: `${delaysMs.length} bookings through the other edge, p50 ${percentile(delaysMs, 0.5).toFixed(0)} ms, the most ${Math.max(...delaysMs).toFixed(0)} ms; asked every ${ASKED_EACH_MS} ms, no push`,
  }
}

type Watching = { seconds: number; books: Client; asks: Client; seed: number }

/** Milliseconds from each acknowledgement to the first answer that has the booking. */
async function watch(hotels: readonly Hotel[], { seconds, books, asks, seed }: Watching): Promise<number[]> {
  const until = performance.now() + seconds * 1_000
  const delays = await Promise.all(
    hotels.map(async (hotel, i) => {
      const share = randomShares(seed * 1_000 + i)
      const theirs: number[] = []
      for (let day = 0; performance.now() < until; day++) {
        theirs.push(await bookAndWatch(hotel, { books, asks, day: 10 + ((day * 4) % 600) }))
        await askFor(hotel, asks, share() * PAUSE_MS_MAX)
      }
      return theirs
    }),
  )
  return delays.flat()
}

async function bookAndWatch(
  { definition }: Hotel,
  { books, asks, day }: { books: Client; asks: Client; day: number },
): Promise<number> {
  const property = definition.content.property
  const arrival = addDays(definition.inventory.from, day)
  const asked = { arrival, departure: addDays(arrival, 2), adults: 2, childAges: [], roomType: '', ratePlan: '' }
  const shown = (await books.send(searchCall(property, asked))).body as AvailabilityAnswer
  const offer = shown.offers[0]
  // Nothing to sell on that date: it is closed. Another one will do.
  if (!offer) return await bookAndWatch({ definition } as Hotel, { books, asks, day: day + 1 })
  const stay: WantedStay = { ...asked, roomType: offer.roomType, ratePlan: offer.ratePlan }
  const booked = await books.send(bookCall(property, stay, offer.total, day))
  const acknowledgedAt = performance.now()
  if (booked.status !== 201 || booked.version === undefined)
    throw new Error(`booking: ${booked.status} ${JSON.stringify(booked.body)}`)
  for (;;) {
    const { version = -1 } = await asks.send(searchCall(property, asked))
    const waited = performance.now() - acknowledgedAt
    if (version >= booked.version || waited > PATIENCE_MS) return waited
    await sleep(ASKED_EACH_MS)
  }
}

/** Keeps asking for a while, as other guests do: what nobody asks for is brought up to date by the next question. */
async function askFor({ definition }: Hotel, asks: Client, ms: number): Promise<void> {
  const { property } = definition.content
  const arrival = addDays(definition.inventory.from, 5)
  const stay = { arrival, departure: addDays(arrival, 1), adults: 1, childAges: [], roomType: '', ratePlan: '' }
  const until = performance.now() + ms
  while (performance.now() < until) {
    await asks.send(searchCall(property, stay))
    await sleep(ASKED_EACH_MS)
  }
}
