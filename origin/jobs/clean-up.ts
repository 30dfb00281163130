/** Removes what has served its time: old receipts, old ARI changes, sessions that ran out. Small steps, any instance. */
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/telemetry.ts'

const EVERY_MS = 10 * 60_000
/** A client that has not asked again within two days does not know the key any more. */
const RECEIPT_HOURS = 48
/** An edge further behind than this takes the whole snapshot. */
const CHANGE_HOURS = 24
/** Rows at once: short transactions, whatever has piled up. */
const BATCH = 5_000

/** Starts the job; the returned function stops it. Failing is logged and tried again next time. */
export function startCleanUp(database: Database, log: Logger): () => void {
  const timer = setInterval(() => {
    cleanUp(database, log).catch((error: unknown) =>
      log.warn({ err: error instanceof Error ? error.message : String(error) }, 'clean-up failed'),
    )
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Cleans up every organisation once. */
export async function cleanUp(database: Database, log: Logger): Promise<void> {
  const organisations = await database.directory<{ organisation: string }[]>`
    select org_id as organisation
    from organisations_to_clean()`
  // One organisation's trouble is not the others'.
  for (const { organisation } of organisations)
    await cleanUpOrganisation(database, organisation).catch((error: unknown) =>
      log.warn({ organisation, err: error instanceof Error ? error.message : String(error) }, 'clean-up failed'),
    )
}

async function cleanUpOrganisation(database: Database, organisation: string): Promise<void> {
  for (let removed = BATCH; removed === BATCH; )
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
