/**
 * The edge signs every request to the origin; the origin answers nobody else. HMAC-SHA-256 over key id, time, request
 * id, the guest's address, method, path with query, and the hash of the body, each on a line of its own, so that none of
 * them can be moved into another. Signing is Web
 * Crypto, which every runtime of the edge has; the origin checks with its own (origin/platform/edge-signature.ts).
 */

export const SIGNATURE_HEADER = 'x-stayzr-signature'
export const REQUEST_ID_HEADER = 'x-request-id'
export const CLIENT_ADDRESS_HEADER = 'x-client-address'
/** What the origin answers in the signature's header where it does not take a request's: never something to tell a caller. */
export const REFUSED = 'refused'

/** How far the two clocks may be apart, and how long a signed request may be on its way. */
export const SIGNATURE_AGE_MAX_MS = 30_000

export interface SignedParts<Body extends Uint8Array | string = Uint8Array> {
  requestId: string
  clientAddress: string
  method: string
  /** Path and query exactly as sent. */
  target: string
  /** The bytes, or what is announced of an upload, which is signed in their place. */
  body: Body
}

export type AnyParts = SignedParts<Uint8Array | string>

/** An HMAC key with its id, imported once and kept. */
export interface SigningKey {
  kid: string
  key: CryptoKey
}

/** Less than the hash's own length weakens HMAC (RFC 2104, section 3); the origin refuses such keys too. */
const KEY_BYTES_MIN = 32

/** Imports a key of 32 bytes or more. Throws where there are fewer. */
export async function importSigningKey(kid: string, bytes: Uint8Array): Promise<SigningKey> {
  if (bytes.length < KEY_BYTES_MIN) throw new Error(`The signing key ${kid} is shorter than ${KEY_BYTES_MIN} bytes`)
  const key = await crypto.subtle.importKey('raw', new Uint8Array(bytes), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  return { kid, key }
}

/** The signature header's value. */
export async function sign(signing: SigningKey, parts: AnyParts, nowMs: number): Promise<string> {
  const time = String(Math.floor(nowMs))
  const mac = await crypto.subtle.sign('HMAC', signing.key, await message(signing.kid, time, parts))
  return `v1 ${signing.kid} ${time} ${hex(new Uint8Array(mac))}`
}

/** What a signature header says, before it is checked; undefined where it is not one or not of now. */
export function readSignature(header: string, nowMs: number): { kid: string; time: string; mac: string } | undefined {
  const [, kid, time, mac] = /^v1 ([A-Za-z0-9-]{1,32}) (\d{1,16}) ([0-9a-f]{64})$/.exec(header) ?? []
  if (kid === undefined || time === undefined || mac === undefined) return undefined
  return Math.abs(nowMs - Number(time)) <= SIGNATURE_AGE_MAX_MS ? { kid, time, mac } : undefined
}

/** The text that is signed. `bodyHash` is the body's SHA-256 in hexadecimal, or what is announced of an upload. */
export function signedText(kid: string, time: string, parts: AnyParts, bodyHash: string): string {
  return [kid, time, parts.requestId, parts.clientAddress, parts.method, parts.target, bodyHash].join('\n')
}

async function message(kid: string, time: string, parts: AnyParts): Promise<Uint8Array<ArrayBuffer>> {
  return new TextEncoder().encode(signedText(kid, time, parts, await hashOf(parts.body)))
}

/** Of no bytes at all, as most requests have; hashing is a trip to another thread. */
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

async function hashOf(body: Uint8Array | string): Promise<string> {
  if (typeof body === 'string') return body
  if (body.byteLength === 0) return EMPTY_HASH
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(body))))
}

/** Bytes as lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A `kid:base64` setting as a key. Throws where it is not one; the value is never in the message. */
export async function signingKeyFrom(setting: string): Promise<SigningKey> {
  const [, kid, encoded] = /^([A-Za-z0-9-]{1,32}):([A-Za-z0-9+/_-]+=*)$/.exec(setting) ?? []
  const bytes = encoded === undefined ? undefined : fromBase64(encoded)
  if (kid === undefined || bytes === undefined) throw new Error('The signing key is not of the form kid:base64')
  return await importSigningKey(kid, bytes)
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  } catch {
    return undefined
  }
}
