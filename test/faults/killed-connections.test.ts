import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureDatabase, ensureRoles, ownerRole, runtimeRole } from '../../infra/local/database.ts'
import { type Postgres, startPostgres } from '../../infra/local/postgres.ts'
import { migrate } from '../../origin/migrate.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'

/** As long as the acceptance asks; FAULT_SECONDS shortens it while working on something else. */
const SECONDS = Number(process.env.FAULT_SECONDS ?? 60)
const KILL_EVERY_MS = 50
const GUESTS = 16

const directory = mkdtempSync(join(tmpdir(), 'stayzr-faults-'))
const passwords = { ownerPassword: 'owner-password', runtimePassword: 'runtime-password' }
let server: Postgres
let origin: OriginProcess
let admin: postgres.Sql

beforeAll(async () => {
  // Durable, unlike the cluster other tests share: what is acknowledged here has been flushed.
  server = await startPostgres({ directory: join(directory, 'postgres'), log: () => {} })
  await ensureRoles(server.superuserUrl, passwords)
  await ensureDatabase(server.superuserUrl, 'stayzr')
  const ownerUrl = server.urlFor({ user: ownerRole, password: passwords.ownerPassword, database: 'stayzr' })
  const runtimeUrl = server.urlFor({ user: runtimeRole, password: passwords.runtimePassword, database: 'stayzr' })
  await migrate(ownerUrl, () => {})
  const superuserUrl = new URL(server.superuserUrl)
  superuserUrl.pathname = '/stayzr'
  admin = postgres(superuserUrl.href, { max: 2 })
  origin = await originProcess(runtimeUrl)
  const { apiKey } = await addOrganisation({ ownerUrl, runtimeUrl }, 'harbour')
  const definition = aProperty('harbour-house', { rooms: { DBL: 200, STE: 200 }, days: 190 })
  const headers = () => ({ authorization: `Bearer ${apiKey}`, 'idempotency-key': crypto.randomUUID() })
  const made = await origin.call('POST', '/api/v1/properties', { headers: headers(), body: definition })
  expect(made.status, await made.clone().text()).toBe(201)
  const changes = flatRates(definition)
  await origin.call('PUT', '/api/v1/properties/harbour-house/ari', { headers: headers(), body: { changes } })
})
afterAll(async () => {
  await origin?.service.stop()
  await admin?.end()
  await server?.stop()
  rmSync(directory, { recursive: true, force: true })
})

let slowest = 0

/** Asks until it is booked, and returns the reference: rooms are plenty. An unknown is asked again under the same key. */
async function bookUntilSettled(trial: number, tally: Record<string, number>): Promise<string> {
  const arrival = addDays(today(), trial % 180)
  const nights = 1 + (trial % 4)
  const key = crypto.randomUUID()
  const body = {
    stay: {
      roomType: trial % 2 ? 'DBL' : 'STE',
      ratePlan: 'BAR',
      arrival,
      departure: addDays(arrival, nights),
      adults: 2,
    },
    expectedTotal: nights * 10_800,
    guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
  }
  for (;;) {
    const asked = performance.now()
    const answer = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', {
      headers: { 'idempotency-key': key },
      body,
    })
    const text = await answer.text()
    slowest = Math.max(slowest, performance.now() - asked)
    const outcome = answer.status === 201 ? 'booked' : (JSON.parse(text) as { type: string }).type
    tally[outcome] = (tally[outcome] ?? 0) + 1
    if (answer.status === 201) return (JSON.parse(text) as { reference: string }).reference
    // Nothing else may be answered: a 500 is a fault that was not understood.
    expect(outcome).toMatch(/service-unavailable|idempotency-in-progress/)
    await sleep(20)
  }
}

it(
  `books for ${SECONDS} s while a connection is killed every ${KILL_EVERY_MS} ms: nothing lost, doubled, partial or pending`,
  async () => {
    const until = Date.now() + SECONDS * 1000
    const acknowledged: string[] = []
    const tally: Record<string, number> = {}
    let kills = 0
    let trial = 0
    const killer = (async () => {
      while (Date.now() < until) {
        await sleep(KILL_EVERY_MS)
        const killed = await admin`
        select pg_terminate_backend(pid)
        from pg_stat_activity
        where application_name like 'stayzr-origin%'
        order by random()
        limit 1`
        kills += killed.count
      }
    })()
    const guests = Array.from({ length: GUESTS }, async () => {
      while (Date.now() < until) {
        acknowledged.push(await bookUntilSettled(trial++, tally))
      }
    })
    await Promise.all([killer, ...guests])
    console.log(
      `${kills} kills, ${acknowledged.length} bookings, answers ${JSON.stringify(tally)}, slowest ${Math.round(slowest)} ms`,
    )

    expect(kills).toBeGreaterThan(SECONDS * 5)
    expect(acknowledged.length).toBeGreaterThan(SECONDS)
    // The process is the one that was started, and takes work.
    expect((await fetch(`${origin.service.url}/health/ready`)).status).toBe(200)
    expect(origin.lines.filter((line) => line.includes('"level":50'))).toEqual([])

    const [{ stored }] = await admin<[{ stored: string[] }]>`
    select coalesce(to_json(array_agg(reference)), '[]') as stored from reservation`
    expect([...stored].sort()).toEqual(acknowledged.sort())

    const partial = await admin`
    select r.reference
    from reservation r
    left join reservation_night n on n.org_id = r.org_id and n.reservation_id = r.reservation_id
    group by r.org_id, r.reservation_id, r.reference, r.arrival, r.departure
    having count(n.night) <> r.departure - r.arrival`
    expect(partial).toEqual([])

    const drift = await admin`
    select n.room_type, n.night, n.sold, count(r.reservation_id)::int as recount
    from room_type_night n
    left join reservation r on r.org_id = n.org_id and r.property_id = n.property_id and r.room_type = n.room_type
      and r.status <> 'cancelled' and n.night >= r.arrival and n.night < r.departure
    group by n.org_id, n.property_id, n.room_type, n.night, n.sold
    having n.sold <> count(r.reservation_id)`
    expect(drift).toEqual([])

    const [counts] = await admin`
    select (select count(*)::int from reservation) as reservations,
      (select count(*)::int from receipt) - 2 as receipts,
      (select count(*)::int from audit where action = 'reservation.booked') as audited,
      (select ari_version - 2 from property)::int as versions,
      (select count(*)::int from outbox) - 1 as changes,
      (select count(*)::int from pg_stat_activity
        where application_name like 'stayzr-origin%' and state in ('active', 'idle in transaction')) as pending`
    const n = acknowledged.length
    expect(counts).toEqual({ reservations: n, receipts: n, audited: n, versions: n, changes: n, pending: 0 })
  },
  SECONDS * 1000 + 60_000,
)
