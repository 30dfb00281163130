import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/servers.ts'
import { type House, house, left, paused, rig as rigOf, sharedCache } from './store-rig.ts'

const database = await freshDatabase()
let set: House
beforeAll(async () => {
  set = await house(database)
})
afterAll(async () => {
  await set.origin.origin.close()
})
const rig = () => rigOf(set.origin)
const headOf = (property: string) => new RegExp(`/${property}/head`)

describe('a head read for one property', () => {
  it('confirms the others that guests have looked at', async () => {
    const [first, second, third] = [await set.freshProperty(), await set.freshProperty(), await set.freshProperty()]
    const { store, requests, advance } = rig()
    for (const property of [first, second, third]) await left(store, property)
    for (let second_ = 0; second_ < 5; second_++) {
      advance(1_100)
      requests.length = 0
      for (const property of [first, second, third])
        expect(await left(store, property)).toMatchObject({ left: 5, stale: false })
      expect(requests).toHaveLength(1)
    }
  })

  it('says of another that it has moved on, which then costs its changes alone', async () => {
    const [first, second] = [await set.freshProperty(), await set.freshProperty()]
    const { store, requests, advance } = rig()
    for (const property of [first, second]) await left(store, property)
    const version = await set.book(second)
    advance(1_100)
    requests.length = 0
    await left(store, first)
    expect(await left(store, second)).toEqual({ left: 4, version, stale: false })
    expect(requests).toHaveLength(2)
    expect(requests[0]).toMatch(headOf(first))
    expect(requests[1]).toMatch(new RegExp(`/${second}/deltas/`))
  })

  it('confirms no more than was true when it was asked for', async () => {
    const [first, second] = [await set.freshProperty(), await set.freshProperty()]
    const { store, requests, gate, advance } = rig()
    for (const property of [first, second]) await left(store, property)
    advance(1_100)
    const hold = paused()
    gate.after = async (path) => {
      if (headOf(first).test(path)) await hold.wait
      return undefined
    }
    const early = left(store, first)
    await expect.poll(() => requests.some((path) => headOf(first).test(path) && path.includes(second))).toBe(true)
    const version = await set.book(second)
    advance(1_500)
    hold.release()
    await early
    gate.after = async () => undefined
    // What the late head says of it is older than a second by now, so it is asked about anew.
    expect(await left(store, second)).toEqual({ left: 4, version, stale: false })
  })

  it('is waited for by those it brings along', async () => {
    const [first, second] = [await set.freshProperty(), await set.freshProperty()]
    const { store, requests, gate, advance } = rig()
    for (const property of [first, second]) await left(store, property)
    advance(1_100)
    requests.length = 0
    const hold = paused()
    gate.after = async (path) => {
      if (headOf(first).test(path)) await hold.wait
      return undefined
    }
    const both = [left(store, first), left(store, second)]
    await expect.poll(() => requests.length).toBe(1)
    hold.release()
    expect(await Promise.all(both)).toMatchObject([{ left: 5 }, { left: 5 }])
    expect(requests).toHaveLength(1)
  })

  it('that never comes keeps nobody from their own', async () => {
    const [first, second] = [await set.freshProperty(), await set.freshProperty()]
    const { store, gate, advance } = rig()
    for (const property of [first, second]) await left(store, property)
    advance(1_100)
    gate.after = async (path) => (headOf(first).test(path) ? await new Promise(() => {}) : undefined)
    const lost = left(store, first)
    expect(await left(store, second)).toMatchObject({ left: 5, stale: false })
    await lost
  })

  it('says nothing of a property that was set back to an earlier version', async () => {
    const [first, second] = [await set.freshProperty(), await set.freshProperty()]
    const { store, requests, gate, advance } = rig()
    for (const property of [first, second]) await left(store, property)
    advance(1_100)
    gate.after = async (path, response) => {
      if (!headOf(first).test(path)) return undefined
      const head = (await response.json()) as { version: number; others: (number | null)[] }
      return Response.json({ ...head, others: head.others.map((it) => (it === null ? null : it - 1)) })
    }
    await left(store, first)
    requests.length = 0
    await left(store, second)
    expect(requests[0]).toMatch(headOf(second))
  })

  it.each<[string, (others: (number | null)[]) => unknown]>([
    ['one too few', (others) => others.slice(1)],
    ['one too many', (others) => [7, ...others]],
    ['something else', (others) => others.map(String)],
    ['none at all', () => undefined],
  ])('is not believed where it tells %s: it could be meant of another', async (_, changed) => {
    const [first, second, third] = [await set.freshProperty(), await set.freshProperty(), await set.freshProperty()]
    const { store, requests, gate, advance } = rig()
    for (const property of [first, second, third]) await left(store, property)
    advance(1_100)
    gate.after = async (path, response) => {
      if (!headOf(first).test(path)) return undefined
      const head = (await response.json()) as { version: number; others: (number | null)[] }
      return Response.json({ ...head, others: changed(head.others) })
    }
    await left(store, first)
    requests.length = 0
    await left(store, second)
    expect(requests[0]).toMatch(headOf(second))
  })

  it('asks for as many others as an address takes', async () => {
    const { store, requests, advance } = rigOf(set.origin, { cache: sharedCache().cache })
    const property = await set.freshProperty()
    const found = await store.confirmed(property, undefined, () => {})
    for (let i = 0; i < 400; i++)
      store.take(`${'other-'.repeat(8)}${i}`, { snapshot: { ...found.snapshot }, confirmedAt: Date.now() })
    advance(1_100)
    await left(store, property)
    const asked = requests.findLast((path) => headOf(property).test(path)) ?? ''
    expect(asked.length).toBeGreaterThan(3_000)
    expect(asked.length).toBeLessThan(6_200)
  })
})
