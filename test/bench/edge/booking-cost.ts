/** What one booking costs, at a large property: the edge in bytes to have it, the origin in processor time to tell it. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startNodeEdge } from '../../../infra/local/services.ts'
import { addDays } from '../../../shared/domain/nights.ts'
import type { AvailabilityAnswer } from '../../../shared/routes/availability.ts'
import { bookCall } from '../replay/calls.ts'
import { secondsOf } from '../replay/profile.ts'
import type { Bench, Measured } from './bench.ts'
import { benchHotel, type Hotel, NIGHTS, setUp } from './hotels.ts'
import { median } from './lines.ts'
import { type DataStack, type OriginProcess, startOriginProcess } from './origin-stack.ts'

const ROOM_TYPES = 30
const PLANS = 12
const STAY_NIGHTS = 7
/** Bookings after each of which the edge is watched bringing itself up to date. */
const WATCHED = 12
/** Deltas asked for, so that the processor's clock of 10 ms tells a thousandth of one. */
const TOLD = 1_600
/** Edges that ask at once. */
const ASKING = 4
/** Copies made, one after each booking. */
const COPIED = 8
const COPY_SECONDS = 2
/** Longer than a head is used for. */
const HEAD_PASSED_MS = 1_100

/** Counts the bytes that the origin sends to the edge, and takes a booking at a time. */
export async function measureBookingCost(bench: Bench): Promise<Measured> {
  const { started, cores } = bench
  const data = await bench.data()
  const origin = await started.keep(startOriginProcess(data, cores))
  const hotel = benchHotel('large', { roomTypes: ROOM_TYPES, plans: PLANS, rooms: 20 })
  await setUp(origin, data.apiKey, hotel)
  const counting = await started.keep(startCountingProxy(new URL(origin.url)))
  const edge = await started.keep(
    startNodeEdge({ originUrl: counting.url, signingKey: data.signingKey, log: () => {} }),
  )
  const bytes: number[] = []
  const beginning = await search(edge.url, hotel, 0)
  const snapshotBytes = counting.bytes()
  let version = beginning.ariVersion
  for (let i = 0; i < WATCHED; i++) {
    version = await book(origin, hotel, beginning, i)
    await sleep(HEAD_PASSED_MS)
    const before = counting.bytes()
    const seen = await search(edge.url, hotel, i)
    if (seen.ariVersion !== version) throw new Error(`the edge is at version ${seen.ariVersion}, not at ${version}`)
    bytes.push(counting.bytes() - before)
  }
  await started.stop(counting, edge)
  const cpu = await processorTimeToTell(origin, data, hotel, { from: version - 1, to: version })
  await started.stop(origin)
  const copyMs = await processorTimeToCopy(bench, data, hotel, beginning)
  const size = `at ${NIGHTS} nights × ${ROOM_TYPES} room types × ${PLANS} plans, ${STAY_NIGHTS} nights booked`
  return {
    lines: [
      {
        part: 'booking-cost',
        name: 'bytes an edge receives for a booking',
        value: Math.max(...bytes) / 1_000,
        unit: 'KB',
        bound: { atMost: 2 },
        remark: `the most of ${WATCHED}, headers of all answers included, ${size}`,
      },
      {
        part: 'booking-cost',
        name: 'bytes an edge receives to begin with',
        value: snapshotBytes / 1_000,
        unit: 'KB',
        remark: 'head and snapshot, compressed; rates that change every two weeks compress well',
      },
      {
        part: 'booking-cost',
        name: 'processor time at the origin to tell an edge',
        value: cpu.originMs + cpu.postgresMs,
        unit: 'ms',
        bound: { atMost: 2 },
        remark: `head and delta, mean of ${TOLD}, ${ASKING} edges at once; ${cpu.originMs.toFixed(2)} ms origin, ${cpu.postgresMs.toFixed(2)} ms PostgreSQL`,
      },
      {
        part: 'booking-cost',
        name: 'processor time at the origin for the copy in object storage',
        value: copyMs,
        unit: 'ms',
        remark: 'once in 30 s as the origin is set, however many bookings there were; PostgreSQL included',
      },
    ],
    details: { copyMs, bytes, medianBytes: median(bytes), snapshotBytes, cpu },
  }
}

