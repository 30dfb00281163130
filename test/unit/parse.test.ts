import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FieldError, Problem, type ProblemSlug } from '../../shared/problems.ts'
import { updateAri } from '../../shared/routes/ari.ts'
import { login, logout } from '../../shared/routes/auth.ts'
import { getAvailability } from '../../shared/routes/availability.ts'
import { parseBody, parseParams, parseQuery } from '../../shared/routes/parse.ts'
import { createProperty, getPhoto, getProperty, listProperties } from '../../shared/routes/properties.ts'
import { createReservation, getReservation } from '../../shared/routes/reservations.ts'
import type { Route } from '../../shared/routes/route.ts'
import { routes } from '../../shared/routes/table.ts'
import { aProperty } from '../support/builders.ts'

/** What was refused: the fields by pointer, or the slug of another problem. */
function refusal(parse: () => unknown): Record<string, string> | ProblemSlug | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.slug !== 'invalid-request') return error.slug
    return Object.fromEntries((error.extensions.errors as FieldError[]).map((it) => [it.pointer, it.detail]))
  }
}

const QUERY = 'arrival=2027-03-01&departure=2027-03-03&adults=2'
const query = (text: string) => refusal(() => parseQuery(getAvailability, new URLSearchParams(text)))

const BODY = {
  stay: { roomType: 'DBL', ratePlan: 'BAR', arrival: '2027-03-01', departure: '2027-03-03', adults: 2, childAges: [] },
  expectedTotal: 24_000,
  guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
}
const body = (value: unknown) => refusal(() => parseBody(createReservation, value))

describe('parseParams()', () => {
  test('gives what the path names, converted', () => {
    expect(parseParams(getProperty, { property: 'harbour-house' })).toEqual({ property: 'harbour-house' })
    expect(parseParams(getReservation, { reference: 'abcdefgh12' })).toEqual({ reference: 'ABCDEFGH12' })
    expect(parseParams(routes.ariVersion, { property: 'a', version: '42' })).toEqual({ property: 'a', version: 42 })
  })

  test('gives nothing for a route without parameters', () => {
    expect(parseParams(listProperties, { property: '?' })).toBeUndefined()
  })

  test.each<[string, Route, Record<string, string>, string]>([
    ['a property code in capitals', getProperty, { property: 'HARBOUR' }, 'property-not-found'],
    ['a property code that climbs', getProperty, { property: '..' }, 'property-not-found'],
    ['an empty property code', getProperty, { property: '' }, 'property-not-found'],
    ['a photo that climbs', getPhoto, { property: 'a', photo: '../b.webp' }, 'property-not-found'],
    ['a reference that is none', getReservation, { reference: 'ILOU000000' }, 'reservation-not-found'],
    ['a version that is no number', routes.ariVersion, { property: 'a', version: '1e3' }, 'property-not-found'],
  ])('answers %s as nothing there', (_, declaration, params, slug) => {
    expect(refusal(() => parseParams(declaration, params))).toBe(slug)
  })
})

