import { describe, expect, test } from 'vitest'
import { isSignedByEdge } from '../../origin/platform/edge-signature.ts'
import {
  hex,
  importSigningKey,
  readSignature,
  SIGNATURE_AGE_MAX_MS,
  type SignedParts,
  sign,
  signedText,
  signingKeyFrom,
} from '../../shared/signing.ts'

const NOW = Date.parse('2027-03-01T12:00:00Z')
const bytesOf = (seed: number) => Uint8Array.from({ length: 32 }, (_, i) => (i * 7 + seed) % 256)
const current = await importSigningKey('k2', bytesOf(2))
const previous = await importSigningKey('k1', bytesOf(1))
/** As the origin is configured while one key takes over from the other. */
const known = new Map([
  ['k1', bytesOf(1)],
  ['k2', bytesOf(2)],
])

function someParts(over: Partial<SignedParts> = {}): SignedParts {
  return {
    requestId: '8a7f1c1e-0000-4000-8000-000000000001',
    clientAddress: '192.0.2.1',
    method: 'POST',
    target: '/api/v1/properties/harbour-house/reservations?a=1',
    body: new TextEncoder().encode('{"expectedTotal":24000}'),
    ...over,
  }
}

const header = await sign(current, someParts(), NOW)

/** The text with the character at a place turned into another one that could stand there. */
function withOther(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1)
}

describe('isSignedByEdge()', () => {
  test('takes what was signed', async () => {
    expect(isSignedByEdge(header, known, someParts(), NOW)).toBe(true)
  })

  test('takes a request without a body', async () => {
    const parts = someParts({ method: 'GET', body: new Uint8Array() })
    expect(isSignedByEdge(await sign(current, parts, NOW), known, parts, NOW)).toBe(true)
  })

  test('takes a body that is a part of a larger buffer', async () => {
    const { body } = someParts()
    const larger = new Uint8Array(body.length + 10)
    larger.set(body, 5)
    expect(isSignedByEdge(header, known, someParts({ body: larger.subarray(5, 5 + body.length) }), NOW)).toBe(true)
  })

  test.each([
    ['the key before, while both are known', previous, known, true],
    ['the key before, alone', previous, new Map([['k1', bytesOf(1)]]), true],
    ['the key before, once it is no longer known', previous, new Map([['k2', bytesOf(2)]]), false],
    ['the new key, where it is not known yet', current, new Map([['k1', bytesOf(1)]]), false],
    ['any key, where none is known', current, new Map<string, Uint8Array>(), false],
  ])('follows a rotation: signed with %s', async (_, key, keys, expected) => {
    expect(isSignedByEdge(await sign(key, someParts(), NOW), keys, someParts(), NOW)).toBe(expected)
  })

  test('refuses another key of the same name', async () => {
    const impostor = await importSigningKey('k2', bytesOf(3))
    expect(isSignedByEdge(await sign(impostor, someParts(), NOW), known, someParts(), NOW)).toBe(false)
  })

  test('refuses a signature moved to another known key of the same bytes', async () => {
    const twins = new Map([...known, ['k3', bytesOf(2)]] as const)
    expect(isSignedByEdge(header.replace(' k2 ', ' k3 '), twins, someParts(), NOW)).toBe(false)
  })

  test.each<[keyof SignedParts, string]>([
    ['requestId', someParts().requestId],
    ['clientAddress', someParts().clientAddress],
    ['method', someParts().method],
    ['target', someParts().target],
  ])('refuses a %s with any one character changed, one more or one less', async (name, text) => {
    const others = Array.from(text, (_, at) => withOther(text, at)).concat(`${text}1`, text.slice(1), text.slice(0, -1))
    const outcomes = others.map((it) => isSignedByEdge(header, known, someParts({ [name]: it }), NOW))
    expect(outcomes).not.toContain(true)
  })

  test('refuses a body with any one bit changed, one byte more or one less', async () => {
    const { body } = someParts()
    const others = Array.from(body, (byte, at): Uint8Array => body.with(at, byte ^ 1))
    others.push(new Uint8Array([...body, 0]), body.subarray(1), body.subarray(0, -1), new Uint8Array())
    const outcomes = others.map((it) => isSignedByEdge(header, known, someParts({ body: it }), NOW))
    expect(outcomes).not.toContain(true)
  })

  test('refuses a header with any one character changed', async () => {
    const others = Array.from(header, (_, at) => withOther(header, at))
    const outcomes = others.map((it) => isSignedByEdge(it, known, someParts(), NOW))
    expect(outcomes).not.toContain(true)
  })

  test('refuses parts that have changed places', async () => {
    const { requestId, clientAddress } = someParts()
    const swapped = someParts({ requestId: clientAddress, clientAddress: requestId })
    expect(isSignedByEdge(header, known, swapped, NOW)).toBe(false)
  })

  test('refuses the end of one part as the beginning of the next', async () => {
    const moved = someParts({ method: 'POST/', target: someParts().target.slice(1) })
    expect(isSignedByEdge(header, known, moved, NOW)).toBe(false)
  })

  test.each([
    ['at the time of signing', 0, true],
    ['as late as it may arrive', SIGNATURE_AGE_MAX_MS, true],
    ['a millisecond later', SIGNATURE_AGE_MAX_MS + 1, false],
    ['a day later', 86_400_000, false],
    ['before it was signed, within what clocks differ', -SIGNATURE_AGE_MAX_MS, true],
    ['a millisecond more before', -SIGNATURE_AGE_MAX_MS - 1, false],
    ['at no time', Number.NaN, false],
  ])('judges the time: %s', async (_, later, expected) => {
    expect(isSignedByEdge(header, known, someParts(), NOW + later)).toBe(expected)
  })

  const [, , time, mac] = header.split(' ')

  test.each([
    ['nothing', ''],
    ['a bearer token', 'Bearer abc'],
    ['another version', header.replace('v1', 'v2')],
    ['no version', header.slice(3)],
    ['a space before', ` ${header}`],
    ['a space behind', `${header} `],
    ['a line break behind', `${header}\n`],
    ['two spaces inside', header.replace(' k2 ', '  k2 ')],
    ['a key name that is none', `v1 k_2 ${time} ${mac}`],
    ['no key name', `v1  ${time} ${mac}`],
    ['a key name without end', `v1 ${'k'.repeat(33)} ${time} ${mac}`],
    ['a key that objects have', `v1 constructor ${time} ${mac}`],
    ['no time', `v1 k2 ${mac}`],
    ['a time before 1970', `v1 k2 -${time} ${mac}`],
    ['a time with a fraction', `v1 k2 ${time}.0 ${mac}`],
    ['a time with a zero before it', `v1 k2 0${time} ${mac}`],
    ['a time without end', `v1 k2 ${'9'.repeat(400)} ${mac}`],
    ['no signature', `v1 k2 ${time}`],
    ['half a signature', header.slice(0, -32)],
    ['a longer signature', `${header}00`],
    ['a signature in capitals', `v1 k2 ${time} ${'A'.repeat(64)}`],
    ['a signature of other letters', `v1 k2 ${time} ${'g'.repeat(64)}`],
    ['a signature of zeros', `v1 k2 ${time} ${'0'.repeat(64)}`],
  ])('refuses a header with %s, without throwing', async (_, text) => {
    expect(isSignedByEdge(text, known, someParts(), NOW)).toBe(false)
  })
})

