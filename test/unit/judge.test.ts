import { describe, expect, test } from 'vitest'
import { judgeRules, judgeStay, type Refusal } from '../../shared/ari/judge.ts'
import { indexedStay } from '../../shared/ari/search.ts'
import type { Snapshot } from '../../shared/ari/snapshot.ts'
import { addDays, dayNumber } from '../../shared/domain/nights.ts'
import { countParty } from '../../shared/domain/party.ts'
import { REASONS } from '../../shared/routes/availability.ts'
import { aRatePlan, aRoomType } from '../support/builders.ts'
import { aHouse, type House, leave, price, restrict, snapshotOf } from './support/house.ts'

// On sale: the nights of 1 to 10 March 2027. BAR is the base plan; NRF has its restrictions too, OPEN has not;
// LATE is derived from a plan that does not sell the room type DBL.
const derived = (parent: string, inheritRestrictions: boolean) => ({
  derived: {
    ratePlan: parent,
    percentBasisPoints: -1_000,
    amount: 0,
    rounding: 'half-up' as const,
    increment: 1,
    inheritRestrictions,
  },
})
const PLANS = [
  aRatePlan('BAR'),
  aRatePlan('NRF', derived('BAR', true)),
  aRatePlan('OPEN', derived('BAR', false)),
  aRatePlan('CORP', { roomTypes: ['STE'] }),
  aRatePlan('LATE', derived('CORP', true)),
]
const BAR = ['DBL', 'BAR'] as const
const NRF = ['DBL', 'NRF'] as const
const march = (day: number) => addDays('2027-02-28', day)

interface Asked {
  plan?: string
  arrival?: number
  departure?: number
  today?: string
  adults?: number
  childAges?: number[]
}

/** The reason and the days of March it names; nothing where the stay of 3 to 6 March, or another, may be sold. */
function judged(house: House, asked: Asked = {}, judge = judgeStay): (string | number)[] {
  const snapshot = snapshotOf(house)
  const arrival = asked.arrival ?? 3
  const stay = indexedStay(
    snapshot,
    dayNumber(march(arrival)),
    (asked.departure ?? 6) - arrival,
    asked.today ?? march(1),
  )
  const product = snapshot.products.find(
    (it) => it.roomType.roomType === 'DBL' && it.plan.ratePlan === (asked.plan ?? 'BAR'),
  )
  if (!product) throw new Error('no such product')
  const party = countParty({ adults: asked.adults ?? 2, childAges: asked.childAges ?? [] }, snapshot.content.childBands)
  return named(snapshot, judge(snapshot, product, stay, party))
}

function named(snapshot: Snapshot, refusal: Refusal | undefined): (string | number)[] {
  if (!refusal) return []
  const days = refusal.nights.map((index) => snapshot.firstDay + index - dayNumber(march(0)))
  return [refusal.reason, ...days]
}

function houseWhere(change: (house: House) => void): House {
  const house = aHouse({ content: { ratePlans: structuredClone(PLANS) } })
  change(house)
  return house
}

const untouched = () => houseWhere(() => {})