describe('parseQuery()', () => {
  test.each([
    [QUERY, { adults: 2, childAges: [] }],
    [`${QUERY}&childAges=`, { adults: 2, childAges: [] }],
    [`${QUERY}&childAges=7,4`, { adults: 2, childAges: [7, 4] }],
    [`${QUERY}&childAges=7%2C4`, { adults: 2, childAges: [7, 4] }],
    [QUERY.replace('adults=2', 'adults=060'), { adults: 60, childAges: [] }],
  ])('converts %s', (text, expected) => {
    const dates = { arrival: '2027-03-01', departure: '2027-03-03' }
    expect(parseQuery(getAvailability, new URLSearchParams(text))).toEqual({ ...dates, ...expected })
  })

  test('leaves routes that declare none alone', () => {
    expect(parseQuery(logout, new URLSearchParams('a=1&a=2'))).toBeUndefined()
  })

  test.each<[string, Record<string, string>]>([
    ['', { '?arrival': 'is missing', '?departure': 'is missing', '?adults': 'is missing' }],
    [`${QUERY}&rooms=2`, { '?rooms': 'is not known here; leave it out' }],
    [`${QUERY}&adults=2`, { '?adults': 'must be given once only' }],
    [`${QUERY}&rooms=1&rooms=1`, { '?rooms': 'must be given once only' }],
    [QUERY.replace('adults=2', 'adults='), { '?adults': 'write a whole number from 1 to 60' }],
    [QUERY.replace('adults=2', 'adults=2.0'), { '?adults': 'write a whole number from 1 to 60' }],
    [QUERY.replace('adults=2', 'adults=-1'), { '?adults': 'write a whole number from 1 to 60' }],
    [QUERY.replace('adults=2', 'adults=%2B2'), { '?adults': 'write a whole number from 1 to 60' }],
    [QUERY.replace('adults=2', 'adults=0x2'), { '?adults': 'write a whole number from 1 to 60' }],
    [QUERY.replace('adults=2', `adults=${'9'.repeat(16)}`), { '?adults': 'write a whole number from 1 to 60' }],
    [QUERY.replace('adults=2', 'adults=0'), { '?adults': 'must be at least 1' }],
    [QUERY.replace('adults=2', 'adults=61'), { '?adults': 'must be at most 60' }],
    [QUERY.replace('03-01', '02-29'), { '?arrival': 'write a date that exists as YYYY-MM-DD' }],
    [`${QUERY}&childAges=18`, { '?childAges': "write the children's ages as whole years from 0 to 17, such as 7,4" }],
    [`${QUERY}&childAges=7,,4`, { '?childAges': "write the children's ages as whole years from 0 to 17, such as 7,4" }],
    [`${QUERY}&childAges=${'1,'.repeat(20)}1`, { '?childAges': 'at most 20 children' }],
    [`${QUERY}&childAges=${'1,'.repeat(50)}1`, { '?childAges': 'must have at most 80 characters' }],
  ])('refuses ?%s and says what to mend', (text, expected) => {
    expect(query(text)).toEqual(expected)
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'])(
    'knows no parameter %s',
    (name) => {
      expect(query(`${QUERY}&${name}=1`)).toEqual({ [`?${name}`]: 'is not known here; leave it out' })
      expect(query(`${QUERY}&${name}=1&${name}=2`)).toEqual({ [`?${name}`]: 'must be given once only' })
    },
  )

  test('lists no more than 20 mistakes, and names no longer than 60 characters', () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `${i}${'x'.repeat(500)}`)
    for (const text of [names.join('&'), names.map((name) => `${name}&${name}`).join('&')]) {
      const found = Object.keys(query(text) ?? {})
      expect(found).toHaveLength(20)
      expect(Math.max(...found.map((pointer) => pointer.length))).toBe(61)
    }
  })
})

