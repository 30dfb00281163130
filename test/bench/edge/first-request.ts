/** What a guest waits for where no worker runs yet: the worker's own start, its first answer, and its size. */
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { own } from '../../../infra/local/owned-child.ts'
import { freePort } from '../../../infra/local/ports.ts'
import type { Bench, Measured } from './bench.ts'
import { median } from './lines.ts'
import { benchWorker, edgeWorker, spawnWorkerd, type Worker } from './workerd.ts'

const STARTS = 15
/** Refused before anything is asked of the origin, by everything that a search goes through first. */
const REFUSED = '/api/v1/properties/bench/availability?arrival=2030-01-01&departure=2030-13-41&adults=2'
const PATIENCE_MS = 20_000

/** Milliseconds from starting the process to its first answer, by the clock and of the processor. */
type Start = { ms: number; processorMs: number }

/** Starts workerd anew each time, in turn with the edge and with a worker that does nothing. */
export async function measureFirstRequest(bench: Bench): Promise<Measured> {
  const edge = await edgeWorker({ url: 'http://127.0.0.1:1', signingKey: `bench:${btoa('x'.repeat(32))}` })
  const empty = await benchWorker('empty-worker.ts', {})
  const starts: { edge: Start[]; empty: Start[] } = { edge: [], empty: [] }
  for (let i = 0; i < STARTS; i++) {
    starts.edge.push(await startOnce(bench, edge, 422))
    starts.empty.push(await startOnce(bench, empty, 200))
  }
  // workerd listens before it has read the worker, so that connecting says nothing: what an empty worker takes from start
  // to answer is workerd's own, and the rest is the isolate's making, the worker's start and its first answer.
  const wall = (kind: 'edge' | 'empty') => median(starts[kind].map((it) => it.ms))
  const processor = (kind: 'edge' | 'empty') => median(starts[kind].map((it) => it.processorMs))
  const kilobytes = gzipSync(edge.code).byteLength / 1_000
  return {
    lines: [
      {
        part: 'first-request',
        name: 'first request of a fresh isolate',
        value: wall('edge') - wall('empty'),
        unit: 'ms',
        bound: { atMost: 50 },
        remark: `median of ${STARTS} starts: ${wall('edge').toFixed(0)} ms from starting workerd to the answer, less ${wall('empty').toFixed(0)} ms with an empty worker; ${(processor('edge') - processor('empty')).toFixed(0)} ms of processor time`,
      },
      {
        part: 'first-request',
        name: 'worker as deployed, gzipped',
        value: kilobytes,
        unit: 'KB',
        bound: { atMost: 100 },
      },
    ],
    details: { starts, kilobytes },
  }
}

async function startOnce(bench: Bench, worker: Worker, expected: number): Promise<Start> {
  const port = await freePort()
  const child = await spawnWorkerd(worker, {
    directory: join(bench.directory, 'first-request'),
    port,
    cores: bench.cores,
  })
  const spawnedAt = performance.now()
  const owned = await own(child, 'workerd', () => undefined)
  const running = { stop: () => owned.end('SIGTERM', 2_000) }
  await bench.started.keep(running)
  const socket = await connected(port, spawnedAt + PATIENCE_MS, owned.running)
  const status = await firstStatus(socket)
  const start = { ms: performance.now() - spawnedAt, processorMs: processorMsOf(owned.pid) }
  socket.destroy()
  await bench.started.stop(running)
  if (status !== expected) throw new Error(`a fresh worker answered ${status}, not ${expected}`)
  return start
}

/** What a process's threads have used, in nanoseconds where `stat` counts hundredths of a second; 0 where Linux does not tell. */
function processorMsOf(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const nanoseconds = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    )
    return nanoseconds.reduce((sum, it) => sum + it, 0) / 1e6
  } catch {
    return 0
  }
}

async function connected(port: number, deadline: number, running: () => boolean): Promise<Socket> {
  while (performance.now() < deadline && running()) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const listens = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (listens) return socket
    await sleep(1)
  }
  throw new Error('workerd does not listen')
}

async function firstStatus(socket: Socket): Promise<number> {
  return await new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('workerd closed the connection')))
    socket.once('data', (chunk) => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(chunk.toString('latin1'))?.[1])))
    socket.write(`GET ${REFUSED} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n\r\n`)
  })
}
