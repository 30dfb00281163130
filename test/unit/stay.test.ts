import { describe, expect, test } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { checkCalendarDates, checkStayDates, invalidRequest } from '../../shared/domain/stay.ts'
import { type FieldError, Problem } from '../../shared/problems.ts'

/** What the function refused, or undefined where it took it. */
function refusalOf(check: () => void): FieldError[] | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (!(error instanceof Problem) || error.slug !== 'invalid-request') throw error
    return error.extensions.errors as FieldError[]
  }
}

const TODAY = '2027-03-01'
const pointers = (arrival: string, departure: string) =>
  refusalOf(() => checkStayDates({ arrival, departure }, TODAY, '?'))?.map((error) => error.pointer)

describe('checkStayDates()', () => {
  test.each([
    ['one night from today', TODAY, '2027-03-02', undefined],
    ['the longest stay', TODAY, addDays(TODAY, 90), undefined],
    ['a night more than the longest', TODAY, addDays(TODAY, 91), ['?departure']],
    ['arrival yesterday', '2027-02-28', '2027-03-02', ['?arrival']],
    ['departure on the day of arrival', TODAY, TODAY, ['?departure']],
    ['departure the day before arrival', '2027-03-05', '2027-03-04', ['?departure']],
    ['800 nights', TODAY, addDays(TODAY, 800), ['?departure']],
    ['everything wrong', '2027-02-28', '2027-02-20', ['?arrival', '?departure']],
    ['the last night that can be written', '9999-12-30', '9999-12-31', undefined],
  ])('of %s', (_, arrival, departure, expected) => {
    expect(pointers(arrival, departure)).toEqual(expected)
  })

  test('says what today is and how long the stay was', () => {
    expect(
      refusalOf(() => checkStayDates({ arrival: '2027-02-28', departure: '2027-06-01' }, TODAY, '/stay/')),
    ).toEqual([
      { pointer: '/stay/arrival', detail: 'arrival must not be before today at the hotel, 2027-03-01' },
      { pointer: '/stay/departure', detail: 'a stay has at most 90 nights, this one has 93' },
    ])
  })
})

describe('checkCalendarDates()', () => {
  test.each([
    ['one day', TODAY, TODAY, undefined],
    ['as many days as there may be', TODAY, addDays(TODAY, 365), undefined],
    ['a day more', TODAY, addDays(TODAY, 366), '?to'],
    ['a day backwards', TODAY, '2027-02-28', '?to'],
    ['the past', '2020-01-01', '2020-01-31', undefined],
    ['the last days that can be written', '9999-12-01', '9999-12-31', undefined],
    ['too many days up to the last', '9998-12-30', '9999-12-31', '?to'],
  ])('of %s', (_, from, to, expected) => {
    expect(refusalOf(() => checkCalendarDates({ from, to }))?.[0]?.pointer).toBe(expected)
  })
})

describe('invalidRequest()', () => {
  test('says the first thing to mend and lists them all', () => {
    const errors = [
      { pointer: '/a', detail: 'is missing' },
      { pointer: '/b', detail: 'is missing' },
    ]
    expect(invalidRequest(errors)).toMatchObject({ status: 422, message: '/a: is missing', extensions: { errors } })
  })
})
