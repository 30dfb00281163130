import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AriFacts, RestrictionCell } from '../../shared/ari/facts.ts'
import {
  blankSnapshot,
  clampAvailable,
  encodeSnapshot,
  openSnapshot,
  type Product,
  productsOf,
  type Snapshot,
  scratchSnapshot,
  sealSnapshot,
  writeRestriction,
} from '../../shared/ari/snapshot.ts'
import { dayNumber, nightOf } from '../../shared/domain/nights.ts'
import { aRatePlan } from '../support/builders.ts'
import { aHouse, type House, price, restrict, snapshotOf, UNRESTRICTED } from './support/house.ts'
import { someHouse } from './support/house-arbitraries.ts'

/** The facts that a snapshot holds, read column by column. */
function factsIn(snapshot: Snapshot): AriFacts {
  const { nights, products, baseProducts, roomTypes } = snapshot
  const column = (cells: Int32Array | Uint32Array | Uint8Array, width: number, place: number) =>
    Array.from({ length: nights }, (_, night) => cells[night * width + place] as number)
  const days = (length: number) => (length === 0 ? null : length)
  return {
    content: snapshot.content,
    version: snapshot.version,
    firstNight: nightOf(snapshot.firstDay),
    nights,
    available: snapshot.content.roomTypes.map((_, type) => column(snapshot.available, roomTypes, type)),
    products: products.map(({ index, roomType, plan, amountsPlace }) => ({
      roomType: roomType.roomType,
      ratePlan: plan.ratePlan,
      amounts: plan.derived
        ? null
        : column(snapshot.amounts, baseProducts, amountsPlace).map((amount) => (amount === -1 ? null : amount)),
      restrictions: column(snapshot.rules, products.length, index).map(
        (rule): RestrictionCell => ({
          minStayArrival: days((rule >>> 16) & 0xff),
          minStayThrough: days((rule >>> 8) & 0xff),
          maxStay: days(rule >>> 24),
          closedToArrival: (rule & 1) !== 0,
          closedToDeparture: (rule & 2) !== 0,
          closed: (rule & 4) !== 0,
        }),
      ),
    })),
  }
}

/** What a snapshot says of facts: the same, with rooms left clamped at 9. */
function clamped(house: House): AriFacts {
  return { ...house, available: house.available.map((row) => row.map((left) => Math.min(9, left))) }
}

describe('a snapshot opened from its bytes', () => {
  test('holds the facts it was made from', () => {
    fc.assert(
      fc.property(someHouse(), (house) => {
        expect(factsIn(snapshotOf(house))).toEqual(clamped(house))
      }),
    )
  })

  test('holds the largest of everything', () => {
    const house = aHouse({ nights: 800, version: Number.MAX_SAFE_INTEGER, rate: 100_000_000, left: 3_000 })
    restrict(house, ['DBL', 'BAR'], '2027-03-01', { minStayArrival: 250, minStayThrough: 250, maxStay: 250 })
    expect(factsIn(snapshotOf(house))).toEqual(clamped(house))
  })

  test('holds text of every script, and a first night before 1970', () => {
    const house = aHouse({ content: { name: 'Säntis 湯宿 🏔️' }, firstNight: '1960-02-29' })
    expect(factsIn(snapshotOf(house))).toEqual(clamped(house))
  })

  test('tells a rate of nothing from no rate', () => {
    const house = aHouse()
    price(house, ['DBL', 'BAR'], '2027-03-01', 0)
    price(house, ['DBL', 'BAR'], '2027-03-02', null)
    // Two base products a night: DBL at BAR, then STE at BAR.
    expect([...snapshotOf(house).amounts.slice(0, 6)]).toEqual([0, 10_000, -1, 10_000, 10_000, 10_000])
  })

  test.each([1, 2, 3, 5, 1_002])('is the same from bytes that begin %i bytes into a larger buffer', (offset) => {
    const bytes = encodeSnapshot(aHouse())
    const larger = new Uint8Array(bytes.length + offset + 7)
    larger.set(bytes, offset)
    expect(openSnapshot(larger.subarray(offset, offset + bytes.length))).toMatchObject(columnsOf(openSnapshot(bytes)))
  })

  test.each([0, 1, 2, 3])('is the same from a Node Buffer that begins %i bytes into its pool', (offset) => {
    const bytes = encodeSnapshot(aHouse())
    const larger = Buffer.alloc(bytes.length + offset)
    larger.set(bytes, offset)
    expect(openSnapshot(larger.subarray(offset))).toMatchObject(columnsOf(openSnapshot(bytes)))
  })
})

