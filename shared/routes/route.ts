/**
 * The route contract. A route is a plain typed object: the origin binds a handler to it, the edge decides from it
 * whether to answer, cache or forward, the client and the OpenAPI document are generated from it, and so are the
 * permission matrix and the metric labels. A path, its shapes and its policies are written here once and nowhere else.
 */
import type * as z from 'zod/mini'
import type { ProblemSlug } from '../problems.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** What a member of staff or an API key may be allowed to do. */
export const PERMISSIONS = ['properties.manage', 'rates.manage', 'reservations.read', 'reservations.cancel'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** Who may call a route. `edge` routes are for the edge itself and never reachable from outside. */
export type Access =
  | { kind: 'public' }
  | { kind: 'guest-or-staff'; permission: Permission }
  | { kind: 'staff'; permission: Permission | undefined }
  | { kind: 'edge' }

/**
 * How an answer may be kept. `edge-answered`: the edge answers from the ARI snapshot and never forwards. `edge-cached`:
 * the edge may keep the origin's answer for so many seconds. `never`: forwarded every time, stored nowhere.
 */
export type CachePolicy = 'edge-answered' | 'never' | { kind: 'edge-cached'; seconds: number; immutable?: boolean }

/** Which budget a call counts against; the numbers live with the limiter. */
export type RateLimitClass = 'guest-read' | 'guest-write' | 'lookup' | 'sign-in' | 'staff' | 'edge'

type Schema = z.core.$ZodType
type AnyResponses = { readonly [status: number]: Schema | null }

export interface Upload {
  /** Media types. */
  readonly types: readonly string[]
  readonly bytesMax: number
}

export interface Route {
  readonly method: Method
  /** Hono path, parameters as `:name`. */
  readonly path: string
  readonly summary: string
  readonly access: Access
  readonly cache: CachePolicy
  readonly rateLimit: RateLimitClass
  readonly idempotencyKey?: 'required'
  readonly params?: Schema
  readonly query?: Schema
  readonly body?: Schema
  /** A file instead of JSON, streamed through and never held whole. */
  readonly upload?: Upload
  /** A schema by status; null where the body is not JSON. */
  readonly responses: AnyResponses
  readonly problems: readonly ProblemSlug[]
}

/** Keeps the literal types of a route declaration. */
export function route<const R extends Route>(declaration: R): R {
  return declaration
}

export const anyone: Access = { kind: 'public' }
export const edgeOnly: Access = { kind: 'edge' }
/** Any signed-in member of staff, or one with a permission. */
export function staff(permission?: Permission): Access {
  return { kind: 'staff', permission }
}
export function guestOrStaff(permission: Permission): Access {
  return { kind: 'guest-or-staff', permission }
}

type Output<S> = S extends Schema ? z.core.output<S> : undefined
type Input<S> = S extends Schema ? z.core.input<S> : undefined

/** What a handler reads: the validated, converted values. */
export type ParamsOf<R extends Route> = Output<R['params']>
export type QueryOf<R extends Route> = Output<R['query']>
export type BodyOf<R extends Route> = Output<R['body']>
/** What a caller writes. */
export type ParamsInput<R extends Route> = Input<R['params']>
export type QueryInput<R extends Route> = Input<R['query']>
export type BodyInput<R extends Route> = Input<R['body']>
/** What a 2xx answer holds. */
export type AnswerOf<R extends Route> = Output<R['responses'][keyof R['responses'] & (200 | 201 | 202)]>

/** The status of a route's success; each route has exactly one. */
export function successStatus(declaration: Route): number {
  const status = Object.keys(declaration.responses)
    .map(Number)
    .find((code) => code >= 200 && code < 300)
  if (status === undefined) throw new Error(`${declaration.method} ${declaration.path} declares no success`)
  return status
}

/** A route's path with its parameters filled in, each encoded. */
export function pathFor(path: string, params: Record<string, string | number> | undefined): string {
  return path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = params?.[name]
    if (value === undefined) throw new Error(`no value for :${name} in ${path}`)
    return encodeURIComponent(String(value))
  })
}
