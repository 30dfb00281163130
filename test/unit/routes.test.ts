import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { problems } from '../../shared/problems.ts'
import { anyone, PERMISSIONS, pathFor, type Route, route, successStatus } from '../../shared/routes/route.ts'
import { routes } from '../../shared/routes/table.ts'

// Each law is asked of every route, so that a route added later is asked as well.
const TABLE = Object.entries(routes) as [string, Route][]

const named = (path: string) => [...path.matchAll(/:([a-zA-Z]+)/g)].map((match) => match[1] ?? '')
const fieldsOf = (schema: Route['params']) => Object.keys((schema as { shape?: object } | undefined)?.shape ?? {})
const isWrite = (declaration: Route) => declaration.method !== 'get'

describe.each(TABLE)('route %s', (name, declaration) => {
  const { path, method, access, cache, rateLimit } = declaration

  test('lies under /api/v1/ or /internal/, without a slash at its end', () => {
    expect(path).toMatch(/^\/(?:api\/v1|internal)(?:\/(?::[a-zA-Z]+|[a-z0-9.-]+))+$/)
  })

  test('is for the edge alone exactly where it lies under /internal/', () => {
    expect(access.kind === 'edge').toBe(path.startsWith('/internal/'))
    expect(rateLimit === 'edge').toBe(access.kind === 'edge')
  })

  test('has a cache policy', () => {
    if (typeof cache === 'string') expect(['edge-answered', 'never']).toContain(cache)
    else expect(cache).toMatchObject({ kind: 'edge-cached', seconds: expect.any(Number) })
  })

  test('is stored nowhere unless it is a public read', () => {
    if (isWrite(declaration) || access.kind !== 'public') expect(cache).toBe('never')
  })

  test('is fresh for a whole number of seconds where it is kept, for more than a minute only if it never changes', () => {
    if (typeof cache === 'string') return
    expect(Number.isInteger(cache.seconds) && cache.seconds > 0).toBe(true)
    if (!cache.immutable) expect(cache.seconds).toBeLessThanOrEqual(60)
  })

  test('requires an Idempotency-Key exactly where it writes something other than a session or a file', () => {
    // A file is named by its content: sending it again stores what is there.
    const repeatable = path.includes('/auth/') || declaration.upload !== undefined
    expect(declaration.idempotencyKey).toBe(isWrite(declaration) && !repeatable ? 'required' : undefined)
  })

  test('names the same parameters in its path and in its schema', () => {
    expect(fieldsOf(declaration.params).sort()).toEqual(named(path).sort())
  })

  test('declares a query where it is read and none where it writes', () => {
    expect(declaration.query !== undefined).toBe(!isWrite(declaration))
  })

  test('has a body only where it writes by post, put or patch', () => {
    if (declaration.body) expect(['post', 'put', 'patch']).toContain(method)
  })

  test.each(['params', 'query', 'body'] as const)('takes no field in its %s that it does not know', (part) => {
    const schema = declaration[part]
    if (!schema) return
    const result = z.safeParse(schema, { surprise: '1' })
    const unknown = result.error?.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []))
    expect(unknown).toContain('surprise')
  })

  test('declares one success', () => {
    const successes = Object.keys(declaration.responses).map(Number)
    expect(successes).toEqual([successStatus(declaration)])
    expect(method === 'get' ? [200] : [200, 201]).toContain(successStatus(declaration))
  })

  test('answers only with problems that there are, each named once', () => {
    expect(declaration.problems.filter((slug) => !Object.hasOwn(problems, slug))).toEqual([])
    expect(new Set(declaration.problems).size).toBe(declaration.problems.length)
  })

  test('says that there is no such thing where its path names a thing', () => {
    if (named(path).includes('property')) expect(declaration.problems).toContain('property-not-found')
    if (named(path).includes('reference')) expect(declaration.problems).toContain('reservation-not-found')
  })

  test('asks staff for a permission, unless it concerns their own session', () => {
    if (access.kind !== 'staff' && access.kind !== 'guest-or-staff') return
    const { permission } = access
    if (permission === undefined) expect(path).toMatch(/^\/api\/v1\/auth\//)
    else expect(PERMISSIONS).toContain(permission)
  })

  test('counts staff, sign-in and look-up against budgets of their own', () => {
    if (access.kind === 'staff') expect(rateLimit).toBe('staff')
    if (name === 'login') expect(rateLimit).toBe('sign-in')
    if (path.includes('/reservations/:reference') && !isWrite(declaration)) expect(rateLimit).toBe('lookup')
  })

  test('says in a sentence what it does', () => {
    expect(declaration.summary).toMatch(/^[A-Z][^\n]{8,119}[^.\s]$/)
  })
})

