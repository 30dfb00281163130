import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import {
  guestToken,
  newReference,
  newStaffToken,
  organisationOfStaffToken,
  referenceOfGuestToken,
  tokenHash,
} from '../../origin/platform/tokens.ts'
import { ReservationReference } from '../../shared/domain/values.ts'

const KEY = new Uint8Array(32).fill(7)
const OTHER_KEY = new Uint8Array(32).fill(8)
const REFERENCE = '0123456789'
const ORGANISATION = '8a7f1c1e-12ab-4cde-8000-0123456789ab'

const withOther = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)

describe('newReference()', () => {
  const many = Array.from({ length: 2_000 }, newReference)

  test('is ten characters that a reservation may be asked for by', () => {
    expect(many.filter((it) => !z.safeParse(ReservationReference, it).success || it !== it.toUpperCase())).toEqual([])
  })

  test('is another each time', () => {
    expect(new Set(many).size).toBe(many.length)
  })

  test('uses all 32 characters, none much more than another', () => {
    const counts = new Map<string, number>()
    for (const character of many.join('')) counts.set(character, (counts.get(character) ?? 0) + 1)
    // 625 of each are expected; 25 is one standard deviation.
    expect(counts.size).toBe(32)
    for (const count of counts.values()) expect(Math.abs(count - 625)).toBeLessThan(200)
  })
})

describe('guestToken()', () => {
  test('speaks for its reservation', () => {
    const reference = newReference()
    expect(referenceOfGuestToken(KEY, guestToken(KEY, reference))).toBe(reference)
  })

  test('is the same for the same booking asked for again, and another for another', () => {
    expect(guestToken(KEY, REFERENCE)).toBe(guestToken(KEY, REFERENCE))
    expect(guestToken(KEY, REFERENCE)).not.toBe(guestToken(KEY, '0123456788'))
    expect(guestToken(KEY, REFERENCE)).not.toBe(guestToken(OTHER_KEY, REFERENCE))
  })

  test('can be sent in a header as it is', () => {
    expect(guestToken(KEY, REFERENCE)).toMatch(/^gt_0123456789_[A-Za-z0-9_-]{43}$/)
  })
})

describe('referenceOfGuestToken()', () => {
  const token = guestToken(KEY, REFERENCE)

  test('knows no token of another key', () => {
    expect(referenceOfGuestToken(OTHER_KEY, token)).toBeUndefined()
  })

  test('knows no token with any one character changed', () => {
    const others = Array.from(token, (_, at) => withOther(token, at))
    expect(others.filter((it) => referenceOfGuestToken(KEY, it) !== undefined)).toEqual([])
  })

  test.each([
    ['nothing', ''],
    ['a reference alone', REFERENCE],
    ['a token without its signature', `gt_${REFERENCE}_`],
    ['a token cut short', token.slice(0, -1)],
    ['a token with more behind', `${token}A`],
    ['a token with a line break behind', `${token}\n`],
    ['a token with a space before', ` ${token}`],
    ['a reference in small letters', guestToken(KEY, 'abcdefghjk')],
    ['a reference that is none', guestToken(KEY, 'ILOU000000')],
    ['a staff token', newStaffToken('sk', ORGANISATION)],
    ['letters that bytes do not have', token.replace(/.$/, 'é')],
  ])('knows no %s', (_, text) => {
    expect(referenceOfGuestToken(KEY, text)).toBeUndefined()
  })
})

describe.each(['ss', 'sk'] as const)('newStaffToken() of kind %s', (kind) => {
  const token = newStaffToken(kind, ORGANISATION)

  test('says which organisation it belongs to', () => {
    expect(organisationOfStaffToken(kind, token)).toBe(ORGANISATION)
  })

  test('is another each time, with 256 random bits', () => {
    expect(newStaffToken(kind, ORGANISATION)).not.toBe(token)
    expect(Buffer.from(token.slice(-43), 'base64url')).toHaveLength(32)
  })

  test('is no token of the other kind', () => {
    expect(organisationOfStaffToken(kind === 'ss' ? 'sk' : 'ss', token)).toBeUndefined()
  })

  test.each([
    ['nothing', () => ''],
    ['a guest token', () => guestToken(KEY, REFERENCE)],
    ['a token cut short', () => token.slice(0, -1)],
    ['a token with more behind', () => `${token}A`],
    ['a token with a line break behind', () => `${token}\n`],
    ['an organisation in capitals', () => token.toUpperCase().replace(/^S[SK]/, kind)],
    ['an organisation with its dashes', () => token.replace(/_[0-9a-f]{32}_/, `_${ORGANISATION}_`)],
    ['an organisation cut short', () => token.replace(/_[0-9a-f]/, '_')],
  ])('is not %s', (_, text) => {
    expect(organisationOfStaffToken(kind, text())).toBeUndefined()
  })
})

describe('tokenHash()', () => {
  test('is the SHA-256 of the whole token', () => {
    // From FIPS 180-2, appendix B.1.
    expect(tokenHash('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
