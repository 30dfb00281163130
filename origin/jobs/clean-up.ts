/** Removes what has served its time: old receipts, old ARI changes, sessions that ran out. Small steps, one instance at a time. */
import type { Database } from '../platform/database.ts'
import type { DatabaseAddress } from '../platform/database-tls.ts'
import { openOneAtATime } from '../platform/one-at-a-time.ts'
import type { Logger } from '../platform/telemetry.ts'

const EVERY_MS = 10 * 60_000
/** A client that has not asked again within two days does not know the key any more. */
const RECEIPT_HOURS = 48
/** An edge further behind than this takes the whole snapshot. */
const CHANGE_HOURS = 24
/** Rows at once: short transactions, whatever has piled up. */
const BATCH = 5_000

/** Any number will do as long as every version of this program uses the same. */
export const CLEAN_UP_LOCK = 7_296_054

/**
 * Starts the job; the returned function stops it after the step at hand. Of several origins one does it, the others leave
 * it to that one. Failing is logged and tried again next time.
 */
export function startCleanUp(deps: {
  database: Database
  databaseAddress: DatabaseAddress
  log: Logger
  everyMs?: number
}): () => Promise<void> {
  const { database, databaseAddress, log, everyMs = EVERY_MS } = deps
  const lock = openOneAtATime(databaseAddress, CLEAN_UP_LOCK)
  const stopping = new AbortController()
  let running: Promise<unknown> | undefined
  const pass = () => {
    running ??= lock
      .run((lost) => cleanUp(database, log, AbortSignal.any([lost, stopping.signal])))
      .catch((error: unknown) => {
        if (!stopping.signal.aborted)
          log.warn({ err: error instanceof Error ? error.message : String(error) }, 'clean-up failed')
      })
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(pass, everyMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    stopping.abort()
    await running
    await lock.close()
  }
}

/** Cleans up every organisation once, until the signal says that it is for another to do. */
export async function cleanUp(database: Database, log: Logger, signal?: AbortSignal): Promise<void> {
  const organisations = await database.directory<{ organisation: string }[]>`
    select org_id as organisation
    from organisations_to_clean()`
  // One organisation's trouble is not the others'.
  for (const { organisation } of organisations) {
    if (signal?.aborted) return
    await cleanUpOrganisation(database, organisation, signal).catch((error: unknown) =>
      log.warn({ organisation, err: error instanceof Error ? error.message : String(error) }, 'clean-up failed'),
    )
  }
}

async function cleanUpOrganisation(database: Database, organisation: string, signal?: AbortSignal): Promise<void> {
  for (let removed = BATCH; removed === BATCH && !signal?.aborted; )
    removed = await database.inOrganisation(organisation, async (tx) => {
      const receipts = await tx`
        delete from receipt
        where org_id = ${organisation} and key_hash in (
          select key_hash
          from receipt
          where org_id = ${organisation} and created_at < now() - ${RECEIPT_HOURS} * interval '1 hour'
          limit ${BATCH})`
      const changes = await tx`
        delete from outbox
        where org_id = ${organisation} and outbox_id in (
          select outbox_id
          from outbox
          where org_id = ${organisation} and kind = 'ari.changed'
            and created_at < now() - ${CHANGE_HOURS} * interval '1 hour'
          limit ${BATCH})`
      await tx`
        delete from staff_session
        where org_id = ${organisation} and expires_at < now()`
      return Math.max(receipts.count, changes.count)
    })
}
