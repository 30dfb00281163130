/** A hot availability answer against bare Hono that has an answer of the same size ready. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startWorkerEdge } from '../../../infra/local/edge.ts'
import { freePort } from '../../../infra/local/ports.ts'
import { startService } from '../../../infra/local/service-process.ts'
import { startNodeEdge } from '../../../infra/local/services.ts'
import { addDays } from '../../../shared/domain/nights.ts'
import { secondsOf } from '../replay/profile.ts'
import type { Bench, Measured } from './bench.ts'
import { benchHotel, type Hotel, setUp } from './hotels.ts'
import { type Line, median, NotMeasurable } from './lines.ts'
import { startOriginProcess } from './origin-stack.ts'
import { benchWorker, edgeWorker, startWorkerd } from './workerd.ts'
import { runWrk, type WrkRound, wrkScript } from './wrk.ts'

const PROJECT = join(import.meta.dirname, '../../..')
const STAY_NIGHTS = 3
/** Short, so that whatever else the machine does falls on both of a pair. */
const ROUND_SECONDS = 1
const ROUNDS_MIN = 5
const WARM_UP_SECONDS = 3

type Server = { pid: number; url: string; stop(): Promise<void> }
type Round = WrkRound & { cpuMicrosecondsEach: number }
type Rounds = { edge: Round[]; bare: Round[] }

/** Asks both for 5 room types × 4 plans, 3 nights, other dates each time, on workerd and on Node. */
export async function measureHotAnswer(bench: Bench): Promise<Measured> {
  const { started, cores } = bench
  const program = bench.programs.get('wrk')
  if (program === undefined) throw new NotMeasurable('The hot answer is measured with wrk, which is not installed.')
  const data = await bench.data()
  const origin = await started.keep(startOriginProcess(data, cores))
  const hotel = benchHotel('hot', { roomTypes: 5, plans: 4, rooms: 6 })
  await setUp(origin, data.apiKey, hotel)
  const paths = pathsOf(hotel)
  const directory = join(bench.directory, 'hot-answer')
  mkdirSync(directory)
  mkdirSync(join(directory, 'new'))
  const scripts = { known: wrkScript(directory, paths), new: wrkScript(join(directory, 'new'), newPathsOf(hotel)) }
  const edgeOptions = { originUrl: origin.url, signingKey: data.signingKey, log: () => {} }

  const ask = async (server: Server, seconds: number, script = scripts.known): Promise<Round> => {
    const before = secondsOf([server.pid])
    const round = await runWrk({ program, script, url: server.url, seconds }, started)
    const cpu = secondsOf([server.pid]) - before
    return { ...round, cpuMicrosecondsEach: (cpu * 1e6) / round.answers }
  }
  const compare = async (edge: Server, bare: Server, script = scripts.known): Promise<Rounds> => {
    const pairs =
      script === scripts.known ? Math.max(ROUNDS_MIN, Math.round(bench.options.seconds / ROUND_SECONDS)) : ROUNDS_MIN
    const rounds: Rounds = { edge: [], bare: [] }
    for (const server of [edge, bare]) {
      cores.pinServers(server.pid)
      await ask(server, WARM_UP_SECONDS, script)
    }
    for (let i = 0; i < pairs; i++) {
      rounds.edge.push(await ask(edge, ROUND_SECONDS, script))
      rounds.bare.push(await ask(bare, ROUND_SECONDS, script))
    }
    return rounds
  }

  const worker = await edgeWorker({ url: origin.url, signingKey: data.signingKey })
  const workerd = await started.keep(startWorkerd(worker, { directory: join(directory, 'edge'), readyPath: '/health' }))
  const bytes = await answerBytes(workerd.url, paths)
  const bareWorker = await benchWorker('bare-worker.ts', { BYTES: String(bytes) })
  const bareWorkerd = await started.keep(
    startWorkerd(bareWorker, { directory: join(directory, 'bare'), readyPath: '/health' }),
  )
  const onWorkerd = await compare(workerd, bareWorkerd)
  const newOnWorkerd = await compare(workerd, bareWorkerd, scripts.new)
  await started.stop(workerd)

  const simulated = await started.keep(startWorkerEdge(edgeOptions))
  const underMiniflare = await compare(simulated, bareWorkerd)
  await started.stop(bareWorkerd, simulated)

  const node = await started.keep(startNodeEdge(edgeOptions))
  const bareNode = await started.keep(startBareNode(bytes))
  const onNode = await compare(node, bareNode)
  const newOnNode = await compare(node, bareNode, scripts.new)
  await started.stop(origin, node, bareNode)

  return {
    lines: [
      ...linesOf('on workerd', onWorkerd, { atLeast: 0.85 }),
      ...linesOf('on Node', onNode, { atLeast: 0.6 }),
      ...linesOf('on workerd, where nobody asked before', newOnWorkerd),
      ...linesOf('on Node, where nobody asked before', newOnNode),
      {
        ...ratioLine('as npm start runs it, through Miniflare', underMiniflare),
        remark: `${rateText(underMiniflare.edge)}; told so that nobody measures there`,
      },
      {
        part: 'hot-answer',
        name: 'answers of another status than 200',
        value: [onWorkerd, onNode, newOnWorkerd, newOnNode]
          .flatMap(({ edge, bare }) => [...edge, ...bare])
          .reduce((n, it) => n + it.failures, 0),
        unit: '',
        bound: { atMost: 0 },
        remark: `of ${bytes} bytes each; rounds of ${ROUND_SECONDS} s in turn, load by wrk with 16 connections`,
      },
    ],
    details: { bytes, onWorkerd, onNode, newOnWorkerd, newOnNode, underMiniflare },
  }
}

