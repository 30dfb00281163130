/** More than one instance can take: it goes on doing what it can, in time, and tells the rest to come later. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Check, Context } from '../check.ts'
import { expectNone } from '../check.ts'
import { bookingRequest, recount, settle } from '../hotel.ts'
import { run } from '../shell.ts'

/** How many guests at once find out what an instance can take. */
const probingGuests = 24
const probingSeconds = 10
/** Before that, not counted: what has just started is slower, and would be taken for less than it is. */
const warmingSeconds = 10
/** Of what it could take for a short while: what it can take for long. */
const sustainedShare = 0.9
const timesTooMuch = 3
/**
 * Requests under way at once. An edge keeps some connections and sends what they carry; opening one for each guest who
 * waits would measure handshakes. Whoever finds none free is not sent, and is told of by the report.
 */
const connectionsMax = 400
/** Of the peak, what has to arrive for it to be too much: what finds no connection is kept from the stack by the edge. */
const arrivedTimesMin = 1.5
const goodputShareMin = 0.8
const admittedP99MsMax = 1_000

interface Outcome {
  admitted: number[]
  /** Told 429 or 503 with Retry-After. */
  told: number
  /** Found no connection free. */
  unsent: number
  /** Anything else, and how often. */
  other: Record<string, number>
  seconds: number
}

/** Asks once, and notes what became of it. */
async function bookOnce({ edge, hotels }: Context, trial: number, outcome: Outcome): Promise<void> {
  const began = performance.now()
  const booking = { ...bookingRequest(hotels.codes, trial), idempotencyKey: randomUUID() }
  try {
    const answer = await edge.call(booking)
    if (answer.status === 201) {
      outcome.admitted.push(performance.now() - began)
      hotels.acknowledged.set(answer.json<{ reference: string }>().reference, 'confirmed')
    } else if ((answer.status === 429 || answer.status === 503) && answer.headers['retry-after'] !== undefined) {
      outcome.told++
    } else count(outcome, `${answer.status} ${answer.bytes.toString().slice(0, 120)}`)
  } catch (error) {
    hotels.unsettled.push(booking)
    count(outcome, (error as NodeJS.ErrnoException).code ?? String(error))
  }
}

function count(outcome: Outcome, what: string): void {
  outcome.other[what] = (outcome.other[what] ?? 0) + 1
}

function emptyOutcome(): Outcome {
  return { admitted: [], told: 0, unsent: 0, other: {}, seconds: 0 }
}

let nextTrial = 0

/** So many guests, each asking again as soon as answered. */
async function closedLoad(context: Context, guests: number, seconds: number): Promise<Outcome> {
  const outcome = emptyOutcome()
  const began = performance.now()
  await Promise.all(
    Array.from({ length: guests }, async () => {
      while (performance.now() - began < seconds * 1000) await bookOnce(context, nextTrial++, outcome)
    }),
  )
  return { ...outcome, seconds: (performance.now() - began) / 1000 }
}

/** Guests come at this rate whatever becomes of those before them. Late by the machine's own fault, they come at once. */
async function openLoad(context: Context, perSecond: number, seconds: number): Promise<Outcome> {
  const outcome = emptyOutcome()
  const running = new Set<Promise<void>>()
  const began = performance.now()
  let asked = 0
  for (;;) {
    const elapsed = (performance.now() - began) / 1000
    if (elapsed >= seconds) break
    for (; asked < elapsed * perSecond; asked++) {
      if (running.size >= connectionsMax) {
        outcome.unsent++
        continue
      }
      const booking = bookOnce(context, nextTrial++, outcome).finally(() => running.delete(booking))
      running.add(booking)
    }
    await sleep(5)
  }
  const askedSeconds = (performance.now() - began) / 1000
  await Promise.all(running)
  return { ...outcome, seconds: askedSeconds }
}

function perSecond(outcome: Outcome): number {
  return outcome.admitted.length / outcome.seconds
}

/** Found before, between and after the loads it is compared with: a shared machine is not as fast all the time. */
function peakOf(probes: readonly Outcome[]): number {
  return probes.reduce((sum, probe) => sum + perSecond(probe), 0) / probes.length
}

/** Requests a second that were answered one way or the other. */
function arrived(outcome: Outcome): number {
  return (outcome.admitted.length + outcome.told) / outcome.seconds
}

function p99(outcome: Outcome): number {
  const sorted = outcome.admitted.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0
}

function describe(outcome: Outcome): string {
  return `${perSecond(outcome).toFixed(0)}/s at p99 ${p99(outcome).toFixed(0)} ms${
    outcome.told === 0 ? '' : `, ${outcome.told} told to come later`
  }${outcome.unsent === 0 ? '' : `, ${outcome.unsent} not sent`}`
}

