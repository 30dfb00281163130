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