describe('a stay', () => {
  test('in an open house may be sold at every plan with a price', () => {
    expect(['BAR', 'NRF', 'OPEN'].map((plan) => judged(untouched(), { plan }))).toEqual([[], [], []])
  })

  test.each<[string, Asked, (string | number)[]]>([
    ['on every night there is', { arrival: 1, departure: 11 }, []],
    ['on the first night', { arrival: 1, departure: 2 }, []],
    ['on the last night', { arrival: 10, departure: 11 }, []],
    ['from a night before the first', { arrival: 0, departure: 2, today: march(0) }, ['outside-horizon', 0]],
    ['to a night after the last', { arrival: 9, departure: 13 }, ['outside-horizon', 11, 12]],
    ['around the nights there are', { arrival: 0, departure: 12, today: march(0) }, ['outside-horizon', 0, 11]],
    ['wholly after the last night', { arrival: 11, departure: 13 }, ['outside-horizon', 11, 12]],
    ['wholly before the first night', { arrival: -2, departure: 0, today: march(-2) }, ['outside-horizon', -2, -1]],
  ])('%s is judged by the nights on sale', (_, asked, expected) => {
    expect(judged(untouched(), asked)).toEqual(expected)
  })

  // The room takes 4: at most 3 adults and 2 children, who are children up to 12.
  test.each<[number, number[], (string | number)[]]>([
    [3, [], []],
    [4, [], ['occupancy']],
    [2, [1, 12], []],
    [1, [1, 5, 12], ['occupancy']],
    [3, [1], []],
    [3, [1, 5], ['occupancy']],
    [2, [13], []],
    [3, [13], ['occupancy']],
  ])('of %i adults and children of %j is judged by what the room takes', (adults, childAges, expected) => {
    expect(judged(untouched(), { adults, childAges })).toEqual(expected)
  })
})

describe('a night without a rate', () => {
  test.each<[string, number[], (string | number)[]]>([
    ['the first', [3], ['not-priced', 3]],
    ['the last', [5], ['not-priced', 5]],
    ['each, all of them named', [3, 4, 5], ['not-priced', 3, 4, 5]],
    ['the night before', [2], []],
    ['the day of departure', [6], []],
  ])('%s, at the base plan', (_, days, expected) => {
    const house = houseWhere((it) => {
      for (const day of days) price(it, BAR, march(day), null)
    })
    expect(judged(house)).toEqual(expected)
    expect(judged(house, { plan: 'OPEN' })).toEqual(expected)
  })

  test('is every night where the parent plan does not sell the room type', () => {
    expect(judged(untouched(), { plan: 'LATE' })).toEqual(['not-priced', 3, 4, 5])
  })

  test('is none where the rate is zero', () => {
    expect(judged(houseWhere((it) => price(it, BAR, march(4), 0)))).toEqual([])
  })
})

// What each restriction forbids of a stay of the nights 3, 4 and 5 that leaves on the 6th.
describe.each<[string, Record<string, unknown>, [number, (string | number)[]][]]>([
  [
    'closed',
    { closed: true },
    [
      [2, []],
      [3, ['closed', 3]],
      [4, ['closed', 4]],
      [5, ['closed', 5]],
      [6, []],
    ],
  ],
  [
    'closed to arrival',
    { closedToArrival: true },
    [
      [2, []],
      [3, ['closed-to-arrival', 3]],
      [4, []],
      [5, []],
      [6, []],
    ],
  ],
  [
    'closed to departure',
    { closedToDeparture: true },
    [
      [3, []],
      [5, []],
      [6, ['closed-to-departure', 6]],
      [7, []],
    ],
  ],
  ['minStayArrival 3', { minStayArrival: 3 }, [[3, []]]],
  [
    'minStayArrival 4',
    { minStayArrival: 4 },
    [
      [2, []],
      [3, ['min-stay-arrival', 3]],
      [4, []],
      [5, []],
      [6, []],
    ],
  ],
  [
    'minStayThrough 3',
    { minStayThrough: 3 },
    [
      [3, []],
      [4, []],
    ],
  ],
  [
    'minStayThrough 4',
    { minStayThrough: 4 },
    [
      [2, []],
      [3, ['min-stay-through', 3]],
      [4, ['min-stay-through', 4]],
      [5, ['min-stay-through', 5]],
      [6, []],
    ],
  ],
  ['maxStay 3', { maxStay: 3 }, [[3, []]]],
  [
    'maxStay 2',
    { maxStay: 2 },
    [
      [2, []],
      [3, ['max-stay', 3]],
      [4, []],
      [5, []],
      [6, []],
    ],
  ],
])('a stay of 3 to 6 March where one night is %s', (_, cell, rows) => {
  test.each(rows)('and that night is the %ith', (day, expected) => {
    expect(judged(houseWhere((it) => restrict(it, BAR, march(day), cell)))).toEqual(expected)
  })

  test.each(rows)('and that night is the %ith, at a plan with the restrictions of its parent', (day, expected) => {
    expect(
      judged(
        houseWhere((it) => restrict(it, BAR, march(day), cell)),
        { plan: 'NRF' },
      ),
    ).toEqual(expected)
  })

  test.each(rows)('and that night is the %ith, at a derived plan of its own', (day, expected) => {
    const house = houseWhere((it) => restrict(it, ['DBL', 'OPEN'], march(day), cell))
    expect(judged(house, { plan: 'OPEN' })).toEqual(expected)
    expect(judged(house)).toEqual([])
  })

  test.each(rows)('and that night is the %ith, at a plan that leaves its parent its restrictions', (day) => {
    expect(
      judged(
        houseWhere((it) => restrict(it, BAR, march(day), cell)),
        { plan: 'OPEN' },
      ),
    ).toEqual([])
  })
})

