import { describe, expect, test } from 'vitest'
import { poissonMoments, randomShares, stays, zipf } from '../bench/edge/bookings.ts'
import { lackedFor } from '../bench/edge/freshness.ts'
import { boundText, figureText, holds, type Line, median } from '../bench/edge/lines.ts'
import { PARTS, readOptions } from '../bench/edge/options.ts'
import { requestsIn } from '../bench/edge/origin-stack.ts'
import { plotOf } from '../bench/edge/plot.ts'
import { shortfallsOf, tableOf } from '../bench/edge/report.ts'
import { Started } from '../bench/edge/started.ts'
import type { FileBooking } from '../bench/replay/bookings-file.ts'
import { percentile } from '../bench/replay/tally.ts'

describe('percentile() and median()', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)

  test.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0.001, 1],
  ])('the %f share of 1 to 100 lies at or below %d', (share, expected) => {
    expect(percentile(hundred, share)).toBe(expected)
  })

  test('one slow answer in a hundred and one is beyond p99', () => {
    expect(percentile([...Array.from({ length: 100 }, () => 1), 500], 0.99)).toBe(1)
    expect(percentile([...Array.from({ length: 98 }, () => 1), 500, 500], 0.99)).toBe(500)
  })

  test('the median is the middle one, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 7])).toBe(6)
    expect(median([])).toBeNaN()
  })
})

describe('zipf()', () => {
  test('asks for the n-th property 1/n as often as for the first, and for no other', () => {
    const counts = new Array<number>(200).fill(0)
    const rank = zipf(200, randomShares(7))
    for (let i = 0; i < 200_000; i++) {
      const drawn = rank()
      counts[drawn] = (counts[drawn] ?? 0) + 1
    }
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200_000)
    expect(counts).toHaveLength(200)
    const first = counts[0] as number
    for (const n of [2, 5, 20]) {
      const share = (counts[n - 1] as number) / first
      expect(share * n).toBeGreaterThan(0.9)
      expect(share * n).toBeLessThan(1.1)
    }
  })

  test('the ends of the shares are the ends of the ranks', () => {
    expect(zipf(200, () => 0)()).toBe(0)
    expect(zipf(200, () => 0.999_999_999)()).toBe(199)
  })
})

describe('poissonMoments()', () => {
  test('comes to so many a second, in order, up to the end', () => {
    const moments = poissonMoments(80, 100_000, randomShares(3))
    expect(moments.length / 100).toBeGreaterThan(76)
    expect(moments.length / 100).toBeLessThan(84)
    expect(moments).toEqual(moments.toSorted((a, b) => a - b))
    expect(moments.at(-1)).toBeLessThan(100_000)
  })
})

describe('stays()', () => {
  const booking: FileBooking = {
    line: 2,
    hotel: 'Resort',
    roomType: 'A',
    arrival: '2016-03-10',
    nights: 3,
    adults: 2,
    children: 1,
    babies: 0,
    rateMinor: 9_000,
    bookedOn: '2016-03-01',
    cancelledOn: null,
    nonRefundable: false,
  }
  const options = { today: '2027-06-01', lastNight: '2029-05-30', seed: 1, share: () => 0 }

  test('asks as many days ahead as was booked, for as many nights and the same party', () => {
    const stay = stays([booking], options)()
    expect(stay).toMatchObject({ arrival: '2027-06-10', departure: '2027-06-13', adults: 2 })
    expect(stay.childAges).toHaveLength(1)
  })

  test('leaves out what lies beyond the nights on sale', () => {
    const far = { ...booking, bookedOn: '2012-01-01', adults: 9 }
    expect(stays([far, booking], options)().adults).toBe(2)
    expect(() => stays([far], options)).toThrow('No booking')
  })
})

describe('lackedFor()', () => {
  const commits = new Map([
    ['house 5', 10_000],
    ['house 6', 10_900],
    ['other 5', 1_000],
  ])

  test('an answer that knows everything committed lacks nothing', () => {
    expect(lackedFor({ property: 'house', version: 6, at: 99_000 }, commits)).toBe(0)
  })

  test('an answer lacks the first later version since its commit, not the last one', () => {
    expect(lackedFor({ property: 'house', version: 4, at: 12_001 }, commits)).toBe(2_001)
    expect(lackedFor({ property: 'house', version: 5, at: 12_001 }, commits)).toBe(1_101)
  })

  test('an answer given before the commit lacks nothing', () => {
    expect(lackedFor({ property: 'house', version: 4, at: 9_999 }, commits)).toBe(0)
  })

  test("another property's version says nothing", () => {
    expect(lackedFor({ property: 'third', version: 4, at: 99_000 }, commits)).toBe(0)
  })
})

describe('requestsIn()', () => {
  test("adds up an origin's requests by method and route, without those of operators", () => {
    const metrics = `# TYPE stayzr_http_request_seconds histogram
stayzr_http_request_seconds_bucket{le="0.002",route="/internal/ari/:property/head",method="GET",status="200"} 4
stayzr_http_request_seconds_count{route="/internal/ari/:property/head",method="GET",status="200"} 7
stayzr_http_request_seconds_count{route="/internal/ari/:property/head",method="GET",status="404"} 2
stayzr_http_request_seconds_count{route="/api/v1/properties",method="POST",status="201"} 1
stayzr_http_request_seconds_count{route="/health/ready",method="GET",status="200"} 50
stayzr_http_request_seconds_count{route="unmatched",method="GET",status="200"} 9
`
    expect([...requestsIn(metrics)]).toEqual([
      ['GET /internal/ari/:property/head', 9],
      ['POST /api/v1/properties', 1],
    ])
  })
})

