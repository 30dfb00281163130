import type { Database } from '../../platform/database.ts'

/** Every listed property, over all organisations, with its ARI version: all of one moment. */
export async function listedVersions(database: Database): Promise<{ property: string; version: number }[]> {
  return await database.directory<{ property: string; version: number }[]>`
    select code as property, ari_version as version
    from listed_versions()
    order by code
    limit 1000000`
}
