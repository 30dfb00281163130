/**
 * Brings a database to the newest schema: `MIGRATION_DATABASE_URL=… node origin/migrate.ts`.
 *
 * Forward only. One run at a time, held by an advisory lock; each file in its own transaction; a file that changed after
 * it was applied is refused. Prints a line for each file applied; exits 1 with one sentence on failure.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { readMigrationConfig } from './config.ts'
import { databaseTls } from './platform/database-tls.ts'

/** Any number will do as long as every version of this program uses the same. */
const MIGRATION_LOCK = 7_296_051

export interface Migration {
  name: string
  sha256: string
  text: string
}

/** The migrations that come with this source, in order. */
export function migrations(): Migration[] {
  const directory = join(import.meta.dirname, 'migrations')
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(directory, name), 'utf8')
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') }
    })
}

/** Applies what is missing. Returns the names applied. Throws where a file was changed after it was applied. */
export async function migrate(url: string, log: (line: string) => void, ca?: string): Promise<string[]> {
  const sql = postgres(url, { ...databaseTls({ url, ca }), max: 1, onnotice: () => {} })
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`
    await sql`
      create table if not exists schema_migration (
        name text primary key,
        sha256 text not null,
        applied_at timestamptz not null default now()
      )`
    await sql`grant select on schema_migration to stayzr_app`
    const applied = new Map(
      (await sql<{ name: string; sha256: string }[]>`select name, sha256 from schema_migration order by name`).map(
        (row) => [row.name, row.sha256],
      ),
    )
    const done: string[] = []
    for (const migration of migrations()) {
      const before = applied.get(migration.name)
      if (before === migration.sha256) continue
      if (before !== undefined) throw new Error(`${migration.name} was changed after it had been applied`)
      await sql.begin(async (tx) => {
        await tx.unsafe(migration.text)
        await tx`insert into schema_migration (name, sha256) values (${migration.name}, ${migration.sha256})`
      })
      log(`applied ${migration.name}`)
      done.push(migration.name)
    }
    return done
  } finally {
    await sql.end({ timeout: 5 })
  }
}

if (import.meta.main) {
  try {
    const { url, ca } = readMigrationConfig()
    const done = await migrate(url, (line) => console.log(line), ca)
    console.log(done.length === 0 ? 'The schema is up to date.' : `The schema is up to date (${done.length} applied).`)
  } catch (error) {
    console.error(`Migration failed: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}
