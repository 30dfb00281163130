/** Work that one process at a time does, of however many there are. */
import postgres from 'postgres'
import { type DatabaseAddress, databaseTls } from './database-tls.ts'

/** A holder that says nothing for so long is taken to be gone, and PostgreSQL gives the lock to another. */
const SILENCE_MAX = '60s'
const SIGN_OF_LIFE_MS = 10_000

export interface OneAtATime {
  /**
   * Runs `work` if no other process is doing it, and says whether it did. `signal` tells when the lock was lost: from
   * then on another may be at it.
   */
  run(work: (signal: AbortSignal) => Promise<void>): Promise<boolean>
  close(): Promise<void>
}

/**
 * The lock is PostgreSQL's, so it goes with the connection when the process dies. It belongs to a transaction that does
 * nothing else: a session's lock would be left behind on a pooled connection (PgBouncer). Such a transaction holds no
 * rows and no snapshot, so vacuum does not wait for it. A connection of its own, made when needed.
 */
export function openOneAtATime(address: DatabaseAddress, lock: number): OneAtATime {
  const sql = postgres(address.url, {
    ...databaseTls(address),
    max: 1,
    idle_timeout: 20,
    connect_timeout: 5,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: 'stayzr-origin-jobs' },
  })
  return {
    async run(work) {
      return (await sql.begin('read only', async (tx) => {
        await tx.unsafe(`set local idle_in_transaction_session_timeout = '${SILENCE_MAX}'`)
        const [row] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${lock}) as mine`
        if (!row?.mine) return false
        const lost = new AbortController()
        const signs = setInterval(() => {
          tx`select 1`.catch((error: unknown) => lost.abort(error))
        }, SIGN_OF_LIFE_MS)
        try {
          await work(lost.signal)
        } finally {
          clearInterval(signs)
        }
        return true
      })) as boolean
    },
    close: () => sql.end({ timeout: 5 }),
  }
}
