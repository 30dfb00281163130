import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type Gate,
  laneOf,
  nextLimit,
  openArrivals,
  openGate,
  openGates,
  type Place,
} from '../../origin/platform/admission.ts'

const seen = { answers: 100, slow: 0, wasFull: false, lagMs: 0 }
const bounds = { most: 128, least: 16 }

describe('nextLimit()', () => {
  test.each([
    ['nothing happened', { ...seen, answers: 0 }, 60, 60],
    ['there was room', seen, 60, 60],
    ['all places were taken and answers quick', { ...seen, wasFull: true }, 60, 63],
    ['there were few places', { ...seen, wasFull: true }, 4, 5],
    ['no more than the most', { ...seen, wasFull: true }, 127.5, 128],
    ['one in ten was slow', { ...seen, slow: 10, wasFull: true }, 60, 63],
    ['more than one in ten was slow', { ...seen, slow: 11, wasFull: true }, 60, 50],
    ['half were slow', { ...seen, slow: 50 }, 60, 50],
    ['most were slow', { ...seen, slow: 51 }, 60, 40],
    ['no fewer than the least', { ...seen, slow: 100 }, 17, 16],
    ['timers were late', { ...seen, lagMs: 151 }, 60, 50],
    ['timers were a little late', { ...seen, lagMs: 150 }, 60, 60],
  ])('where %s', (_, what, limit, expected) => {
    expect(nextLimit(limit, what, bounds)).toBe(expected)
  })

  test('with fewer places than connections the most is the least', () => {
    expect(nextLimit(4, { ...seen, slow: 100 }, { most: 4, least: 16 })).toBe(4)
  })
})

test.each([
  ['/health', undefined],
  ['/health/ready', undefined],
  ['/metrics', undefined],
  ['/healthy', 'work'],
  ['/internal/ari/harbour-house/head', 'edge'],
  ['/api/v1/properties/harbour-house/photos/front.webp', 'files'],
  ['/api/v1/properties/harbour-house/reservations', 'work'],
])('%s stands in line with %s', (path, lane) => {
  expect(laneOf(path)).toBe(lane)
})