describe('a plan with the restrictions of its parent', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, (string | number)[]]>([
    ['the longer minimum, its own', { minStayArrival: 4 }, { minStayArrival: 2 }, ['min-stay-arrival', 3]],
    ['the longer minimum, the parent’s', { minStayArrival: 2 }, { minStayArrival: 4 }, ['min-stay-arrival', 3]],
    ['the longer minimum through, its own', { minStayThrough: 4 }, { minStayThrough: 2 }, ['min-stay-through', 3]],
    ['the shorter maximum, its own', { maxStay: 2 }, { maxStay: 9 }, ['max-stay', 3]],
    ['the shorter maximum, the parent’s', { maxStay: 9 }, { maxStay: 2 }, ['max-stay', 3]],
    ['its own maximum where the parent has none', { maxStay: 2 }, {}, ['max-stay', 3]],
    ['neither where both allow it', { maxStay: 3, minStayArrival: 3 }, { maxStay: 4, minStayArrival: 2 }, []],
  ])('goes by %s', (_, own, parents, expected) => {
    const house = houseWhere((it) => {
      restrict(it, NRF, march(3), own)
      restrict(it, BAR, march(3), parents)
    })
    expect(judged(house, { plan: 'NRF' })).toEqual(expected)
  })

  test('names the nights of both', () => {
    const house = houseWhere((it) => {
      restrict(it, NRF, march(3), { closed: true })
      restrict(it, BAR, march(5), { closed: true })
    })
    expect(judged(house, { plan: 'NRF' })).toEqual(['closed', 3, 5])
  })

  test('does not restrict its parent', () => {
    expect(judged(houseWhere((it) => restrict(it, NRF, march(3), { closed: true })))).toEqual([])
  })

  test('is left alone by the same plan of another room type', () => {
    expect(
      judged(
        houseWhere((it) => restrict(it, ['STE', 'BAR'], march(3), { closed: true })),
        { plan: 'NRF' },
      ),
    ).toEqual([])
  })
})

describe('closed to departure', () => {
  test('on the last night on sale stops a stay that leaves then', () => {
    const house = houseWhere((it) => restrict(it, BAR, march(10), { closedToDeparture: true }))
    expect(judged(house, { arrival: 8, departure: 10 })).toEqual(['closed-to-departure', 10])
  })

  test('is unknown the day after the last night on sale, and stops nobody', () => {
    const house = houseWhere((it) => {
      for (let day = 1; day <= 10; day++) restrict(it, BAR, march(day), { closedToDeparture: true })
      // The first cell of the next product, which a reader past the end of the row would take.
      restrict(it, NRF, march(1), { closedToDeparture: true })
    })
    expect(judged(house, { arrival: 8, departure: 11 })).toEqual([])
  })
})

