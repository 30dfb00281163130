import type { Tx } from '../../platform/database.ts'
import type { PropertyKey } from '../properties/service.ts'

/**
 * When the version after this one was written, in ms; undefined where that is not kept any more. It takes some
 * milliseconds from there to COMMIT, so an age counted from here is too high by that.
 */
export async function readReplacedAt(tx: Tx, key: PropertyKey, version: number): Promise<number | undefined> {
  const [row] = await tx<{ at: number }[]>`
    select (extract(epoch from created_at) * 1000)::float8 as at
    from outbox
    where org_id = ${key.organisation} and property_id = ${key.id} and ari_version = ${version + 1}`
  return row?.at
}
