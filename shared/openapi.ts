/** The OpenAPI 3.1 document, generated from the route table. Only the origin and tools import this: it is no part of the edge. */
import * as z from 'zod/mini'
import { PROBLEM_TYPE_BASE, type ProblemSlug, problems } from './problems.ts'
import type { Access, Route } from './routes/route.ts'
import { routes } from './routes/table.ts'

type Json = Record<string, unknown>

/** What any route may answer with, besides the problems it names. */
const EVERYWHERE: ProblemSlug[] = ['internal', 'service-unavailable']

/** Builds the document. `serverUrl` is where the API is reached. Internal routes between edge and origin are left out. */
export function openapiDocument(serverUrl: string): Json {
  const paths: Record<string, Json> = {}
  for (const [name, declaration] of Object.entries(routes) as [string, Route][]) {
    if (declaration.access.kind === 'edge') continue
    const path = declaration.path.replace(/:([a-zA-Z]+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][declaration.method] = operation(name, declaration)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stayzr',
      version: '1',
      description:
        'Amounts are whole minor units of the currency beside them. Nights are calendar dates at the property; a stay is [arrival, departure). Instants are UTC.',
    },
    servers: [{ url: serverUrl }],
    paths,
    components: {
      schemas: { Problem: problemSchema() },
      securitySchemes: {
        guestToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'The guestToken of a booking: acts on that reservation only.',
        },
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the organisation.' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-stayzr-session' },
      },
    },
  }
}

function operation(name: string, declaration: Route): Json {
  const slugs = new Set<ProblemSlug>([...declaration.problems, ...EVERYWHERE])
  if (declaration.query || declaration.body || declaration.idempotencyKey) slugs.add('invalid-request')
  if (declaration.body)
    for (const slug of ['malformed-body', 'unsupported-media-type', 'body-too-large'] as const) slugs.add(slug)
  // A credential that is not valid is refused wherever the origin sees it, though none is needed.
  if (declaration.cache === 'never') slugs.add('unauthenticated')
  if (declaration.upload)
    for (const slug of [
      'body-too-large',
      'content-digest-mismatch',
      'content-digest-missing',
      'length-required',
      'not-a-photo',
    ] as const)
      slugs.add(slug)
  if (declaration.access.kind !== 'public') {
    slugs.add('forbidden')
    if (declaration.method !== 'get') slugs.add('cross-site-request')
  }
  if (declaration.idempotencyKey)
    for (const slug of ['idempotency-key-missing', 'idempotency-key-reused', 'idempotency-in-progress'] as const)
      slugs.add(slug)
  if (declaration.rateLimit === 'sign-in' || declaration.rateLimit === 'lookup') slugs.add('too-many-requests')
  if (declaration.cache !== 'edge-answered') slugs.add('origin-unavailable')
  return {
    operationId: name,
    summary: declaration.summary,
    ...(declaration.access.kind === 'public' ? {} : { security: security(declaration.access) }),
    parameters: parameters(declaration),
    ...(declaration.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(declaration.body, 'input') } },
          },
        }
      : {}),
    ...(declaration.upload
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              declaration.upload.types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
            ),
          },
        }
      : {}),
    responses: { ...successes(declaration), ...refusals([...slugs]) },
    'x-cache': declaration.cache,
    'x-rate-limit': declaration.rateLimit,
  }
}

function security(access: Access): Json[] {
  const staff = [{ apiKey: [] }, { session: [] }]
  return access.kind === 'guest-or-staff' ? [{ guestToken: [] }, ...staff] : staff
}

function parameters(declaration: Route): Json[] {
  const found: Json[] = []
  for (const [where, schema] of [
    ['path', declaration.params],
    ['query', declaration.query],
  ] as const) {
    if (!schema) continue
    const object = schemaOf(schema, 'input') as { properties?: Record<string, Json>; required?: string[] }
    for (const [name, part] of Object.entries(object.properties ?? {}))
      found.push({
        name,
        in: where,
        required: where === 'path' || (object.required ?? []).includes(name),
        schema: part,
      })
  }
  if (declaration.idempotencyKey)
    found.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: true,
      description: 'A fresh UUID for each new request; the same one when asking again. The write is done once.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    })
  if (declaration.upload)
    found.push({
      name: 'Content-Digest',
      in: 'header',
      required: true,
      description:
        'The file’s SHA-256 as RFC 9530 writes it: sha-256=:…: in base64. What differs from it is not stored.',
      schema: { type: 'string', pattern: 'sha-256=:[A-Za-z0-9+/]{43}=:' },
    })
  if (isVersioned(declaration))
    found.push(
      {
        name: 'If-None-Match',
        in: 'header',
        required: false,
        description: 'The ETag of an earlier answer: where it is still true the answer is 304, without a body.',
        schema: { type: 'string', maxLength: 1024 },
      },
      {
        name: 'x-ari-min-version',
        in: 'header',
        required: false,
        description: 'The x-ari-version of an earlier write: no older answer is given.',
        schema: { type: 'integer', minimum: 0 },
      },
    )
  return found
}

/** Whether an answer says the version of one property's ARI that it was given from. */
function isVersioned({ cache, path }: Route): boolean {
  return cache === 'edge-answered' && path.includes(':property')
}

const VERSION_HEADERS = {
  'x-ari-version': { description: 'The version that answers.', schema: { type: 'integer', minimum: 0 } },
  ETag: { description: 'For If-None-Match.', schema: { type: 'string' } },
}

function successes(declaration: Route): Json {
  const answers: Json = {}
  for (const [status, schema] of Object.entries(declaration.responses))
    answers[status] = {
      description: declaration.summary,
      ...(isVersioned(declaration) ? { headers: VERSION_HEADERS } : {}),
      ...(schema
        ? { content: { 'application/json': { schema: schemaOf(schema, 'output') } } }
        : { content: { 'application/octet-stream': {} } }),
    }
  if (isVersioned(declaration))
    answers[304] = {
      description: 'As it was. x-ari-as-of says when that was last confirmed.',
      headers: {
        ...VERSION_HEADERS,
        'x-ari-as-of': { description: 'As asOf in an answer.', schema: { type: 'string', format: 'date-time' } },
      },
    }
  return answers
}

function refusals(slugs: ProblemSlug[]): Json {
  const byStatus = new Map<number, ProblemSlug[]>()
  for (const slug of slugs.sort())
    byStatus.set(problems[slug].status, [...(byStatus.get(problems[slug].status) ?? []), slug])
  return Object.fromEntries(
    [...byStatus].map(([status, found]) => [
      status,
      {
        description: found.map((slug) => `${slug}: ${problems[slug].title}`).join('. '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

function problemSchema(): Json {
  return {
    type: 'object',
    description: 'RFC 9457. Further members depend on the type: nights, alternatives, offer, reason.',
    required: ['type', 'title', 'status'],
    properties: {
      type: { type: 'string', enum: Object.keys(problems).map((slug) => PROBLEM_TYPE_BASE + slug) },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      requestId: { type: 'string' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['pointer', 'detail'],
          properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
        },
      },
    },
    additionalProperties: true,
  }
}

function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Json
  return rest
}

if (import.meta.main) console.log(JSON.stringify(openapiDocument('http://localhost:8787'), null, 2))
