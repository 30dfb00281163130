import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildAssets } from '../../infra/local/build-assets.ts'
import { ensureDatabase, ensureRoles, ownerRole } from '../../infra/local/database.ts'
import { startPostgres } from '../../infra/local/postgres.ts'
import { startRedis } from '../../infra/local/redis.ts'

/** Where the run's servers are; `test/support/servers.ts` hands out databases on them. */
export type TestServers = {
  superuserUrl: string
  host: string
  port: number
  ownerPassword: string
  runtimePassword: string
  /** Migrated and empty; copied for each test file. */
  template: string
  /** `memory:` where there is no redis-server on PATH. */
  redisUrl: string
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: TestServers
  }
}

/**
 * One PostgreSQL 17 and one Redis for the whole run, in a temporary directory that is gone afterwards, with one migrated
 * template database. Nothing is flushed to disk: a test that cuts the power starts a durable cluster of its own.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The edge in all three runtimes serves what is built here.
  buildAssets()
  const directory = mkdtempSync(join(tmpdir(), 'stayzr-test-'))
  // As root the server runs as another account, which has to get in.
  chmodSync(directory, 0o755)
  const log = (line: string): void => console.log(line)
  const postgres = await startPostgres({
    directory: join(directory, 'postgres'),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum_naptime: '5min' },
    log,
  })
  const redis = await startRedis({ directory: join(directory, 'redis'), log })
  const stop = async (): Promise<void> => {
    await Promise.all([redis.stop(), postgres.remove()])
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    const servers: TestServers = {
      superuserUrl: postgres.superuserUrl,
      host: postgres.host,
      port: postgres.port,
      ownerPassword: randomBytes(18).toString('base64url'),
      runtimePassword: randomBytes(18).toString('base64url'),
      template: 'stayzr_template',
      redisUrl: redis.url,
    }
    await ensureRoles(servers.superuserUrl, servers)
    await ensureDatabase(servers.superuserUrl, servers.template)
    const login = { user: ownerRole, password: servers.ownerPassword, database: servers.template }
    migrate(postgres.urlFor(login))
    project.provide('servers', servers)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

function migrate(ownerUrl: string): void {
  const run = spawnSync(process.execPath, ['origin/migrate.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, MIGRATION_DATABASE_URL: ownerUrl, STAYZR_ENV: 'test' },
    encoding: 'utf8',
  })
  if (run.status !== 0)
    throw new Error(`The migrations failed, so there is no database to test on:\n${run.stderr}${run.stdout}`)
}