describe('the route table', () => {
  test('has no two routes that the same request could mean', () => {
    const overlap = (a: string, b: string) => {
      const [left, right] = [a.split('/'), b.split('/')]
      if (left.length !== right.length) return false
      return left.every((part, i) => part.startsWith(':') || right[i]?.startsWith(':') || part === right[i])
    }
    const clashes = TABLE.flatMap(([name, a], i) =>
      TABLE.slice(i + 1)
        .filter(([, b]) => a.method === b.method && overlap(a.path, b.path))
        .map(([other]) => `${name} and ${other}`),
    )
    expect(clashes).toEqual([])
  })

  test('has the routes whose paths are fixed', () => {
    const paths = TABLE.map(([, { method, path }]) => `${method} ${path}`)
    expect(paths).toEqual(
      expect.arrayContaining([
        'get /api/v1/openapi.json',
        'get /api/v1/properties/:property',
        'get /api/v1/properties/:property/availability',
        'get /api/v1/properties/:property/calendar',
        'post /api/v1/properties/:property/reservations',
        'post /api/v1/reservations/:reference/cancellation',
        'post /api/v1/auth/login',
        'get /api/v1/search',
        'get /internal/ari/:property/head',
        'get /internal/ari/:property/versions/:version',
        'get /internal/ari/:property/deltas/:from/:to',
      ]),
    )
  })

  test('answers property, availability and calendar at the edge', () => {
    const answered = TABLE.filter(([, { cache }]) => cache === 'edge-answered').map(([name]) => name)
    expect(answered.sort()).toEqual([
      'getAvailability',
      'getCalendar',
      'getFlexibleDates',
      'getProperty',
      'getSeveralRooms',
      'searchProperties',
    ])
  })
})

describe('pathFor()', () => {
  test.each([
    ['/a/:b', { b: 'c' }, '/a/c'],
    ['/a/:b/:c', { b: 1, c: 2 }, '/a/1/2'],
    ['/a/:b', { b: 'x/../y?z#w' }, '/a/x%2F..%2Fy%3Fz%23w'],
    ['/a/:b', { b: 'é :c' }, '/a/%C3%A9%20%3Ac'],
    ['/a', undefined, '/a'],
  ])('fills %s with %j', (path, params, expected) => {
    expect(pathFor(path, params)).toBe(expected)
  })

  test('refuses to leave a parameter open', () => {
    expect(() => pathFor('/a/:b/:c', { b: 1 })).toThrow('no value for :c in /a/:b/:c')
    expect(() => pathFor('/a/:b', undefined)).toThrow('no value for :b')
  })
})

describe('successStatus()', () => {
  const declared = (responses: Route['responses']) =>
    successStatus(
      route({
        method: 'get',
        path: '/a',
        summary: '',
        access: anyone,
        cache: 'never',
        rateLimit: 'guest-read',
        responses,
        problems: [],
      }),
    )

  test('is the declared status from 200 to 299', () => {
    expect([declared({ 200: null }), declared({ 299: null }), declared({ 404: null, 201: null })]).toEqual([
      200, 299, 201,
    ])
  })

  test('is refused to a route that declares none', () => {
    expect(() => declared({ 199: null, 300: null })).toThrow('get /a declares no success')
  })
})
