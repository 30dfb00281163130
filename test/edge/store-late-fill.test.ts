/** A real origin, a real edge on Node, and answers held between the two while bookings are committed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BOUND_MS } from '../../edge/ari/store.ts'
import { addDays } from '../../shared/domain/nights.ts'
import type { AvailabilityAnswer } from '../../shared/routes/availability.ts'
import { today } from '../support/builders.ts'
import { edgeProcess } from '../support/installation.ts'
import { type OriginProxy, originProxy } from '../support/origin-proxy.ts'
import { freshDatabase } from '../support/servers.ts'
import { type House, house } from './store-rig.ts'

const database = await freshDatabase()
let set: House
let proxy: OriginProxy
let edge: { url: string; stop(): Promise<void> }
let property: string

beforeAll(async () => {
  set = await house(database)
  proxy = await originProxy((request) => set.origin.origin.fetch(request))
  edge = await edgeProcess('node', { url: proxy.url, signingKey: set.origin.signingKey }, { ARI_WARM_UP_SECONDS: '0' })
})
afterAll(async () => {
  await edge?.stop()
  await proxy?.close()
  await set.origin.origin.close()
})
beforeEach(async () => {
  property = await set.freshProperty()
})

const arrival = addDays(today(), 20)
interface Seen {
  askedAt: number
  left: number
  version: number
  stale: boolean
}
async function search(minVersion?: number): Promise<Seen> {
  const askedAt = Date.now()
  const answer = await fetch(
    `${edge.url}/api/v1/properties/${property}/availability?arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`,
    { headers: minVersion === undefined ? {} : { 'x-ari-min-version': String(minVersion) } },
  )
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  const { offers, stale, ariVersion } = JSON.parse(text) as AvailabilityAnswer
  const left = offers.find((it) => it.roomType === 'DBL' && it.ratePlan === 'BAR')?.available ?? 0
  return { askedAt, left, version: ariVersion, stale }
}

/** A guest every 25 ms for as long; then all that they saw. */
async function guestsFor(ms: number): Promise<Seen[]> {
  const guests: Promise<Seen>[] = []
  const end = Date.now() + ms
  while (Date.now() < end) {
    guests.push(search())
    await sleep(25)
  }
  return await Promise.all(guests)
}

/** Asked later than the bound after the commit, shown an older version, and not told so. */
const deceived = (seen: Seen[], version: number, committedAt: number) =>
  seen.filter((it) => it.askedAt > committedAt + BOUND_MS && it.version < version && !it.stale)

describe('a late fill', () => {
  it.each([
    ['head', async () => void (await search())],
    ['versions', async () => {}],
    [
      'deltas',
      async () => {
        await search()
        await set.book(property)
      },
    ],
  ])(
    'whose %s is held while a booking commits shows nobody the old version past the bound',
    async (document, before) => {
      await before()
      // What is held is confirmed anew only after a second.
      await sleep(1_050)
      const held = proxy.hold(new RegExp(`/${property}/${document}`))
      const early = search()
      await held.reached
      const version = await set.book(property)
      const committedAt = Date.now()
      // The booker sees it at once, past the fill that is held.
      expect(await search(version)).toMatchObject({ version, stale: false })
      const during = await guestsFor(4_500)
      held.release()
      await early
      const after = await guestsFor(1_500)
      expect(during.length).toBeGreaterThan(100)
      expect(deceived([...during, ...after], version, committedAt)).toEqual([])
      expect(during.at(-1)).toMatchObject({ version, stale: false })
      // The late fill has landed, and nobody goes back.
      expect(after.every((it) => it.version === version && !it.stale)).toBe(true)
    },
  )

  it('that is held shows nobody the old version past the bound, nobody having asked for the new one by number', async () => {
    await search()
    await sleep(1_050)
    const held = proxy.hold(new RegExp(`/${property}/head`))
    const early = search()
    await held.reached
    const version = await set.book(property)
    const committedAt = Date.now()
    const during = await guestsFor(5_000)
    held.release()
    await early
    const after = await guestsFor(1_000)
    expect(deceived([...during, ...after], version, committedAt)).toEqual([])
    expect(during.at(-1)).toMatchObject({ version, stale: false })
    expect(after.every((it) => it.version === version)).toBe(true)
  })
})

describe('a thousand guests at once on a cold property', () => {
  it('are one fill', async () => {
    proxy.requests.length = 0
    const seen = await Promise.all(Array.from({ length: 1_000 }, () => search()))
    expect(new Set(seen.map((it) => it.left))).toEqual(new Set([5]))
    const asked = proxy.requests.filter((request) => request.includes(property))
    expect(asked.filter((request) => !/\/head(?:\?|$)/.test(request))).toHaveLength(1)
    // Where a thousand answers take longer than a second, what is held is confirmed anew meanwhile.
    expect(asked.length).toBeLessThan(10)
  })
})
