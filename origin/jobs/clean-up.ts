/** Removes what has served its time: old receipts, old ARI changes, sessions that ran out. Small steps, any instance. */
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/telemetry.ts'

const EVERY_MS = 10 * 60_000
/** A client that has not asked again within two days does not know the key any more. */
const RECEIPT_HOURS = 48
/** An edge further behind than this takes the whole snapshot. */
const CHANGE_HOURS = 24

/** Starts the job; the returned function stops it. Failing is logged and tried again next time. */
export function startCleanUp(database: Database, log: Logger): () => void {
  const timer = setInterval(() => {
    cleanUp(database).catch((error: unknown) =>
      log.warn({ err: error instanceof Error ? error.message : String(error) }, 'clean-up failed'),
    )
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Cleans up every organisation once. */
export async function cleanUp(database: Database): Promise<void> {
  const organisations = await database.directory<{ organisation: string }[]>`
    select org_id as organisation
    from organisations_to_clean()`
  for (const { organisation } of organisations)
    await database.inOrganisation(organisation, async (tx) => {
      await tx`
        delete from receipt
        where org_id = ${organisation} and created_at < now() - ${RECEIPT_HOURS} * interval '1 hour'`
      await tx`
        delete from outbox
        where org_id = ${organisation} and kind = 'ari.changed'
          and created_at < now() - ${CHANGE_HOURS} * interval '1 hour'`
      await tx`
        delete from staff_session
        where org_id = ${organisation} and expires_at < now()`
    })
}