/** The largest memory an instance held, sampled until the work is done. In MB; with its limit. */
async function memoryDuring(context: Context, work: () => Promise<void>): Promise<{ used: number; limit: number }> {
  const { id } = await context.stack.container('app')
  let used = 0
  let limit = 0
  let done = false
  const sampling = (async () => {
    while (!done) {
      const row = (await run('docker', ['stats', '--no-stream', '--format', '{{.MemUsage}}', id])).trim()
      const [now, max] = row.split('/').map(megabytes)
      used = Math.max(used, now ?? 0)
      limit = max ?? 0
    }
  })()
  try {
    await work()
  } finally {
    done = true
    await sampling
  }
  return { used, limit }
}

function megabytes(text: string): number {
  const [, number = '0', unit = 'MiB'] = /([\d.]+)\s*([A-Za-z]+)/.exec(text) ?? []
  return Number(number) * ({ B: 1e-6, KiB: 1 / 1024, MiB: 1, GiB: 1024 }[unit] ?? 1)
}

/**
 * Guests bring no work of their own to what they load: the machine's last processor is theirs, the others are the stack's,
 * which so has as much at three times the load as when its peak was found. One processor alone is shared.
 */
async function withProcessorsApart(context: Context, work: () => Promise<string>): Promise<string> {
  const all = await processors()
  const guestsOn = all.at(-1)
  if (all.length < 2 || guestsOn === undefined) return `${await work()}; guests shared the only processor`
  const containers = (await context.stack.containers()).map(({ id }) => id)
  const place = async (stackOn: readonly number[], guestsOn: readonly number[]): Promise<void> => {
    await run('docker', ['update', '--cpuset-cpus', stackOn.join(), ...containers])
    await run('taskset', ['--all-tasks', '--cpu-list', '--pid', guestsOn.join(), String(process.pid)])
  }
  try {
    await place(all.slice(0, -1), [guestsOn])
    return `${await work()}; the stack on ${all.length - 1} of ${all.length} processors`
  } finally {
    await place(all, all)
  }
}

/** Those that this process may use, by number. */
async function processors(): Promise<number[]> {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(await readFile('/proc/self/status', 'utf8')) ?? []
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, at) => from + at)
  })
}

export const overload: Check = {
  name: 'overload',
  title:
    'three times what one instance can take: 80 % of the peak goes on within 1 s, the rest is told when to come back',
  async run(context) {
    const { stack } = context
    if ((await stack.containers('app')).length !== 1) await stack.up('--scale', 'app=1', '--no-recreate', 'app')
    return await withProcessorsApart(context, async () => await measure(context))
  },
}

async function measure(context: Context): Promise<string> {
  const { stack, hotels, loadSeconds } = context
  const warming = await closedLoad(context, probingGuests, warmingSeconds)
  const probes = [await closedLoad(context, probingGuests, probingSeconds)]
  const rate = peakOf(probes) * sustainedShare
  let steady = emptyOutcome()
  let tooMuch = emptyOutcome()
  const memory = await memoryDuring(context, async () => {
    steady = await openLoad(context, rate, loadSeconds)
    probes.push(await closedLoad(context, probingGuests, probingSeconds))
    tooMuch = await openLoad(context, rate * timesTooMuch, loadSeconds)
  })
  probes.push(await closedLoad(context, probingGuests, probingSeconds))
  const peak = Math.max(perSecond(steady), peakOf(probes))
  const said = `peak ${peak.toFixed(0)}/s (${probes.map((probe) => perSecond(probe).toFixed(0)).join(', ')}); ${loadSeconds} s at ${rate.toFixed(0)}/s: ${describe(steady)}; ${loadSeconds} s at ${(
    rate * timesTooMuch
  ).toFixed(0)}/s: ${describe(tooMuch)}; ${memory.used.toFixed(0)} of ${memory.limit.toFixed(0)} MB`
  const found = [
    ...[warming, ...probes, steady, tooMuch].flatMap(({ other }) =>
      Object.entries(other).map(([what, times]) => `${times} × ${what}`),
    ),
    ...(perSecond(tooMuch) < peak * goodputShareMin ? ['less than 80 % of the peak went on'] : []),
    ...(p99(tooMuch) > admittedP99MsMax ? ['what was taken took longer than 1 s'] : []),
    ...(arrived(tooMuch) < peak * arrivedTimesMin ? ['too little arrived for it to be too much'] : []),
    ...(memory.used > memory.limit * 0.9 ? ['memory came near its limit'] : []),
  ]
  expectNone([...(await settle(context.edge, hotels)), ...found], said)
  expectNone(await recount(stack, hotels), 'bookings differ')
  return said
}
