/** Searches over all hotels of a destination: a real origin in this process, with a clock and a line that can be cut. */
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import type { SearchAnswer } from '../../shared/routes/search.ts'
import type { TestOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'
import { arrival, dates, HOTELS, kinds, lisbon, STALE_MS, type Town, town } from './search-rig.ts'
import { paused, sharedCache } from './store-rig.ts'

const database = await freshDatabase()
let origin: TestOrigin
let rig: Town['rig']
let book: Town['book']

beforeAll(async () => {
  ;({ origin, rig, book } = await town(database))
})
afterAll(async () => {
  await origin.origin.close()
})

const cut = async () => {
  throw new TypeError('the line is cut')
}

describe('a search over a destination', () => {
  it.each(['lisboa', 'PT', 'klosters-dorf', 'ch', 'Lisb%C3%B4a'])(
    'answers %s as the origin does',
    async (destination) => {
      const path = `/api/v1/search?destination=${destination}&${dates}&pageSize=5&sort=name`
      const [fromEdge, fromOrigin] = [await rig().search(path), await (await origin.call('GET', path)).json()]
      const withoutTimes = (answer: SearchAnswer) => ({
        ...answer,
        asOf: '',
        results: answer.results.map((it) => ({ ...it, asOf: '' })),
      })
      expect(withoutTimes(fromEdge)).toEqual(withoutTimes(fromOrigin as SearchAnswer))
      expect(fromEdge.results.length).toBeGreaterThan(0)
    },
  )

  it('says every hotel’s cheapest, the cheapest hotel first, in pages', async () => {
    const { search } = rig()
    const all = await search(`${lisbon}&pageSize=100`)
    expect(all).toMatchObject({ total: HOTELS, bookable: HOTELS, pages: 1, incomplete: false, stale: false })
    const totals = all.results.map((it) => it.total ?? 0)
    expect(totals).toEqual(totals.toSorted((a, b) => a - b))
    expect(all.results[0]).toMatchObject({ property: 'casa-00', total: 18_000, ratePlan: 'NRF', currency: 'EUR' })
    const pages = [1, 2, 3].map((page) => search(`${lisbon}&pageSize=5&page=${page}`))
    expect((await Promise.all(pages)).flatMap((answer) => answer.results.map((it) => it.property))).toEqual(
      all.results.map((it) => it.property),
    )
  })

  it('asks for each hotel once, then for nothing for a second, then for one head of all', async () => {
    const { search, asked, advance } = rig()
    await search()
    expect(kinds(asked())).toEqual({
      '/api/vn/destinations': 1,
      '/internal/ari/heads': 1,
      '/internal/ari/:/versions/n': HOTELS,
    })
    for (let i = 0; i < 10; i++) await search(`${lisbon}&page=${i + 1}`)
    expect(asked()).toEqual([])
    for (let second = 0; second < 5; second++) {
      advance(1_000)
      await search()
      expect(asked()).toEqual(['/internal/ari/heads?destination=lisboa'])
    }
  })

  it('asks for what changed where something did, and shows it within two seconds', async () => {
    const { search, asked, advance } = rig()
    const before = await search()
    asked()
    const version = await book('casa-05')
    advance(1_000)
    const after = await search()
    expect(kinds(asked())).toEqual({ '/internal/ari/heads': 1, '/internal/ari/:/deltas/n/n': 1 })
    const versionOf = (answer: SearchAnswer) => answer.results.find((it) => it.property === 'casa-05')?.ariVersion
    expect([versionOf(before), versionOf(after)]).toEqual([version - 1, version])
  })

  it('asks once for a hundred guests at the same time', async () => {
    const { search, asked } = rig()
    await Promise.all(Array.from({ length: 100 }, () => search()))
    expect(kinds(asked())).toEqual({
      '/api/vn/destinations': 1,
      '/internal/ari/heads': 1,
      '/internal/ari/:/versions/n': HOTELS,
    })
  })

  it('asks another machine of the location instead of the origin', async () => {
    const { cache } = sharedCache()
    const first = rig({ cache })
    await first.search()
    const second = rig({ cache })
    await second.search()
    expect(second.asked()).toEqual([])
  })

  it('shares the hotels with every other question: no request for one that was just searched', async () => {
    const { search, get, asked } = rig()
    await search()
    asked()
    expect((await get(`/api/v1/properties/casa-03/availability?${dates}`)).status).toBe(200)
    expect(asked()).toEqual([])
  })

  it('fills at most five at a time', async () => {
    const { search, gate } = rig()
    let running = 0
    let most = 0
    gate.before = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
    }
    await search()
    expect(most).toBe(5)
  })

  it('never holds more than it may, however many hotels there are', async () => {
    const one = rig()
    await one.get(`/api/v1/properties/casa-00/availability?${dates}`)
    const { bytes } = one.store.held()
    const memoryBytesMax = bytes * 4 + 1_000
    const { search, store, gate } = rig({ memoryBytesMax })
    const seen: number[] = []
    gate.before = async () => void seen.push(store.held().bytes)
    expect(await search()).toMatchObject({ total: HOTELS, incomplete: false })
    expect(Math.max(...seen, store.held().bytes)).toBeLessThanOrEqual(memoryBytesMax)
    expect(store.held().properties).toBeLessThan(HOTELS)
  })

  it('leaves out and counts what does not come in time, and has it the next time', async () => {
    const { search, gate } = rig()
    const { wait, release } = paused()
    gate.before = async (path) => (path.includes('casa-07/versions') ? await wait : undefined)
    const partial = await search(`${lisbon}&pageSize=100`)
    expect(partial).toMatchObject({ incomplete: true, missing: 1, total: HOTELS - 1 })
    expect(partial.results.map((it) => it.property)).not.toContain('casa-07')
    // Joins the fill that began with the first search's head, and confirms what it brings by its own.
    const next = search()
    release()
    expect(await next).toMatchObject({ incomplete: false, total: HOTELS, stale: false })
  })

  it('shows a hotel as it was last known where bringing it up to date takes too long, and says how old that is', async () => {
    const { search, gate, advance } = rig()
    await search()
    await book('casa-08', 'STE')
    const { wait, release } = paused()
    gate.before = async (path) => (path.includes('casa-08/') ? await wait : undefined)
    advance(10_000)
    const answer = await search(`${lisbon}&pageSize=100`)
    release()
    expect(answer).toMatchObject({ incomplete: false, stale: true })
    const stale = answer.results.filter((it) => it.stale).map((it) => it.property)
    expect(stale).toEqual(['casa-08'])
  })

  it('confirms at its end what it looked at first, where filling took long', async () => {
    const { search, gate } = rig()
    await rig().search()
    let booked: Promise<number> | undefined
    let bookedAt = 0
    gate.before = async (path) => {
      if (!path.includes('/versions/')) return
      await new Promise((resolve) => setTimeout(resolve, 700))
      // One of the first five is there by now, and looked at.
      if (!path.includes('casa-06')) return
      bookedAt = Date.now()
      booked ??= book('casa-01', 'STE')
    }
    const answer = await search(`${lisbon}&pageSize=100`)
    expect(answer).toMatchObject({ incomplete: false, stale: false, total: HOTELS })
    expect(answer.results.find((it) => it.property === 'casa-01')?.ariVersion).toBe(await booked)
    expect(Date.parse(answer.asOf)).toBeGreaterThanOrEqual(bookedAt)
  })

  it('never goes back to an earlier version, however late a head arrives', async () => {
    const { search, gate, get, advance } = rig()
    await search()
    advance(1_000)
    const { wait, release } = paused()
    const heads = paused()
    const { fetch } = origin.origin
    origin.origin.fetch = async (request) => {
      const answer = await fetch(request)
      if (!request.url.includes('/heads')) return answer
      heads.release()
      await wait
      return answer
    }
    try {
      const late = search(`${lisbon}&pageSize=100`)
      await heads.wait
      const version = await book('casa-02')
      const own = await get(`/api/v1/properties/casa-02/availability?${dates}`)
      expect(own.headers.get('x-ari-version')).toBe(String(version))
      release()
      expect((await late).results.find((it) => it.property === 'casa-02')?.ariVersion).toBe(version)
    } finally {
      origin.origin.fetch = fetch
    }
    gate.before = async () => {}
  })

  it('follows a database that was restored to an earlier state', async () => {
    const { search, advance } = rig()
    const version = await book('casa-09')
    await search()
    const admin = postgres(database.superuserUrl, { max: 1 })
    await admin`update property set ari_version = ${version - 1} where code = 'casa-09'`
    await admin.end()
    const versionNow = async () =>
      (await search(`${lisbon}&pageSize=100`)).results.find((it) => it.property === 'casa-09')?.ariVersion
    advance(3_000)
    await versionNow()
    advance(1_000)
    expect(await versionNow()).toBe(version - 1)
  })
})

