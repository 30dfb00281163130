/** Where hotels are, over all organisations, and their versions in one answer. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import type { AriHead } from '../../shared/routes/ari.ts'
import type { AriHeads, SearchAnswer } from '../../shared/routes/search.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
let origin: TestOrigin
const arrival = addDays(today(), 20)
const stay = `arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`

beforeAll(async () => {
  origin = await testOrigin(database)
  const ours = (await addOrganisation(database, 'ours')).apiKey
  const theirs = (await addOrganisation(database, 'theirs')).apiKey
  await make(ours, 'alma', 'Lisboa', 'PT', { rate: 9_000 })
  await make(theirs, 'barco', 'LISBOA', 'PT', { rate: 8_000 })
  await make(ours, 'casa', 'Évora', 'PT', { rate: 7_000 })
  await make(theirs, 'dorf', 'Klosters Dorf', 'CH', { rate: 6_000 })
  await make(theirs, 'secret', 'Lisboa', 'PT', { rate: 1_000, listed: false })
})
afterAll(async () => {
  await origin.origin.close()
})

async function make(
  token: string,
  code: string,
  city: string,
  country: string,
  { rate, listed = true }: { rate: number; listed?: boolean },
): Promise<void> {
  const address = { street: 'Quay 1', postalCode: '1200-001', city, country }
  const definition = { ...aProperty(code, { content: { name: code, address, taxes: [] } }), listed }
  const made = await origin.call('POST', '/api/v1/properties', { token, body: definition })
  expect(made.status, await made.clone().text()).toBe(201)
  const body = { changes: flatRates(definition, rate) }
  expect((await origin.call('PUT', `/api/v1/properties/${code}/ari`, { token, body })).status).toBe(200)
}
const heads = async (destination: string) => {
  const answer = await origin.call('GET', `/internal/ari/heads?${new URLSearchParams({ destination })}`)
  expect(answer.status, await answer.clone().text()).toBe(200)
  return (await answer.json()) as AriHeads
}

describe('the destinations', () => {
  it('are the cities and countries of listed hotels, whoever owns them, with their numbers', async () => {
    const answer = await origin.call('GET', '/api/v1/destinations')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=60')
    expect(await answer.json()).toEqual({
      destinations: [
        { destination: 'evora', kind: 'city', name: 'Évora', properties: 1 },
        { destination: 'klosters-dorf', kind: 'city', name: 'Klosters Dorf', properties: 1 },
        { destination: 'lisboa', kind: 'city', name: expect.stringMatching(/^lisboa$/i), properties: 2 },
        { destination: 'CH', kind: 'country', name: 'Switzerland', properties: 1 },
        { destination: 'PT', kind: 'country', name: 'Portugal', properties: 3 },
      ],
    })
  })
})

describe('the heads of a destination', () => {
  it.each([
    ['lisboa', ['alma', 'barco']],
    ['Évora', ['casa']],
    ['PT', ['alma', 'barco', 'casa']],
    ['CH', ['dorf']],
  ])('%s are those of its listed hotels', async (destination, codes) => {
    const { properties, total } = await heads(destination)
    expect(properties.map((it) => it.property)).toEqual(codes)
    expect(total).toBe(codes.length)
  })

  it('are the versions that each hotel’s own head says, also after a booking', async () => {
    const body = {
      stay: { roomType: 'DBL', ratePlan: 'BAR', arrival, departure: addDays(arrival, 1), adults: 2, childAges: [] },
      expectedTotal: 8_000,
      guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
    }
    const booked = await origin.call('POST', '/api/v1/properties/barco/reservations', { body })
    expect(booked.status, await booked.clone().text()).toBe(201)
    for (const { property, version } of (await heads('lisboa')).properties) {
      const own = await origin.call('GET', `/internal/ari/${property}/head`)
      expect([property, await own.json()]).toEqual([property, { version, others: [] }])
    }
  })

  it('are also told beside the head of one hotel, in the order asked for', async () => {
    const known = (await heads('lisboa')).properties
    const [first, ...others] = known
    const backwards = others.toReversed()
    const asked = ['no-such-house', ...backwards.map((it) => it.property)].join(',')
    const answer = await origin.call('GET', `/internal/ari/${first?.property}/head?with=${asked}`)
    const head = (await answer.json()) as AriHead
    expect(head.version).toBe(first?.version)
    expect(head.others).toEqual([null, ...backwards.map((it) => it.version)])
    expect(others.length).toBeGreaterThan(0)
    const strange = await origin.call(
      'GET',
      `/internal/ari/${first?.property}/head?with=${encodeURIComponent('a,{b}')}`,
    )
    expect(strange.status).toBe(422)
    const none = await origin.call('GET', `/internal/ari/no-such-house/head?with=${first?.property}`)
    expect(none.status).toBe(404)
  })

  it('are refused for a place without hotels, with those that have some', async () => {
    const answer = await origin.call('GET', '/internal/ari/heads?destination=atlantis')
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({
      type: expect.stringMatching(/destination-not-found$/),
      detail: expect.stringContaining('no hotels in atlantis'),
      destinations: ['evora', 'klosters-dorf', 'lisboa', 'CH', 'PT'],
    })
  })

  it('hold a city that somebody made up for no more than a name', async () => {
    for (const destination of ["lisboa' or 1=1 --", '{"city":"Lisboa"}', '%', 'é'.repeat(80)]) {
      const answer = await origin.call('GET', `/internal/ari/heads?${new URLSearchParams({ destination })}`)
      expect([404, 422]).toContain(answer.status)
    }
  })
})

describe('a search at the origin', () => {
  it('answers from the database what the edge answers from snapshots', async () => {
    const answer = await origin.call('GET', `/api/v1/search?destination=lisboa&${stay}`)
    expect(answer.status, await answer.clone().text()).toBe(200)
    const { results, ...head } = (await answer.json()) as SearchAnswer
    expect(head).toMatchObject({ destination: 'lisboa', total: 2, bookable: 2, incomplete: false, currencies: ['EUR'] })
    // Ten percent off for the derived plan.
    expect(results.map(({ property, total, ratePlan }) => [property, total, ratePlan])).toEqual([
      ['barco', 14_400, 'NRF'],
      ['alma', 16_200, 'NRF'],
    ])
  })

  it.each([
    ['a place without hotels', `destination=atlantis&${stay}`, 404],
    ['no place', stay, 422],
    ['a stay of no night', `destination=lisboa&arrival=${arrival}&departure=${arrival}&adults=2`, 422],
    ['the past', 'destination=lisboa&arrival=2020-01-01&departure=2020-01-02&adults=2', 422],
  ])('refuses %s with a problem document', async (_, query, status) => {
    const answer = await origin.call('GET', `/api/v1/search?${query}`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
  })
})
