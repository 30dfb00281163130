/** What the edge keeps of the origin's answers: plain, public successes to the request it sent, and nothing else. */
import { describe, expect, it } from 'vitest'
import { createEdge } from '../../edge/app.ts'
import { memoryCache } from '../../edge/ari/cache.ts'
import { importSigningKey } from '../../shared/signing.ts'

const PHOTO = '/api/v1/properties/harbour-house/photos/front.webp'
const signingKey = importSigningKey('test', new Uint8Array(32).fill(7))

/** An edge before an origin that answers as it is told; what it asks is noted. */
function rig(answer: (request: Request) => Response | Promise<Response>) {
  const asked: Request[] = []
  const state = { later: 0 }
  const { app } = createEdge({
    originUrl: 'http://origin.test',
    signingKey,
    cache: memoryCache(1_000_000),
    assets: {},
    memoryBytesMax: 1_000_000,
    staleMaxMs: 1_000,
    build: 'test',
    runtime: 'node',
    clientAddress: () => '192.0.2.1',
    now: () => Date.now() + state.later,
    fetch: async (input, init) => {
      const request = new Request(input as string, init)
      asked.push(request)
      const response = await answer(request)
      if (!response.headers.has('x-request-id'))
        response.headers.set('x-request-id', request.headers.get('x-request-id') ?? '')
      return response
    },
  })
  const get = async (headers: Record<string, string> = {}, path = PHOTO) => await app.request(path, { headers })
  return { asked, state, get }
}

const OWN = { 'content-type': 'image/webp', 'cache-control': 'public, max-age=31536000, immutable' }

describe('the edge', () => {
  it.each([
    ['a plain, public success', {}],
    ['one that depends on the encoding alone', { vary: 'Accept-Encoding' }],
  ])('keeps %s', async (_, over) => {
    const { asked, get } = rig(() => new Response('picture', { headers: { ...OWN, ...over } }))
    const answers = [await get(), await get({ cookie: 'a=b' }), await get({ authorization: 'Bearer x' })]
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['picture', 'picture', 'picture'])
    expect(asked).toHaveLength(1)
    expect(answers[2]?.headers.get('cache-control')).toBe(OWN['cache-control'])
  })

  it.each<[string, number, Record<string, string>]>([
    ['that sets a cookie', 200, { 'set-cookie': '__Host-stayzr-session=ss_x; Path=/; Secure' }],
    ['that differs by cookie', 200, { vary: 'Cookie' }],
    ['that differs by language too', 200, { vary: 'accept-encoding, accept-language' }],
    ['that differs by everything', 200, { vary: '*' }],
    ['that is private', 200, { 'cache-control': 'private, max-age=60' }],
    ['that contradicts itself', 200, { 'cache-control': 'public, no-store' }],
    ['that says nothing about it', 200, { 'cache-control': '' }],
    ['without a type', 200, { 'content-type': '' }],
    ['that is a part', 206, {}],
    ['that is a refusal', 404, {}],
    ['that is an error', 500, {}],
    ['that was made elsewhere', 203, {}],
  ])('does not keep an answer %s, nor lets anybody else', async (_, status, over) => {
    const headers = new Headers(Object.entries({ ...OWN, ...over }).filter(([, value]) => value !== ''))
    const { asked, get } = rig(() => new Response(new TextEncoder().encode('secret'), { status, headers }))
    const [first] = [await get(), await get()]
    expect(asked).toHaveLength(2)
    expect([first.status, first.headers.get('cache-control'), first.headers.get('set-cookie')]).toEqual([
      status,
      'private, no-store',
      null,
    ])
  })

  it('asks once for all who want the same at once, where it may be kept, and for each where it may not', async () => {
    const slow = async (headers: Record<string, string>) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return new Response('picture', { headers })
    }
    const kept = rig(() => slow(OWN))
    const answers = await Promise.all(Array.from({ length: 50 }, () => kept.get()))
    expect(new Set(await Promise.all(answers.map((answer) => answer.text())))).toEqual(new Set(['picture']))
    expect(kept.asked).toHaveLength(1)
    const own = rig(() => slow({ ...OWN, vary: 'cookie' }))
    const each = await Promise.all(Array.from({ length: 10 }, () => own.get()))
    expect(await Promise.all(each.map((answer) => answer.text()))).toEqual(Array(10).fill('picture'))
    expect(own.asked).toHaveLength(10)
  })

  it('answers with the last of it for fifteen minutes while the origin is away, and afresh after', async () => {
    const LIST = '/api/v1/properties'
    const origin = { says: 'one', away: false }
    const { state, get } = rig(() => {
      if (origin.away) throw new TypeError('fetch failed')
      return Response.json({ it: origin.says }, { headers: { 'cache-control': 'public, max-age=30' } })
    })
    const said = async () => {
      const answer = await get({}, LIST)
      return answer.status === 200 ? ((await answer.json()) as { it: string }).it : answer.status
    }
    expect(await said()).toBe('one')
    origin.says = 'two'
    state.later = 29_000
    expect(await said()).toBe('one')
    origin.away = true
    state.later = 31_000
    expect(await said()).toBe('one')
    origin.away = false
    expect(await said()).toBe('two')
    origin.away = true
    state.later = 31_000 + 931_000
    expect(await said()).toBe(503)
  })

  it('neither keeps nor gives out an answer to another request', async () => {
    const { asked, get } = rig(() => new Response('another hotel', { headers: { ...OWN, 'x-request-id': 'other' } }))
    const answers = [await get(), await get()]
    expect(answers.map((answer) => answer.status)).toEqual([503, 503])
    expect(await answers[0]?.text()).not.toContain('another hotel')
    expect(asked).toHaveLength(2)
  })

  it('asks for what it may keep without a word of the caller’s', async () => {
    const { asked, get } = rig(() => new Response('picture', { headers: OWN }))
    await get({ cookie: '__Host-stayzr-session=ss_x', authorization: 'Bearer gt_x', range: 'bytes=0-1', accept: 'x/y' })
    expect([...(asked[0]?.headers.keys() ?? [])].sort()).toEqual([
      'traceparent',
      'x-client-address',
      'x-request-id',
      'x-stayzr-signature',
    ])
  })

  it('answers 304 to the tag of a kept answer, and the whole to any other', async () => {
    const { asked, get } = rig(() => new Response('picture', { headers: OWN }))
    const tag = (await get()).headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[^"]{20,}"$/)
    const statuses = []
    for (const named of [tag, `W/${tag}`, `"a", ${tag}`, '"a"', '*', tag.slice(1)])
      statuses.push((await get({ 'if-none-match': named })).status)
    expect(statuses).toEqual([304, 304, 304, 200, 200, 200])
    expect(asked).toHaveLength(1)
  })
})
