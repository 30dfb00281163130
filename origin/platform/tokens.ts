/** Secrets that callers carry: made here, stored only as hashes or not at all. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A reservation's public code: ten characters of Crockford's base 32, 50 random bits. */
export function newReference(): string {
  return Array.from(randomBytes(10), (byte) => CROCKFORD[byte & 31]).join('')
}

/** SHA-256 of a token, which is what the database keeps. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * The token that lets a booker act on one reservation. Derived, not stored: the same booking asked for again under its
 * Idempotency-Key gets the same token, and a stolen database gives none.
 */
export function guestToken(key: Uint8Array, reference: string): string {
  const mac = createHmac('sha256', key).update(`guest-token 1 ${reference}`).digest('base64url')
  return `gt_${reference}_${mac}`
}

/** The reservation a guest token speaks for, or undefined where the token is not one of ours. */
export function referenceOfGuestToken(key: Uint8Array, token: string): string | undefined {
  const [, reference] = /^gt_([0-9A-HJKMNP-TV-Z]{10})_[A-Za-z0-9_-]{43}$/.exec(token) ?? []
  if (reference === undefined) return undefined
  const expected = Buffer.from(guestToken(key, reference))
  const given = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected) ? reference : undefined
}

/**
 * A session or API key: the organisation it belongs to and 256 random bits. The organisation only says where to look;
 * the hash of the whole must be there.
 */
export function newStaffToken(prefix: 'ss' | 'sk', organisation: string): string {
  return `${prefix}_${organisation.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`
}

/** The organisation a session or API key claims, or undefined where it has not the shape of one. */
export function organisationOfStaffToken(prefix: 'ss' | 'sk', token: string): string | undefined {
  const [, found, org] = /^(ss|sk)_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/.exec(token) ?? []
  if (found !== prefix || org === undefined) return undefined
  return org.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
