import { describe, expect, test } from 'vitest'
import { openapiDocument } from '../../shared/openapi.ts'
import { PROBLEM_TYPE_BASE, problems } from '../../shared/problems.ts'
import { pathFor, type Route, successStatus } from '../../shared/routes/route.ts'
import { routes } from '../../shared/routes/table.ts'
import { type Json, schemaMistakes } from './support/openapi-schema.ts'

interface Parameter {
  name: string
  in: string
  required: boolean
  schema: { [name: string]: Json }
}
interface Operation {
  operationId: string
  summary: string
  security?: Record<string, unknown>[]
  parameters: Parameter[]
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> }
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema?: Json }>; headers?: Record<string, Json> }
  >
}
interface OpenApi {
  openapi: string
  info: Record<string, string>
  servers: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, Record<string, string>> }
}

const built = openapiDocument('http://localhost:8787')
const document = JSON.parse(JSON.stringify(built)) as OpenApi

const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)
const DECLARED = (Object.entries(routes) as [string, Route][]).filter(([, it]) => it.access.kind !== 'edge')
const inBraces = (path: string) => [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1])

function operationOf(name: string): Operation {
  const found = OPERATIONS.find(({ operation }) => operation.operationId === name)
  if (!found) throw new Error(`the document has no ${name}`)
  return found.operation
}

describe('the OpenAPI document', () => {
  test('says that it is OpenAPI 3.1, what it describes and where', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info).toMatchObject({ title: 'Stayzr', version: expect.stringMatching(/./) })
    expect(document.servers).toEqual([{ url: 'http://localhost:8787' }])
  })

  test('is JSON without loss', () => {
    // What JSON leaves out or changes, such as undefined, functions and NaN, would make the two differ.
    expect(withoutUndefined(built)).toEqual(document)
  })

  test('has every declared route, and none that is for the edge alone', () => {
    expect(OPERATIONS.map(({ operation }) => operation.operationId).sort()).toEqual(
      DECLARED.map(([name]) => name).sort(),
    )
    expect(Object.keys(document.paths).filter((path) => !path.startsWith('/api/v1/'))).toEqual([])
  })

  test('refers to nothing that it does not have', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(references.length).toBeGreaterThan(0)
    for (const reference of new Set(references)) {
      const target = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], document)
      expect(target, reference).toBeDefined()
    }
  })

  test('describes a problem with every type there is', () => {
    const problem = document.components.schemas.Problem
    expect(schemaMistakes(problem, 'Problem')).toEqual([])
    const types = Object.keys(problems).map((slug) => PROBLEM_TYPE_BASE + slug)
    expect(problem).toMatchObject({ properties: { type: { enum: types } } })
  })

  test('has a scheme for whatever a route may be called with', () => {
    for (const { operation } of OPERATIONS)
      for (const requirement of operation.security ?? [])
        for (const scheme of Object.keys(requirement))
          expect(Object.keys(document.components.securitySchemes)).toContain(scheme)
    for (const scheme of Object.values(document.components.securitySchemes))
      if (scheme.type === 'http') expect(scheme.scheme).toBe('bearer')
      else expect(scheme).toMatchObject({ type: 'apiKey', in: 'cookie', name: expect.stringMatching(/^__Host-/) })
  })
})

