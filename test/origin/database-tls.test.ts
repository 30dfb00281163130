import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureDatabase } from '../../infra/local/database.ts'
import type { DatabaseConfig } from '../../origin/config.ts'
import { type Database, isConnectionLost, openDatabase } from '../../origin/platform/database.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import {
  isOnPath,
  makeSecrets,
  type RunningProgram,
  type Secrets,
  type SecuredPostgres,
  securedPostgres,
  startPgBouncer,
} from '../support/secured-stack.ts'
import { freshDatabase } from '../support/servers.ts'

let secrets: Secrets
let server: SecuredPostgres
let ca: string

beforeAll(async () => {
  secrets = makeSecrets()
  server = await securedPostgres(secrets)
  ca = secrets.read('tls_ca.crt')
})
afterAll(async () => {
  await server?.remove()
  secrets?.remove()
})

async function withDatabase<T>(config: Omit<DatabaseConfig, 'poolMax'>, work: (database: Database) => Promise<T>) {
  const database = openDatabase({ ...config, poolMax: 1 })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
const ask = (config: { url: string; ca?: string }) =>
  withDatabase(config, (database) => database.directory`select ssl from pg_stat_ssl where pid = pg_backend_pid()`)
const failureOf = (config: { url: string; ca?: string }) =>
  ask(config).then(
    () => 'answered',
    (error: unknown) => (isConnectionLost(error) ? 'refused' : error),
  )
const onHost = (host: string) => server.runtimeUrl.replace('127.0.0.1', host)

describe('a database with authorities', () => {
  it('is spoken to in the clear by nobody, by name and by address', async () => {
    expect(await ask({ url: server.runtimeUrl, ca })).toEqual([{ ssl: true }])
    expect(await ask({ url: onHost('localhost'), ca })).toEqual([{ ssl: true }])
  })

  it('is not spoken to where another authority signed its certificate', async () => {
    const others = makeSecrets()
    expect(await failureOf({ url: server.runtimeUrl, ca: others.read('tls_ca.crt') })).toBe('refused')
    others.remove()
  })

  it('is not spoken to where its certificate is for another name', async () => {
    // The whole of 127.0.0.0/8 is this machine; the certificate names one address of it.
    expect(await failureOf({ url: onHost('127.0.0.2'), ca })).toBe('refused')
  })

  it('is not spoken to where it offers no TLS', async () => {
    const plain = await freshDatabase()
    expect(await ask({ url: plain.runtimeUrl })).toEqual([{ ssl: false }])
    expect(await failureOf({ url: plain.runtimeUrl, ca })).toBe('refused')
  })
})

it('transactions have limits of their own, whatever was asked for at connecting', async () => {
  // As a role that has none by itself.
  const shown = await withDatabase({ url: server.ownerUrl, ca }, (database) =>
    database.inOrganisation(crypto.randomUUID(), async (tx) => {
      await tx`select set_config('app.nothing', '', true)`
      return await tx`
        select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
          current_setting('idle_in_transaction_session_timeout') as idle`
    }),
  )
  expect(shown).toEqual([{ statement: '10s', lock: '5s', idle: '15s' }])
})

it('reports come from the replica, and from the primary where there is none or it is away', async () => {
  // Stands for one: what counts is where it is asked.
  await ensureDatabase(server.superuserUrl, 'replica')
  const report = (replicaUrl?: string) =>
    withDatabase({ url: server.runtimeUrl, ca, replicaUrl }, (database) =>
      database.reportInOrganisation(crypto.randomUUID(), (tx) => tx`select current_database() as asked`),
    )
  expect(await report()).toEqual([{ asked: 'stayzr' }])
  expect(await report(server.runtimeUrl.replace(/stayzr$/, 'replica'))).toEqual([{ asked: 'replica' }])
  expect(await report('postgres://stayzr_app:x@127.0.0.1:9/replica')).toEqual([{ asked: 'stayzr' }])
})

describe.skipIf(!isOnPath('pgbouncer'))(
  'through PgBouncer as the stack has it (where pgbouncer is on the PATH)',
  () => {
    const GUESTS = 12
    const BOOKINGS = 240
    const BOOKINGS_WHILE_CUT = 80
    let pooler: RunningProgram
    let origin: OriginProcess
    let admin: postgres.Sql

    beforeAll(async () => {
      pooler = await startPgBouncer(secrets, server)
      const pooledUrl = server.runtimeUrl.replace(`:${server.port}/`, `:${pooler.port}/`)
      writeFileSync(secrets.file('database_url'), pooledUrl)
      origin = await originProcess('', 'node', {
        DATABASE_URL: '',
        DATABASE_URL_FILE: secrets.file('database_url'),
        DATABASE_CA_FILE: secrets.file('tls_ca.crt'),
        ARI_COPY_SECONDS: '1',
        FIGURES_SECONDS: '1',
      })
      admin = postgres(`${server.superuserUrl.slice(0, server.superuserUrl.lastIndexOf('/'))}/stayzr`, { max: 1 })
      const { apiKey } = await addOrganisation({ ownerUrl: server.ownerUrl, runtimeUrl: server.runtimeUrl }, 'harbour')
      const definition = aProperty('harbour-house', { rooms: { DBL: 200, STE: 200 }, days: 60 })
      const headers = () => ({ authorization: `Bearer ${apiKey}`, 'idempotency-key': crypto.randomUUID() })
      const made = await origin.call('POST', '/api/v1/properties', { headers: headers(), body: definition })
      expect(made.status, await made.clone().text()).toBe(201)
      const changes = flatRates(definition)
      await origin.call('PUT', '/api/v1/properties/harbour-house/ari', { headers: headers(), body: { changes } })
    })
    afterAll(async () => {
      await origin?.service.stop()
      await admin?.end()
      await pooler?.stop()
    })

    const book = (trial: number, idempotencyKey: string = crypto.randomUUID()) => {
      const arrival = addDays(today(), trial % 50)
      return origin.call('POST', '/api/v1/properties/harbour-house/reservations', {
        headers: { 'idempotency-key': idempotencyKey },
        body: {
          stay: { roomType: 'DBL', ratePlan: 'BAR', arrival, departure: addDays(arrival, 1), adults: 2 },
          expectedTotal: 10_800,
          guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
        },
      })
    }
    /** The answer under that key, once the database is back. */
    const bookUntilBooked = async (trial: number): Promise<string> => {
      const key = crypto.randomUUID()
      for (;;) {
        const answer = await book(trial, key)
        const text = await answer.text()
        if (answer.status === 201) return (JSON.parse(text) as { reference: string }).reference
        expect([answer.status, text]).toEqual([503, expect.stringContaining('service-unavailable')])
      }
    }
    const bookMany = async (count: number): Promise<string[]> => {
      let trial = 0
      const booked: string[] = []
      await Promise.all(
        Array.from({ length: GUESTS }, async () => {
          while (trial < count) booked.push(await bookUntilBooked(trial++))
        }),
      )
      return booked
    }

    it('books with prepared statements on connections that are nobody’s own', async () => {
      const booked = await bookMany(BOOKINGS)
      expect(booked).toHaveLength(BOOKINGS)
      const [seen] = await admin`select count(*)::int as stored from reservation`
      expect(seen).toEqual({ stored: BOOKINGS })
      expect(origin.lines.filter((line) => /"level":[456]0/.test(line))).toEqual([])
    })

    it('leaves no setting and no lock behind on a connection', async () => {
      await bookMany(20)
      // Until whoever did the last work has let go of it.
      await expect
        .poll(
          async () =>
            await admin`
            select count(*)::int as held
            from pg_locks l
            join pg_stat_activity a on a.pid = l.pid
            where l.locktype = 'advisory' and a.usename = 'stayzr_app' and a.state = 'idle'`,
        )
        .toEqual([{ held: 0 }])
      const backends =
        await admin`select distinct application_name from pg_stat_activity where usename = 'stayzr_app' and state = 'idle'`
      // The name of one request, told by the next one that does not name itself, would be a lie in the log.
      for (const { application_name: name } of backends) expect(name).toMatch(/^stayzr-origin(?:-jobs)?$/)
    })

    it('keeps what it acknowledged, once each, while connections behind it are cut', async () => {
      const before = (await admin`select reference from reservation`).map((row) => row.reference as string)
      let done = false
      const cuts = (async () => {
        let count = 0
        while (!done) {
          const cut = await admin`
          select pg_terminate_backend(pid)
          from pg_stat_activity
          where usename = 'stayzr_app' and application_name <> 'stayzr-origin-jobs'
          order by random()
          limit 1`
          count += cut.count
          await sleep(100)
        }
        return count
      })()
      const booked = await bookMany(BOOKINGS_WHILE_CUT).finally(() => {
        done = true
      })
      expect(await cuts).toBeGreaterThan(5)
      const stored = (await admin`select reference from reservation`).map((row) => row.reference as string)
      expect(stored.sort()).toEqual([...before, ...booked].sort())
      expect(origin.lines.filter((line) => /"level":[56]0/.test(line))).toEqual([])
    })
  },
)
