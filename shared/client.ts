/** A typed client over the route table; for the edge's pages, the console, tools and tests. */
import { Problem, problemSlug } from './problems.ts'
import {
  type AnswerOf,
  type BodyInput,
  type ParamsInput,
  pathFor,
  type QueryInput,
  type Route,
} from './routes/route.ts'

/** What a call carries besides the route; fields a route does not have are left out. */
export type CallInput<R extends Route> = {
  params?: ParamsInput<R>
  query?: QueryInput<R>
  body?: BodyInput<R>
  idempotencyKey?: string
  /** A guest token or API key, sent as `Authorization: Bearer`. */
  token?: string
  /** No answer older than this ARI version. */
  ariMinVersion?: number
}

/** Path and query of a call, without the host. */
export function targetOf<R extends Route>(route: R, input: CallInput<R>): string {
  const path = pathFor(route.path, input.params as Record<string, string | number> | undefined)
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries((input.query ?? {}) as Record<string, unknown>))
    if (value !== undefined) search.set(name, String(value))
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Headers and body of a call. */
export function requestOf<R extends Route>(
  _declaration: R,
  input: CallInput<R>,
): { headers: Headers; body: string | undefined } {
  const headers = new Headers({ accept: 'application/json' })
  if (input.idempotencyKey !== undefined) headers.set('idempotency-key', input.idempotencyKey)
  if (input.token !== undefined) headers.set('authorization', `Bearer ${input.token}`)
  if (input.ariMinVersion !== undefined) headers.set('x-ari-min-version', String(input.ariMinVersion))
  if (input.body === undefined) return { headers, body: undefined }
  headers.set('content-type', 'application/json')
  return { headers, body: JSON.stringify(input.body) }
}

/** The body of a success; a refusal is thrown as the `Problem` it says it is. */
export async function answerOf<R extends Route>(_declaration: R, response: Response): Promise<AnswerOf<R>> {
  if (response.ok) return (await response.json()) as AnswerOf<R>
  const document = await documentOf(response)
  const slug = problemSlug(document)
  const { type: _type, title: _title, status: _status, requestId: _requestId, ...extensions } = document
  throw new Problem(slug ?? (response.status >= 500 ? 'service-unavailable' : 'internal'), extensions)
}

/** The refusal's document; empty where a gateway in between answered with something else. */
async function documentOf(response: Response): Promise<Record<string, unknown>> {
  const document: unknown = await response.json().catch(() => undefined)
  return typeof document === 'object' && document !== null && !Array.isArray(document) ? { ...document } : {}
}

/** Calls routes of a running installation: `const call = client('http://localhost:8787')`. */
export function client(baseUrl: string, send: typeof fetch = fetch) {
  return async <R extends Route>(route: R, input: CallInput<R> = {}): Promise<AnswerOf<R>> => {
    const { headers, body } = requestOf(route, input)
    const url = baseUrl + targetOf(route, input)
    const response = await send(url, {
      method: route.method.toUpperCase(),
      headers,
      ...(body === undefined ? {} : { body }),
    })
    return await answerOf(route, response)
  }
}
