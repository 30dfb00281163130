import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyDelta, type CellChange, type Delta, isDelta } from '../../shared/ari/delta.ts'
import type { RestrictionCell } from '../../shared/ari/facts.ts'
import { availableAt, encodeSnapshot, type Snapshot, sealSnapshot } from '../../shared/ari/snapshot.ts'
import { dayNumber } from '../../shared/domain/nights.ts'
import { aHouse, type House, snapshotOf } from './support/house.ts'
import { FIRST_NIGHT, someHouse, someRestriction } from './support/house-arbitraries.ts'

const MARCH_1 = dayNumber('2027-03-01')

function aDelta(changes: CellChange[], over: Partial<Delta> = {}): Delta {
  return { format: 1, from: 1, to: 2, changes, ...over }
}

const flagsOf = (cell: RestrictionCell) =>
  (cell.closedToArrival ? 1 : 0) + (cell.closedToDeparture ? 2 : 0) + (cell.closed ? 4 : 0)

/** One cell of a house, to be written: which and what; a night may lie up to two days off the ones on sale. */
const someWrite = fc.record({
  column: fc.constantFrom('available' as const, 'amounts' as const, 'restrictions' as const),
  product: fc.nat(),
  night: fc.integer({ min: -2, max: 15 }),
  left: fc.nat(12),
  amount: fc.option(fc.nat(50_000)),
  cell: someRestriction,
})
type Write = typeof someWrite extends fc.Arbitrary<infer T> ? T : never

/** Writes the cell into the facts, and returns the change that says so. */
function write(house: House, { column, product, night, left, amount, cell }: Write): CellChange {
  const day = dayNumber(FIRST_NIGHT) + night
  const onSale = night >= 0 && night < house.nights
  if (column === 'available') {
    const type = product % house.available.length
    const row = house.available[type]
    if (onSale && row) row[night] = left
    return { available: [[house.content.roomTypes[type]?.roomType ?? '', day, left]] }
  }
  const candidates = house.products.filter((it) => column === 'restrictions' || it.amounts)
  const chosen = candidates[product % candidates.length]
  if (!chosen) throw new Error('a house has a base product')
  if (column === 'amounts') {
    if (onSale && chosen.amounts) chosen.amounts[night] = amount
    return { amounts: [[chosen.roomType, chosen.ratePlan, day, amount ?? -1]] }
  }
  if (onSale) chosen.restrictions[night] = cell
  const lengths = [cell.minStayArrival ?? 0, cell.minStayThrough ?? 0, cell.maxStay ?? 0] as const
  return { restrictions: [[chosen.roomType, chosen.ratePlan, day, ...lengths, flagsOf(cell)]] }
}

