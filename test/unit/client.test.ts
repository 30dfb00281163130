import { describe, expect, test } from 'vitest'
import { answerOf, client, requestOf, targetOf } from '../../shared/client.ts'
import { PROBLEM_TYPE_BASE, Problem, problemResponse, problemSlug, problems } from '../../shared/problems.ts'
import { whoAmI } from '../../shared/routes/auth.ts'
import { getAvailability } from '../../shared/routes/availability.ts'
import { getProperty, listProperties } from '../../shared/routes/properties.ts'
import { cancelReservation, createReservation } from '../../shared/routes/reservations.ts'

const stay = { roomType: 'DBL', ratePlan: 'BAR', arrival: '2027-03-01', departure: '2027-03-03', adults: 2 }
const booking = {
  stay,
  expectedTotal: 24_000,
  guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
}

/** A fetch that keeps what it was asked and gives the answers in turn. */
function recording(...answers: Response[]) {
  const asked: { url: string; method: string; headers: Record<string, string>; body: unknown }[] = []
  const send: typeof fetch = async (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers))
    asked.push({ url: String(input), method: init?.method ?? '', headers, body: init?.body })
    const answer = answers[asked.length - 1]
    if (!answer) throw new Error('asked more often than there are answers')
    return answer
  }
  return { asked, send }
}

/** What the answer was thrown as. */
async function refusalOf(response: Response): Promise<Problem> {
  const error: unknown = await answerOf(getProperty, response).catch((thrown: unknown) => thrown)
  if (error instanceof Problem) return error
  throw new Error(`not thrown as a problem: ${String(error)}`)
}

describe('targetOf()', () => {
  test('is the path alone where there is nothing to ask', () => {
    expect(targetOf(listProperties, {})).toBe('/api/v1/properties')
    expect(targetOf(listProperties, { query: {} })).toBe('/api/v1/properties')
  })

  test('has the parameters in the path and the query behind it, each encoded', () => {
    const query = { arrival: '2027-03-01', departure: '2027-03-03', adults: '2', childAges: '7,4' }
    expect(targetOf(getAvailability, { params: { property: 'a/b c' }, query })).toBe(
      '/api/v1/properties/a%2Fb%20c/availability?arrival=2027-03-01&departure=2027-03-03&adults=2&childAges=7%2C4',
    )
  })

  test('leaves out of the query what is undefined', () => {
    const query = { arrival: '2027-03-01', departure: '2027-03-03', adults: '2', childAges: undefined as never }
    expect(targetOf(getAvailability, { params: { property: 'a' }, query })).not.toContain('childAges')
  })
})

describe('requestOf()', () => {
  const headersOf = (...input: Parameters<typeof requestOf>) => Object.fromEntries(requestOf(...input).headers)

  test('carries nothing that it was not given', () => {
    expect(headersOf(getProperty, {})).toEqual({ accept: 'application/json' })
    expect(requestOf(getProperty, {}).body).toBeUndefined()
  })

  test('carries key, token and version', () => {
    expect(headersOf(cancelReservation, { idempotencyKey: 'k-1', token: 'gt_x', ariMinVersion: 0 })).toEqual({
      accept: 'application/json',
      'idempotency-key': 'k-1',
      authorization: 'Bearer gt_x',
      'x-ari-min-version': '0',
    })
  })

  test('carries a body as JSON, and says so', () => {
    const { headers, body } = requestOf(createReservation, { body: booking })
    expect(headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(body ?? '')).toEqual(booking)
  })
})

describe('client()', () => {
  test('sends a read without a body to where the installation runs, and gives what it answers', async () => {
    const { asked, send } = recording(Response.json({ properties: [] }))
    expect(await client('http://localhost:8787', send)(listProperties)).toEqual({ properties: [] })
    expect(asked).toEqual([
      {
        url: 'http://localhost:8787/api/v1/properties',
        method: 'GET',
        headers: { accept: 'application/json' },
        body: undefined,
      },
    ])
  })

  test('sends a write once, by its method, with its body', async () => {
    const { asked, send } = recording(Response.json({ reference: '0123456789' }, { status: 201 }))
    const input = { params: { property: 'harbour-house' }, body: booking, idempotencyKey: 'k-1' }
    await client('http://localhost:8787', send)(createReservation, input)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      url: 'http://localhost:8787/api/v1/properties/harbour-house/reservations',
      method: 'POST',
      headers: { 'idempotency-key': 'k-1', 'content-type': 'application/json' },
      body: JSON.stringify(booking),
    })
  })

  test('lets a failure to reach the installation through', async () => {
    const { send } = recording()
    await expect(client('http://localhost:8787', send)(whoAmI)).rejects.toThrow('asked more often')
  })
})

