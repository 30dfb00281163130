import { randomBytes } from 'node:crypto'
import { afterAll, inject } from 'vitest'
import { dropDatabase, ensureDatabase, ownerRole, runtimeRole } from '../../infra/local/database.ts'
import type { TestServers } from './global-setup.ts'

export type FreshDatabase = {
  name: string
  /** For migrations and for putting facts in place past row-level security. */
  ownerUrl: string
  /** What the origin gets. */
  runtimeUrl: string
  /** For what only an operator may do, such as killing connections. */
  superuserUrl: string
  /** Ends its connections and deletes it. Done by itself after the file's tests where it was made while collecting them. */
  drop(): Promise<void>
}

/**
 * A migrated, empty database that no other test file sees. Call it at the top of a test file or in a `describe`:
 * `const database = await freshDatabase()`. It is dropped after the last test there. In a `beforeAll` hook, where
 * nothing more can be registered, return its `drop`: `beforeAll(async () => { …; return database.drop })`.
 */
export async function freshDatabase(): Promise<FreshDatabase> {
  const servers = inject('servers')
  const name = `test_${randomBytes(6).toString('hex')}`
  await ensureDatabase(servers.superuserUrl, name, servers.template)
  const drop = async (): Promise<void> => await dropDatabase(servers.superuserUrl, name)
  afterAll(drop)
  return {
    name,
    ownerUrl: urlOf(servers, ownerRole, servers.ownerPassword, name),
    runtimeUrl: urlOf(servers, runtimeRole, servers.runtimePassword, name),
    superuserUrl: withDatabase(servers.superuserUrl, name),
    drop,
  }
}

/** The run's Redis as the origin's REDIS_URL takes it: `redis://…`, or `memory:` where this machine has none. */
export function redisUrl(): string {
  return inject('servers').redisUrl
}

function urlOf(servers: TestServers, user: string, password: string, database: string): string {
  return `postgres://${user}:${encodeURIComponent(password)}@${servers.host}:${servers.port}/${database}`
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}