describe('a line', () => {
  const line = (value: number, bound?: Line['bound']): Line => ({
    part: 'visible',
    name: 'p99',
    value,
    unit: 'ms',
    ...(bound ? { bound } : {}),
  })

  test.each([
    [line(2_000, { atMost: 2_000 }), true],
    [line(2_000.1, { atMost: 2_000 }), false],
    [line(0.85, { atLeast: 0.85 }), true],
    [line(0.849, { atLeast: 0.85 }), false],
    [line(0.5, { below: 0.5 }), false],
    [line(0.499, { below: 0.5 }), true],
    [line(Number.NaN, { atMost: 1 }), false],
    [line(Number.NaN, { atLeast: 1 }), false],
    [line(1e9), true],
  ])('%o holds: %s', (it, expected) => {
    expect(holds(it)).toBe(expected)
  })

  test('is named with its figure and its bound where it falls short, and only then', () => {
    const lines = [line(2_500, { atMost: 2_000 }), line(10, { atMost: 2_000 }), line(99_999)]
    expect(shortfallsOf(lines)).toEqual(['Commit to visible: p99 is 2500 ms, not ≤ 2000 ms.'])
    const table = tableOf(lines, { machine: 'a small one' }).join('\n')
    expect(table).toMatch(/p99 +2500 ms +≤ 2000 ms +FAIL/)
    expect(table).toMatch(/p99 +10 ms +≤ 2000 ms +ok/)
    expect(table).toMatch(/machine +a small one/)
  })

  test('is written with as many digits as say something', () => {
    expect([0.051, 3, 12.34, 432.1, 1_234.5, Number.NaN].map(figureText)).toEqual([
      '0.051',
      '3',
      '12.3',
      '432',
      '1235',
      '–',
    ])
    expect(boundText(line(1, { below: 0.5 }))).toBe('< 0.5 ms')
  })
})

describe('plotOf()', () => {
  const panels = [
    {
      title: 'Requests <for 1,000>',
      unit: 'ms',
      bars: [
        { label: 'edge & Node', value: 25, ours: true },
        { label: 'nginx', value: 100, ours: false },
        { label: 'none', value: 0, ours: false },
      ],
    },
  ]
  const svg = plotOf('The edge "beside" caches', panels)
  const widths = [...svg.matchAll(/<rect class="(\w+)"[^>]* width="(\d+)"/g)].map(([, kind, width]) => [
    kind,
    Number(width),
  ])

  test('draws a bar as long as its share of the longest, and something for nothing', () => {
    const [ours, nginx, none] = widths
    expect([ours?.[0], nginx?.[0]]).toEqual(['ours', 'theirs'])
    expect(Number(nginx?.[1]) / Number(ours?.[1])).toBeCloseTo(4, 1)
    expect(none?.[1]).toBe(1)
  })

  test('uses the width there is, and leaves room for the figure', () => {
    const ends = [...svg.matchAll(/<rect [^>]*x="(\d+)"[^>]* width="(\d+)"/g)].map(([, x, w]) => Number(x) + Number(w))
    expect(Math.max(...ends)).toBeGreaterThan(600)
    expect(Math.max(...ends)).toBeLessThan(680)
  })

  test('escapes what it is given, and has colours for light and dark', () => {
    expect(svg).toContain('Requests &lt;for 1,000&gt;')
    expect(svg).toContain('edge &amp; Node')
    expect(svg).toContain('aria-label="The edge &quot;beside&quot; caches"')
    expect(svg).toContain('@media (prefers-color-scheme: dark)')
  })

  test('is high enough for all its panels', () => {
    const [, height = 0] = /viewBox="0 0 \d+ (\d+)"/.exec(plotOf('two', [...panels, ...panels])) ?? []
    const bottoms = [...plotOf('two', [...panels, ...panels]).matchAll(/<rect [^>]*y="(\d+)"[^>]*height="(\d+)"/g)].map(
      ([, y, barHeight]) => Number(y) + Number(barHeight),
    )
    expect(Math.max(...bottoms)).toBeLessThan(Number(height))
    expect(bottoms).toHaveLength(6)
  })
})

describe('readOptions()', () => {
  test('measures all parts unless told which', () => {
    expect([...(readOptions(['a.csv'])?.parts ?? [])]).toEqual([...PARTS])
    expect([...(readOptions(['a.csv', '--only', 'visible,pure'])?.parts ?? [])]).toEqual(['visible', 'pure'])
    expect(readOptions(['--help'])).toBeUndefined()
  })

  test.each([
    [[], 'Give the path'],
    [['a.csv', 'b.csv'], 'Give the path'],
    [['a.csv', '--only', 'fast'], 'There is no part "fast"'],
    [['a.csv', '--seconds', '0'], 'Write --seconds'],
    [['a.csv', '--rate', 'many'], 'Write --rate'],
    [['a.csv', '--speed'], '--speed'],
  ])('%j makes no sense', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence)
  })
})

describe('Started', () => {
  const thing = (name: string, log: string[]) => ({ stop: async () => void log.push(name) })

  test('stops everything, the last one first, and what is started meanwhile at once', async () => {
    const log: string[] = []
    const started = new Started()
    await started.keep(thing('database', log))
    const edge = await started.keep(thing('edge', log))
    await started.keep(Promise.resolve(thing('origin', log)))
    await started.stop(edge)
    await started.stopAll()
    await expect(started.keep(thing('late', log))).rejects.toThrow('Stopped.')
    expect(log).toEqual(['edge', 'origin', 'database', 'late'])
  })
})
