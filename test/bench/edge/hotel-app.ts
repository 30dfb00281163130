/**
 * What a hotel puts behind an HTTP cache: an application that answers availability from PostgreSQL for each request, with
 * the same functions as the origin and the edge, and takes bookings. Started by the bench with the origin's environment.
 */
import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { readConfig } from '../../../origin/config.ts'
import { searchFacts } from '../../../origin/features/ari/service.ts'
import { openProperties } from '../../../origin/features/properties/service.ts'
import { openReservations } from '../../../origin/features/reservations/service.ts'
import { openDatabase } from '../../../origin/platform/database.ts'
import { openStorage } from '../../../origin/platform/storage.ts'
import { answerAvailability } from '../../../shared/ari/answers.ts'
import { Problem, problemResponse } from '../../../shared/problems.ts'
import { getAvailability } from '../../../shared/routes/availability.ts'
import { parseBody, parseParams, parseQuery } from '../../../shared/routes/parse.ts'
import { createReservation } from '../../../shared/routes/reservations.ts'
import type { BodyOf, ParamsOf, QueryOf } from '../../../shared/routes/route.ts'

/** How long a cache may keep an answer: the freshness that the edge promises. */
const FRESH_SECONDS = 2

const config = readConfig()
const database = openDatabase(config.database)
const properties = openProperties(database, openStorage(config.storage))
const reservations = openReservations({
  database,
  properties,
  guestTokenKey: config.guestTokenKey,
  clock: { now: () => Date.now() },
  countBooking: () => {},
})

let searches = 0
const app = new Hono()
app.onError((error) =>
  problemResponse(error instanceof Problem ? error : new Problem('internal', { cause: error }), randomUUID()),
)
app.get('/health', (c) => c.text('ok'))
app.get('/searches', (c) => c.json({ searches }))
app.get(getAvailability.path, async (c) => {
  searches += 1
  const { property } = parseParams(getAvailability, c.req.param()) as ParamsOf<typeof getAvailability>
  const query = parseQuery(getAvailability, new URL(c.req.url).searchParams) as QueryOf<typeof getAvailability>
  const key = await properties.locate(property)
  const asOf = Date.now()
  const snapshot = await database.readInOrganisation(key.organisation, async (tx) =>
    searchFacts(tx, await properties.current(tx, key), query.arrival, query.departure),
  )
  const answer = answerAvailability({ snapshot, asOf, stale: false }, query, asOf)
  return c.body(JSON.stringify(answer), 200, {
    'content-type': 'application/json',
    'cache-control': `public, s-maxage=${FRESH_SECONDS}`,
    'x-ari-version': String(answer.ariVersion),
  })
})
app.post(createReservation.path, async (c) => {
  const { property } = parseParams(createReservation, c.req.param()) as ParamsOf<typeof createReservation>
  const body = parseBody(createReservation, await c.req.json()) as BodyOf<typeof createReservation>
  const booked = await reservations.book(property, body, {
    actor: { kind: 'anonymous' },
    idempotencyKey: c.req.header('idempotency-key') ?? randomUUID(),
    requestId: randomUUID(),
  })
  return c.json(booked, 201, { 'x-ari-version': String(booked.ariVersion), 'cache-control': 'private, no-store' })
})

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: config.port })
process.on('SIGTERM', () => server.close(() => process.exit(0)))
