/** Checks a request against its route. The same at the edge and at the origin, so that both refuse the same way. */
import * as z from 'zod/mini'
import { invalidRequest } from '../domain/stay.ts'
import { type FieldError, Problem } from '../problems.ts'
import type { Route } from './route.ts'

/** More mistakes than this are not worth listing: the sender has the wrong document. */
const ERRORS_MAX = 20
/** Names are given back to their sender, cut to a length that shows which one is meant. */
const NAME_MAX = 60

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
  const repeated = new Set<string>()
  for (const [name, value] of search) {
    if (Object.hasOwn(values, name)) repeated.add(name.slice(0, NAME_MAX))
    // Defined, not assigned: assigning to __proto__ would change what the object is.
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true })
  }
  if (repeated.size > 0)
    throw invalidRequest(
      [...repeated].slice(0, ERRORS_MAX).map((name) => ({ pointer: `?${name}`, detail: 'must be given once only' })),
    )
  return parseWith(declaration.query as z.ZodMiniType, values, (path) => `?${path.join('.')}`)
}

/** Validates and converts a body that was parsed from JSON. */
export function parseBody<R extends Route>(declaration: R, body: unknown): unknown {
  if (!declaration.body) return undefined
  return parseWith(declaration.body as z.ZodMiniType, body, (path) => `/${path.map(pointerPart).join('/')}`)
}

function parseWith(schema: z.ZodMiniType, value: unknown, pointer: (path: string[]) => string): unknown {
  // With the input in the issue, what is missing can be told from what is of the wrong kind.
  const result = z.safeParse(schema, value, { reportInput: true })
  if (result.success) return result.data
  const errors: FieldError[] = []
  for (const issue of result.error.issues.slice(0, ERRORS_MAX)) {
    const path = issue.path.map((part) => String(part).slice(0, NAME_MAX))
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys.slice(0, ERRORS_MAX))
        errors.push({ pointer: pointer([...path, key.slice(0, NAME_MAX)]), detail: 'is not known here; leave it out' })
    else errors.push({ pointer: pointer(path), detail: describe(issue) })
  }
  throw invalidRequest(errors.slice(0, ERRORS_MAX))
}

/** A part of a JSON pointer. RFC 6901, section 3: `~` and `/` are written `~0` and `~1`. */
function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** What to do about an issue: the schema's own words where it has any. */
function describe(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' && issue.input === undefined) return 'is missing'
  // What zod/mini says where neither the schema nor a locale says anything.
  if (issue.message !== 'Invalid input') return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? `of the kind ${issue.expected}`}`
    case 'too_small':
      return `must ${sized(issue.origin, 'at least', issue.minimum)}`
    case 'too_big':
      return `must ${sized(issue.origin, 'at most', issue.maximum)}`
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`
    case 'invalid_union':
      return 'options' in issue && issue.options ? `must be one of ${issue.options.join(', ')}` : 'is of no known kind'
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'has a name that cannot be used'
    default:
      return 'is not written as it must be'
  }
}

const KINDS: Record<string, string> = {
  int: 'a whole number',
  number: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function sized(origin: string, bound: 'at least' | 'at most', size: number | bigint): string {
  const one = Number(size) === 1
  if (origin === 'string') return `have ${bound} ${size} ${one ? 'character' : 'characters'}`
  if (origin === 'array') return `have ${bound} ${size} ${one ? 'entry' : 'entries'}`
  return `be ${bound} ${size}`
}
