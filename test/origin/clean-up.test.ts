import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CLEAN_UP_LOCK, cleanUp, startCleanUp } from '../../origin/jobs/clean-up.ts'
import { type Database, openDatabase } from '../../origin/platform/database.ts'
import { openOneAtATime } from '../../origin/platform/one-at-a-time.ts'
import { openLogger } from '../../origin/platform/telemetry.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
const databaseAddress = { url: urls.runtimeUrl }
const log = openLogger('silent')
let database: Database
let admin: postgres.Sql
let organisation: string

beforeAll(async () => {
  database = openDatabase({ url: urls.runtimeUrl, poolMax: 2 })
  admin = postgres(urls.superuserUrl, { max: 1 })
  ;({ organisation } = await addOrganisation(urls, 'harbour'))
})
afterAll(async () => {
  await Promise.all([database?.close(), admin?.end()])
})

/** A receipt of so many hours ago. */
async function addReceipt(hours: number): Promise<void> {
  await admin`
    insert into receipt (org_id, key_hash, request_hash, answer, created_at)
    values (${organisation}, sha256(${crypto.randomUUID()}::text::bytea), '\\x00', '{}', now() - ${hours} * interval '1 hour')`
}
const receipts = async () => {
  const rows = await admin<{ hours: number }[]>`
    select round(extract(epoch from now() - created_at) / 3600)::int as hours from receipt order by created_at`
  return rows.map(({ hours }) => hours)
}

it('removes receipts of more than two days and keeps the others', async () => {
  for (const hours of [1, 47, 49, 500]) await addReceipt(hours)
  await cleanUp(database, log)
  expect(await receipts()).toEqual([47, 1])
  await admin`delete from receipt`
})

it('is done by one origin of several, and by another once that one is gone', async () => {
  const other = openOneAtATime(databaseAddress, CLEAN_UP_LOCK)
  const done = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const busy = other.run(async () => {
    begun.resolve()
    await done.promise
  })
  await begun.promise
  await addReceipt(49)
  // A pass asks for the lock and, where it has it, for the organisations: their number tells that passes were made.
  const passes: number[] = []
  const counted: Database = {
    ...database,
    get directory() {
      passes.push(passes.length)
      return database.directory
    },
  }
  const stop = startCleanUp({ database: counted, databaseAddress, log, everyMs: 20 })
  await expect
    .poll(async () => {
      const [row] =
        await admin`select count(*)::int as asked from pg_stat_activity where application_name = 'stayzr-origin-jobs'`
      return row?.asked
    })
    .toBe(2)
  expect([await receipts(), passes]).toEqual([[49], []])

  done.resolve()
  await busy
  await expect.poll(receipts).toEqual([])
  await Promise.all([stop(), other.close()])
})
