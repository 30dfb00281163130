import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { isNight } from '../../shared/domain/nights.ts'
import {
  Adults,
  Amount,
  CalendarDate,
  ChildAges,
  ChildAgesText,
  Currency,
  Email,
  LocalTime,
  ProductCode,
  PropertyCode,
  ReservationReference,
  wholeNumber,
  writtenLine,
  writtenText,
} from '../../shared/domain/values.ts'

type Schema = z.core.$ZodType
const takes = (schema: Schema, value: unknown) => z.safeParse(schema, value).success

describe.each<[string, Schema, unknown[], unknown[]]>([
  [
    'PropertyCode',
    PropertyCode,
    ['a', '7', 'harbour-house', 'a--b', 'a'.repeat(63)],
    ['', '-a', 'a-', 'A', 'a b', 'a.b', 'a/b', 'é', 'a'.repeat(64), 'a\n', 7, null],
  ],
  [
    'ProductCode',
    ProductCode,
    ['A', '7', 'DBL', 'A_B-C', 'A'.repeat(20)],
    ['', '_A', '-A', 'dbl', 'A B', 'A'.repeat(21), 'A\n', "A';--", 7],
  ],
  [
    'ReservationReference',
    ReservationReference,
    ['0123456789', 'ABCDEFGHJK', 'mnpqrstvwx', 'yzYZ000000'],
    ['', '012345678', '01234567890', '012345678I', '012345678l', '012345678O', '012345678u', '01234-5678', 123],
  ],
  ['CalendarDate', CalendarDate, ['2027-03-01', '2028-02-29'], ['2027-02-29', '2027-3-1', '', 20_270_301, null]],
  [
    'LocalTime',
    LocalTime,
    ['00:00', '09:59', '19:00', '23:59'],
    ['24:00', '23:60', '9:00', '09:00:00', '0900', '', '-1:00', 900],
  ],
  ['Currency', Currency, ['EUR', 'CHF'], ['eur', 'EU', 'EURO', '€', '', 'EUR ']],
  ['Amount', Amount, [0, 1, 1_000_000_000], [-1, 0.5, 1_000_000_001, Number.NaN, Number.POSITIVE_INFINITY, '1', null]],
  ['Adults', Adults, [1, 60], [0, 61, 1.5, '2', -1, Number.NaN]],
  ['ChildAges', ChildAges, [[], [0, 17], Array(20).fill(3)], [[-1], [18], [1.5], ['4'], Array(21).fill(3), '4', 4]],
  [
    'ChildAgesText',
    ChildAgesText,
    ['', '0', '17', '7,4', '10,11,9'],
    ['18', '07', '7,', ',7', '7;4', '7, 4', '-1', '1.5', 'x', Array(21).fill('1').join(',')],
  ],
  [
    'Email',
    Email,
    ['a@b.ch', 'ana.reis+stay@mail.example.test', 'ünä@exämple.test', `${'a'.repeat(246)}@test.ch`],
    [
      '',
      'ana',
      'ana@',
      '@example.test',
      'ana@localhost',
      'ana@example.t',
      'ana@example.',
      'ana@@example.test',
      'ana reis@example.test',
      'ana@exam ple.test',
      'ana@example.test, eve@example.test',
      'Ana <ana@example.test>',
      'ana@example.test\nbcc: eve@example.test',
      'ana\u0000@example.test',
      'ana\u0007@example.test',
      'ana\ud800@example.test',
      `${'a'.repeat(247)}@test.ch`,
    ],
  ],
])('%s', (_, schema, good, bad) => {
  test.each(good.map((value) => [value]))('takes %j', (value) => {
    expect(takes(schema, value)).toBe(true)
  })

  test.each(bad.map((value) => [value]))('refuses %j', (value) => {
    expect(takes(schema, value)).toBe(false)
  })
})

describe('wholeNumber()', () => {
  const schema = wholeNumber(1, 60)

  test.each([
    ['1', 1],
    ['60', 60],
    ['007', 7],
  ])('reads %j as %i', (text, expected) => {
    expect(z.safeParse(schema, text).data).toBe(expected)
  })

  test.each(['0', '61', '', ' 1', '1 ', '+1', '-1', '1.0', '1e1', '0x1', '٣', '9'.repeat(15), '9'.repeat(400)])(
    'refuses %j',
    (text) => {
      expect(takes(schema, text)).toBe(false)
    },
  )

  test('reads every number within its bounds as itself', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), (n) => z.safeParse(schema, String(n)).data === n))
  })
})

describe('ReservationReference', () => {
  test('is read in capitals', () => {
    expect(z.safeParse(ReservationReference, 'abcdefgh12').data).toBe('ABCDEFGH12')
  })
})

describe('CalendarDate', () => {
  test('takes what is a night and nothing else', () => {
    const near = fc.tuple(fc.integer({ min: 1890, max: 2110 }), fc.nat(13), fc.nat(32))
    const text = near.map((parts) => parts.map((part) => String(part).padStart(2, '0')).join('-'))
    fc.assert(fc.property(fc.oneof(text, fc.string()), (value) => takes(CalendarDate, value) === isNight(value)))
  })
})

describe.each([
  ['writtenText()', writtenText(10)],
  ['writtenLine()', writtenLine(10)],
])('%s', (_, schema) => {
  test.each([
    ['  Ana ', 'Ana'],
    ['x'.repeat(10), 'x'.repeat(10)],
    [`  ${'x'.repeat(10)}  `, 'x'.repeat(10)],
    ['Zoë 湯', 'Zoë 湯'],
    ['🏔️', '🏔️'],
    ["O'Neill", "O'Neill"],
    ['<b>&amp;', '<b>&amp;'],
  ])('takes %j as %j', (text, expected) => {
    expect(z.safeParse(schema, text).data).toBe(expected)
  })

  test.each([
    ['nothing', ''],
    ['blanks', ' \u00a0\n\t '],
    ['one character too many', 'x'.repeat(11)],
    ['NUL', 'a\u0000b'],
    ['a tab', 'a\tb'],
    ['a carriage return', 'a\r\nb'],
    ['escape', 'a\u001bb'],
    ['delete', 'a\u007fb'],
    // PostgreSQL refuses it in jsonb, and as text it would come back as another character.
    ['half a character', 'a\ud83cb'],
    ['the other half', 'a\udfd4b'],
    ['a number', 7],
  ])('refuses %s', (_name, value) => {
    expect(takes(schema, value)).toBe(false)
  })
})

describe('text of one line', () => {
  test.each(['a\nb', 'a\u0085b', 'a\u2028b', 'a\u2029b'])('does not take %j', (text) => {
    expect(takes(writtenLine(10), text)).toBe(false)
  })

  test('loses a line break behind it', () => {
    expect(z.safeParse(writtenLine(10), 'Ana\n').data).toBe('Ana')
  })

  test('is what text of several lines is not held to', () => {
    expect(z.safeParse(writtenText(10), 'a\nb').data).toBe('a\nb')
  })
})
