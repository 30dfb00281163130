/** What is true of this process and of what it depends on, asked afresh each time. */
import type { Hono } from 'hono'
import { migrations } from '../migrate.ts'
import type { OriginContext, OriginVariables } from './bind.ts'
import type { Counters } from './counters.ts'
import type { Database } from './database.ts'
import { requireOperator } from './operators.ts'
import type { Storage } from './storage.ts'

/** A check that takes longer than this counts as failed: whoever asks has a time limit of their own. */
const CHECK_MS = 2_000
/** Balancers ask all at once; they are told the same for so long. */
const READY_MS = 500
/**
 * A database that answers slowly is no reason to take an origin away: all would go at once, and what they still do with
 * them. One that has not answered at all for so long is.
 */
const SLOW_MS = 15_000

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
  /** Bearer token for the health of each part from outside this network. */
  token: string
}

/**
 * `/health`: the process answers. `/health/ready`: it can take work. `/health/detailed`: each part by name, for this network
 * and operators.
 */
export function bindHealth(app: Hono<{ Variables: OriginVariables }>, deps: HealthDependencies): void {
  // They come with the source, and a probe comes every few seconds.
  const known = migrations().map((migration) => migration.name)
  const applied = async () => {
    const rows = await deps.database.directory<{ name: string }[]>`
      select name from schema_migration order by name limit 10000`
    const names = new Set(rows.map((row) => row.name))
    const missing = known.filter((name) => !names.has(name))
    if (missing.length > 0) throw new Error(`${missing.length} migrations are not applied`)
  }
  let lastGood = Number.NEGATIVE_INFINITY
  let latest: { at: number; answer: Promise<CheckResult> } | undefined
  const ready = async (): Promise<CheckResult> => {
    if (!latest || performance.now() - latest.at > READY_MS) latest = { at: performance.now(), answer: run(applied) }
    const result = await latest.answer
    if (result.status === 'ok') lastGood = performance.now()
    const isSlow = result.detail?.startsWith(NO_ANSWER) === true && performance.now() - lastGood < SLOW_MS
    return isSlow ? { ...result, status: 'ok' } : result
  }

  app.get('/health', (c) => {
    c.set('route', '/health')
    const { rss, heapUsed } = process.memoryUsage()
    return c.json({
      status: 'ok',
      uptimeSeconds: Math.round(process.uptime()),
      memory: { rssBytes: rss, heapUsedBytes: heapUsed },
    })
  })

  app.get('/health/ready', async (c) => {
    c.set('route', '/health/ready')
    if (!deps.accepting()) return c.json({ status: 'stopping' }, 503)
    const database = await ready()
    return c.json(
      { status: database.status === 'ok' ? 'ready' : 'not-ready', database },
      database.status === 'ok' ? 200 : 503,
    )
  })

  app.get('/health/detailed', async (c) => {
    c.set('route', '/health/detailed')
    requireOperator(c as unknown as OriginContext, deps.token, 'network')
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

const NO_ANSWER = 'no answer within'

async function run(check: () => Promise<void>): Promise<CheckResult> {
  const began = performance.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await Promise.race([
      check(),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${NO_ANSWER} ${CHECK_MS} ms`)), CHECK_MS)
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
