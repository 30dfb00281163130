/** The stack of docker-compose.yml as the checks use it: under a name, ports, secrets and volumes of its own. */
import { randomInt } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { freePort } from '../../infra/local/ports.ts'
import { finish, project, run } from './shell.ts'

/** Beside one that somebody runs for themselves on the same machine. STACK_NAME: beside another proof. */
export const projectName = process.env.STACK_NAME || 'stayzr-test'
const directory = path.join(project, '.stayzr', projectName)

/** Under this name guests reach the edge behind nginx; `localhost` is the origin's, for edges. */
export const guestHost = 'guests.test'

/** Services of profiles that are not of use for what is checked. */
const profiles = ['edge']

export interface Container {
  id: string
  name: string
  service: string
  /** Of its process as the machine sees it. */
  pid: number
}

/** Whether this engine answers for a name that is gone; see compose.old-engine.yml. */
async function namesGoneAreTold(): Promise<boolean> {
  const version = (await run('docker', ['version', '--format', '{{.Server.Version}}'])).trim()
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+-]/).map(Number)
  return major > 25 || (major === 25 && (minor > 0 || patch >= 5))
}

export class Stack {
  readonly secretsFolder = path.join(directory, 'secrets')
  readonly httpPort: number
  readonly httpsPort: number
  readonly #environment: Record<string, string>

  private constructor(httpPort: number, httpsPort: number, composeFiles: readonly string[]) {
    this.httpPort = httpPort
    this.httpsPort = httpsPort
    this.#environment = {
      SECRETS: this.secretsFolder,
      HTTP_PORT: String(httpPort),
      HTTPS_PORT: String(httpsPort),
      EDGE_SERVER_NAME: guestHost,
      // So that images in use elsewhere keep their names.
      STAYZR_VERSION: projectName,
      // 16 GB in all as they are; a machine that only proves has less, and PostgreSQL computes its settings from it.
      POSTGRES_MEMORY: '1g',
      // Settings of the one who runs this are not part of the proof.
      COMPOSE_FILE: composeFiles.join(':'),
      DATA_NETWORK: `10.${randomInt(64, 250)}.${randomInt(1, 250)}`,
      COMPOSE_PROFILES: profiles.join(','),
      COMPOSE_ANSI: 'never',
    }
  }

  /** The stack from a clean state: nothing of an earlier run is left, secrets are new, images are built. */
  static async prepare(): Promise<Stack> {
    const stack = new Stack(await freePort(), await freePort(), [
      'docker-compose.yml',
      ...((await namesGoneAreTold()) ? [] : ['test/stack/compose.old-engine.yml']),
    ])
    await stack.remove()
    await run('infra/compose/make-secrets', ['--directory', stack.secretsFolder, '--server-name', guestHost])
    await stack.compose(['build', '--quiet'], { timeoutMs: 1_800_000 })
    return stack
  }

  /** Runs `docker compose` on this stack; its standard output. Throws with its errors. */
  async compose(
    args: readonly string[],
    options: { input?: string; timeoutMs?: number; env?: Record<string, string> } = {},
  ): Promise<string> {
    return await run('docker', ['compose', '--project-name', projectName, ...args], {
      timeoutMs: 300_000,
      ...options,
      env: { ...this.#environment, ...options.env },
    })
  }

  /** Starts what is not running, and waits until all of it is healthy. */
  async up(...args: string[]): Promise<void> {
    await this.compose(['up', '--detach', '--wait', '--wait-timeout', '240', '--no-build', ...args])
  }

  /** Removes containers and networks; volumes stay. */
  async down(): Promise<void> {
    await this.compose(['down', '--timeout', '60'])
  }

  /** Removes everything that is of this stack: containers, networks, volumes, images, secrets. */
  async remove(): Promise<void> {
    await this.compose(['down', '--volumes', '--remove-orphans', '--timeout', '10'])
    const images = await run('docker', ['image', 'ls', '--quiet', '--filter', `reference=stayzr/*:${projectName}`])
    const ids = [...new Set(images.split('\n').filter((id) => id !== ''))]
    if (ids.length > 0) await finish('docker', ['image', 'rm', '--force', ...ids])
    fs.rmSync(directory, { recursive: true, force: true })
  }

  /** The containers that run for a service, oldest first; of all services where none is named. */
  async containers(service?: string): Promise<Container[]> {
    const filters = [`label=com.docker.compose.project=${projectName}`]
    if (service !== undefined) filters.push(`label=com.docker.compose.service=${service}`)
    const ids = (await run('docker', ['ps', '--quiet', ...filters.flatMap((filter) => ['--filter', filter])]))
      .split('\n')
      .filter((id) => id !== '')
    if (ids.length === 0) return []
    const rows = JSON.parse(await run('docker', ['inspect', ...ids])) as {
      Id: string
      Name: string
      Created: string
      State: { Pid: number }
      Config: { Labels: Record<string, string> }
    }[]
    return rows
      .sort((one, other) => one.Created.localeCompare(other.Created))
      .map((row) => ({
        id: row.Id,
        name: row.Name.slice(1),
        service: row.Config.Labels['com.docker.compose.service'] ?? '',
        pid: row.State.Pid,
      }))
  }

  /** The one container of a service. */
  async container(service: string): Promise<Container> {
    const [only] = await this.containers(service)
    if (only === undefined) throw new Error(`no container of ${service} is running`)
    return only
  }

  /** Runs a program in a service's container; its standard output. `env` is seen by that program only. */
  async exec(service: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const named = Object.keys(env).flatMap((name) => ['--env', name])
    return await this.compose(['exec', '--no-TTY', ...named, service, ...args], { env })
  }

  /** Runs a script of the project on this stack, as whoever operates it would; its standard output. */
  async script(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    return await run(path.join(project, file), args, {
      timeoutMs: 1_200_000,
      env: { ...this.#environment, COMPOSE_PROJECT_NAME: projectName, ...env },
    })
  }

  /** What a service has written to its log since it was started. */
  async logs(...servicesAndOptions: string[]): Promise<string> {
    return await this.compose(['logs', '--no-color', '--no-log-prefix', ...servicesAndOptions])
  }

  secret(name: string): string {
    return fs.readFileSync(path.join(this.secretsFolder, name), 'utf8').trim()
  }

  /** Rows of a query that sees all organisations, on the primary or on another server of PostgreSQL. */
  async sql<Row>(query: string, service = 'postgres'): Promise<Row[]> {
    const text = await this.exec(service, [
      'psql',
      '--no-psqlrc',
      '--quiet',
      '--tuples-only',
      '--no-align',
      '--dbname=stayzr',
      `--command=select coalesce(json_agg(it), '[]') from (${query}) it`,
    ])
    return JSON.parse(text) as Row[]
  }

  /** Runs a statement as the superuser. */
  async sqlCommand(statement: string): Promise<void> {
    await this.exec('postgres', ['psql', '--no-psqlrc', '--quiet', '--dbname=stayzr', `--command=${statement}`])
  }
}
