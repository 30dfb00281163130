import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { freePort } from './ports.ts'
import { type Service, startService } from './service-process.ts'

const project = path.join(import.meta.dirname, '../..')

export type Runtime = 'node' | 'deno'

export type EdgeOptions = {
  /** Loopback port; a free one if left out. */
  port?: number
  originUrl: string
  /** `kid:base64`, the key requests to the origin are signed with. */
  signingKey: string
  env?: Readonly<Record<string, string | undefined>>
  log(line: string): void
}

/** Starts `edge/server.ts` under Node. Resolves once it listens. */
export async function startNodeEdge(options: EdgeOptions): Promise<Service> {
  return await startEdgeServer('node', options)
}

/** Starts `edge/server.ts` under Deno. Resolves once it listens. */
export async function startDenoEdge(options: EdgeOptions): Promise<Service> {
  return await startEdgeServer('deno', options)
}

async function startEdgeServer(runtime: Runtime, options: EdgeOptions): Promise<Service> {
  const port = options.port ?? (await freePort())
  return await startService({
    name: `The edge (${runtime})`,
    ...commandFor(runtime, 'edge/server.ts', []),
    env: {
      ...quietRuntime(runtime),
      ...options.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      ORIGIN_URL: options.originUrl,
      EDGE_SIGNING_KEY: options.signingKey,
    },
    cwd: project,
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health',
    log: options.log,
  })
}

export type OriginOptions = {
  runtime: Runtime
  /** The origin's configuration, see `origin/config.ts`; HOST and PORT are filled in if left out. */
  env: Readonly<Record<string, string | undefined>>
  /** Starts it again whenever one of its files changes. Node only. */
  watch?: boolean
  log(line: string): void
}

/** Starts `origin/main.ts`. Resolves once /health/ready answers 200: connected to its database, migrations applied. */
export async function startOrigin(options: OriginOptions): Promise<Service> {
  const port = options.env.PORT ?? String(await freePort())
  const watch = options.watch === true ? ['--watch', '--watch-preserve-output'] : []
  return await startService({
    name: 'The origin',
    ...commandFor(options.runtime, 'origin/main.ts', watch),
    env: { ...quietRuntime(options.runtime), HOST: '127.0.0.1', ...options.env, PORT: port },
    cwd: project,
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health/ready',
    log: options.log,
  })
}

function commandFor(runtime: Runtime, file: string, nodeFlags: string[]): { command: string; args: string[] } {
  if (runtime === 'node') return { command: process.execPath, args: [...nodeFlags, file] }
  return { command: denoProgram(), args: ['run', '--allow-all', '--no-prompt', '--quiet', file] }
}

/** The program itself and not the package's launcher, which would not pass signals on. */
function denoProgram(): string {
  const installer: { runInstall(): string } = createRequire(import.meta.url)('deno/install_api.cjs')
  return installer.runInstall()
}

function quietRuntime(runtime: Runtime): Record<string, string | undefined> {
  // FORCE_COLOR and NO_COLOR together make Node warn at every start; test runners set the first.
  if (runtime === 'node') return { NODE_OPTIONS: undefined, FORCE_COLOR: undefined }
  const cache = process.env.DENO_DIR ?? path.join(tmpdir(), `stayzr-deno-${process.getuid?.() ?? 'cache'}`)
  // The home directory, where Deno's cache goes otherwise, may not exist or not be writable.
  return { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: '1' }
}