describe('how long before arrival', () => {
  const house = (advanceMin: number | null, advanceMax: number | null) =>
    houseWhere((it) => {
      for (const plan of it.content.ratePlans)
        if (plan.ratePlan === 'BAR') Object.assign(plan, { advanceMin, advanceMax })
    })

  test.each<[string, number | null, number | null, string, (string | number)[]]>([
    ['a day less than the least', 8, null, '2027-02-24', ['advance-min', 3]],
    ['the least', 7, null, '2027-02-24', []],
    ['the most', null, 7, '2027-02-24', []],
    ['a day more than the most', null, 6, '2027-02-24', ['advance-max', 3]],
    ['the day itself, with no least', 0, 0, '2027-03-03', []],
    ['the day itself, with a least of one', 1, null, '2027-03-03', ['advance-min', 3]],
    ['the day before, with a most of none', null, 0, '2027-03-02', ['advance-max', 3]],
  ])('is %s', (_, least, most, today, expected) => {
    expect(judged(house(least, most), { today })).toEqual(expected)
  })

  test('is the plan’s own rule, which a derived plan does not take over', () => {
    expect(judged(house(30, null), { plan: 'NRF' })).toEqual([])
  })
})

describe('rooms left', () => {
  test.each<[string, Record<number, number>, (string | number)[]]>([
    ['one every night', { 3: 1, 4: 1, 5: 1 }, []],
    ['none the first night', { 3: 0 }, ['sold-out', 3]],
    ['none the last night', { 5: 0 }, ['sold-out', 5]],
    ['none two nights', { 3: 0, 5: 0 }, ['sold-out', 3, 5]],
    ['fewer than none', { 4: -2 }, ['sold-out', 4]],
    ['none the night before', { 2: 0 }, []],
    ['none the day of departure', { 6: 0 }, []],
  ])('are %s', (_, left, expected) => {
    const house = houseWhere((it) => {
      for (const [day, rooms] of Object.entries(left)) leave(it, 'DBL', march(Number(day)), rooms)
    })
    expect(judged(house)).toEqual(expected)
    expect(judged(house, {}, judgeRules)).toEqual([])
  })

  test('of another room type do not matter', () => {
    expect(judged(houseWhere((it) => leave(it, 'STE', march(3), 0)))).toEqual([])
  })
})

describe('of several reasons', () => {
  // Each breaks one rule for a stay of three nights; together, the first that holds is the one that is said.
  const breaks: Record<(typeof REASONS)[number], (house: House) => void> = {
    'outside-horizon': () => {},
    occupancy: (it) => {
      it.content.roomTypes = [aRoomType('DBL', { maxAdults: 1 }), ...it.content.roomTypes.slice(1)]
    },
    'not-priced': (it) => price(it, BAR, march(5), null),
    closed: (it) => restrict(it, BAR, march(5), { closed: true }),
    'closed-to-arrival': (it) => restrict(it, BAR, march(3), { closedToArrival: true }),
    'closed-to-departure': (it) => restrict(it, BAR, march(6), { closedToDeparture: true }),
    'min-stay-arrival': (it) => restrict(it, BAR, march(3), { minStayArrival: 9 }),
    'min-stay-through': (it) => restrict(it, BAR, march(4), { minStayThrough: 9 }),
    'max-stay': (it) => restrict(it, BAR, march(3), { maxStay: 1 }),
    'advance-min': (it) => Object.assign(it.content.ratePlans[0] ?? {}, { advanceMin: 60 }),
    'advance-max': (it) => Object.assign(it.content.ratePlans[0] ?? {}, { advanceMax: 0 }),
    'sold-out': (it) => leave(it, 'DBL', march(4), 0),
  }

  test.each(REASONS.slice(1).map((reason, i) => [reason, i + 1] as const))(
    '%s is said before every later one',
    (reason, from) => {
      const house = houseWhere((it) => {
        for (const later of REASONS.slice(from)) breaks[later](it)
      })
      expect(judged(house)[0]).toBe(reason)
    },
  )

  test('outside-horizon is said before every other one', () => {
    const house = houseWhere((it) => {
      for (const reason of REASONS) breaks[reason](it)
    })
    expect(judged(house, { departure: 12 })).toEqual(['outside-horizon', 11])
  })
})
