/**
 * PostgreSQL: one pool, and transactions that see one organisation's rows.
 *
 * `Tx` is a transaction and nothing else, so a query that takes it cannot run on the pool by mistake.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import type { DatabaseConfig } from '../config.ts'
import { databaseTls } from './database-tls.ts'
import { type DatabaseWatch, unwatched } from './database-watch.ts'
import { currentContext } from './request-context.ts'

type Types = { bigint: number; date: string }
export type Tx = postgres.TransactionSql<Types>
export type OrganisationId = string

/** Serialisation failure and deadlock: nothing happened, so the transaction is run again. */
const RETRIED_STATES = new Set(['40001', '40P01'])
const ATTEMPTS_MAX = 3
/** Look-ups by public code are remembered by their callers; two connections answer the rest. */
const DIRECTORY_CONNECTIONS = 2
/** Reports take long and can wait. */
const REPLICA_CONNECTIONS = 4

const READ_ONLY = 'isolation level repeatable read read only'

const APPLICATION_NAME = 'stayzr-origin'
/** PostgreSQL cuts off the rest, and says so each time. */
const APPLICATION_NAME_MAX = 63

/**
 * Names the request for as long as its transaction lasts, so that pg_stat_activity and every line of PostgreSQL's log (`%a`)
 * say which one it is. A comment in each statement would say it too, but make each a new one to prepare.
 */
function applicationName(): string {
  const requestId = currentContext()?.requestId
  return requestId === undefined ? APPLICATION_NAME : `${APPLICATION_NAME} ${requestId}`.slice(0, APPLICATION_NAME_MAX)
}

/** The connection went away, or the server is going or coming: whether a COMMIT on its way was done is not known. */
const LOST_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  '57P01',
  '57P02',
  '57P03',
  '25006',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENOTFOUND',
])
/** The classes of connection errors (PgBouncer's are all 08P01), and what TLS finds wrong with a server. */
const LOST_PATTERN = /^(?:08...|ERR_(?:SSL|TLS)_\w+|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+)$/

/**
 * Said in each transaction, since behind PgBouncer a connection is nobody's own: what is asked for at connecting is not
 * passed on. The role has the same values (infra/), for what runs outside of transactions.
 */
const PATIENCE = {
  // A statement that takes longer is stuck; a guest has gone by then.
  statement: '10s',
  lock: '5s',
  idle: '15s',
}

export interface Database {
  /**
   * Runs `work` in a READ COMMITTED transaction that sees one organisation. `work` may run up to three times, so it does
   * nothing that a rollback does not undo.
   */
  inOrganisation<T>(organisation: OrganisationId, work: (tx: Tx) => Promise<T>): Promise<T>
  /** A REPEATABLE READ, read-only transaction: everything read belongs to one moment. */
  readInOrganisation<T>(organisation: OrganisationId, work: (tx: Tx) => Promise<T>): Promise<T>
  /** Calls a look-up function before the organisation is known. No table can be read this way. */
  directory: postgres.Sql<Types>
  /**
   * As `readInOrganisation`, but what it reads may lag by some seconds: from the replica where there is one and it answers.
   * For reports; never for what is sold.
   */
  reportInOrganisation<T>(organisation: OrganisationId, work: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens the pool; connections are made when they are needed. */
export function openDatabase(config: DatabaseConfig, watch: DatabaseWatch = unwatched): Database {
  const options = {
    connect_timeout: 5,
    idle_timeout: 120,
    // Grows while the server is away, so that coming back does not begin with a stampede.
    backoff: (retries: number) => Math.min(1, 0.05 * 2 ** Math.min(retries, 5)) * (0.5 + Math.random() / 2),
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: APPLICATION_NAME },
    types: {
      // Counters and minor units, far below 2^53.
      bigint: { to: 20, from: [20], parse: Number, serialize: String },
      // A night is a calendar date, never an instant.
      date: { to: 1082, from: [1082], parse: (text: string) => text, serialize: (text: string) => text },
    },
  }
  const open = (url: string, max: number) => postgres(url, { ...options, ...databaseTls({ url, ca: config.ca }), max })
  const sql = open(config.url, config.poolMax)
  // A pool of its own: the driver sends single statements down connections that other work is using, and none of them
  // may land inside a transaction.
  const directory = open(config.url, DIRECTORY_CONNECTIONS)
  const replica = config.replicaUrl === undefined ? undefined : open(config.replicaUrl, REPLICA_CONNECTIONS)

  async function run<T>(
    options: string,
    organisation: OrganisationId,
    work: (tx: Tx) => Promise<T>,
    pool = sql,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const watched = watch.transaction()
      try {
        const result = (await pool.begin(options, (begun) =>
          watched.run(begun, async (tx) => {
            // Sent together with the first statements of `work`: PostgreSQL runs them in order on the one connection.
            const named = tx`
              select set_config('app.org_id', ${organisation}, true),
                set_config('application_name', ${applicationName()}, true),
                set_config('statement_timeout', ${PATIENCE.statement}, true),
                set_config('lock_timeout', ${PATIENCE.lock}, true),
                set_config('idle_in_transaction_session_timeout', ${PATIENCE.idle}, true)`.execute()
            named.catch(() => {})
            return await work(tx)
          }),
        )) as T
        watched.end()
        return result
      } catch (error) {
        watched.end(error)
        if (!isRetried(error) || attempt >= ATTEMPTS_MAX) throw error
        await sleep(Math.random() * 20 * attempt)
      }
    }
  }

  return {
    inOrganisation: (organisation, work) => run('isolation level read committed', organisation, work),
    readInOrganisation: (organisation, work) => run(READ_ONLY, organisation, work),
    directory,
    reportInOrganisation: async (organisation, work) => {
      if (!replica) return await run(READ_ONLY, organisation, work)
      try {
        return await run(READ_ONLY, organisation, work, replica)
      } catch (error) {
        // Away, or it took rows away that the report was still reading.
        if (!isConnectionLost(error) && !isBusy(error)) throw error
        return await run(READ_ONLY, organisation, work)
      }
    },
    close: async () => {
      await Promise.all([sql, directory, ...(replica ? [replica] : [])].map((pool) => pool.end({ timeout: 5 })))
    },
  }
}

/**
 * Nothing happened, because too much else did: a lock or a statement took too long, no connection was left, or the
 * transaction met others once too often.
 */
const BUSY_STATES = new Set(['40001', '40P01', '53300', '55P03', '57014', '25P03'])

/** Whether the error means that the same request may well succeed a moment later. */
export function isBusy(error: unknown): boolean {
  return BUSY_STATES.has(codeOf(error))
}

/** Whether the error means that the connection was lost, so that the fate of a COMMIT is unknown. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  return LOST_CODES.has(code) || LOST_PATTERN.test(code)
}

/** The SQLSTATE or connection code of a database error, or the empty text. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

function isRetried(error: unknown): boolean {
  return RETRIED_STATES.has(codeOf(error))
}
