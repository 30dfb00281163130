/** One suite for every runtime: the edge app in workerd, on Node and on Deno, the origin on Node and on Deno. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStaff } from '../../origin/features/staff/service.ts'
import { openDatabase } from '../../origin/platform/database.ts'
import { addDays } from '../../shared/domain/nights.ts'
import type { AvailabilityAnswer, CalendarAnswer, FlexibleDatesAnswer } from '../../shared/routes/availability.ts'
import type { BookedReservation } from '../../shared/routes/reservations.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { type EdgeRuntime, edgeProcess, type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const MATRIX: [EdgeRuntime, 'node' | 'deno'][] = [
  ['workerd', 'node'],
  ['node', 'deno'],
  ['deno', 'node'],
]

describe.each(MATRIX)('edge on %s, origin on %s', async (edgeRuntime, originRuntime) => {
  const database = await freshDatabase()
  let origin: OriginProcess
  let edge: { url: string; stop(): Promise<void> }

  beforeAll(async () => {
    origin = await originProcess(database.runtimeUrl, originRuntime)
    edge = await edgeProcess(edgeRuntime, { url: origin.service.url, signingKey: origin.signingKey })
    const { organisation, apiKey } = await addOrganisation(database, 'harbour')
    const definition = aProperty('harbour-house', { rooms: { DBL: 40, STE: 2 } })
    const staff = { authorization: `Bearer ${apiKey}` }
    const made = await send('POST', '/api/v1/properties', definition, staff)
    expect(made.status, await made.clone().text()).toBe(201)
    const rates = await send('PUT', '/api/v1/properties/harbour-house/ari', { changes: flatRates(definition) }, staff)
    expect(rates.status, await rates.clone().text()).toBe(200)
    const pool = openDatabase({ url: database.runtimeUrl, poolMax: 1 })
    await openStaff(pool).addStaff(organisation, 'desk@harbour.example', 'correct horse battery', ['rates.manage'])
    await pool.close()
  })
  afterAll(async () => {
    await edge?.stop()
    await origin?.service.stop()
  })

  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(edge.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? {} : { 'idempotency-key': crypto.randomUUID() }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
    })
  const get = (path: string, headers: Record<string, string> = {}) => send('GET', path, undefined, headers)

  const arrival = addDays(today(), 14)
  const departure = addDays(arrival, 2)
  const search = `/api/v1/properties/harbour-house/availability?arrival=${arrival}&departure=${departure}&adults=2&childAges=7,4`
  const BOOK = '/api/v1/properties/harbour-house/reservations'
  const booking = (over: object = {}) => ({
    stay: { roomType: 'STE', ratePlan: 'BAR', arrival, departure, adults: 2, childAges: [] },
    expectedTotal: 21_600,
    guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
    ...over,
  })
  const suitesLeft = async (headers: Record<string, string> = {}) => {
    const answer = (await (await get(search, headers)).json()) as AvailabilityAnswer
    return answer.offers.find((offer) => offer.roomType === 'STE')?.available ?? 0
  }

  it('says which runtime it is', async () => {
    expect(await (await get('/health')).json()).toMatchObject({ status: 'ok', runtime: edgeRuntime })
  })

  it('answers availability as the origin would, from the snapshot', async () => {
    const [fromEdge, fromOrigin] = await Promise.all([get(search), origin.call('GET', search)])
    expect(fromEdge.status).toBe(200)
    expect(fromEdge.headers.get('cache-control')).toBe('private, no-cache')
    const [edgeAnswer, originAnswer] = [
      (await fromEdge.json()) as AvailabilityAnswer,
      (await fromOrigin.json()) as AvailabilityAnswer,
    ]
    expect({ ...edgeAnswer, asOf: '' }).toEqual({ ...originAnswer, asOf: '' })
    expect(edgeAnswer.offers[0]).toMatchObject({
      roomType: 'DBL',
      ratePlan: 'BAR',
      available: 9,
      nightly: [{ night: arrival, amount: 13_000 }, { amount: 13_000 }],
      total: 2 * 13_000 + 2 * 2 * 400,
    })
  })

  it('answers the calendar and the property', async () => {
    const calendar = await get(
      `/api/v1/properties/harbour-house/calendar?from=${arrival}&to=${addDays(arrival, 30)}&nights=2&adults=2`,
    )
    const { days } = (await calendar.json()) as CalendarAnswer
    expect(days).toHaveLength(31)
    expect(days[0]).toEqual({ arrival, total: 19_600, roomType: 'DBL', ratePlan: 'NRF', reason: null })
    const property = await (await get('/api/v1/properties/harbour-house')).json()
    expect(property).toMatchObject({ property: 'harbour-house', currency: 'EUR', stale: false })
  })

  it('answers other dates, several rooms and a search over all hotels', async () => {
    const dates = `arrival=${arrival}&departure=${departure}`
    const around = await get(`/api/v1/properties/harbour-house/flexible-dates?${dates}&adults=2`)
    const { stays } = (await around.json()) as FlexibleDatesAnswer
    expect(stays.find((it) => it.asked)).toMatchObject({ arrival, departure, total: 19_600, roomType: 'DBL' })
    const rooms = await get(`/api/v1/properties/harbour-house/rooms?${dates}&parties=2-2`)
    expect(await rooms.json()).toMatchObject({ cheapest: { total: 39_200 }, none: null })
    const search = await get(`/api/v1/search?destination=lisbon&${dates}&adults=2`)
    expect(search.status, await search.clone().text()).toBe(200)
    expect(await search.json()).toMatchObject({ total: 1, results: [{ property: 'harbour-house', total: 19_600 }] })
    expect((await get(`/api/v1/search?destination=atlantis&${dates}&adults=2`)).status).toBe(404)
    expect(await (await get('/api/v1/destinations')).json()).toMatchObject({
      destinations: [{ destination: 'lisbon' }, { destination: 'PT', name: 'Portugal' }],
    })
  })

  it('answers a hundred guests who search all hotels at once', async () => {
    const search = `/api/v1/search?destination=PT&arrival=${arrival}&departure=${departure}&adults=2`
    const answers = await Promise.all(Array.from({ length: 100 }, () => get(search)))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
  })

  it('answers a hundred guests with one question alike, each under an id of its own', async () => {
    await get(search)
    const answers = await Promise.all(Array.from({ length: 100 }, () => get(search)))
    expect(new Set(answers.map((it) => it.headers.get('x-request-id'))).size).toBe(100)
    expect(new Set(answers.map((it) => `${it.status} ${it.headers.get('etag')}`)).size).toBe(1)
    const bodies = await Promise.all(answers.map((it) => it.json() as Promise<AvailabilityAnswer>))
    expect(new Set(bodies.map(({ asOf: _, ...rest }) => JSON.stringify(rest))).size).toBe(1)
  })

  it('shows a booking to its guest at once and to everybody within two seconds', async () => {
    const before = await suitesLeft()
    const booked = await send('POST', BOOK, booking())
    expect(booked.status, await booked.clone().text()).toBe(201)
    const committed = Date.now()
    const version = booked.headers.get('x-ari-version') ?? ''
    expect(await suitesLeft({ 'x-ari-min-version': version })).toBe(before - 1)
    await expect.poll(() => suitesLeft(), { timeout: 2_000, interval: 50 }).toBe(before - 1)
    expect(Date.now() - committed).toBeLessThan(2_000)
    const { reference, guestToken } = (await booked.json()) as BookedReservation
    const cancelled = await send('POST', `/api/v1/reservations/${reference}/cancellation`, undefined, {
      authorization: `Bearer ${guestToken}`,
    })
    expect(cancelled.status, await cancelled.clone().text()).toBe(200)
    expect(await suitesLeft({ 'x-ari-min-version': cancelled.headers.get('x-ari-version') ?? '' })).toBe(before)
  })

  it('books once for fifty requests with one key, gives all the same body, and refuses another', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const body = booking({ stay: { ...booking().stay, roomType: 'DBL' } })
    const answers = await Promise.all(Array.from({ length: 50 }, () => send('POST', BOOK, body, headers)))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]))
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
    const other = await send('POST', BOOK, { ...body, requests: 'late arrival' }, headers)
    expect(other.status).toBe(422)
    expect(await other.json()).toMatchObject({ type: expect.stringMatching(/idempotency-key-reused$/) })
  })

  it.each([
    [
      'an impossible date',
      `/api/v1/properties/harbour-house/availability?arrival=2027-02-30&departure=2027-03-02&adults=2`,
      422,
    ],
    [
      'no adults',
      `/api/v1/properties/harbour-house/availability?arrival=${arrival}&departure=${departure}&adults=0`,
      422,
    ],
    [
      'a property that does not exist',
      `/api/v1/properties/no-such-house/availability?arrival=${arrival}&departure=${departure}&adults=2`,
      404,
    ],
    ['a route that is not declared', '/api/v1/guests', 404],
    ['an internal route', '/internal/ari/harbour-house/head', 404],
    ['an encoded internal route', '/internal%2fari/harbour-house/head', 404],
    ['a doubled slash', '//internal/ari/harbour-house/head', 404],
    ['the origin’s health', '/health/detailed', 404],
    ['an endless query', `/api/v1/properties?x=${'y'.repeat(5_000)}`, 414],
  ])('refuses %s with a problem document or page', async (_, path, status) => {
    const answer = await get(path)
    expect(answer.status).toBe(status)
    if (path.startsWith('/api')) expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  it.each([
    ['DELETE', '/api/v1/properties/harbour-house/availability', 'GET, HEAD'],
    ['PATCH', '/api/v1/auth/session', 'GET, HEAD'],
    ['PUT', '/api/v1/auth/login', 'POST'],
  ])('says of %s %s which methods there are', async (method, path, allow) => {
    const answer = await send(method, path, {})
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
    expect(await answer.json()).toMatchObject({ status: 405, allow: allow.split(', ') })
  })

  it('takes no word of a caller about who they are or which method they mean', async () => {
    const spoofed = await get('/api/v1/auth/session', {
      'x-client-address': '10.0.0.1',
      'x-stayzr-signature': 'v1 test 1 00',
      'x-forwarded-for': '10.0.0.1',
      'x-http-method-override': 'DELETE',
      'x-request-id': 'mine-mine-mine',
    })
    expect(spoofed.status).toBe(401)
    expect(spoofed.headers.get('x-request-id')).not.toBe('mine-mine-mine')
  })

  it('signs staff in with a cookie for this host only, and out again', async () => {
    const credentials = { organization: 'harbour', email: 'Desk@Harbour.example', password: 'correct horse battery' }
    const wrong = await send('POST', '/api/v1/auth/login', { ...credentials, password: 'wrong' })
    expect(wrong.status).toBe(401)
    const signedIn = await send('POST', '/api/v1/auth/login', credentials)
    expect(signedIn.status, await signedIn.clone().text()).toBe(200)
    const setCookie = signedIn.headers.get('set-cookie') ?? ''
    expect(setCookie).toMatch(
      /^__Host-stayzr-session=ss_[^;]+; Path=\/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict$/,
    )
    const cookie = setCookie.split(';')[0] ?? ''
    expect(await (await get('/api/v1/auth/session', { cookie })).json()).toEqual({
      organization: 'harbour',
      email: 'desk@harbour.example',
      permissions: ['rates.manage'],
    })
    const foreign = await send('POST', '/api/v1/auth/logout', undefined, { cookie, 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
    await send('POST', '/api/v1/auth/logout', undefined, { cookie })
    expect((await get('/api/v1/auth/session', { cookie })).status).toBe(401)
  })

  it('serves the API’s description, pages, and fingerprinted assets for a year', async () => {
    expect(await (await get('/api/v1/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' })
    // Twice: the second time from the edge's cache, where there is one.
    for (const round of ['filled', 'kept']) {
      const list = await get('/api/v1/properties')
      expect(list.headers.get('content-type'), round).toBe('application/json')
      expect(await list.json()).toMatchObject({ properties: [{ property: 'harbour-house' }] })
    }
    expect((await get('/')).status).toBe(200)
    const page = await get('/hotels/harbour-house')
    expect(page.status).toBe(200)
    const html = await page.text()
    expect(html).toContain('Harbour House')
    const stylesheet = /href="(\/assets\/[^"]+\.css)"/.exec(html)?.[1] ?? ''
    const asset = await get(stylesheet)
    expect(asset.status).toBe(200)
    expect(asset.headers.get('cache-control')).toMatch(/max-age=31536000, immutable/)
  })
})
