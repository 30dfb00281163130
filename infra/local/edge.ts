import { fork } from 'node:child_process'
import * as path from 'node:path'
import { own } from './owned-child.ts'
import { requireFreePort } from './ports.ts'
import type { EdgeOptions } from './services.ts'
import { StartError } from './start-error.ts'
import type { WorkerEdgeOrder, WorkerEdgeReport } from './worker-edge-process.ts'

const project = path.join(import.meta.dirname, '../..')

export type WorkerEdge = {
  pid: number
  url: string
  /** Resolves when the process has ended, with a sentence if nobody asked it to. */
  ended: Promise<StartError | undefined>
  /** Bundles the worker again and loads it, on the same port. Keeps the old one and throws if it does not build. */
  reload(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL without waiting, for when this process is about to exit. */
  force(): void
}

/** How long the process gets to end workerd before the whole group is killed. */
const stopPatienceMs = 5_000

/**
 * Bundles the worker that `wrangler.toml` names and runs it in workerd with the bindings, assets and compatibility date
 * written there, ORIGIN_URL and EDGE_SIGNING_KEY added. Touches no network. Resolves once it listens; throws a
 * StartError if the port is taken or the worker does not build or load.
 */
export async function startWorkerEdge(
  options: EdgeOptions & { configPath?: string; portFlag?: string },
): Promise<WorkerEdge> {
  if (options.port !== undefined) await requireFreePort(options.port, 'the edge', options.portFlag ?? 'the port option')
  const child = fork(path.join(import.meta.dirname, 'worker-edge-process.ts'), [], {
    cwd: project,
    detached: true,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      NODE_OPTIONS: undefined,
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      // wrangler would otherwise keep a log of each run in the home directory.
      WRANGLER_WRITE_LOGS: 'false',
    },
  })
  const owned = await own(child, 'The edge', () => undefined)
  const { pid, ended } = owned
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) if (line.trim() !== '') options.log(line)
    })
  }
  child.on('message', (message: WorkerEdgeReport) => {
    if (message.kind === 'line') options.log(message.line)
  })
  const order = async (what: WorkerEdgeOrder): Promise<string> => {
    const reported = new Promise<WorkerEdgeReport>((resolve) => {
      const listen = (message: WorkerEdgeReport): void => {
        if (message.kind === 'line') return
        child.off('message', listen)
        resolve(message)
      }
      child.on('message', listen)
    })
    child.send(what)
    const report = await Promise.race([reported, ended])
    if (report === undefined) throw new StartError('The edge was stopped while it started.')
    if (report instanceof StartError) throw report
    if (report.kind === 'ready') return report.url
    const reason = report.kind === 'failed' ? report.reason : report.line
    throw new StartError(what.kind === 'start' ? `The edge did not start: ${reason}` : reason)
  }
  const stop = (): Promise<void> => owned.end('SIGTERM', stopPatienceMs)
  try {
    const url = await order({
      kind: 'start',
      configPath: options.configPath ?? path.join(project, 'wrangler.toml'),
      port: options.port ?? 0,
      vars: { ORIGIN_URL: options.originUrl, EDGE_SIGNING_KEY: options.signingKey, ...definedOnly(options.env ?? {}) },
    })
    return {
      pid,
      url,
      ended,
      stop,
      force: owned.force,
      async reload() {
        await order({ kind: 'reload' })
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const defined: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) if (value !== undefined) defined[name] = value
  return defined
}
