/** Entity tags (RFC 9110, section 8.8.3): what an answer depends on, so that a browser that has it is told so. */
import type { Confirmed } from '../../shared/ari/answers.ts'
import { dateAt } from '../../shared/domain/zone.ts'

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

/**
 * What an answer to one question depends on: this build, the snapshot's version, what is said of its freshness, and
 * today's date at the hotel. Weak, since `asOf` moves on while all of these stay. The question is the address the tag
 * belongs to.
 */
export function answerTag({ snapshot, stale }: Confirmed, now: number, build: string): string {
  const today = dateAt(now, snapshot.content.timeZone)
  return `W/"${build}.${snapshot.version}.${stale ? 'stale' : 'fresh'}.${today}"`
}
