/**
 * Files on their way from a caller to storage: never held whole, so what is signed is what the caller says the file is
 * (its SHA-256 as RFC 9530 writes it, and its length), and the origin finds out whether it is while it passes.
 */
import { Problem } from './problems.ts'
import type { Upload } from './routes/route.ts'

/** How long the file is, from edge to origin: a streamed body does not say so itself. */
export const UPLOAD_LENGTH_HEADER = 'x-upload-length'
export const CONTENT_DIGEST_HEADER = 'content-digest'

export interface Announced {
  /** 32 bytes in base64. */
  sha256: string
  /** Bytes. */
  length: number
}

/** What of an upload is signed in place of its body's hash; a hash is hexadecimal, so neither passes for the other. */
export function announcement({ sha256, length }: Announced): string {
  return `sha-256=:${sha256}:;length=${length}`
}

/**
 * Reads the rest of a file that is refused, at most so many bytes of it: who is told no while still sending would see a
 * broken connection and not the answer.
 */
export async function readAway(stream: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<void> {
  if (!stream || stream.locked) return
  const reader = stream.getReader()
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      length += value.byteLength
      if (length > bytesMax) return await reader.cancel()
    }
  } catch {
    // The sender has gone: nobody is left to be told.
  }
}

/**
 * Reads what a caller says of a file. Throws where it is not said, or is more than the route takes: nothing of the file
 * has been read by then.
 */
export function announced(digest: string | undefined, length: string | undefined, allowed: Upload): Announced {
  const [, sha256] = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/.exec(digest ?? '') ?? []
  if (sha256 === undefined) throw new Problem('content-digest-missing')
  if (length === undefined || !/^\d{1,12}$/.test(length)) throw new Problem('length-required')
  if (Number(length) > allowed.bytesMax)
    throw new Problem('body-too-large', { detail: `A file has at most ${allowed.bytesMax} bytes.` })
  return { sha256, length: Number(length) }
}
