/** Checks a request against its route. The same at the edge and at the origin, so that both refuse the same way. */
import * as z from 'zod/mini'
import { invalidRequest } from '../domain/stay.ts'
import { type FieldError, Problem } from '../problems.ts'
import type { Route } from './route.ts'

/** More mistakes than this are not worth listing: the sender has the wrong document. */
const ERRORS_MAX = 20

/**
 * Validates and converts the path's parameters. What cannot be a code names nothing, so it is a 404 and not a 422.
 */
export function parseParams<R extends Route>(declaration: R, params: Record<string, string>): unknown {
  if (!declaration.params) return undefined
  const result = z.safeParse(declaration.params as z.ZodMiniType, params)
  if (result.success) return result.data
  if ('reference' in params) throw new Problem('reservation-not-found')
  if ('property' in params) throw new Problem('property-not-found', { detail: `There is no property with this code.` })
  throw new Problem('not-found')
}

/** Validates and converts a query. A parameter given twice, or one the route does not know, is refused. */
export function parseQuery<R extends Route>(declaration: R, search: URLSearchParams): unknown {
  if (!declaration.query) return undefined
  const values: Record<string, string> = {}
  const errors: FieldError[] = []
  for (const [name, value] of search) {
    if (Object.hasOwn(values, name)) errors.push({ pointer: `?${name}`, detail: 'must be given once only' })
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true })
  }
  if (errors.length > 0) throw invalidRequest(errors)
  return parseWith(declaration.query as z.ZodMiniType, values, (path) => `?${path.join('.')}`)
}

/** Validates and converts a body that was parsed from JSON. */
export function parseBody<R extends Route>(declaration: R, body: unknown): unknown {
  if (!declaration.body) return undefined
  return parseWith(declaration.body as z.ZodMiniType, body, (path) => `/${path.join('/')}`)
}

function parseWith(schema: z.ZodMiniType, value: unknown, pointer: (path: string[]) => string): unknown {
  const result = z.safeParse(schema, value)
  if (result.success) return result.data
  const errors: FieldError[] = []
  for (const issue of result.error.issues.slice(0, ERRORS_MAX)) {
    const path = issue.path.map((part) => String(part).slice(0, 60))
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys.slice(0, ERRORS_MAX))
        errors.push({ pointer: pointer([...path, key.slice(0, 60)]), detail: 'is not known here; leave it out' })
    else errors.push({ pointer: pointer(path), detail: describe(issue) })
  }
  throw invalidRequest(errors)
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is missing'
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`
  if (issue.code === 'too_small')
    return issue.message.startsWith('Invalid') ? `must be at least ${issue.minimum}` : issue.message
  if (issue.code === 'too_big')
    return issue.message.startsWith('Invalid') ? `must be at most ${issue.maximum}` : issue.message
  return issue.message
}

function article(type: string): string {
  const name =
    type === 'int' || type === 'number' ? 'whole number' : type === 'array' ? 'list' : type === 'string' ? 'text' : type
  return `a ${name}`
}
