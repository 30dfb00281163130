import * as fs from 'node:fs'
import * as path from 'node:path'
import { BringUp, layers, logTo, type StepReport } from './bring-up.ts'
import { buildAssets } from './build-assets.ts'
import { startWorkerEdge, type WorkerEdge } from './edge.ts'
import { requireFreePort } from './ports.ts'
import { removeCluster } from './postgres.ts'
import { claimPlace } from './postgres-lock.ts'
import { type LocalSecrets, loadSecrets } from './secrets.ts'
import { startOrigin } from './services.ts'
import { makeDirectory, StartError, writingTo } from './start-error.ts'
import { bringUpData, bringUpDemo, type DataLayer, type Demo } from './system-data.ts'

export type SystemOptions = {
  /** Data, secrets and logs; made if missing. */
  directory: string
  edgePort: number
  originPort: number
  /** Origin reloads on change; debug logs, also given to `log`. */
  dev?: boolean
  /** Puts the demo hotels in, unless they are. Default true. */
  demo?: boolean
  step?: StepReport
  log(line: string): void
}

/** A whole installation on this machine. */
export type System = {
  edgeUrl: string
  originUrl: string
  data: DataLayer
  secrets: LocalSecrets
  /** Undefined where none was asked for. */
  demo: Demo | undefined
  /** Builds the worker again and loads it. */
  reloadEdge(): Promise<void>
}

export type SystemHandle = {
  /** Rejects if it cannot start, with a StartError of one sentence where a person can do something about it. All is stopped by then. */
  ready: Promise<System>
  /** Stops in order, edge first, also while it is still starting. Data stays. */
  stop(): Promise<void>
  /** Kills everything without waiting. PostgreSQL recovers at the next start. */
  force(): void
}

/**
 * Starts PostgreSQL, Redis, the origin and the edge, with migrations applied and the demo hotels in. What ends by itself
 * later is started again. Nothing outlives this process, however it ends.
 */
export function startSystem(options: SystemOptions): SystemHandle {
  const bringUp = new BringUp(options.step ?? (() => {}), options.log)
  const ready = bringUpAll(options, bringUp).catch(async (cause: unknown) => {
    const asked = bringUp.stopping
    await bringUp.stop()
    throw asked ? new StartError('Stopped before it had started.', { cause }) : cause
  })
  // Whoever only stops it need not hear of a failure as well.
  ready.catch(() => {})
  return {
    ready,
    async stop() {
      await bringUp.stop()
      await ready.catch(() => {})
      await bringUp.stop()
    },
    force: () => bringUp.force(),
  }
}

async function bringUpAll(options: SystemOptions, bringUp: BringUp): Promise<System> {
  const { directory, edgePort, originPort } = options
  await writingTo(directory, () => makeDirectory(directory, 0o755))
  const release = await claimPlace(
    directory,
    (pid) => `Another start (process ${pid}) is running here already: use it, or stop it with Ctrl-C first.`,
  )
  bringUp.hold(layers.folder, { ended: new Promise(() => {}), stop: async () => release(), force: release })
  await requireFreePort(edgePort, 'the edge', '--edge-port')
  await requireFreePort(originPort, 'the origin', '--origin-port')
  const secrets = await loadSecrets(directory)
  // The edge asks the origin for nothing until a guest asks the edge, so neither has to wait for the other.
  const [{ data, demo }, reloadEdge] = await Promise.all([
    bringUpBehindEdge(options, secrets, bringUp),
    bringUpEdge(options, secrets, bringUp),
  ])
  bringUp.superviseAll()
  return {
    edgeUrl: `http://localhost:${edgePort}`,
    originUrl: `http://localhost:${originPort}`,
    data,
    secrets,
    demo,
    reloadEdge,
  }
}

async function bringUpBehindEdge(
  options: SystemOptions,
  secrets: LocalSecrets,
  bringUp: BringUp,
): Promise<{ data: DataLayer; demo: Demo | undefined }> {
  const data = await bringUpData(options, secrets, bringUp)
  const demo = options.demo === false ? undefined : await bringUpDemo(options, secrets, data, bringUp)
  await bringUpOrigin(options, secrets, data, bringUp)
  return { data, demo }
}

async function bringUpOrigin(
  options: SystemOptions,
  secrets: LocalSecrets,
  data: DataLayer,
  bringUp: BringUp,
): Promise<void> {
  const { directory, originPort, dev = false } = options
  const start = () =>
    startOrigin({
      runtime: 'node',
      watch: dev,
      env: {
        STAYZR_ENV: 'development',
        PORT: String(originPort),
        DATABASE_URL: data.runtimeUrl,
        MIGRATION_DATABASE_URL: undefined,
        REDIS_URL: data.redisUrl,
        STORAGE_URL: data.storageUrl,
        EDGE_SIGNING_KEYS: secrets.edgeSigningKey,
        GUEST_TOKEN_KEY: secrets.guestTokenKey,
        LOG_LEVEL: dev ? 'debug' : 'info',
      },
      log: logTo(directory, 'origin', dev ? options.log : undefined),
    })
  await bringUp.part('Origin', layers.origin, start, () => `http://localhost:${originPort}`, start)
}

async function bringUpEdge(
  options: SystemOptions,
  secrets: LocalSecrets,
  bringUp: BringUp,
): Promise<() => Promise<void>> {
  const { directory, edgePort, originPort, dev = false } = options
  await bringUp.step(
    'Assets',
    async () => buildAssets(),
    ({ manifest }) => `${Object.keys(manifest).length} files`,
  )
  let current: WorkerEdge | undefined
  const start = async (): Promise<WorkerEdge> => {
    current = await startWorkerEdge({
      port: edgePort,
      portFlag: '--edge-port',
      originUrl: `http://127.0.0.1:${originPort}`,
      signingKey: secrets.edgeSigningKey,
      log: logTo(directory, 'edge', dev ? options.log : undefined),
    })
    return current
  }
  await bringUp.part('Edge in workerd', layers.edge, start, () => `http://localhost:${edgePort}`, start)
  return async () => await current?.reload()
}

/** Deletes everything a system keeps in `directory`, and what it keeps elsewhere because of it. None may be running on it. */
export async function wipeSystem(directory: string, log: (line: string) => void): Promise<void> {
  if (!fs.existsSync(directory)) return
  const release = await claimPlace(
    directory,
    (pid) => `Stayzr (process ${pid}) is running on the data to be deleted: stop it with Ctrl-C first.`,
  )
  try {
    await removeCluster(path.join(directory, 'postgres'), log)
    await writingTo(directory, () => {
      for (const name of fs.readdirSync(directory))
        fs.rmSync(path.join(directory, name), { recursive: true, force: true })
    })
  } finally {
    release()
  }
}