describe('applyDelta()', () => {
  test('step by step gives the snapshot of the changed facts, byte for byte', () => {
    const steps = fc.array(fc.array(someWrite, { maxLength: 5 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(someHouse(), steps, (house, changes) => {
        const snapshot = snapshotOf(house)
        for (const writes of changes) {
          const from = house.version
          house.version += 1
          const delta = aDelta(
            writes.map((it) => write(house, it)),
            { from, to: house.version },
          )
          expect(applyDelta(snapshot, JSON.parse(JSON.stringify(delta)))).toBe(true)
          // Not toEqual(): it would draw the difference of thousands of bytes at every try.
          expect(Buffer.from(sealSnapshot(snapshot)).equals(encodeSnapshot(house))).toBe(true)
        }
      }),
    )
  })

  test('takes the later of two entries for a cell, within a change and between changes', () => {
    const snapshot = snapshotOf(aHouse())
    const changes = [
      {
        available: [
          ['DBL', MARCH_1, 5],
          ['DBL', MARCH_1, 4],
        ],
      },
      { available: [['DBL', MARCH_1, 2]] },
    ]
    expect(applyDelta(snapshot, aDelta(changes as CellChange[]))).toBe(true)
    expect(snapshot.available[0]).toBe(2)
  })

  test('clamps rooms left as the snapshot does', () => {
    const snapshot = snapshotOf(aHouse())
    applyDelta(
      snapshot,
      aDelta([
        {
          available: [
            ['DBL', MARCH_1, 40],
            ['DBL', MARCH_1 + 1, -3],
          ],
        },
      ]),
    )
    expect([0, 1].map((night) => availableAt(snapshot, 0, night))).toEqual([9, 0])
  })

  test('of nothing moves the version alone, over as many versions as it says', () => {
    const snapshot = snapshotOf(aHouse({ version: 7 }))
    expect(applyDelta(snapshot, aDelta([], { from: 7, to: 19 }))).toBe(true)
    expect(snapshot.version).toBe(19)
  })

  // The nights of 1 to 10 March are on sale: the cells beside them belong to other rows.
  test.each([-1, 10])('leaves out the night %i, which is not on sale', (night) => {
    const snapshot = snapshotOf(aHouse())
    const before = columnsOf(snapshot)
    const day = MARCH_1 + night
    const change: CellChange = {
      available: [['STE', day, 0]],
      amounts: [['STE', 'BAR', day, 1]],
      restrictions: [['STE', 'BAR', day, 9, 9, 9, 7]],
    }
    expect(applyDelta(snapshot, aDelta([change]))).toBe(true)
    expect(columnsOf(snapshot)).toEqual({ ...before, version: 2 })
  })

  const sound: CellChange = {
    available: [['DBL', MARCH_1, 0]],
    amounts: [['DBL', 'BAR', MARCH_1, 1]],
    restrictions: [['DBL', 'BAR', MARCH_1, 9, 9, 9, 7]],
  }

  test.each<[string, Delta]>([
    ['from an earlier version', aDelta([sound], { from: 0 })],
    ['from a later version', aDelta([sound], { from: 2, to: 3 })],
    ['that is restructured', aDelta([sound, { restructured: true }])],
    ['with an unknown room type', aDelta([sound, { available: [['TWN', MARCH_1, 1]] }])],
    ['with a rate of an unknown plan', aDelta([sound, { amounts: [['DBL', 'CORP', MARCH_1, 1]] }])],
    ['with a rate of a derived plan', aDelta([sound, { amounts: [['DBL', 'NRF', MARCH_1, 1]] }])],
    ['with a rate of an unknown room type', aDelta([sound, { amounts: [['TWN', 'BAR', MARCH_1, 1]] }])],
    [
      'with a restriction of an unknown product',
      aDelta([sound, { restrictions: [['TWN', 'BAR', MARCH_1, 0, 0, 0, 0]] }]),
    ],
    ['with an unknown code on a night that is not on sale', aDelta([sound, { available: [['TWN', 0, 1]] }])],
  ])('%s is refused, and changes nothing', (_, delta) => {
    const snapshot = snapshotOf(aHouse())
    const before = columnsOf(snapshot)
    expect(applyDelta(snapshot, delta)).toBe(false)
    expect(columnsOf(snapshot)).toEqual(before)
  })

  test('that was sound changes what the refused ones would have changed', () => {
    const snapshot = snapshotOf(aHouse())
    const before = columnsOf(snapshot)
    expect(applyDelta(snapshot, aDelta([sound]))).toBe(true)
    const after = columnsOf(snapshot)
    for (const name of Object.keys(before) as (keyof typeof before)[]) expect(after[name]).not.toEqual(before[name])
  })

  test('a second time is refused', () => {
    const snapshot = snapshotOf(aHouse())
    const delta = aDelta([sound])
    expect([applyDelta(snapshot, delta), applyDelta(snapshot, delta)]).toEqual([true, false])
  })
})

describe('isDelta()', () => {
  test.each<[string, unknown]>([
    ['of nothing', aDelta([])],
    ['of an empty change', aDelta([{}])],
    ['that is restructured', aDelta([{ restructured: true }])],
    [
      'of every column',
      aDelta([
        {
          available: [['DBL', 20_000, 3]],
          amounts: [['DBL', 'BAR', 20_000, -1]],
          restrictions: [['DBL', 'BAR', 20_000, 0, 0, 0, 7]],
        },
      ]),
    ],
  ])('takes one %s', (_, value) => {
    expect(isDelta(value, 1, 2)).toBe(true)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['text', 'delta'],
    ['a list', [aDelta([])]],
    ['an empty object', {}],
    ['another format', { ...aDelta([]), format: 2 }],
    ['a problem document', { type: 'https://stayzr.dev/problems/internal', title: '', status: 500 }],
    ['another start', aDelta([], { from: 0 })],
    ['another end', aDelta([], { to: 3 })],
    ['versions as text', { ...aDelta([]), from: '1', to: '2' }],
    ['no changes', { format: 1, from: 1, to: 2 }],
    ['changes that are no list', { ...aDelta([]), changes: {} }],
    ['a change that is null', { ...aDelta([]), changes: [null] }],
    ['a change that is text', { ...aDelta([]), changes: ['x'] }],
    ['cells that are no list', { ...aDelta([]), changes: [{ available: 5 }] }],
    ['a cell that is null', { ...aDelta([]), changes: [{ available: [null] }] }],
    ['a cell cut short', { ...aDelta([]), changes: [{ available: [['DBL', 20_000]] }] }],
    ['a cell with too much', { ...aDelta([]), changes: [{ available: [['DBL', 20_000, 1, 1]] }] }],
    ['a code that is a number', { ...aDelta([]), changes: [{ available: [[1, 20_000, 1]] }] }],
    ['a day that is a date', { ...aDelta([]), changes: [{ available: [['DBL', '2027-03-01', 1]] }] }],
    ['a day and a half', { ...aDelta([]), changes: [{ available: [['DBL', 20_000.5, 1]] }] }],
    // Written into a column of integers, each of these would be a room for nothing.
    ['an amount that is null', { ...aDelta([]), changes: [{ amounts: [['DBL', 'BAR', 20_000, null]] }] }],
    ['an amount as text', { ...aDelta([]), changes: [{ amounts: [['DBL', 'BAR', 20_000, '12 €']] }] }],
    ['an amount beyond 32 bits', { ...aDelta([]), changes: [{ amounts: [['DBL', 'BAR', 20_000, 2 ** 32]] }] }],
    ['a restriction cut short', { ...aDelta([]), changes: [{ restrictions: [['DBL', 'BAR', 20_000, 0, 0, 0]] }] }],
    ['a minimum beyond a byte', { ...aDelta([]), changes: [{ restrictions: [['DBL', 'BAR', 20_000, 256, 0, 0, 0]] }] }],
    ['a flag that is true', { ...aDelta([]), changes: [{ restrictions: [['DBL', 'BAR', 20_000, 0, 0, 0, true]] }] }],
  ])('refuses %s', (_, value) => {
    expect(isDelta(value, 1, 2)).toBe(false)
  })

  test('lets nothing through that applying it would choke on', () => {
    const junk = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.jsonValue(), { maxLength: 3 }),
      fc.array(fc.array(fc.jsonValue())),
    )
    const change = fc.oneof(fc.jsonValue(), fc.record({ available: junk, amounts: junk, restrictions: junk }))
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const value: unknown = { format: 1, from: 1, to: 2, changes }
        if (isDelta(value, 1, 2)) applyDelta(snapshotOf(aHouse()), value)
      }),
      { numRuns: 200 },
    )
  })
})

function columnsOf({ version, amounts, rules, available }: Snapshot) {
  return structuredClone({ version, amounts, rules, available })
}
