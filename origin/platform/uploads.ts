/** Finding out, while a file passes, whether it is what was announced and the picture its name says. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Problem } from '../../shared/problems.ts'
import type { UploadedFile } from './bind.ts'

/** So many bytes tell every kind below. */
const HEAD_BYTES = 16

/**
 * The file's bytes, in pieces. The last piece is given out only once length and SHA-256 of all of them are right, so who
 * stores what comes out can never have stored a whole file that is wrong. Throws `content-digest-mismatch`, or
 * `not-a-photo` before anything is given out.
 */
export async function* verifiedPicture(file: UploadedFile, mediaType: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let length = 0
  let held: Uint8Array = new Uint8Array()
  let isLookedAt = false
  for await (const piece of piecesOf(file.stream)) {
    length += piece.byteLength
    if (length > file.length) throw new Problem('content-digest-mismatch')
    hash.update(piece)
    if (!isLookedAt) {
      held = Buffer.concat([held, piece])
      if (held.byteLength < HEAD_BYTES) continue
      if (!isPicture(held, mediaType)) throw new Problem('not-a-photo')
      isLookedAt = true
      continue
    }
    yield held
    held = piece
  }
  if (!isLookedAt) throw new Problem('not-a-photo')
  if (length !== file.length || hash.digest('base64') !== file.sha256) throw new Problem('content-digest-mismatch')
  yield held
}

/** The pieces as they come. Not cancelled by who stops taking them, so that the rest can be read away. */
async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        // The sender broke off: what has come is not what was announced.
        throw new Problem('content-digest-mismatch')
      })
      if (done) return
      yield value
    }
  } finally {
    reader.releaseLock()
  }
}

/** By the first bytes, as the formats' own specifications have them; what a caller calls it does not count. */
function isPicture(head: Uint8Array, mediaType: string): boolean {
  const text = (from: number, to: number) => Buffer.from(head.subarray(from, to)).toString('latin1')
  switch (mediaType) {
    case 'image/jpeg':
      return text(0, 3) === '\xff\xd8\xff'
    case 'image/png':
      return text(0, 8) === '\x89PNG\r\n\x1a\n'
    case 'image/webp':
      return text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP'
    case 'image/avif':
      return text(4, 12) === 'ftypavif' || text(4, 12) === 'ftypavis'
    default:
      return false
  }
}