describe('the bytes of a snapshot', () => {
  const house = aHouse({ nights: 3, version: 42, firstNight: '2027-03-01' })
  const bytes = encodeSnapshot(house)
  const view = new DataView(bytes.buffer, bytes.byteOffset)

  // Two room types at BAR, which is a base plan, and at NRF, which is derived.
  test('begin with the header that format 2 documents', () => {
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('SZAR')
    expect([view.getUint16(4, true), view.getUint16(6, true)]).toEqual([2, 0])
    expect(view.getUint32(8, true)).toBe(bytes.byteLength)
    expect(view.getFloat64(16, true)).toBe(42)
    expect(view.getInt32(24, true)).toBe(dayNumber('2027-03-01'))
    expect([28, 32, 36, 40].map((at) => view.getUint32(at, true))).toEqual([3, 2, 2, 4])
  })

  test('go on with the columns in the documented order', () => {
    const column = (start: number, length: number) => [...bytes.subarray(start, start + length)]
    const full = aHouse({ nights: 3, left: 7 })
    for (const product of full.products)
      product.restrictions.fill({
        minStayArrival: 2,
        minStayThrough: 3,
        maxStay: 4,
        closedToArrival: true,
        closedToDeparture: false,
        closed: true,
      })
    bytes.set(encodeSnapshot(full))
    const each = (value: number, times: number) => Array.from({ length: times }, () => value)
    expect([...Array(6).keys()].map((i) => view.getInt32(48 + 4 * i, true))).toEqual(each(10_000, 6))
    // Closed, and closed to arrival; through 3, on arrival 2, at most 4 nights.
    expect(column(72, 48)).toEqual(each(0, 12).flatMap(() => [5, 3, 2, 4]))
    expect(column(120, 6)).toEqual(each(7, 6))
  })

  test('end with the content as JSON in UTF-8, filled with zeros to a multiple of 4', () => {
    const length = view.getUint32(44, true)
    const start = 48 + 3 * (4 * 2 + 4 * 4 + 2)
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(start, start + length)))).toEqual(house.content)
    expect(bytes.byteLength % 4).toBe(0)
    expect([...bytes.subarray(start + length)].every((byte) => byte === 0)).toBe(true)
    expect(bytes.byteLength - start - length).toBeLessThan(4)
  })

  test('are the same for the same facts', () => {
    expect(encodeSnapshot(house)).toEqual(encodeSnapshot(structuredClone(house)))
  })
})

describe('productsOf()', () => {
  const derived = (parent: string, inheritRestrictions: boolean) => ({
    ratePlan: parent,
    percentBasisPoints: 0,
    amount: 0,
    rounding: 'half-up' as const,
    increment: 1,
    inheritRestrictions,
  })

  test('lists room types in their order, then plans in theirs, each with its rows', () => {
    const { content } = aHouse({
      content: {
        ratePlans: [
          aRatePlan('NRF', { derived: derived('BAR', true) }),
          aRatePlan('BAR'),
          aRatePlan('CORP', { roomTypes: ['STE'] }),
          aRatePlan('LATE', { derived: derived('CORP', true), roomTypes: ['DBL', 'STE'] }),
          aRatePlan('OPEN', { derived: derived('BAR', false), roomTypes: ['STE'] }),
        ],
      },
    })
    const listed = productsOf(content).map(
      ({ index, roomType, plan, amountsPlace, restrictedBy }) =>
        `${index} ${roomType.roomType} ${plan.ratePlan} rates ${amountsPlace} restricted by ${restrictedBy}`,
    )
    expect(listed).toEqual([
      '0 DBL NRF rates 0 restricted by 1',
      '1 DBL BAR rates 0 restricted by undefined',
      '2 DBL LATE rates -1 restricted by undefined',
      '3 STE NRF rates 1 restricted by 4',
      '4 STE BAR rates 1 restricted by undefined',
      '5 STE CORP rates 2 restricted by undefined',
      '6 STE LATE rates 2 restricted by 5',
      '7 STE OPEN rates 1 restricted by undefined',
    ])
  })
})

describe('blankSnapshot() and scratchSnapshot()', () => {
  const { content } = aHouse()

  test.each([
    ['blank', blankSnapshot(content, 7, 20_000, 5)],
    ['scratch', scratchSnapshot(content, 7, 20_000, 5)],
  ])('sell nothing until they are filled: %s', (_, { version, firstDay, nights, amounts, available, rules }) => {
    expect({ version, firstDay, nights }).toEqual({ version: 7, firstDay: 20_000, nights: 5 })
    expect(amounts.every((amount) => amount === -1)).toBe(true)
    expect([...available, ...rules].every((value) => value === 0)).toBe(true)
  })

  test('give the bytes of the facts once they are filled and sealed', () => {
    const house = aHouse({ left: 4 })
    const blank = blankSnapshot(house.content, house.version, dayNumber(house.firstNight), house.nights)
    blank.amounts.fill(10_000)
    blank.available.fill(4)
    writeRestriction(blank, blank.products[1] as Product, 2, { ...UNRESTRICTED, maxStay: 3 })
    restrict(house, ['DBL', 'NRF'], '2027-03-03', { maxStay: 3 })
    expect(sealSnapshot(blank)).toEqual(encodeSnapshot(house))
  })
})

test.each([
  [-1, 0],
  [0, 0],
  [1, 1],
  [8, 8],
  [9, 9],
  [10, 9],
  [3_000, 9],
])('clampAvailable() of %i is %i', (left, expected) => {
  expect(clampAvailable(left)).toBe(expected)
})

function columnsOf({ version, amounts, rules, available }: Snapshot) {
  return { version, amounts, rules, available }
}