describe.each(DECLARED)('operation %s', (name, declaration) => {
  const operation = operationOf(name)
  const schemas = [
    ...operation.parameters.map((it): [string, Json | undefined] => [`${it.in} ${it.name}`, it.schema]),
    ...Object.entries(operation.requestBody?.content ?? {}).map(([type, it]): [string, Json] => [type, it.schema]),
    ...Object.entries(operation.responses).flatMap(([status, response]) =>
      Object.entries(response.content ?? {})
        .filter(([type]) => type !== 'application/octet-stream')
        .map(([type, it]): [string, Json | undefined] => [`${status} ${type}`, it.schema]),
    ),
  ]

  test('stands under its path and method', () => {
    const names = Object.fromEntries([...declaration.path.matchAll(/:([a-zA-Z]+)/g)].map((it) => [it[1], `{${it[1]}}`]))
    const path = decodeURIComponent(pathFor(declaration.path, names as Record<string, string>))
    expect(document.paths[path]?.[declaration.method]).toBe(operation)
  })

  test('has schemas that say what goes in and what comes out', () => {
    expect(schemas.flatMap(([place, schema]) => schemaMistakes(schema, place))).toEqual([])
  })

  test('requires the parameters of its path, names each parameter once, and no other in its path', () => {
    const inPath = operation.parameters.filter((it) => it.in === 'path')
    expect(inPath.every((it) => it.required)).toBe(true)
    expect(inPath.map((it) => it.name).sort()).toEqual(inBraces(pathOf(name)).sort())
    const all = operation.parameters.map((it) => `${it.in} ${it.name.toLowerCase()}`)
    expect(new Set(all).size).toBe(all.length)
  })

  test('requires a body exactly where the route has one', () => {
    if (declaration.body || declaration.upload) expect(operation.requestBody).toMatchObject({ required: true })
    else expect(operation.requestBody).toBeUndefined()
  })

  test('requires an Idempotency-Key exactly where the route does', () => {
    const key = operation.parameters.find((it) => it.name === 'Idempotency-Key')
    expect(key?.required).toBe(declaration.idempotencyKey === 'required' ? true : undefined)
  })

  test('answers with its success and with every problem that the route names', () => {
    expect(operation.responses[String(successStatus(declaration))]?.description).toBe(declaration.summary)
    for (const slug of declaration.problems)
      expect(operation.responses[String(problems[slug].status)]?.description).toContain(slug)
  })

  test('tells of the refusals that come from how it is called', () => {
    const told = Object.values(operation.responses).map((response) => response.description)
    const tells = (slug: string) => expect(told.filter((text) => text.includes(slug)).length, slug).toBe(1)
    if (declaration.query || declaration.body || declaration.idempotencyKey) tells('invalid-request: ')
    // A credential that is not valid is refused wherever the origin sees it, though none is needed.
    if (declaration.cache === 'never') tells('unauthenticated: ')
    if (declaration.access.kind !== 'public' && declaration.method !== 'get') tells('cross-site-request: ')
    if (declaration.idempotencyKey) tells('idempotency-key-missing: ')
    if (declaration.body) tells('unsupported-media-type: ')
  })

  test('answers refusals as problem documents, each said in words', () => {
    const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)
    expect(refusals.length).toBeGreaterThan(0)
    for (const [, response] of refusals) {
      expect(Object.keys(response.content ?? {})).toEqual(['application/problem+json'])
      expect(response.description).not.toBe('')
    }
  })

  test('is open exactly where the route is public', () => {
    expect(operation.security === undefined).toBe(declaration.access.kind === 'public')
    if (declaration.access.kind === 'guest-or-staff')
      expect(operation.security?.map((it) => Object.keys(it)[0])).toContain('guestToken')
  })
})

test('what is answered from a snapshot can be asked about by its entity tag', () => {
  const asking = ({ parameters }: Operation) => parameters.some(({ name }) => name === 'If-None-Match')
  expect(OPERATIONS.filter(({ operation }) => asking(operation)).map(({ operation }) => operation.operationId)).toEqual(
    OPERATIONS.filter(({ operation }) => '304' in operation.responses).map(({ operation }) => operation.operationId),
  )
  const { responses } = operationOf('getAvailability')
  for (const status of ['200', '304']) expect(Object.keys(responses[status]?.headers ?? {})).toContain('ETag')
  expect(responses['304']?.content).toBeUndefined()
  expect(asking(operationOf('createReservation'))).toBe(false)
})

describe('the parameters of', () => {
  const parameter = (name: string, field: string) =>
    operationOf(name).parameters.find((it) => it.name === field && it.in === 'query')

  test.each([
    ['getAvailability', 'adults', { type: 'integer', minimum: 1, maximum: 60 }],
    ['getCalendar', 'adults', { type: 'integer', minimum: 1, maximum: 60 }],
    ['getCalendar', 'nights', { type: 'integer', minimum: 1, maximum: 90 }],
  ])('%s have %s as a whole number', (name, field, schema) => {
    expect(parameter(name, field)).toMatchObject({ required: true, schema })
  })

  test.each([
    ['getAvailability', 'arrival'],
    ['getAvailability', 'departure'],
    ['getCalendar', 'from'],
    ['getCalendar', 'to'],
  ])('%s have %s as a date', (name, field) => {
    expect(parameter(name, field)).toMatchObject({ required: true, schema: { type: 'string', format: 'date' } })
  })

  test('getAvailability may be left without ages, written as text', () => {
    expect(parameter('getAvailability', 'childAges')).toMatchObject({ required: false, schema: { type: 'string' } })
  })
})

describe('schemaMistakes()', () => {
  test.each<[string, Json, string]>([
    ['an empty schema', {}, 'x says nothing'],
    ['an empty schema inside', { type: 'object', properties: { a: {} } }, 'x/a says nothing'],
    ['an empty schema in a list', { type: 'array', items: {} }, 'x/items says nothing'],
    ['an empty alternative', { anyOf: [{ type: 'null' }, {}] }, 'x/anyOf/1 says nothing'],
    ['a type that there is not', { type: 'date' }, 'x has no known type'],
    ['a pattern of a number', { type: 'integer', pattern: '^1$' }, 'x has pattern beside the type integer'],
    ['a default of another type', { type: 'string', default: [] }, 'x has a default of another type'],
    [
      'a field required and not there',
      { type: 'object', properties: {}, required: ['a'] },
      'x requires a, which it has not',
    ],
    ['a pattern that does not compile', { type: 'string', pattern: '(' }, 'x has a pattern that is none'],
  ])('finds %s', (_, schema, mistake) => {
    expect(schemaMistakes(schema, 'x')).toContain(mistake)
  })
})

function pathOf(name: string): string {
  return OPERATIONS.find(({ operation }) => operation.operationId === name)?.path ?? ''
}

/** The same value without members that are undefined, which JSON leaves out on purpose. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [name, withoutUndefined(inner)]),
  )
}
