/** The edge on workerd and on Node beside nginx and Varnish: the same guests, the same database, the same cores. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../infra/local/ports.ts'
import { startService } from '../../../infra/local/service-process.ts'
import { startNodeEdge } from '../../../infra/local/services.ts'
import { AS_OF_KEY } from '../../../shared/ari/copy.ts'
import { dateAt } from '../../../shared/domain/zone.ts'
import { searchCall } from '../replay/calls.ts'
import { type Client, openClient } from '../replay/http.ts'
import { secondsOf } from '../replay/profile.ts'
import { REPLAY_ZONE } from '../replay/replay-hotel.ts'
import { percentile } from '../replay/tally.ts'
import type { Bench, Measured } from './bench.ts'
import { poissonMoments, randomShares, stays, zipf } from './bookings.ts'
import { type Commits, lackedFor } from './freshness.ts'
import { addCopies, benchHotel, commitTimes, copyCode, copyOf, type Hotel, setUp } from './hotels.ts'
import type { Line } from './lines.ts'
import { type LoadOutcome, type PlannedSearch, runLoad } from './load.ts'
import { type Checked, checkAnswers } from './oracle-check.ts'
import { type DataStack, startOriginProcess } from './origin-stack.ts'
import { startNginx, startVarnish } from './peers.ts'
import type { Panel } from './plot.ts'
import { edgeWorker, startWorkerd } from './workerd.ts'

const PROJECT = join(import.meta.dirname, '../../..')
const PROPERTIES = 200
const CODE = 'mixed'
const HEAT_SECONDS = 12
const HEAT_GUESTS = 8
/** At the rate that is measured, before it is. */
const WARM_UP_SECONDS = 3
const CATCH_UP_SECONDS_MAX = 90
const CONNECTIONS = 64
const STALE_AFTER_MS = 2_000

export type System = 'edge on workerd' | 'edge on Node' | 'nginx' | 'Varnish'
const EDGES: readonly System[] = ['edge on workerd', 'edge on Node']
const PEERS: readonly System[] = ['nginx', 'Varnish']

/** Everything that answers guests, from the front to PostgreSQL. */
type Chain = {
  url: string
  /** By what they are, for the table. */
  pids: Record<'front' | 'behind' | 'PostgreSQL', number>
  /** Requests that the front has sent on so far, by what they are; bookings are left out. */
  requests(): Promise<Map<string, number>>
  stop(): Promise<void>
}

export type SystemFigures = {
  searches: number
  bookings: number
  /** For 1,000 searches. */
  originRequests: number
  originRequestsByRoute: Record<string, number>
  /** Milliseconds for 1,000 searches, PostgreSQL included. */
  processorMs: number
  processorMsByProcess: Record<string, number>
  p50Ms: number
  p99Ms: number
  older: number
  worstLackMs: number
  markedStale: number
  wrong: number
  failures: number
}

type Run = {
  outcome: LoadOutcome
  requests: Map<string, number>
  processorSeconds: [string, number][]
}

/** The same guests for one system after the other. */
export async function measureMixedLoad(bench: Bench): Promise<Measured> {
  const data = await bench.data()
  const hotel = await setUpHotels(bench, data)
  const plan = planSearches(bench, hotel)
  const runs = new Map<System, Run>()
  const unmeasured: string[] = []
  for (const system of [...EDGES, ...PEERS]) {
    if (!isHere(bench, system)) {
      bench.say(`  ${system} is left out: it is not installed.`)
      unmeasured.push(`The mixed load was not compared with ${system}, which is not installed.`)
      continue
    }
    bench.say(`  ${system} …`)
    runs.set(system, await runSystem(bench, system, data, plan))
  }
  bench.say('  every answer against the oracle …')
  const checked = checkRuns(runs, hotel)
  const commits = await commitTimes(data)
  const figures = new Map([...runs].map(([system, run]) => [system, figuresOfRun(system, run, commits, checked)]))
  return {
    lines: linesOf(figures, checked, bench.options.rate),
    unmeasured,
    details: { rate: bench.options.rate, systems: Object.fromEntries(figures), report: checked.report },
    panels: panelsOf(figures),
  }
}

