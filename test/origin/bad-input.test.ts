import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const admin = postgres(database.superuserUrl, { max: 1 })
let origin: TestOrigin
let apiKey: string

beforeAll(async () => {
  origin = await testOrigin(database)
  apiKey = (await addOrganisation(database, 'harbour')).apiKey
  const definition = aProperty('harbour-house')
  await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
  await origin.call('PUT', '/api/v1/properties/harbour-house/ari', {
    token: apiKey,
    body: { changes: flatRates(definition) },
  })
})
afterAll(async () => {
  await origin.origin.close()
  await admin.end()
})

/** Everything that a write could have changed. */
async function fingerprint(): Promise<unknown> {
  const [row] = await admin`
    select (select count(*) from reservation) as reservations, (select count(*) from receipt) as receipts,
      (select count(*) from outbox) as outbox, (select count(*) from property) as properties,
      (select sum(sold) from room_type_night) as sold, (select sum(ari_version) from property) as versions`
  return row
}

const arrival = addDays(today(), 30)
const good = {
  stay: {
    roomType: 'DBL',
    ratePlan: 'BAR',
    arrival,
    departure: addDays(arrival, 2),
    adults: 2,
    childAges: [] as unknown,
  },
  expectedTotal: 21_600,
  guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
}
const stay = (over: object) => ({ ...good, stay: { ...good.stay, ...over } })
const guest = (over: object) => ({ ...good, guest: { ...good.guest, ...over } })

describe('a booking', () => {
  it.each<[string, unknown, string]>([
    ['no body fields', {}, '/stay'],
    ['a list', [], '/'],
    ['null', null, '/'],
    ['a number', 7, '/'],
    ['no guest', { ...good, guest: undefined }, '/guest'],
    ['an unknown field', { ...good, discount: 100 }, '/discount'],
    ['an unknown field inside', stay({ board: 'full' }), '/stay/board'],
    ['30 February', stay({ arrival: '2027-02-30' }), '/stay/arrival'],
    ['a date with time', stay({ arrival: '2027-03-01T00:00:00Z' }), '/stay/arrival'],
    ['departure before arrival', stay({ departure: addDays(arrival, -1) }), '/stay/departure'],
    ['departure on arrival', stay({ departure: arrival }), '/stay/departure'],
    ['800 nights', stay({ departure: addDays(arrival, 800) }), '/stay/departure'],
    ['yesterday', stay({ arrival: addDays(today(), -1) }), '/stay/arrival'],
    ['no adults', stay({ adults: 0 }), '/stay/adults'],
    ['minus one adult', stay({ adults: -1 }), '/stay/adults'],
    ['half an adult', stay({ adults: 1.5 }), '/stay/adults'],
    ['adults as text', stay({ adults: '2' }), '/stay/adults'],
    ['a million adults', stay({ adults: 1_000_000 }), '/stay/adults'],
    ['a child of 40', stay({ childAges: [40] }), '/stay/childAges/0'],
    ['a crowd of children', stay({ childAges: Array(500).fill(4) }), '/stay/childAges'],
    ['children as text', stay({ childAges: '7,4' }), '/stay/childAges'],
    ['a room type that is not there', stay({ roomType: 'PENTHOUSE' }), '/stay/roomType'],
    ['a rate plan that is not there', stay({ ratePlan: 'FREE' }), '/stay/ratePlan'],
    ['a room type with SQL', stay({ roomType: "DBL'; drop table reservation; --" }), '/stay/roomType'],
    ['an e-mail that is none', guest({ email: 'ana' }), '/guest/email'],
    ['an empty name', guest({ lastName: '   ' }), '/guest/lastName'],
    ['a name of a megabyte', guest({ lastName: 'x'.repeat(1_000_000) }), '/guest/lastName'],
    ['a name with NUL', guest({ lastName: 'Re\u0000is' }), '/guest/lastName'],
    ['a negative total', { ...good, expectedTotal: -1 }, '/expectedTotal'],
    ['a total with cents', { ...good, expectedTotal: 216.5 }, '/expectedTotal'],
    ['a total as text', { ...good, expectedTotal: '21600' }, '/expectedTotal'],
    ['a total beyond all measure', { ...good, expectedTotal: 1e300 }, '/expectedTotal'],
  ])('with %s is refused, says where, and changes nothing', async (_, body, pointer) => {
    const before = await fingerprint()
    const answer = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', { body })
    expect(answer.status).toBe(422)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const problem = (await answer.json()) as {
      type: string
      detail: string
      errors: { pointer: string; detail: string }[]
    }
    expect(problem.type).toMatch(/invalid-request$/)
    expect(problem.errors.map((error) => error.pointer)).toContain(pointer)
    expect(problem.errors.every((error) => error.detail.length > 3)).toBe(true)
    expect(await fingerprint()).toEqual(before)
  })

  it.each<[string, string, number, RegExp]>([
    ['no JSON', '{"stay": ', 400, /malformed-body$/],
    ['bytes that are no UTF-8', '\ud800', 400, /malformed-body$/],
    ['nothing', ' ', 400, /malformed-body$/],
    ['nesting without end', '['.repeat(100_000), 400, /malformed-body$/],
    ['three megabytes', `{"requests":"${'x'.repeat(3_000_000)}"}`, 413, /body-too-large$/],
    ['__proto__', '{"__proto__":{"adults":1}}', 422, /invalid-request$/],
  ])('of %s is refused', async (_, rawBody, status, type) => {
    const before = await fingerprint()
    const answer = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', { rawBody })
    expect(answer.status).toBe(status)
    expect(((await answer.json()) as { type: string }).type).toMatch(type)
    expect(await fingerprint()).toEqual(before)
  })

  it('of another media type is refused', async () => {
    const answer = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', {
      body: good,
      headers: { 'content-type': 'text/plain' },
    })
    expect(answer.status).toBe(415)
  })

  it('at a property that does not exist is a 404 that says so', async () => {
    for (const property of ['no-such-house', 'NO SUCH', '%00', 'a'.repeat(200)]) {
      const answer = await origin.call('POST', `/api/v1/properties/${encodeURIComponent(property)}/reservations`, {
        body: good,
      })
      expect(answer.status).toBe(404)
      expect(((await answer.json()) as { type: string }).type).toMatch(/property-not-found$/)
    }
  })

  it.each(['', ' ', 'ä', 'x'.repeat(256), 'a b'])('with the Idempotency-Key %j is refused', async (idempotencyKey) => {
    const before = await fingerprint()
    // Fetch itself refuses what cannot be a header at all.
    if (/[^\x20-\x7e]/.test(idempotencyKey)) return
    const answer = await origin.call('POST', '/api/v1/properties/harbour-house/reservations', {
      body: good,
      idempotencyKey,
    })
    expect([400, 422]).toContain(answer.status)
    expect(await fingerprint()).toEqual(before)
  })
})

