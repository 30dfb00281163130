/** What the origin depends on besides PostgreSQL: is it there, how long does it take, how often does it fail. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Counters } from './counters.ts'
import type { Storage } from './storage.ts'
import type { Tracer } from './tracing.ts'

export type Dependency = 'redis' | 'storage'

export interface DependencyMetrics {
  up: Gauge<'dependency'>
  seconds: Histogram<'dependency' | 'operation'>
  errors: Counter<'dependency'>
}

export function dependencyMetrics(registry: Registry): DependencyMetrics {
  const errors = new Counter({
    name: 'stayzr_dependency_errors_total',
    help: 'Errors of Redis and of the object storage; no booking waits for either',
    labelNames: ['dependency'],
    registers: [registry],
  })
  // There from the beginning, so that the first error is seen as a rise.
  for (const dependency of ['redis', 'storage']) errors.inc({ dependency }, 0)
  return {
    up: new Gauge({
      name: 'stayzr_dependency_up',
      help: '1 where the last check reached it, 0 where it did not',
      labelNames: ['dependency'],
      registers: [registry],
    }),
    seconds: new Histogram({
      name: 'stayzr_dependency_seconds',
      help: 'How long calls to Redis and to the object storage take, failed ones among them',
      labelNames: ['dependency', 'operation'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
    errors,
  }
}

/** The same counters; each call is timed and traced. */
export function watchCounters(counters: Counters, metrics: DependencyMetrics, tracer: Tracer): Counters {
  // In this process there is nothing to wait for.
  if (counters.kind === 'memory') return counters
  const timed = timer('redis', metrics, tracer, { 'db.system.name': 'redis' })
  return {
    kind: counters.kind,
    count: (key) => timed('count', () => counters.count(key)),
    first: (key, seconds) => timed('first', () => counters.first(key, seconds)),
    check: () => counters.check(),
    close: () => counters.close(),
  }
}

/** The same storage; each call is timed, traced, and counted where it fails. */
export function watchStorage(storage: Storage, metrics: DependencyMetrics, tracer: Tracer): Storage {
  const timed = timer('storage', metrics, tracer, {})
  const counted = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await timed(operation, work)
    } catch (error) {
      metrics.errors.inc({ dependency: 'storage' })
      throw error
    }
  }
  return {
    put: (key, bytes, contentType) => counted('put', () => storage.put(key, bytes, contentType)),
    // Where the sender breaks off the storage is not to blame.
    putStream: (key, source, length, contentType) =>
      timed('put', () => storage.putStream(key, source, length, contentType)),
    get: (key) => counted('get', () => storage.get(key)),
    check: () => storage.check(),
  }
}

function timer(
  dependency: Dependency,
  metrics: DependencyMetrics,
  tracer: Tracer,
  attributes: Record<string, string>,
): <T>(operation: string, work: () => Promise<T>) => Promise<T> {
  return async (operation, work) => {
    const began = performance.now()
    try {
      return await tracer.span(`${dependency} ${operation}`, 'client', { ...attributes }, work)
    } finally {
      metrics.seconds.observe({ dependency, operation }, (performance.now() - began) / 1_000)
    }
  }
}

const CHECK_EVERY_MS = 15_000
/** Longer than any check that succeeds, shorter than the pause to the next one. */
const CHECK_MS = 3_000

/** Looks every few seconds whether Redis and storage can be reached; the returned function stops it. */
export function startDependencyChecks(
  checks: Record<Dependency, { check(): Promise<void> }>,
  metrics: DependencyMetrics,
): () => void {
  const look = async (dependency: Dependency) => {
    const timeout = AbortSignal.timeout(CHECK_MS)
    const tooLong = new Promise<never>((_, reject) =>
      timeout.addEventListener('abort', () => reject(new Error('no answer')), { once: true }),
    )
    const isUp = await Promise.race([checks[dependency].check(), tooLong]).then(
      () => 1,
      () => 0,
    )
    metrics.up.set({ dependency }, isUp)
  }
  const lookAtAll = () => {
    for (const dependency of Object.keys(checks) as Dependency[]) void look(dependency)
  }
  const timer = setInterval(lookAtAll, CHECK_EVERY_MS)
  timer.unref()
  lookAtAll()
  return () => clearInterval(timer)
}