describe('sign()', () => {
  test('writes version, key, whole milliseconds and the signature', () => {
    expect(header).toMatch(new RegExp(`^v1 k2 ${NOW} [0-9a-f]{64}$`))
  })

  test('leaves out fractions of a millisecond', async () => {
    expect(await sign(current, someParts(), NOW + 0.9)).toBe(header)
  })

  // Reckoned with Python's hmac over the lines k, 1, r, a, GET, / and the SHA-256 of nothing.
  test('signs the documented lines with HMAC-SHA-256', async () => {
    const parts = { requestId: 'r', clientAddress: 'a', method: 'GET', target: '/', body: new Uint8Array() }
    const key = await importSigningKey('k', new Uint8Array(32))
    expect(await sign(key, parts, 1)).toBe('v1 k 1 8f9a7de07977c572fa629e1822ef4b28c87bdbf1989a7ddeca6f5dc64c080a75')
  })
})

describe('readSignature()', () => {
  test('tells the parts of a header of now', () => {
    expect(readSignature(header, NOW)).toEqual({ kid: 'k2', time: String(NOW), mac: header.slice(-64) })
  })
})

describe('signedText()', () => {
  test('has a line for each part, in the documented order', () => {
    const parts = { requestId: 'r', clientAddress: 'a', method: 'GET', target: '/', body: new Uint8Array() }
    expect(signedText('k', '1', parts, 'hash')).toBe('k\n1\nr\na\nGET\n/\nhash')
  })
})

describe('signingKeyFrom()', () => {
  const base64 = btoa(String.fromCharCode(...bytesOf(2)))

  test.each([
    ['base64', base64],
    ['base64 without its filling', base64.replace(/=+$/, '')],
    ['base64url', base64.replaceAll('+', '-').replaceAll('/', '_')],
  ])('reads %s', async (_, text) => {
    const key = await signingKeyFrom(`k2:${text}`)
    expect(key.kid).toBe('k2')
    expect(isSignedByEdge(await sign(key, someParts(), NOW), known, someParts(), NOW)).toBe(true)
  })

  test.each([
    ['nothing', ''],
    ['a key without a name', base64],
    ['an empty name', `:${base64}`],
    ['a name with a space', `a b:${base64}`],
    ['a name of 33 characters', `${'k'.repeat(33)}:${base64}`],
    ['a name without a key', 'SECRET:'],
    ['what is no base64', 'SECRET:SECRET!'],
    ['base64 cut short', 'SECRET:SECRETSECRETS'],
    ['a key of 31 bytes', `SECRET:${btoa('x'.repeat(31))}`],
    ['two keys', `k1:${base64},k2:${base64}`],
  ])('refuses %s, and does not repeat it', async (_, setting) => {
    const refusal = await signingKeyFrom(setting).then(
      () => 'taken',
      (error: unknown) => String(error),
    )
    expect(refusal).toMatch(/^Error: /)
    if (setting !== '') expect(refusal).not.toContain(setting.split(':').pop() || setting)
  })
})

test('hex() writes every byte as two digits', () => {
  expect(hex(Uint8Array.of(0, 9, 10, 127, 128, 255))).toBe('00090a7f80ff')
})