describe('while the origin is away', () => {
  it('a search goes on from memory, stale once past the bound, until that is too old', async () => {
    const { search, get, gate, advance } = rig()
    await search()
    gate.before = cut
    advance(1_500)
    expect(await search()).toMatchObject({ total: HOTELS, incomplete: false, stale: false })
    advance(1_000)
    const answer = await search(`${lisbon}&pageSize=100`)
    expect(answer).toMatchObject({ total: HOTELS, incomplete: false, stale: true })
    expect(answer.results.every((it) => it.stale && it.asOf === answer.asOf)).toBe(true)
    advance(STALE_MS)
    const refused = await get(lisbon)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    gate.before = async () => {}
    advance(2_000)
    expect(await search()).toMatchObject({ total: HOTELS, incomplete: false, stale: false })
  })

  it('an edge that has never been asked says so at once', async () => {
    const { get, gate } = rig()
    gate.before = cut
    const refused = await get(lisbon)
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ type: expect.stringMatching(/origin-unavailable$/) })
  })

  it('a machine that has just begun has the destination’s hotels from its neighbours', async () => {
    const { cache } = sharedCache()
    await rig({ cache }).search()
    const cold = rig({ cache })
    cold.gate.before = cut
    cold.advance(5_000)
    expect(await cold.search()).toMatchObject({ total: HOTELS, stale: true })
  })
})