function linesOf(where: string, rounds: Rounds, bound?: Line['bound']): Line[] {
  const cpu = (kind: keyof Rounds) => median(rounds[kind].map((it) => it.cpuMicrosecondsEach))
  return [
    {
      ...ratioLine(`answers a second, ${where}, of bare Hono's`, rounds),
      ...(bound ? { bound } : {}),
      remark: `median of ${rounds.edge.length} ratios; ${rateText(rounds.edge)} against ${rateText(rounds.bare)}; the servers' core busy ${busyText(rounds.edge)} and ${busyText(rounds.bare)} with it`,
    },
    {
      part: 'hot-answer',
      name: `processor time an answer, ${where}`,
      value: cpu('edge'),
      unit: 'µs',
      remark: `bare Hono ${cpu('bare').toFixed(1)} µs, ${(cpu('bare') / cpu('edge')).toFixed(2)} of it`,
    },
  ]
}

function ratioLine(name: string, { edge, bare }: Rounds): Line {
  const ratios = edge.map((round, i) => round.answersPerSecond / (bare[i]?.answersPerSecond ?? Number.NaN))
  return { part: 'hot-answer', name, value: median(ratios), unit: '' }
}

function rateText(rounds: readonly Round[]): string {
  return `${Math.round(median(rounds.map((it) => it.answersPerSecond)))}/s`
}

/** Below some 90 % something else had the core, or the load could not keep up: then the ratios are not worth much. */
function busyText(rounds: readonly Round[]): string {
  const busy = median(rounds.map((it) => (it.answersPerSecond * it.cpuMicrosecondsEach) / 1e6))
  return `${Math.round(busy * 100)} %`
}

/** Every arrival of two years less a month, for one adult and for two: no two requests in a row are alike. */
function pathsOf({ definition }: Hotel): string[] {
  const { from } = definition.inventory
  const base = `/api/v1/properties/${definition.content.property}/availability`
  return Array.from({ length: 700 }, (_, day) => {
    const arrival = addDays(from, day)
    return `${base}?arrival=${arrival}&departure=${addDays(arrival, STAY_NIGHTS)}&adults=${1 + (day % 2)}`
  })
}

/**
 * The same stays with parties of every kind: more questions than the edge remembers, so that each is worked out from the
 * snapshot.
 */
function newPathsOf(hotel: Hotel): string[] {
  const ages = Array.from({ length: 18 }, (_, age) => age)
  return ages.flatMap((age) => pathsOf(hotel).map((path) => `${path}&childAges=${age}`))
}

/** The mean size of an answer. */
async function answerBytes(url: string, paths: readonly string[]): Promise<number> {
  const some = paths.filter((_, i) => i % 7 === 0)
  let sum = 0
  for (const path of some) {
    const answer = await fetch(url + path)
    if (answer.status !== 200) throw new Error(`the edge answered ${answer.status}: ${await answer.text()}`)
    sum += (await answer.arrayBuffer()).byteLength
  }
  return Math.round(sum / some.length)
}

async function startBareNode(bytes: number): Promise<Server> {
  const port = await freePort()
  return await startService({
    name: 'Bare Hono on Node',
    command: process.execPath,
    args: ['test/bench/edge/bare-server.ts'],
    env: { NODE_OPTIONS: undefined, BYTES: String(bytes), PORT: String(port) },
    cwd: PROJECT,
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health',
    log: () => {},
  })
}
