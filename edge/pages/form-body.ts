import type { Context } from 'hono'
import { Problem } from '../../shared/problems.ts'

/** Our longest form, every field full and every character escaped, stays below; anything larger is not one of ours. */
const FORM_BYTES_MAX = 32_768

/** A sent form's fields. Throws where the body is no form of ours. */
export async function readForm(c: Context): Promise<URLSearchParams> {
  const type = c.req.header('content-type') ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded'))
    throw new Problem('unsupported-media-type', { detail: 'Please send the form on this page.' })
  if (Number(c.req.header('content-length') ?? 0) > FORM_BYTES_MAX) throw tooLarge()
  const text = await c.req.text()
  if (text.length > FORM_BYTES_MAX) throw tooLarge()
  return new URLSearchParams(text)
}

function tooLarge(): Problem {
  return new Problem('body-too-large', { detail: 'That was more than the form takes. Please shorten what you wrote.' })
}
