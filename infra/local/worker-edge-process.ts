/**
 * The process that runs the edge in workerd, started by `edge.ts`. A process of its own, because Miniflare restarts a
 * workerd that a Ctrl-C in the terminal has ended, and because this one can end workerd when its parent is gone.
 */
import * as path from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type MiniflareOptions, NoOpLog } from 'miniflare'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler'
import { bundleWorker } from './worker-bundle.ts'

/** From the parent: start, or build and load again. */
export type WorkerEdgeOrder =
  | { kind: 'start'; configPath: string; port: number; vars: Record<string, string> }
  | { kind: 'reload' }

/** To the parent: one for each order, and a line for each the worker writes. */
export type WorkerEdgeReport =
  | { kind: 'ready'; url: string }
  | { kind: 'failed'; reason: string }
  | { kind: 'line'; line: string }

let miniflare: Miniflare | undefined
let started: Extract<WorkerEdgeOrder, { kind: 'start' }> | undefined

function report(message: WorkerEdgeReport): void {
  if (process.connected) process.send?.(message)
}

async function workerOptions(order: Extract<WorkerEdgeOrder, { kind: 'start' }>): Promise<MiniflareOptions> {
  const config = unstable_readConfig({ config: order.configPath })
  if (config.main === undefined) throw new Error(`${path.basename(order.configPath)} names no main file`)
  const { workerOptions: fromConfig, define } = unstable_getMiniflareWorkerOptions(config)
  const { code } = await bundleWorker(config.main, { define, minify: false })
  return convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: order.port,
    log: new NoOpLog(),
    logRequests: false,
    // Offline, and a guest at this machine comes from nowhere in particular.
    cf: false,
    telemetry: { enabled: false },
    handleStructuredLogs: ({ level, message }) => report({ kind: 'line', line: `${level}: ${message}` }),
    workers: [
      {
        ...fromConfig,
        name: config.name ?? 'edge',
        modules: [{ type: 'ESModule', path: 'worker.js', contents: code }],
        bindings: Object.assign({}, fromConfig.bindings, order.vars),
      },
    ],
  })
}

async function carryOut(order: WorkerEdgeOrder): Promise<void> {
  if (order.kind === 'start') {
    miniflare = new Miniflare(await workerOptions(order))
    const url = await miniflare.ready
    started = { ...order, port: Number(url.port) }
    report({ kind: 'ready', url: url.origin })
    return
  }
  if (started === undefined || miniflare === undefined) throw new Error('asked to reload before it was started')
  await miniflare.setOptions(await workerOptions(started))
  report({ kind: 'ready', url: (await miniflare.ready).origin })
}

async function leave(): Promise<void> {
  // A workerd that does not go must not keep us: whoever started us ends the whole group.
  setTimeout(() => process.exit(1), 3_000).unref()
  await miniflare?.dispose().catch(() => {})
  process.exit(0)
}

let last = Promise.resolve()
process.on('message', (order: WorkerEdgeOrder) => {
  last = last.then(() =>
    carryOut(order).catch((error: unknown) => {
      report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
    }),
  )
})
process.once('disconnect', () => void leave())
process.once('SIGTERM', () => void leave())