describe('what is asked wrongly', () => {
  it('is refused for a place without hotels, with those that have some, at no cost to the origin', async () => {
    const { get, asked } = rig()
    const refused = await get(`/api/v1/search?destination=atlantis&${dates}`)
    expect(refused.status).toBe(404)
    expect(await refused.json()).toMatchObject({
      type: expect.stringMatching(/destination-not-found$/),
      destinations: ['klosters-dorf', 'lisboa', 'CH', 'PT'],
    })
    asked()
    for (let i = 0; i < 50; i++) await get(`/api/v1/search?destination=place-${i}&${dates}`)
    expect(asked()).toEqual([])
  })

  it.each([
    ['no place', dates, '?destination'],
    ['no dates', 'destination=lisboa&adults=2', '?arrival'],
    ['30 February', 'destination=lisboa&arrival=2027-02-30&departure=2027-03-02&adults=2', '?arrival'],
    ['the past', 'destination=lisboa&arrival=2020-01-01&departure=2020-01-02&adults=2', '?arrival'],
    ['a stay of no night', `destination=lisboa&arrival=${arrival}&departure=${arrival}&adults=2`, '?departure'],
    ['no adults', `destination=lisboa&${dates.replace('adults=2', 'adults=0')}`, '?adults'],
    ['an order there is not', `destination=lisboa&${dates}&sort=stars`, '?sort'],
    ['page 0', `destination=lisboa&${dates}&page=0`, '?page'],
    ['a page of a thousand', `destination=lisboa&${dates}&pageSize=1000`, '?pageSize'],
    ['two places', `destination=lisboa&destination=PT&${dates}`, '?destination'],
    ['something unknown', `destination=lisboa&${dates}&stars=5`, '?stars'],
  ])('with %s is refused, says where, and asks the origin nothing', async (_, query, pointer) => {
    const { get, asked } = rig()
    const refused = await get(`/api/v1/search?${query}`)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    const { errors } = (await refused.json()) as { errors: { pointer: string }[] }
    expect(errors.map((error) => error.pointer)).toContain(pointer)
    expect(asked()).toEqual([])
  })

  it('does not reach the heads, which are for the edge', async () => {
    expect((await rig().get('/internal/ari/heads?destination=lisboa')).status).toBe(404)
  })
})

describe('around one hotel', () => {
  it.each([
    ['flexible-dates', `${dates}&flexibility=2`],
    ['rooms', `${dates.replace(/&adults=2/, '')}&parties=2-2,7,4`],
    ['calendar', `from=${arrival}&to=${addDays(arrival, 30)}&nights=2&adults=2`],
  ])('/%s is answered as the origin does', async (question, query) => {
    const path = `/api/v1/properties/casa-01/${question}?${query}`
    const [fromEdge, fromOrigin] = [await rig().get(path), await origin.call('GET', path)]
    expect([fromEdge.status, fromOrigin.status]).toEqual([200, 200])
    const [edgeAnswer, originAnswer] = (await Promise.all([fromEdge.json(), fromOrigin.json()])) as object[]
    expect({ ...edgeAnswer, asOf: '' }).toEqual({ ...originAnswer, asOf: '' })
  })

  it.each([
    ['flexible-dates', `${dates}&flexibility=8`, '?flexibility'],
    ['flexible-dates', `arrival=2020-01-01&departure=2020-01-02&adults=2`, '?arrival'],
    ['rooms', `${dates.replace(/&adults=2/, '')}&parties=2-0`, '?parties'],
    ['rooms', `${dates.replace(/&adults=2/, '')}&parties=1-1-1-1-1-1-1`, '?parties'],
    ['rooms', `${dates}&parties=2`, '?adults'],
  ])('/%s?%s is refused, says where', async (question, query, pointer) => {
    const refused = await rig().get(`/api/v1/properties/casa-01/${question}?${query}`)
    expect(refused.status).toBe(422)
    const { errors } = (await refused.json()) as { errors: { pointer: string }[] }
    expect(errors.map((error) => error.pointer)).toContain(pointer)
  })
})