describe('a question', () => {
  const base = '/api/v1/properties/harbour-house'
  it.each<[string, string, string]>([
    ['no dates', '/availability?adults=2', '?arrival'],
    ['30 February', `/availability?arrival=2027-02-30&departure=2027-03-02&adults=2`, '?arrival'],
    ['0 adults', `/availability?arrival=${arrival}&departure=${addDays(arrival, 1)}&adults=0`, '?adults'],
    ['adults in words', `/availability?arrival=${arrival}&departure=${addDays(arrival, 1)}&adults=two`, '?adults'],
    ['adults twice', `/availability?arrival=${arrival}&departure=${addDays(arrival, 1)}&adults=1&adults=2`, '?adults'],
    [
      'ages with a gap',
      `/availability?arrival=${arrival}&departure=${addDays(arrival, 1)}&adults=2&childAges=7,,4`,
      '?childAges',
    ],
    [
      'an unknown parameter',
      `/availability?arrival=${arrival}&departure=${addDays(arrival, 1)}&adults=2&rooms=2`,
      '?rooms',
    ],
    ['800 nights', `/availability?arrival=${arrival}&departure=${addDays(arrival, 800)}&adults=2`, '?departure'],
    ['the past', `/availability?arrival=2020-01-01&departure=2020-01-02&adults=2`, '?arrival'],
    ['a calendar backwards', `/calendar?from=${addDays(arrival, 9)}&to=${arrival}&nights=1&adults=2`, '?to'],
    ['a calendar of ten years', `/calendar?from=${arrival}&to=${addDays(arrival, 3650)}&nights=1&adults=2`, '?to'],
    [
      'dates moved by a fortnight',
      `/flexible-dates?arrival=${arrival}&departure=${addDays(arrival, 1)}&adults=2&flexibility=14`,
      '?flexibility',
    ],
    ['flexible dates in the past', `/flexible-dates?arrival=2020-01-01&departure=2020-01-02&adults=2`, '?arrival'],
    ['no parties', `/rooms?arrival=${arrival}&departure=${addDays(arrival, 1)}`, '?parties'],
    ['a room for nobody', `/rooms?arrival=${arrival}&departure=${addDays(arrival, 1)}&parties=2-0`, '?parties'],
    ['rooms for no night', `/rooms?arrival=${arrival}&departure=${arrival}&parties=2`, '?departure'],
    ['a calendar of no nights', `/calendar?from=${arrival}&to=${addDays(arrival, 9)}&nights=0&adults=2`, '?nights'],
  ])('with %s is refused, says where', async (_, path, pointer) => {
    const answer = await origin.call('GET', base + path)
    expect(answer.status).toBe(422)
    const problem = (await answer.json()) as { errors: { pointer: string }[] }
    expect(problem.errors.map((error) => error.pointer)).toContain(pointer)
  })
})

describe('a property', () => {
  it('whose parts contradict each other is refused, says where, and changes nothing', async () => {
    const before = await fingerprint()
    const definition = aProperty('other-house')
    definition.content.childBands = [{ code: 'GAP', minAge: 2, maxAge: 5 }]
    definition.rooms.NONE = ['1']
    const answer = await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
    expect(answer.status).toBe(422)
    const problem = (await answer.json()) as { errors: { pointer: string }[] }
    expect(problem.errors.map((error) => error.pointer)).toEqual(
      expect.arrayContaining(['/content/childBands/0/minAge', '/rooms', '/content/roomTypes/0/occupancy/childAmounts']),
    )
    expect(await fingerprint()).toEqual(before)
  })
})
