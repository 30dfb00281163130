/** Real PostgreSQL, PgBouncer and Redis as the stack has them: with TLS, and with the certificates that its script makes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { accessSync, chmodSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureDatabase, ensureRoles, ownerRole, runtimeRole } from '../../infra/local/database.ts'
import { freePort } from '../../infra/local/ports.ts'
import { type Postgres, startPostgres } from '../../infra/local/postgres.ts'
import { migrate } from '../../origin/migrate.ts'

const project = join(import.meta.dirname, '../..')

/** Whether a program is on this machine's PATH. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export interface Secrets {
  directory: string
  /** The path of a secret's file. */
  file(name: string): string
  read(name: string): string
  remove(): void
}

/** Passwords and certificates in a directory of their own, by infra/compose/make-secrets. */
export function makeSecrets(): Secrets {
  const directory = mkdtempSync(join(tmpdir(), 'stayzr-secrets-'))
  execFileSync(join(project, 'infra/compose/make-secrets'), ['--directory', directory], { stdio: 'ignore' })
  // As root the servers run under accounts of their own, which have to get in.
  chmodSync(directory, 0o755)
  const file = (name: string) => join(directory, name)
  return {
    directory,
    file,
    read: (name) => readFileSync(file(name), 'utf8').trim(),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

export interface SecuredPostgres extends Postgres {
  ownerUrl: string
  runtimeUrl: string
}

/** A migrated database on a server of its own that offers TLS. */
export async function securedPostgres(secrets: Secrets): Promise<SecuredPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'stayzr-secured-'))
  chmodSync(directory, 0o755)
  const key = secrets.file('tls_postgres.key')
  // PostgreSQL wants a key that nobody else may read, but root may own it where its group is the server's.
  chmodSync(key, 0o640)
  if (process.getuid?.() === 0) execFileSync('chgrp', ['postgres', key])
  const server = await startPostgres({
    directory: join(directory, 'postgres'),
    settings: { ssl: 'on', ssl_cert_file: secrets.file('tls_postgres.crt'), ssl_key_file: key },
    log: () => {},
  })
  const passwords = { ownerPassword: secrets.read('owner_password'), runtimePassword: secrets.read('app_password') }
  await ensureRoles(server.superuserUrl, passwords)
  await ensureDatabase(server.superuserUrl, 'stayzr')
  const ownerUrl = server.urlFor({ user: ownerRole, password: passwords.ownerPassword, database: 'stayzr' })
  const runtimeUrl = server.urlFor({ user: runtimeRole, password: passwords.runtimePassword, database: 'stayzr' })
  await migrate(ownerUrl, () => {}, secrets.read('tls_ca.crt'))
  return {
    ...server,
    ownerUrl,
    runtimeUrl,
    remove: async () => {
      await server.remove()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export interface RunningProgram {
  port: number
  process: ChildProcess
  stop(): Promise<void>
}

/** PgBouncer as the stack runs it, in front of that server; what is of the container's file system lies elsewhere. */
export async function startPgBouncer(secrets: Secrets, server: SecuredPostgres): Promise<RunningProgram> {
  const port = await freePort()
  const configuration = secrets.file('pgbouncer.ini')
  writeFileSync(secrets.file('users.txt'), `"${runtimeRole}" "${secrets.read('app_password')}"\n`, { mode: 0o644 })
  chmodSync(secrets.file('tls_pgbouncer.key'), 0o644)
  const shipped = readFileSync(join(project, 'infra/pgbouncer/pgbouncer.ini'), 'utf8')
    .replaceAll('/run/secrets/', `${secrets.directory}/`)
    .replace(/^stayzr = .*$/m, `stayzr = host=127.0.0.1 port=${server.port} dbname=stayzr`)
  // The last one counts. Who may come in is read from a file here, not asked of PostgreSQL.
  const own = [
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    `auth_file = ${secrets.file('users.txt')}`,
    'auth_user =',
    ...(process.getuid?.() === 0 ? ['user = nobody'] : []),
  ]
  writeFileSync(configuration, `${shipped}\n${own.join('\n')}\n`)
  return await startProgram('pgbouncer', [configuration], port)
}

/** Starts a program and resolves once its port takes connections. */
export async function startProgram(command: string, args: readonly string[], port: number): Promise<RunningProgram> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => {
      output = (output + piece.toString()).slice(-4_000)
    })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for (let tries = 0; !(await takesConnections(port)); tries++) {
    if (child.exitCode !== null || tries > 400) throw new Error(`${command} does not start:\n${output}`)
    await sleep(25)
  }
  return {
    port,
    process: child,
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function takesConnections(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
