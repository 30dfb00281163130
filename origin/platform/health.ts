/** What is true of this process and of what it depends on, asked afresh each time. */
import type { Hono } from 'hono'
import { migrations } from '../migrate.ts'
import type { OriginVariables } from './bind.ts'
import type { Counters } from './counters.ts'
import type { Database } from './database.ts'
import type { Storage } from './storage.ts'

/** A check that takes longer than this counts as failed: whoever asks has a time limit of their own. */
const CHECK_MS = 2_000

interface CheckResult {
  status: 'ok' | 'failed'
  durationMs: number
  detail?: string
}

export interface HealthDependencies {
  database: Database
  counters: Counters
  storage: Storage
  /** Turns false when the process is told to stop, so that no new work is sent here. */
  accepting: () => boolean
}

/** `/health`: the process answers. `/health/ready`: it can take work. `/health/detailed`: each part by name. */
export function bindHealth(app: Hono<{ Variables: OriginVariables }>, deps: HealthDependencies): void {
  const applied = async () => {
    const rows = await deps.database.directory<{ name: string }[]>`
      select name from schema_migration order by name limit 10000`
    const names = new Set(rows.map((row) => row.name))
    const missing = migrations().filter((migration) => !names.has(migration.name))
    if (missing.length > 0) throw new Error(`${missing.length} migrations are not applied`)
  }

  app.get('/health', (c) => {
    const { rss, heapUsed } = process.memoryUsage()
    return c.json({
      status: 'ok',
      uptimeSeconds: Math.round(process.uptime()),
      memory: { rssBytes: rss, heapUsedBytes: heapUsed },
    })
  })

  app.get('/health/ready', async (c) => {
    if (!deps.accepting()) return c.json({ status: 'stopping' }, 503)
    const database = await run(applied)
    return c.json(
      { status: database.status === 'ok' ? 'ready' : 'not-ready', database },
      database.status === 'ok' ? 200 : 503,
    )
  })

  app.get('/health/detailed', async (c) => {
    const [database, redis, storage] = await Promise.all([
      run(applied),
      run(() => deps.counters.check()),
      run(() => deps.storage.check()),
    ])
    // Redis and storage are missed, but no booking waits for them: only the database decides.
    const healthy = database.status === 'ok'
    const degraded = redis.status !== 'ok' || storage.status !== 'ok'
    const { rss, heapUsed } = process.memoryUsage()
    return c.json(
      {
        status: healthy ? (degraded ? 'degraded' : 'ok') : 'failed',
        server: {
          status: 'ok',
          uptimeSeconds: Math.round(process.uptime()),
          memory: { rssBytes: rss, heapUsedBytes: heapUsed },
        },
        database,
        redis: { kind: deps.counters.kind, ...redis },
        storage,
        externalServices: {},
      },
      healthy ? 200 : 503,
    )
  })
}

async function run(check: () => Promise<void>): Promise<CheckResult> {
  const began = performance.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await Promise.race([
      check(),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS)
      }),
    ])
    return { status: 'ok', durationMs: Math.round(performance.now() - began) }
  } catch (error) {
    return { status: 'failed', durationMs: Math.round(performance.now() - began), detail: reasonOf(error) }
  } finally {
    clearTimeout(timer)
  }
}

/** A failure's kind. Messages may hold addresses and names, so only codes and our own words leave the process. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return code
  return error instanceof Error && /^(no answer within|\d+ migrations)/.test(error.message)
    ? error.message
    : 'unreachable'
}
