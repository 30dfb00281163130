/**
 * An installation that is backed up, on this machine: a durable PostgreSQL 17 that archives through our scripts, object
 * storage behind TLS, an origin, and a hotel to book in. The scripts are those of infra/backup, as they are.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import * as path from 'node:path'
import S3rver from '@20minutes/s3rver'
import { ensureDatabase, ensureRoles, ownerRole, runtimeRole } from '../../infra/local/database.ts'
import { type Postgres, startPostgres } from '../../infra/local/postgres.ts'
import { postgresAccount } from '../../infra/local/postgres-account.ts'
import { findPrograms } from '../../infra/local/postgres-place.ts'
import { migrate } from '../../origin/migrate.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from './builders.ts'
import { type OriginProcess, originProcess } from './installation.ts'
import { addOrganisation } from './origin.ts'

const backupSource = path.join(import.meta.dirname, '../../infra/backup')
const passwords = { ownerPassword: 'owner-password', runtimePassword: 'runtime-password' }
const hotel = 'harbour-house'

export interface ScriptRun {
  status: number
  /** Both streams, as a person sees them. */
  output: string
}

export interface BackupRig {
  /** What `--local` of the drill takes. */
  directory: string
  origin: OriginProcess
  superuserUrl: string
  ownerUrl: string
  runtimeUrl: string
  /** The environment the scripts run in. */
  env: NodeJS.ProcessEnv
  /** Books one night for a guest, `days` from today, and gives the booking's reference. */
  book(days: number): Promise<string>
  /** Runs a script of infra/backup to its end, under PostgreSQL's account. */
  script(name: string, args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<ScriptRun>
  /** Starts one that runs on, such as the backup service. */
  service(name: string, env?: NodeJS.ProcessEnv): { output(): string; stop(): Promise<void> }
  stop(): Promise<void>
}

/** Starts everything; `programs` is a folder with pgBackRest and psql, first on the scripts' PATH. */
export async function startBackupRig(options: {
  programs: string
  archiveSeconds: number
  rooms?: number
}): Promise<BackupRig> {
  const quiet = (): void => {}
  const account = postgresAccount(quiet)
  // Not below the project or a private temporary folder: the scripts run under PostgreSQL's account.
  const directory = mkdtempSync('/var/tmp/stayzr-backup-')
  chmodSync(directory, 0o755)
  const inside = (name: string): string => path.join(directory, name)
  const own = (name: string): string => {
    mkdirSync(inside(name), { recursive: true, mode: 0o700 })
    if (account) chownSync(inside(name), account.uid, account.gid)
    return inside(name)
  }
  cpSync(backupSource, inside('backup'), { recursive: true })
  const certificate = makeCertificate(own('secrets'))
  const secrets = { storage_access_key: 'S3RVER', storage_secret_key: 'S3RVER', backup_passphrase: 'a passphrase' }
  for (const [name, text] of Object.entries(secrets)) writeFileSync(inside(`secrets/${name}`), text)
  const storage = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: inside('s3'),
    vhostBuckets: false,
    // pgBackRest signs `/bucket/`, of which the emulator drops the slash before it checks.
    allowMismatchedSignatures: true,
    configureBuckets: [{ name: 'stayzr-backups', configs: [] }],
    ...certificate,
  })
  const { port: storagePort } = await storage.run()
  const socket = own('socket')
  const native = path.dirname((await findPrograms(account, quiet)).postgres)
  const home = own('drill')
  for (const name of ['spool', 'locks', 'state']) own(name)
  if (account) chownSync(directory, account.uid, account.gid)

  const where = `BACKUP_HOME=${inside('backup')} BACKUP_CONFIG=${inside('pgbackrest.conf')}`
  const paths = [options.programs, native, process.env.PATH].join(path.delimiter)
  const postgres = await startPostgres({
    directory: inside('postgres'),
    log: quiet,
    settings: {
      unix_socket_directories: socket,
      archive_mode: 'on',
      archive_timeout: `${options.archiveSeconds}s`,
      archive_command: `PATH='${paths}' ${where} ${inside('backup/pgbackrest-push')} %p`,
    },
  })
  const env: NodeJS.ProcessEnv = {
    PATH: paths,
    HOME: home,
    LC_ALL: 'C',
    TZ: 'UTC',
    PGUSER: 'postgres',
    PGHOST: socket,
    PGPORT: String(postgres.port),
    PGPASSWORD: decodeURIComponent(new URL(postgres.superuserUrl).password),
    PGDATA: path.join(postgres.place, 'data'),
    BACKUP_HOME: inside('backup'),
    BACKUP_CONFIG: inside('pgbackrest.conf'),
    BACKUP_STATE: inside('state'),
    BACKUP_SPOOL: inside('spool'),
    BACKUP_LOCKS: inside('locks'),
    BACKUP_ENDPOINT: `https://localhost:${storagePort}`,
    SECRETS: inside('secrets'),
  }
  const start = (name: string, args: readonly string[], more: NodeJS.ProcessEnv): ChildProcess =>
    spawn(inside(`backup/${name}`), args, {
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
      cwd: '/',
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const script: BackupRig['script'] = async (name, args = [], more = {}) => {
    const child = start(name, args, more)
    const output = collect(child)
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve({ status: code ?? -1, output: output() }))
    })
  }
  const configured = await script('configure')
  if (configured.status !== 0) throw new Error(configured.output)

  await ensureRoles(postgres.superuserUrl, passwords)
  await ensureDatabase(postgres.superuserUrl, 'stayzr')
  const ownerUrl = postgres.urlFor({ user: ownerRole, password: passwords.ownerPassword, database: 'stayzr' })
  const runtimeUrl = postgres.urlFor({ user: runtimeRole, password: passwords.runtimePassword, database: 'stayzr' })
  await migrate(ownerUrl, quiet)
  const origin = await originProcess(runtimeUrl)
  await openHotel({ origin, ownerUrl, runtimeUrl, rooms: options.rooms ?? 200 })

  return {
    directory,
    origin,
    superuserUrl: postgres.superuserUrl.replace(/\/postgres$/, '/stayzr'),
    ownerUrl,
    runtimeUrl,
    env,
    book: (days) => book(origin, days),
    script,
    service(name, more = {}) {
      const child = start(name, [], more)
      const output = collect(child)
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
      return {
        output,
        async stop() {
          child.kill('SIGTERM')
          await ended
        },
      }
    },
    async stop() {
      await origin.service.stop()
      await stopHard(postgres)
      await storage.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The last segments have nowhere to go once the test is over, and nobody needs them. */
async function stopHard(postgres: Postgres): Promise<void> {
  postgres.force()
  await postgres.ended
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  }
  return () => text
}

/** An authority of the test's own is more than one server needs: its certificate is its own authority. */
function makeCertificate(folder: string): { key: Buffer; cert: Buffer } {
  const key = path.join(folder, 'tls_storage.key')
  const cert = path.join(folder, 'tls_ca.crt')
  const args =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost'
  execFileSync('openssl', [...args.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

async function openHotel(options: {
  origin: OriginProcess
  ownerUrl: string
  runtimeUrl: string
  rooms: number
}): Promise<void> {
  const { origin, rooms } = options
  const { apiKey } = await addOrganisation(options, 'harbour')
  const definition = aProperty(hotel, { rooms: { DBL: rooms } })
  const headers = () => ({ authorization: `Bearer ${apiKey}`, 'idempotency-key': crypto.randomUUID() })
  for (const [method, target, body] of [
    ['POST', '/api/v1/properties', definition],
    ['PUT', `/api/v1/properties/${hotel}/ari`, { changes: flatRates(definition) }],
  ] as const) {
    const answer = await origin.call(method, target, { headers: headers(), body })
    if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${await answer.text()}`)
  }
}

async function book(origin: OriginProcess, days: number): Promise<string> {
  const arrival = addDays(today(), days)
  const answer = await origin.call('POST', `/api/v1/properties/${hotel}/reservations`, {
    headers: { 'idempotency-key': crypto.randomUUID() },
    body: {
      stay: { roomType: 'DBL', ratePlan: 'BAR', arrival, departure: addDays(arrival, 1), adults: 2, childAges: [] },
      expectedTotal: 10_800,
      guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
    },
  })
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { reference: string }).reference
}