describe('parseBody()', () => {
  test('gives what was sent, trimmed and completed', () => {
    const { childAges, ...stay } = BODY.stay
    const sent = { ...BODY, stay, guest: { ...BODY.guest, lastName: '  Reis ', email: ' ana@example.test' } }
    expect(parseBody(createReservation, sent)).toEqual({ ...BODY, stay: { ...stay, childAges } })
  })

  test('leaves routes that declare none alone', () => {
    expect(parseBody(logout, { anything: 1 })).toBeUndefined()
  })

  test.each<[string, unknown, Record<string, string>]>([
    ['null', null, { '/': 'must be an object' }],
    ['a list', [], { '/': 'must be an object' }],
    ['text', 'x', { '/': 'must be an object' }],
    ['nothing', {}, { '/stay': 'is missing', '/expectedTotal': 'is missing', '/guest': 'is missing' }],
    ['null for an object', { ...BODY, guest: null }, { '/guest': 'must be an object' }],
    ['a list for an object', { ...BODY, guest: [] }, { '/guest': 'must be an object' }],
    ['text for a number', { ...BODY, expectedTotal: '24000' }, { '/expectedTotal': 'must be a whole number' }],
    ['a fraction', { ...BODY, expectedTotal: 0.5 }, { '/expectedTotal': 'must be a whole number' }],
    [
      'a number beyond counting',
      { ...BODY, expectedTotal: 1e300 },
      { '/expectedTotal': 'must be at most 1000000000000' },
    ],
    ['a number for text', inGuest({ lastName: 7 }), { '/guest/lastName': 'must be text' }],
    ['text for a list', inStay({ childAges: '7' }), { '/stay/childAges': 'must be a list' }],
    ['a mistake in a list', inStay({ childAges: [7, '4'] }), { '/stay/childAges/1': 'must be a whole number' }],
    ['a number too large in a list', inStay({ childAges: [7, 18] }), { '/stay/childAges/1': 'must be at most 17' }],
    ['a field it does not know', { ...BODY, rate: 1 }, { '/rate': 'is not known here; leave it out' }],
    ['one inside', inGuest({ vip: true }), { '/guest/vip': 'is not known here; leave it out' }],
    ['one with a name to escape', { ...BODY, 'a/b~c': 1 }, { '/a~1b~0c': 'is not known here; leave it out' }],
  ])('refuses %s and says what to mend', (_, value, expected) => {
    expect(body(value)).toEqual(expected)
  })

  test.each<[string, (definition: ReturnType<typeof aProperty>) => void, Record<string, string>]>([
    [
      'a word that is not on the list',
      ({ content }) => Object.assign(content, { taxRounding: 'nearest' }),
      { '/content/taxRounding': 'must be one of half-up, half-even, up, down' },
    ],
    [
      'a kind that there is not',
      ({ content }) => content.taxes.splice(0, 9, { kind: 'levy' } as never),
      { '/content/taxes/0/kind': 'must be one of percent, person-night' },
    ],
    [
      'text that is neither yes nor no',
      (definition) => Object.assign(definition, { listed: 'yes' }),
      { '/listed': 'must be true or false' },
    ],
    [
      'text that is too long',
      ({ content }) => Object.assign(content, { name: 'x'.repeat(121) }),
      { '/content/name': 'at most 120 characters' },
    ],
    [
      'a list that is too short',
      ({ content }) => Object.assign(content.ratePlans[1] ?? {}, { roomTypes: [] }),
      { '/content/ratePlans/1/roomTypes': 'must have at least 1 entry' },
    ],
    [
      'a file that is no photo',
      ({ content }) => content.photos.push({ photo: '../a.gif', alt: 'x', width: 1, height: 1 }),
      {
        '/content/photos/0/photo':
          'write a file name of lower-case letters, digits and dashes that ends in .webp, .jpg, .png or .avif',
      },
    ],
    [
      'rooms under a name that is no code',
      ({ rooms }) => Object.assign(rooms, { 'suite 1': ['1'] }),
      { '/rooms/suite 1': 'write the code in capitals, 20 characters at most' },
    ],
  ])('refuses %s in a property and says what to mend', (_, spoil, expected) => {
    const definition = aProperty('harbour-house')
    spoil(definition)
    expect(refusal(() => parseBody(createProperty, definition))).toEqual(expected)
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString'])(
    'knows no field %s, nor takes anything from it',
    (name) => {
      const text = JSON.stringify(BODY).replace('"guest":{', `"guest":{"${name}":{"vip":true},`)
      expect(body(JSON.parse(text))).toEqual({ [`/guest/${name}`]: 'is not known here; leave it out' })
      expect(({} as { vip?: true }).vip).toBeUndefined()
    },
  )

  test('does not let rooms under __proto__ become anything', () => {
    const definition = JSON.parse(
      JSON.stringify(aProperty('harbour-house')).replace('"rooms":{', '"rooms":{"__proto__":["1"],'),
    )
    const { rooms } = parseBody(createProperty, definition) as { rooms: object }
    expect(Object.getPrototypeOf(rooms)).not.toBeInstanceOf(Array)
    expect(Object.keys(rooms)).toEqual(['DBL', 'STE'])
  })

  test.each<[string, Route, unknown]>([
    ['unknown fields', createReservation, { ...BODY, ...Object.fromEntries(numbered(50_000)) }],
    ['unknown fields in every change', updateAri, { changes: Array(2_000).fill(Object.fromEntries(numbered(30))) }],
    ['changes', updateAri, { changes: Array(500_000).fill({}) }],
    ['ages', createReservation, inStay({ childAges: Array(500_000).fill('x') })],
    ['characters', createReservation, inGuest({ lastName: 'x'.repeat(2_000_000), email: `${'@a.'.repeat(600_000)} ` })],
    ['room types', createProperty, { content: { roomTypes: Array(100_000).fill({}) } }],
    ['a name without end', createReservation, { ...BODY, ['x'.repeat(1_000_000)]: 1 }],
  ])('lists no more than 20 mistakes in too many %s, in little time', (_, declaration, value) => {
    const started = performance.now()
    const found = Object.entries(refusal(() => parseBody(declaration, value)) ?? {})
    // Some 30 ms on an idle core; work that grows with the square of the size would take minutes.
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(found.length).toBeGreaterThan(0)
    expect(found.length).toBeLessThanOrEqual(20)
    expect(JSON.stringify(found).length).toBeLessThan(5_000)
  })

  test('refuses anything at random as an invalid request, and fails in no other way', () => {
    const bodies = Object.values(routes).filter((declaration: Route) => declaration.body)
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.jsonValue(), (declaration, value) => {
        const refused = refusal(() => parseBody(declaration, value))
        expect(typeof refused).toBe('object')
      }),
      { numRuns: 300 },
    )
  })

  test('never repeats what was sent, a password least of all', () => {
    const secret = 'hunter2-hunter2'
    const sent = { organization: secret.toUpperCase(), email: secret, password: [secret] }
    expect(JSON.stringify(refusal(() => parseBody(login, sent)))).not.toMatch(new RegExp(secret, 'i'))
  })
})

function inStay(over: object): object {
  return { ...BODY, stay: { ...BODY.stay, ...over } }
}

function inGuest(over: object): object {
  return { ...BODY, guest: { ...BODY.guest, ...over } }
}

function numbered(count: number): [string, number][] {
  return Array.from({ length: count }, (_, i) => [`k${i}`, i])
}