describe('answerOf()', () => {
  test('throws a refusal as the problem that it says it is, with what it adds', async () => {
    const sold = new Problem('sold-out', { detail: 'Sold out on 2 March.', nights: ['2027-03-02'] })
    const refusal = await refusalOf(problemResponse(sold, 'request-1'))
    expect(refusal).toMatchObject({ slug: 'sold-out', status: 409, message: 'Sold out on 2 March.' })
    expect(refusal.extensions).toEqual({ detail: 'Sold out on 2 March.', nights: ['2027-03-02'] })
  })

  test.each(Object.keys(problems) as (keyof typeof problems)[])('knows %s again', async (slug) => {
    expect((await refusalOf(problemResponse(new Problem(slug)))).slug).toBe(slug)
  })

  const answers: [string, Response, string][] = [
    ['a page of a gateway', new Response('<h1>502</h1>', { status: 502 }), 'service-unavailable'],
    ['an empty 503', new Response(null, { status: 503 }), 'service-unavailable'],
    ['a page for 404', new Response('<h1>404</h1>', { status: 404 }), 'internal'],
    ['null', Response.json(null, { status: 500 }), 'service-unavailable'],
    ['a list', Response.json([], { status: 500 }), 'service-unavailable'],
    ['text', Response.json('no', { status: 400 }), 'internal'],
    ['a type of somebody else', Response.json({ type: 'about:blank' }, { status: 400 }), 'internal'],
    [
      'a slug there is not',
      Response.json({ type: `${PROBLEM_TYPE_BASE}strike` }, { status: 500 }),
      'service-unavailable',
    ],
    ['a slug that objects have', Response.json({ type: `${PROBLEM_TYPE_BASE}toString` }, { status: 400 }), 'internal'],
  ]
  test.each(answers)('throws %s as a problem of ours', async (_, response, slug) => {
    expect((await refusalOf(response)).slug).toBe(slug)
  })
})

describe('problemSlug()', () => {
  test.each([
    [`${PROBLEM_TYPE_BASE}sold-out`, 'sold-out'],
    ['sold-out', undefined],
    [PROBLEM_TYPE_BASE, undefined],
    [`${PROBLEM_TYPE_BASE}sold-out/`, undefined],
    [`${PROBLEM_TYPE_BASE}constructor`, undefined],
    [`${PROBLEM_TYPE_BASE}__proto__`, undefined],
    [7, undefined],
    [undefined, undefined],
  ])('of the type %s is %s', (type, slug) => {
    expect(problemSlug({ type })).toBe(slug)
  })
})

describe('problemResponse()', () => {
  test('is a problem document that nothing may keep', async () => {
    const response = problemResponse(
      new Problem('price-changed', { detail: 'Now 130.00.', offer: { total: 1 } }),
      'r-1',
    )
    expect(response.status).toBe(409)
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/problem+json',
      'cache-control': 'private, no-store',
    })
    expect(await response.json()).toEqual({
      type: `${PROBLEM_TYPE_BASE}price-changed`,
      title: 'The price has changed',
      status: 409,
      detail: 'Now 130.00.',
      offer: { total: 1 },
      requestId: 'r-1',
    })
  })

  test('says in a header, and not in the document, when to try again', async () => {
    const response = problemResponse(new Problem('origin-unavailable', { retryAfterSeconds: 3 }))
    expect(response.headers.get('retry-after')).toBe('3')
    expect(Object.keys((await response.json()) as object)).toEqual(['type', 'title', 'status'])
  })

  test.each(Object.entries(problems))('of %s has a status from 400 to 599 and a title in words', (slug, problem) => {
    expect(slug).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
    expect(problem.status >= 400 && problem.status < 600).toBe(true)
    expect(problem.title).toMatch(/^[A-Z].*[a-zA-Z]$/)
  })
})
