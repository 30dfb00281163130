/**
 * What the database module tells while it works: who waits for a connection, who has one, and, where the request is traced,
 * each statement. A statement is named by its verb and table, never by what it was given.
 */
import type { PoolMetrics } from './metrics-pool.ts'
import { currentContext, inContext } from './request-context.ts'
import { failureOf, type OpenSpan, type Tracer } from './tracing.ts'

export interface DatabaseWatch {
  /** A transaction asks for a connection. */
  transaction(): TransactionWatch
}

export interface TransactionWatch {
  /** It has one. `work` is run on what is given back, which may tell of its statements. */
  run<Tx extends object, T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T>
  /** It is over: committed, rolled back, or it never began. */
  end(error?: unknown): void
}

/** Tells nobody. For tools and tests. */
export const unwatched: DatabaseWatch = {
  transaction: () => ({ run: (tx, work) => work(tx), end: () => {} }),
}

export function watchDatabase(pool: PoolMetrics, tracer: Tracer): DatabaseWatch {
  return {
    transaction() {
      const asked = performance.now()
      const span = tracer.begin('transaction', 'internal')
      let running = false
      pool.waiting.inc()
      const stopWaiting = () => {
        pool.waiting.dec()
        pool.waitSeconds.observe((performance.now() - asked) / 1_000)
      }
      return {
        run(tx, work) {
          running = true
          stopWaiting()
          pool.inUse.inc()
          const context = currentContext()
          if (!span || !context) return work(tx)
          span.attributes = { 'stayzr.wait_ms': Math.round(performance.now() - asked) }
          return inContext({ ...context, spanId: span.spanId }, () => work(tracedStatements(tx, tracer)))
        },
        end(error) {
          if (running) pool.inUse.dec()
          else stopWaiting()
          span?.end(error === undefined ? {} : { failed: failureOf(error) })
        },
      }
    },
  }
}

/** As the driver makes one (postgres 3.4.9, exact in package.json): a promise that is sent by its `handler`. */
interface Query {
  handler: (query: Query) => unknown
  resolve: (rows: unknown) => unknown
  reject: (error: unknown) => unknown
  strings: readonly string[]
}

/** The same transaction; each statement that is sent leaves a span. What is only part of another statement is not sent. */
function tracedStatements<Tx extends object>(tx: Tx, tracer: Tracer): Tx {
  return new Proxy(tx, {
    apply(target, self, args) {
      const made = Reflect.apply(target as never, self, args) as Partial<Query>
      if (typeof made.handler === 'function') traceWhenSent(made as Query, tracer)
      return made
    },
  })
}

function traceWhenSent(query: Query, tracer: Tracer): void {
  const { handler, resolve, reject } = query
  let span: OpenSpan | undefined
  query.handler = (it) => {
    const name = statementName(query.strings)
    span = tracer.begin(name, 'client', { 'db.system.name': 'postgresql', 'db.query.summary': name })
    return handler(it)
  }
  query.resolve = (rows) => {
    span?.end()
    return resolve(rows)
  }
  query.reject = (error) => {
    span?.end({ failed: failureOf(error) })
    return reject(error)
  }
}

/** Statements are few and their texts live as long as the program. */
const names = new WeakMap<readonly string[], string>()

/** `update room_type_night`, from the text alone: what it is given is between the strings. */
export function statementName(strings: readonly string[]): string {
  let name = names.get(strings)
  if (name === undefined) {
    name = nameFrom(strings.join(' ').replace(/\s+/g, ' ').trim())
    names.set(strings, name)
  }
  return name
}

/** A statement that writes is named by what it writes, whatever it reads on the way. */
function nameFrom(text: string): string {
  const writes = /\b(insert into|update|delete from) (?!set\b|of\b|skip\b|nowait\b)([a-z_]+)/.exec(
    text.replace(/\bfor (?:no key )?update\b/g, ' '),
  )
  if (writes) return `${(writes[1] as string).split(' ')[0]} ${writes[2]}`
  const called = /^select (set_config|pg_[a-z_]+)\(/.exec(text)
  if (called) return `select ${called[1]}`
  // Of what a query names itself (`with house as …`) the table behind it says more.
  const own = new Set(Array.from(text.matchAll(/\b([a-z_]+) as (?:not )?(?:materialized )?\(/g), ([, it]) => it))
  const tables = Array.from(text.matchAll(/\b(?:from|join) ([a-z_]+)/g), ([, it]) => it as string)
  const table = tables.find((it) => !own.has(it))
  const [verb = 'statement'] = /^[a-z]+/.exec(text) ?? []
  return table === undefined ? verb : `${verb === 'with' ? 'select' : verb} ${table}`
}