describe('openGate()', () => {
  let gate: Gate
  const open = (most: number) => {
    gate = openGate({ most, least: most, adapts: false })
    return gate
  }
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    gate.close()
    vi.useRealTimers()
  })
  const place = async (asked: ReturnType<Gate['enter']>): Promise<Place> => {
    const got = await asked
    if (typeof got === 'string') throw new Error(got)
    return got
  }

  test('lets in as many as there are places, and the next one when somebody leaves', async () => {
    open(2)
    const inside = [await place(gate.enter()), await place(gate.enter())]
    const third = gate.enter()
    expect(gate.state()).toEqual({ running: 2, limit: 2, waiting: 1 })
    inside[0]?.leave()
    await place(third)
    expect(gate.state()).toEqual({ running: 2, limit: 2, waiting: 0 })
  })

  test('lets in first who came first', async () => {
    open(2)
    const [inside] = [await place(gate.enter()), await place(gate.enter())]
    const order: string[] = []
    const waiting = ['a', 'b'].map(async (name) => {
      const mine = await place(gate.enter())
      order.push(name)
      mine.leave()
    })
    inside.leave()
    await Promise.all(waiting)
    expect(order).toEqual(['a', 'b'])
  })

  test('sends away who has waited 0.3 s', async () => {
    open(1)
    await place(gate.enter())
    const second = gate.enter()
    await vi.advanceTimersByTimeAsync(299)
    expect(gate.state().waiting).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await second).toBe('waited-too-long')
    expect(gate.state()).toEqual({ running: 1, limit: 1, waiting: 0 })
  })

  test('lets nobody wait long in a line that has not been empty for 0.3 s', async () => {
    open(2)
    for (let i = 0; i < 2; i++) await place(gate.enter())
    // Somebody new before the one before has gone, so that it never is.
    const waiting = [gate.enter()]
    await vi.advanceTimersByTimeAsync(200)
    waiting.push(gate.enter())
    await vi.advanceTimersByTimeAsync(101)
    const late = gate.enter()
    await vi.advanceTimersByTimeAsync(25)
    expect(await late).toBe('waited-too-long')
    expect(await waiting[0]).toBe('waited-too-long')
    expect(gate.state().waiting).toBe(1)
  })

  test('sends away who has waited 0.3 s before, unless there is nothing much to do', async () => {
    gate = openGate({ most: 4, least: 2, adapts: false })
    const inside = [await place(gate.enter(5_000)), await place(gate.enter(5_000))]
    expect(await gate.enter(301)).toBe('waited-too-long')
    await place(gate.enter(300))
    inside[0]?.leave()
    expect(await gate.enter(301)).toBe('waited-too-long')
    inside[1]?.leave()
    await place(gate.enter(301))
  })

  test('sends away at once where as many wait as there are places', async () => {
    open(2)
    for (let i = 0; i < 4; i++) void gate.enter()
    expect(await gate.enter()).toBe('line-full')
  })

  test('never has more inside than places, and forgets nobody, whatever happens', async () => {
    vi.useRealTimers()
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        async (most, steps) => {
          const tried = openGate({ most, least: most, adapts: false })
          const inside: Place[] = []
          const asked: Promise<unknown>[] = []
          for (const comes of steps) {
            if (comes) asked.push(tried.enter().then((got) => typeof got !== 'string' && inside.push(got)))
            else inside.shift()?.leave()
            await Promise.resolve()
            await Promise.resolve()
            expect(tried.state().running).toBeLessThanOrEqual(most)
            if (tried.state().waiting > 0) expect(tried.state().running).toBe(most)
          }
          while (tried.state().running > 0) {
            inside.shift()?.leave()
            await new Promise((resolve) => setImmediate(resolve))
          }
          await Promise.all(asked)
          expect(tried.state()).toMatchObject({ running: 0, waiting: 0 })
          tried.close()
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('openArrivals()', () => {
  const now = 1_800_000_000_000
  const at = (ms: number) => (ms / 1_000).toFixed(3)

  test('tells how much longer than the quickest one took', () => {
    const waited = openArrivals()
    // The other clock is 3 s behind; the way takes 2 ms.
    expect(waited(at(now - 3_002), now)).toBe(0)
    expect(waited(at(now + 10_000 - 3_702), now + 10_000)).toBeCloseTo(700)
    expect(waited(at(now + 20_000 - 3_001), now + 20_000)).toBe(0)
    expect(waited(at(now + 21_000 - 3_002), now + 21_000)).toBeCloseTo(1)
  })

  test('knows the quickest of the last half minute to one minute, and no older one', () => {
    const waited = openArrivals()
    expect(waited(at(now), now)).toBe(0)
    expect(waited(at(now + 31_000 - 800), now + 31_000)).toBeCloseTo(800)
    // The clocks have moved apart meanwhile.
    expect(waited(at(now + 62_000 - 800), now + 62_000)).toBeCloseTo(0)
  })

  test.each([
    undefined,
    '',
    'soon',
    '1800000000',
    '-1800000000.000',
    't=1800000000.000',
    at(now - 120_001),
    at(now + 120_001),
  ])('takes %s for no time', (sentAt) => {
    const waited = openArrivals()
    waited(at(now), now)
    expect(waited(sentAt, now)).toBe(0)
  })
})

test('photos that wait for a storage leave the places of bookings alone', async () => {
  const gates = openGates(16, 4)
  for (let i = 0; i < 100; i++) void gates.files.enter()
  expect(gates.files.state().running).toBeGreaterThan(0)
  expect(gates.work.state()).toMatchObject({ running: 0, waiting: 0 })
  expect(typeof (await gates.work.enter())).toBe('object')
  for (const gate of Object.values(gates)) gate.close()
})
