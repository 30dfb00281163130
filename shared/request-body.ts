/** Reading what a request sends, never more of it than is allowed. */
import { Problem } from './problems.ts'

/** A request's body has at most so many bytes; at the edge and at the origin alike. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024

/** A request's body as bytes; none where the method has none. Throws `body-too-large`, having read no further. */
export async function readBody(request: Request): Promise<Uint8Array> {
  if (!request.body || request.method === 'GET' || request.method === 'HEAD') return new Uint8Array()
  const tooLarge = () => new Problem('body-too-large', { detail: `A body has at most ${BODY_BYTES_MAX} bytes.` })
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES_MAX) throw tooLarge()
  const parts: Uint8Array[] = []
  let length = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      // The sender has gone: nothing of ours failed, whatever the error looks like.
      throw new Problem('malformed-body', { detail: 'The body broke off before its end.' })
    })
    if (done) break
    length += value.byteLength
    if (length > BODY_BYTES_MAX) {
      await reader.cancel()
      throw tooLarge()
    }
    parts.push(value)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    body.set(part, at)
    at += part.byteLength
  }
  return body
}
