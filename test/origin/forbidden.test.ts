/** Generated over the route table: a route that forgets its access, its signature or its shapes fails here by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '../../shared/routes/route.ts'
import { routes } from '../../shared/routes/table.ts'
import { aProperty } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
let origin: TestOrigin
let powerless: string

beforeAll(async () => {
  origin = await testOrigin(database)
  const { apiKey } = await addOrganisation(database, 'harbour')
  await origin.call('POST', '/api/v1/properties', { token: apiKey, body: aProperty('harbour-house') })
  powerless = (await addOrganisation(database, 'powerless', [])).apiKey
})
afterAll(async () => {
  await origin.origin.close()
})

const VALUES: Record<string, string> = {
  property: 'harbour-house',
  reference: '0123456789',
  photo: 'front.webp',
  version: '1',
  from: '1',
  to: '2',
}
const table = Object.entries(routes) as [string, Route][]
const pathOf = (route: Route) => route.path.replace(/:([a-zA-Z]+)/g, (_, name: string) => VALUES[name] ?? 'x')
const body = (route: Route) => (route.method === 'get' ? {} : { body: {} })

describe.each(table)('%s', (_name, route) => {
  const method = route.method.toUpperCase()

  it('answers nobody without the edge’s signature', async () => {
    for (const signature of ['', 'v1 test 1 00', `v1 test ${Date.now()} ${'0'.repeat(64)}`]) {
      const answer = await origin.call(method, pathOf(route), {
        ...body(route),
        headers: { 'x-stayzr-signature': signature },
      })
      expect(answer.status).toBe(401)
    }
  })

  it('refuses a credential that is not valid, whatever the route', async () => {
    for (const token of [
      'sk_00000000000000000000000000000000_x',
      'gt_0123456789_forged',
      'nonsense',
      powerless.slice(0, -1),
    ]) {
      const answer = await origin.call(method, pathOf(route), { ...body(route), token })
      expect(answer.status).toBe(401)
    }
  })

  if (route.access.kind === 'staff' || route.access.kind === 'guest-or-staff') {
    it('refuses who is not signed in', async () => {
      expect((await origin.call(method, pathOf(route), body(route))).status).toBe(401)
    })
  }
  if ((route.access.kind === 'staff' || route.access.kind === 'guest-or-staff') && route.access.permission) {
    it('refuses staff without the permission', async () => {
      const answer = await origin.call(method, pathOf(route), { ...body(route), token: powerless })
      expect(answer.status).toBe(403)
    })
  }
  if (route.idempotencyKey) {
    it('asks for an Idempotency-Key before it looks at the body', async () => {
      const answer = await origin.call(method, pathOf(route), { ...body(route), idempotencyKey: null })
      expect([400, 401]).toContain(answer.status)
      expect(((await answer.json()) as { type: string }).type).toMatch(/idempotency-key-missing$|unauthenticated$/)
    })
  }
})
