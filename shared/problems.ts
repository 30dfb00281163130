/**
 * Every error the product answers with: slug, status, title, and what to do about it where whoever throws it says nothing
 * more exact.
 *
 * The slug is stable and ends the problem's `type`; clients branch on it. A new refusal gets a new line here, never an
 * ad-hoc status. Rendered as RFC 9457 problem documents by one handler in each runtime.
 */
export const problems = {
  'invalid-request': { status: 422, title: 'The request is not valid' },
  'malformed-body': {
    status: 400,
    title: 'The body is not JSON',
    detail: 'Send one JSON object in UTF-8.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body must be application/json',
    detail: 'Send JSON with Content-Type: application/json.',
  },
  'length-required': {
    status: 411,
    title: 'The length is missing',
    detail: 'Send Content-Length with the file.',
  },
  'content-digest-missing': {
    status: 400,
    title: 'The Content-Digest header is missing',
    detail: 'Send Content-Digest: sha-256=:…: (RFC 9530) with the SHA-256 of the file in base64.',
  },
  'content-digest-mismatch': {
    status: 422,
    title: 'The file is not what was announced',
    detail: 'Nothing was stored: length or SHA-256 differ from Content-Length and Content-Digest. Send the file again.',
  },
  'not-a-photo': {
    status: 415,
    title: 'The file is not the picture that its name says',
    detail: 'Send WebP, JPEG, PNG or AVIF, with the Content-Type and the name’s ending of that kind.',
  },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The address is too long' },
  'headers-too-large': { status: 431, title: 'A header is too large' },
  'unexpected-body': {
    status: 400,
    title: 'A reading request has no body',
    detail: 'Send GET and HEAD without a body.',
  },
  'misdirected-request': {
    status: 421,
    title: 'This host is not answered here',
    detail: 'Ask the address of the hotel’s site, and let Host say the same as the address.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing at this address',
    detail: 'Check the address. /api/v1/openapi.json lists what there is.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This address does not take that method',
    detail: 'Use one of the methods in `allow`.',
  },
  'property-not-found': {
    status: 404,
    title: 'No such property',
    detail: 'Check the property code; GET /api/v1/properties lists the hotels.',
  },
  'destination-not-found': {
    status: 404,
    title: 'No hotels there',
    detail: 'Take one of `destinations`; GET /api/v1/destinations lists all of them.',
  },
  'photo-not-found': {
    status: 404,
    title: 'No such photo',
    detail: 'Take the names of photos from the property’s content.',
  },
  'reservation-not-found': {
    status: 404,
    title: 'No such reservation',
    detail: 'Check the reference and, where it is asked for, the last name.',
  },
  'photo-exists': {
    status: 409,
    title: 'Another picture has this name',
    detail: 'Browsers keep a photo by its name for a year. Give the new picture a new name.',
  },
  'property-exists': { status: 409, title: 'A property with this code exists already' },
  'sold-out': { status: 409, title: 'Sold out on at least one night' },
  'price-changed': { status: 409, title: 'The price has changed' },
  restricted: { status: 409, title: 'The stay breaks a booking restriction' },
  'not-cancellable': { status: 409, title: 'This reservation cannot be cancelled' },
  'capacity-below-sold': { status: 409, title: 'More is sold than would be left' },
  'idempotency-key-missing': { status: 400, title: 'The Idempotency-Key header is missing' },
  'idempotency-key-reused': {
    status: 422,
    title: 'This Idempotency-Key was used for another request',
    detail: 'Take a new Idempotency-Key for a new request, or send the first request again as it was.',
  },
  'idempotency-in-progress': { status: 409, title: 'The first request with this Idempotency-Key is still running' },
  'version-not-current': { status: 409, title: 'That ARI version is not the current one' },
  'delta-not-available': {
    status: 410,
    title: 'The changes between these versions are no longer kept',
    detail: 'Read the snapshot instead.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in first',
    detail: 'Send a session cookie, an API key or a guest token.',
  },
  'sign-in-failed': {
    status: 401,
    title: 'Organisation, email or password is wrong',
    detail: 'Check all three; nobody is told which one was wrong.',
  },
  forbidden: {
    status: 403,
    title: 'You may not do this',
    detail: 'Ask somebody who manages staff for the permission.',
  },
  'request-replayed': {
    status: 409,
    title: 'This very request has been received before',
    detail: 'Send a new request; with the same Idempotency-Key nothing is done twice.',
  },
  'cross-site-request': {
    status: 403,
    title: 'The request came from another site',
    detail: 'Send it from the site’s own pages, or with an API key.',
  },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'origin-unavailable': { status: 503, title: 'Bookings are paused for a moment' },
  'service-unavailable': { status: 503, title: 'The service is not ready' },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    detail: 'It has been logged. Quote the request id when you ask about it.',
  },
} as const satisfies Record<string, { status: number; title: string; detail?: string }>

export type ProblemSlug = keyof typeof problems

/** Where a problem's `type` begins; `PROBLEM_TYPE_BASE + slug` is the whole type. */
export const PROBLEM_TYPE_BASE = 'https://stayzr.dev/problems/'

/** One thing to mend: a JSON pointer into the body, or `?name` into the query, and what to do about it. */
export interface FieldError {
  pointer: string
  detail: string
}

export interface ProblemDocument {
  type: string
  title: string
  status: number
  detail?: string
  errors?: FieldError[]
  requestId?: string
  [extension: string]: unknown
}

/** A refusal with a name. Services throw it; the runtime's one handler renders it. */
export class Problem extends Error {
  readonly slug: ProblemSlug
  readonly extensions: Record<string, unknown>
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    slug: ProblemSlug,
    extensions: Record<string, unknown> & { detail?: string; retryAfterSeconds?: number } = {},
  ) {
    const { retryAfterSeconds, ...rest } = extensions
    super(rest.detail ?? problems[slug].title)
    this.name = 'Problem'
    this.slug = slug
    this.extensions = rest
    this.retryAfterSeconds = retryAfterSeconds
  }

  get status(): number {
    return problems[this.slug].status
  }

  /** The RFC 9457 document. `requestId` lets a person quote what they saw. */
  document(requestId?: string): ProblemDocument {
    const { status, ...words } = problems[this.slug]
    return {
      type: PROBLEM_TYPE_BASE + this.slug,
      ...words,
      status,
      ...this.extensions,
      ...(requestId === undefined ? {} : { requestId }),
    }
  }
}

/** The slug of a problem document from anywhere, or undefined where it is not one of ours. */
export function problemSlug(document: { type?: unknown }): ProblemSlug | undefined {
  if (typeof document.type !== 'string' || !document.type.startsWith(PROBLEM_TYPE_BASE)) return undefined
  const slug = document.type.slice(PROBLEM_TYPE_BASE.length)
  return Object.hasOwn(problems, slug) ? (slug as ProblemSlug) : undefined
}

/** Renders a problem as a response; the only place its media type and headers are written. */
export function problemResponse(problem: Problem, requestId?: string): Response {
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'private, no-store',
  })
  if (Array.isArray(problem.extensions.allow)) headers.set('allow', problem.extensions.allow.join(', '))
  if (problem.retryAfterSeconds !== undefined) headers.set('retry-after', String(problem.retryAfterSeconds))
  return new Response(JSON.stringify(problem.document(requestId)), { status: problem.status, headers })
}
