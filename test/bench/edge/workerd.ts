/**
 * A worker in the workerd binary itself. Miniflare puts a worker of its own before ours and a simulator behind
 * `caches`, and both cost more than an answer does; a deployment has neither.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { unstable_readConfig } from 'wrangler'
import { freePort } from '../../../infra/local/ports.ts'
import { type Service, startService } from '../../../infra/local/service-process.ts'
import { bundleWorker } from '../../../infra/local/worker-bundle.ts'
import type { Cores } from './cores.ts'

const PROJECT = join(import.meta.dirname, '../../..')
const WRANGLER_TOML = join(PROJECT, 'wrangler.toml')

export type Worker = {
  /** One ES module. */
  code: string
  bindings: Readonly<Record<string, string>>
}

/** The edge as wrangler.toml has it deployed: minified where it says so, with the variables it names. */
export async function edgeWorker(origin: { url: string; signingKey: string }): Promise<Worker> {
  const { main, vars, minify = false } = unstable_readConfig({ config: WRANGLER_TOML })
  if (main === undefined) throw new Error('wrangler.toml names no main file')
  const { code } = await bundleWorker(main, { define: {}, minify })
  const texts = Object.entries(vars).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return {
    // A deployment leaves the map to the sources at home.
    code: code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'),
    bindings: { ...Object.fromEntries(texts), ORIGIN_URL: origin.url, EDGE_SIGNING_KEY: origin.signingKey },
  }
}

/** A worker of the bench's own, built as the edge is. */
export async function benchWorker(file: string, bindings: Readonly<Record<string, string>>): Promise<Worker> {
  const { code } = await bundleWorker(join(import.meta.dirname, file), { define: {}, minify: true })
  return { code, bindings }
}

/** Starts workerd on a worker, in `directory`, and resolves once it answers `readyPath`. */
export async function startWorkerd(
  worker: Worker,
  options: { directory: string; readyPath: string },
): Promise<Service> {
  const port = await freePort()
  return await startService({
    name: 'workerd',
    ...(await workerdCommand(worker, { directory: options.directory, port })),
    env: {},
    cwd: options.directory,
    url: `http://127.0.0.1:${port}`,
    readyPath: options.readyPath,
    log: () => {},
  })
}

/** Starts workerd on the servers' core and waits for nothing: for those who time its first answer. */
export async function spawnWorkerd(
  worker: Worker,
  options: { directory: string; port: number; cores: Cores },
): Promise<ChildProcess> {
  const { command, args } = await workerdCommand(worker, options)
  const [program, ...rest] = [...options.cores.serversPrefix, command, ...args] as [string, ...string[]]
  return spawn(program, rest, { cwd: options.directory, detached: true, stdio: 'ignore' })
}

async function workerdCommand(worker: Worker, options: { directory: string; port: number }) {
  const { directory, port } = options
  const cache = await benchWorker('cache-worker.ts', {})
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'worker.js'), worker.code)
  writeFileSync(join(directory, 'cache.js'), cache.code)
  writeFileSync(join(directory, 'workerd.capnp'), configuration(worker, port))
  return { command: workerdProgram(), args: ['serve', join(directory, 'workerd.capnp')] }
}

function configuration({ bindings }: Worker, port: number): string {
  const { compatibility_date: date, compatibility_flags: flags } = unstable_readConfig({ config: WRANGLER_TOML })
  const runtime = `compatibilityDate = ${text(date ?? '')}, compatibilityFlags = [${flags.map(text).join(', ')}]`
  const named = Object.entries(bindings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`)
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      ${runtime},
      bindings = [${named.join(', ')}],
      cacheApiOutbound = "cache",
    )),
    (name = "cache", worker = (modules = [(name = "cache.js", esModule = embed "cache.js")], ${runtime})),
    # The origin is on this machine, which workerd's own choice leaves out.
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
`
}

/** Text as Cap'n Proto writes it; settings hold nothing that JSON writes another way. */
function text(value: string): string {
  return JSON.stringify(value)
}

/** The binary that Miniflare runs too, without the script in front of it. */
function workerdProgram(): string {
  const ofMiniflare = createRequire(createRequire(import.meta.url).resolve('miniflare'))
  const { default: program }: { default: string } = ofMiniflare('workerd')
  return program
}