async function setUpHotels(bench: Bench, data: DataStack): Promise<Hotel> {
  const hotel = benchHotel(CODE, { roomTypes: 5, plans: 4, rooms: 6 })
  const origin = await bench.started.keep(startOriginProcess(data, bench.cores))
  await setUp(origin, data.apiKey, hotel)
  await bench.started.stop(origin)
  await addCopies(data, CODE, PROPERTIES)
  await letOriginCatchUp(bench, data)
  return hotel
}

/**
 * An origin that finds 200 new properties writes a copy of each snapshot to object storage. That is over before the first
 * system is measured.
 */
async function letOriginCatchUp(bench: Bench, data: DataStack): Promise<void> {
  const asOf = join(fileURLToPath(data.storageUrl), AS_OF_KEY)
  const written = () => statSync(asOf, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const before = written()
  const origin = await bench.started.keep(startOriginProcess(data, bench.cores))
  const until = performance.now() + CATCH_UP_SECONDS_MAX * 1_000
  while (written() === before && performance.now() < until) await sleep(100)
  await bench.started.stop(origin)
}

function planSearches({ options, bookings }: Bench, { definition }: Hotel): PlannedSearch[] {
  const share = randomShares(options.seed)
  const rank = zipf(PROPERTIES, share)
  const stay = stays(bookings, {
    today: dateAt(Date.now(), REPLAY_ZONE),
    lastNight: definition.inventory.to,
    seed: options.seed,
    share,
  })
  const untilMs = (WARM_UP_SECONDS + options.seconds) * 1_000
  return poissonMoments(options.rate, untilMs, share).map((at) => ({
    at,
    property: copyCode(CODE, rank() + 1),
    stay: stay(),
  }))
}

function isHere({ programs }: Bench, system: System): boolean {
  if (system === 'nginx') return programs.has('nginx')
  return system !== 'Varnish' || programs.has('varnishd')
}

async function runSystem(bench: Bench, system: System, data: DataStack, plan: readonly PlannedSearch[]): Promise<Run> {
  const chain = await bench.started.keep(startChain(bench, system, data))
  bench.cores.pinServers(...Object.values(chain.pids))
  const client = openClient(chain.url, CONNECTIONS)
  try {
    await warmUp(client, plan)
    const read = async () => ({
      requests: await chain.requests(),
      seconds: Object.entries(chain.pids).map(([name, pid]): [string, number] => [name, secondsOf([pid])]),
    })
    let before = await read()
    const outcome = await runLoad(client, plan, {
      warmUpMs: WARM_UP_SECONDS * 1_000,
      onWarm: async () => {
        before = await read()
      },
    })
    const after = await read()
    const requests = new Map(
      [...after.requests].map(([route, count]) => [route, count - (before.requests.get(route) ?? 0)]),
    )
    const processorSeconds = after.seconds.map(([name, seconds], i): [string, number] => [
      name,
      seconds - (before.seconds[i]?.[1] ?? 0),
    ])
    return { outcome, requests, processorSeconds }
  } finally {
    client.close()
    await bench.started.stop(chain)
  }
}

/**
 * These programs run for weeks: what the first question about a property costs, and code that is not compiled yet, is
 * over before anything is measured. As many questions at once as keep the core busy, the same time for every system.
 */
async function warmUp(client: Client, plan: readonly PlannedSearch[]): Promise<void> {
  const ask = ({ property, stay }: PlannedSearch) =>
    client.send(searchCall(property, { ...stay, roomType: '', ratePlan: '' }))
  const first = new Map(plan.map((search) => [search.property, search]))
  for (const search of first.values()) await ask(search)
  const until = performance.now() + HEAT_SECONDS * 1_000
  let next = 0
  const guest = async () => {
    while (performance.now() < until) await ask(plan[next++ % plan.length] as PlannedSearch)
  }
  await Promise.all(Array.from({ length: HEAT_GUESTS }, guest))
}

async function startChain(bench: Bench, system: System, data: DataStack): Promise<Chain> {
  return EDGES.includes(system) ? await startEdgeChain(bench, system, data) : await startPeerChain(bench, system, data)
}

async function startEdgeChain(bench: Bench, system: System, data: DataStack): Promise<Chain> {
  const origin = await startOriginProcess(data, bench.cores)
  const { url: originUrl, signingKey } = origin
  try {
    const edge =
      system === 'edge on Node'
        ? await startNodeEdge({ originUrl, signingKey, log: () => {} })
        : await startWorkerd(await edgeWorker({ url: originUrl, signingKey }), {
            directory: join(bench.directory, 'mixed-edge'),
            readyPath: '/health',
          })
    return {
      url: edge.url,
      pids: { front: edge.pid, behind: origin.pid, PostgreSQL: data.pid },
      async requests() {
        const counts = await origin.requests()
        counts.delete('POST /api/v1/properties/:property/reservations')
        return counts
      },
      stop: async () => void (await Promise.all([edge.stop(), origin.stop()])),
    }
  } catch (error) {
    await origin.stop()
    throw error
  }
}

async function startPeerChain(bench: Bench, system: System, data: DataStack): Promise<Chain> {
  const app = await startHotelApp(data)
  const directory = join(bench.directory, system.toLowerCase())
  const program = bench.programs.get(system === 'nginx' ? 'nginx' : 'varnishd') ?? ''
  try {
    const start = system === 'nginx' ? startNginx : startVarnish
    const peer = await start({ program, directory, appUrl: app.url })
    return {
      url: peer.url,
      pids: { front: peer.pid, behind: app.pid, PostgreSQL: data.pid },
      async requests() {
        const { searches } = (await (await fetch(`${app.url}/searches`)).json()) as { searches: number }
        return new Map([['GET availability', searches]])
      },
      stop: async () => void (await Promise.all([peer.stop(), app.stop()])),
    }
  } catch (error) {
    await app.stop()
    throw error
  }
}

async function startHotelApp(data: DataStack) {
  const port = await freePort()
  return await startService({
    name: "The hotel's application",
    command: process.execPath,
    args: ['test/bench/edge/hotel-app.ts'],
    env: {
      NODE_OPTIONS: undefined,
      STAYZR_ENV: 'development',
      PORT: String(port),
      DATABASE_URL: data.runtimeUrl,
      MIGRATION_DATABASE_URL: undefined,
      REDIS_URL: 'memory:',
      STORAGE_URL: data.storageUrl,
      EDGE_SIGNING_KEYS: data.signingKey,
      GUEST_TOKEN_KEY: data.guestTokenKey,
    },
    cwd: PROJECT,
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health',
    log: () => {},
  })
}

function checkRuns(runs: ReadonlyMap<System, Run>, hotel: Hotel): Checked {
  const answers = [...runs].flatMap(([system, { outcome }]) => outcome.searches.map((it) => ({ ...it, system })))
  const bookings = [...runs.values()].flatMap(({ outcome }) => outcome.bookings)
  const number = (property: string) => Number(property.slice(CODE.length + 1))
  return checkAnswers(answers, bookings, (property) => copyOf(hotel, number(property)))
}

function figuresOfRun(system: System, run: Run, commits: Commits, checked: Checked): SystemFigures {
  const { searches, bookings, failures } = run.outcome
  const durations = searches.map(({ durationMs }) => durationMs)
  const lacks = searches.map((answer) => lackedFor(answer, commits))
  const forThousand = (value: number) => (value * 1_000) / searches.length
  const requests = [...run.requests].map(([route, count]): [string, number] => [route, forThousand(count)])
  return {
    searches: searches.length,
    bookings: bookings.length,
    originRequests: requests.reduce((sum, [, count]) => sum + count, 0),
    originRequestsByRoute: Object.fromEntries(requests.filter(([, count]) => count > 0)),
    processorMs: forThousand(run.processorSeconds.reduce((sum, [, seconds]) => sum + seconds * 1_000, 0)),
    processorMsByProcess: Object.fromEntries(
      run.processorSeconds.map(([name, seconds]) => [name, Math.round(forThousand(seconds * 1_000))]),
    ),
    p50Ms: percentile(durations, 0.5),
    p99Ms: percentile(durations, 0.99),
    older: lacks.filter((ms) => ms > STALE_AFTER_MS).length,
    worstLackMs: Math.max(0, ...lacks),
    markedStale: searches.filter(({ stale }) => stale).length,
    wrong: checked.wrong.get(system) ?? 0,
    failures: failures.length,
  }
}

function linesOf(figures: ReadonlyMap<System, SystemFigures>, checked: Checked, rate: number): Line[] {
  const line = (name: string, value: number, rest: Partial<Line> = {}): Line => ({
    part: 'mixed-load',
    name,
    value,
    unit: '',
    ...rest,
  })
  const theirs = PEERS.flatMap((system) => figures.get(system) ?? [])
  const least = (of: (peer: SystemFigures) => number) => Math.min(...theirs.map(of))
  const lines: Line[] = [...figures].flatMap(([system, it]) => [
    line(`${system}: origin requests for 1,000 searches`, it.originRequests, { remark: routesText(it) }),
    line(`${system}: processor time for 1,000 searches`, it.processorMs, {
      unit: 'ms',
      remark: Object.entries(it.processorMsByProcess)
        .map(([name, ms]) => `${name} ${ms}`)
        .join(', '),
    }),
    line(`${system}: p99`, it.p99Ms, { unit: 'ms', remark: `p50 ${it.p50Ms.toFixed(2)} ms` }),
  ])
  for (const system of EDGES) {
    const ours = figures.get(system)
    if (!ours) continue
    if (theirs.length > 0)
      lines.push(
        line(
          `${system}: origin requests, of the better peer's`,
          ours.originRequests / least((it) => it.originRequests),
          {
            bound: { atMost: 1 / 20 },
          },
        ),
        line(`${system}: processor time, of the better peer's`, ours.processorMs / least((it) => it.processorMs), {
          bound: { below: 0.5 },
        }),
        line(`${system}: p99, of the better peer's`, ours.p99Ms / least((it) => it.p99Ms), { bound: { below: 1 } }),
      )
  }
  for (const [system, it] of figures) {
    const bound = EDGES.includes(system) ? { bound: { atMost: 0 } } : {}
    lines.push(
      line(`${system}: answers older than 2 s`, it.older, {
        ...bound,
        remark: `lacked a booking for ${Math.round(it.worstLackMs)} ms at worst; ${it.markedStale} marked stale`,
      }),
      line(`${system}: answers wrong for their version`, it.wrong, bound),
      line(`${system}: failures`, it.failures, {
        ...bound,
        remark: `${it.searches} searches at ${rate}/s, ${it.bookings} bookings`,
      }),
    )
  }
  lines.push(line('answers compared with the oracle', checked.compared, { bound: { atLeast: 1 } }))
  return lines
}

function panelsOf(figures: ReadonlyMap<System, SystemFigures>): Panel[] {
  const panel = (title: string, unit: string, of: (system: SystemFigures) => number): Panel => ({
    title,
    unit,
    bars: [...figures].map(([system, it]) => ({ label: system, value: of(it), ours: EDGES.includes(system) })),
  })
  return [
    panel('Requests to the origin for 1,000 searches', '', (it) => it.originRequests),
    panel('Processor time of the whole chain for 1,000 searches', 'ms', (it) => it.processorMs),
    panel('p99 of a search', 'ms', (it) => it.p99Ms),
  ]
}

function routesText({ originRequestsByRoute }: SystemFigures): string {
  return Object.entries(originRequestsByRoute)
    .map(([route, count]) => `${Math.round(count)} ${route}`)
    .join(', ')
}
