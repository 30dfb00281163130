/** Entity tags (RFC 9110, section 8.8.3): what an answer depends on, so that a browser that has it is told so. */

/** Nobody holds so many answers to one question. */
const HEADER_LENGTH_MAX = 1_024

/**
 * Whether `If-None-Match` names the tag, compared weakly as the RFC has it for reading. `*` names nothing here: a whole
 * answer is never wrong, and "you have it" to somebody who does not is.
 */
export function isNamed(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > HEADER_LENGTH_MAX) return false
  const opaque = opaquePart(tag)
  for (const [, given] of ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/g)) if (given === opaque) return true
  return false
}

function opaquePart(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}

/** A strong tag: the bytes' own hash. */
export async function tagOfBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `"${btoa(String.fromCharCode(...hash.subarray(0, 18)))}"`
}

/** 53 bits of a text (cyrb53): tells questions apart that a caller asks under one address. Keeps no secret. */
export function shortHash(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36)
}
