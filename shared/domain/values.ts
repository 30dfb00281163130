/** The values that paths, queries and bodies are made of, each validated in one place. */
import * as z from 'zod/mini'
import { AMOUNT_MAX } from './money.ts'
import { isNight } from './nights.ts'

/** The longest stay sold online. The format takes any; the number keeps one request's work bounded. */
export const STAY_NIGHTS_MAX = 90
/** The most arrival dates one calendar answers: a year and a day. */
export const CALENDAR_DAYS_MAX = 366
/** Parties beyond this are no booking but an event. */
export const ADULTS_MAX = 60
export const CHILDREN_MAX = 20
/** Arrival and departure each moved by so many nights either way make 225 stays, answered in one go. */
export const FLEXIBILITY_MAX = 7
/** More rooms than this for one stay are a group, which hotels price by hand. */
export const ROOMS_ASKED_MAX = 6
/** From 18 a guest counts as an adult. */
export const CHILD_AGE_MAX = 17

export const PropertyCode = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      'write the property as its code: lower-case letters, digits and dashes',
    ),
  )
/** Codes of several properties in a query, separated by commas; 250 at most. */
export const PropertyCodesText = z.pipe(
  z
    .string()
    .check(
      z.maxLength(6_000),
      z.regex(
        /^(?:[a-z0-9-]{1,63}(?:,[a-z0-9-]{1,63}){0,249})?$/,
        'write property codes separated by commas, 250 at most',
      ),
    ),
  z.transform((text: string) => (text === '' ? [] : text.split(','))),
)

/** The code of a room type or a rate plan. */
export const ProductCode = z
  .string()
  .check(z.regex(/^[A-Z0-9][A-Z0-9_-]{0,19}$/, 'write the code in capitals, 20 characters at most'))

/** A reservation's public code: ten characters of Crockford's base 32, read without regard to case. */
export const ReservationReference = z
  .pipe(
    z
      .string()
      .check(
        z.regex(
          /^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{10}$/,
          'a reference has 10 letters and digits, without I, L, O and U',
        ),
      ),
    z.transform((text: string) => text.toUpperCase()),
  )
  .register(z.globalRegistry, { type: 'string', minLength: 10, maxLength: 10 })

export const CalendarDate = z
  .string()
  .check(z.refine(isNight, 'write a date that exists as YYYY-MM-DD'))
  .register(z.globalRegistry, { format: 'date' })

export const LocalTime = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time as HH:MM'))
export const Currency = z.string().check(z.regex(/^[A-Z]{3}$/, 'write the currency as its ISO 4217 code'))
/** A nightly amount or tax, minor units. The largest keeps every product of a rate exact in a double. */
export const Amount = z.int().check(z.minimum(0), z.maximum(AMOUNT_MAX))
/** The total of a stay, minor units: amounts of many nights and taxes. */
export const Total = z.int().check(z.minimum(0), z.maximum(AMOUNT_MAX * 1000))
/** A whole number in a path or query. */
export function wholeNumber(least: number, most: number) {
  return (
    z
      .pipe(
        z.string().check(z.regex(/^\d{1,15}$/, `write a whole number from ${least} to ${most}`)),
        z.pipe(
          z.transform((text: string) => Number(text)),
          z.int().check(z.minimum(least, `must be at least ${least}`), z.maximum(most, `must be at most ${most}`)),
        ),
      )
      // Documented as the number it stands for; the pattern is of its text.
      .register(z.globalRegistry, { type: 'integer', minimum: least, maximum: most, pattern: undefined })
  )
}

/** Children's ages in a query: `7,4`; empty for none. */
export const ChildAgesText = z.pipe(
  z
    .string()
    .check(
      z.maxLength(80),
      z.regex(
        /^$|^(?:\d|1[0-7])(?:,(?:\d|1[0-7]))*$/,
        `write the children's ages as whole years from 0 to ${CHILD_AGE_MAX}, such as 7,4`,
      ),
    ),
  z.pipe(
    z.transform((text: string) => (text === '' ? [] : text.split(',').map(Number))),
    z.array(z.number()).check(z.maxLength(CHILDREN_MAX, `at most ${CHILDREN_MAX} children`)),
  ),
)

const PARTY = String.raw`(?:[1-9]|[1-5]\d|60)(?:,(?:\d|1[0-7])){0,${CHILDREN_MAX}}`

/** Several parties in a query: `2-2,7,4` is two adults, and two adults with children of 7 and 4. */
export const PartiesText = z.pipe(
  z
    .string()
    .check(
      z.maxLength(400),
      z.regex(
        new RegExp(`^${PARTY}(?:-${PARTY})*$`),
        'write each room as its adults and then the children’s ages, rooms separated by a dash, such as 2-2,7,4',
      ),
    ),
  z.pipe(
    z.transform((text: string) =>
      text.split('-').map((room) => {
        const [adults = 1, ...childAges] = room.split(',').map(Number)
        return { adults, childAges }
      }),
    ),
    z
      .array(z.object({ adults: z.number(), childAges: z.array(z.number()) }))
      .check(z.maxLength(ROOMS_ASKED_MAX, `at most ${ROOMS_ASKED_MAX} rooms`)),
  ),
)

export const Adults = z
  .int()
  .check(z.minimum(1, 'at least one adult'), z.maximum(ADULTS_MAX, `at most ${ADULTS_MAX} adults`))
export const ChildAges = z
  .array(z.int().check(z.minimum(0), z.maximum(CHILD_AGE_MAX)))
  .check(z.maxLength(CHILDREN_MAX, `at most ${CHILDREN_MAX} children`))

/** Control characters could forge lines in mails and logs, and NUL is refused by the database. A line break is none here. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/
const LINE_BREAK = /[\n\u0085\u2028\u2029]/

/**
 * Text a person wrote, of one line or several: no control characters, trimmed, at least one character. Half a surrogate
 * pair is no text: jsonb refuses it, and UTF-8 makes another character of it.
 */
export function writtenText(most: number) {
  return z.string().check(
    z.trim(),
    z.minLength(1, 'must not be empty'),
    z.maxLength(most, `at most ${most} characters`),
    z.refine((text) => !CONTROL.test(text), 'must not contain control characters'),
    z.refine((text) => text.isWellFormed(), 'must not contain half a character'),
  )
}

/** `writtenText` on one line: a name, a title, a number. */
export function writtenLine(most: number) {
  return writtenText(most).check(z.refine((text) => !LINE_BREAK.test(text), 'must be one line'))
}

export const Email = z.string().check(
  z.trim(),
  z.maxLength(254, 'at most 254 characters'),
  z.regex(
    /^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+\.[^\s@.<>"(),:;[\]\\]{2,}$/,
    'write an e-mail address such as ana@example.com',
  ),
  z.refine((text) => !CONTROL.test(text) && text.isWellFormed(), 'must not contain control characters'),
)
/** RFC 3339 in UTC, milliseconds. */
export const InstantText = z.string().register(z.globalRegistry, { format: 'date-time' })
