/** Whether what was just written is stored where it outlives the machine. */
import { waitFor } from './check.ts'
import type { Stack } from './stack.ts'

/** What may be lost with the machine (B1). */
const lossMsMax = 60_000

/** Waits until the segment that is written to now is archived, and says how long that took, in ms. Throws past B1. */
export async function walArrives(stack: Stack): Promise<number> {
  const [now] = await stack.sql<{ segment: string }>('select pg_walfile_name(pg_current_wal_lsn()) as segment')
  return await waitFor(
    async () => {
      const [archiver] = await stack.sql<{ newest: string | null }>(
        'select last_archived_wal as newest from pg_stat_archiver',
      )
      return (archiver?.newest ?? '') >= (now?.segment ?? '')
    },
    lossMsMax,
    `the WAL segment ${now?.segment} is not archived`,
  )
}
