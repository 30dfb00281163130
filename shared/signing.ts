/**
 * The edge signs every request to the origin; the origin answers nobody else. HMAC-SHA-256 over key id, time, request
 * id, the guest's address, method, path with query, and the hash of the body, each on a line of its own, so that none of
 * them can be moved into another. Web Crypto only: the same code on workerd, Node and Deno.
 */

export const SIGNATURE_HEADER = 'x-stayzr-signature'
export const REQUEST_ID_HEADER = 'x-request-id'
export const CLIENT_ADDRESS_HEADER = 'x-client-address'

/** How far the two clocks may be apart, and how long a signed request may be on its way. */
export const SIGNATURE_AGE_MAX_MS = 30_000

export interface SignedParts {
  requestId: string
  clientAddress: string
  method: string
  /** Path and query exactly as sent. */
  target: string
  body: Uint8Array
}

/** An HMAC key with its id, imported once and kept. */
export interface SigningKey {
  kid: string
  key: CryptoKey
}

/** Imports a key of 32 bytes or more. */
export async function importSigningKey(kid: string, bytes: Uint8Array): Promise<SigningKey> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(bytes), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ])
  return { kid, key }
}

/** The signature header's value. */
export async function sign(signing: SigningKey, parts: SignedParts, nowMs: number): Promise<string> {
  const time = String(Math.floor(nowMs))
  const mac = await crypto.subtle.sign('HMAC', signing.key, await message(signing.kid, time, parts))
  return `v1 ${signing.kid} ${time} ${hex(new Uint8Array(mac))}`
}

/** Whether the header is a signature of exactly these parts, by a known key, made just now. */
export async function verify(
  header: string,
  keys: ReadonlyMap<string, SigningKey>,
  parts: SignedParts,
  nowMs: number,
): Promise<boolean> {
  const [, kid, time, mac] = /^v1 ([A-Za-z0-9-]{1,32}) (\d{1,16}) ([0-9a-f]{64})$/.exec(header) ?? []
  if (kid === undefined || time === undefined || mac === undefined) return false
  const signing = keys.get(kid)
  if (!signing || Math.abs(nowMs - Number(time)) > SIGNATURE_AGE_MAX_MS) return false
  return await crypto.subtle.verify('HMAC', signing.key, fromHex(mac), await message(kid, time, parts))
}

async function message(kid: string, time: string, parts: SignedParts): Promise<Uint8Array<ArrayBuffer>> {
  const bodyHash = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(parts.body))))
  return new TextEncoder().encode(
    [kid, time, parts.requestId, parts.clientAddress, parts.method, parts.target, bodyHash].join('\n'),
  )
}

/** Bytes as lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** A `kid:base64` setting as a key. Throws where it is not one; the value is never in the message. */
export async function signingKeyFrom(setting: string): Promise<SigningKey> {
  const [, kid, encoded] = /^([A-Za-z0-9-]{1,32}):([A-Za-z0-9+/_-]+=*)$/.exec(setting) ?? []
  if (kid === undefined || encoded === undefined) throw new Error('The signing key is not of the form kid:base64')
  const bytes = Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  return await importSigningKey(kid, bytes)
}