async function search(url: string, hotel: Hotel, day: number): Promise<AvailabilityAnswer> {
  const arrival = addDays(hotel.definition.inventory.from, 30 + day)
  const query = `arrival=${arrival}&departure=${addDays(arrival, STAY_NIGHTS)}&adults=2`
  const answer = await fetch(`${url}/api/v1/properties/${hotel.definition.content.property}/availability?${query}`)
  if (answer.status !== 200) throw new Error(`the edge answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as AvailabilityAnswer
}

/** Books one of the offers past the edge that is watched; the version after it. */
async function book(origin: OriginProcess, hotel: Hotel, shown: AvailabilityAnswer, i: number): Promise<number> {
  // Another room type each time.
  const offer = shown.offers[(i * (PLANS + 1)) % shown.offers.length]
  if (!offer) throw new Error('nothing is on offer')
  const { roomType, ratePlan, total } = offer
  const { arrival, departure, adults, childAges } = shown
  const property = hotel.definition.content.property
  const call = bookCall(property, { roomType, ratePlan, arrival, departure, adults, childAges }, total, i)
  const answer = await origin.call(call.method, call.path, { body: call.body })
  if (answer.status !== 201) throw new Error(`booking: ${answer.status} ${(await answer.text()).slice(0, 300)}`)
  return ((await answer.json()) as { ariVersion: number }).ariVersion
}

/** Milliseconds for one head and one delta, as an edge asks for them. */
async function processorTimeToTell(
  origin: OriginProcess,
  data: DataStack,
  hotel: Hotel,
  { from, to }: { from: number; to: number },
): Promise<{ originMs: number; postgresMs: number }> {
  const base = `/internal/ari/${hotel.definition.content.property}`
  const tell = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++)
      for (const document of [`${base}/head`, `${base}/deltas/${from}/${to}`]) {
        const answer = await origin.call('GET', document)
        if (answer.status !== 200) throw new Error(`${document}: ${answer.status}`)
        await answer.arrayBuffer()
      }
  }
  const tellAll = async () => void (await Promise.all(Array.from({ length: ASKING }, () => tell(TOLD / ASKING))))
  await tellAll()
  const before = [secondsOf([origin.pid]), secondsOf([data.pid])] as const
  await tellAll()
  const msEach = (pid: number, since: number) => ((secondsOf([pid]) - since) * 1_000) / TOLD
  return { originMs: msEach(origin.pid, before[0]), postgresMs: msEach(data.pid, before[1]) }
}

/** Milliseconds of one copy after one booking: bookings at the same pace, with copies kept and without. */
async function processorTimeToCopy(
  { started, cores }: Bench,
  data: DataStack,
  hotel: Hotel,
  shown: AvailabilityAnswer,
): Promise<number> {
  const used: number[] = []
  for (const seconds of [COPY_SECONDS, 0]) {
    const origin = await started.keep(startOriginProcess(data, cores, { ARI_COPY_SECONDS: String(seconds) }))
    // Its first pass brings up what the bookings before have left.
    await book(origin, hotel, shown, 0)
    await sleep(2 * COPY_SECONDS * 1_000)
    const before = secondsOf([origin.pid, data.pid])
    for (let i = 0; i < COPIED; i++) {
      await book(origin, hotel, shown, i)
      await sleep(COPY_SECONDS * 1_000)
    }
    used.push(secondsOf([origin.pid, data.pid]) - before)
    await started.stop(origin)
  }
  const [kept = Number.NaN, without = Number.NaN] = used
  return ((kept - without) * 1_000) / COPIED
}

type CountingProxy = { url: string; bytes(): number; stop(): Promise<void> }

/** Passes connections on and counts every byte that comes back. */
async function startCountingProxy(target: URL): Promise<CountingProxy> {
  let bytes = 0
  const open = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
    near.setNoDelay(true)
    far.on('data', (chunk) => {
      bytes += chunk.byteLength
    })
    near.pipe(far)
    far.pipe(near)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
