/** Routes that the origin answers: checked against their declaration, then sent on, or answered from what is kept. */
import type { Context, Hono } from 'hono'
import { invalidRequest } from '../../shared/domain/stay.ts'
import { Problem } from '../../shared/problems.ts'
import { readBody } from '../../shared/request-body.ts'
import { parseParams, parseQuery } from '../../shared/routes/parse.ts'
import { pathFor, type Route, type Upload } from '../../shared/routes/route.ts'
import { announced, readAway } from '../../shared/uploads.ts'
import type { EdgeParts, EdgeVariables } from '../app.ts'
import type { StreamedBody } from '../forward.ts'
import { STORED_NOWHERE } from './headers.ts'
import { keptAnswer } from './kept-answers.ts'

/** Binds a route. Those the edge answers itself, and those for the edge itself, are not bound. */
export function bindForwarded(app: Hono<{ Variables: EdgeVariables }>, declaration: Route, parts: EdgeParts): void {
  const { access, cache } = declaration
  if (access.kind === 'edge' || cache === 'edge-answered') return
  app.on(declaration.method.toUpperCase(), declaration.path, async (c) => {
    const target = validatedTarget(c, declaration)
    if (typeof cache === 'object') return await keptAnswer(c, target, cache, parts)
    const answer = await parts.send({
      method: c.req.method,
      target,
      headers: c.req.raw.headers,
      body: declaration.upload ? await streamed(c, declaration.upload) : await readBody(c.req.raw),
      requestId: c.get('requestId'),
      clientAddress: parts.clientAddress(c),
    })
    // Whatever the origin says: what a route does not declare as kept is kept nowhere.
    answer.headers.set('cache-control', STORED_NOWHERE)
    return answer
  })
}

/** A file to pass through, once it is announced as something the route takes. */
async function streamed(c: Context, upload: Upload): Promise<StreamedBody> {
  const stream = c.req.raw.body
  if (!stream) throw new Problem('length-required')
  try {
    const type = c.req.header('content-type')?.toLowerCase() ?? ''
    if (!upload.types.includes(type)) throw new Problem('not-a-photo')
    return { stream, announced: announced(c.req.header('content-digest'), c.req.header('content-length'), upload) }
  } catch (error) {
    await readAway(stream, upload.bytesMax)
    throw error
  }
}

/**
 * Path and query made anew from their validated parts, in one order: two ways to write a question are one key, and
 * nothing that was not validated is in it.
 */
function validatedTarget(c: Context, declaration: Route): string {
  const params = (parseParams(declaration, c.req.param() as Record<string, string>) ?? {}) as Record<string, string>
  const { searchParams } = new URL(c.req.url)
  if (declaration.query) parseQuery(declaration, searchParams)
  else if (searchParams.size > 0)
    throw invalidRequest(
      [...new Set(searchParams.keys())].slice(0, 20).map((name) => ({
        pointer: `?${name.slice(0, 60)}`,
        detail: 'is not known here; leave it out',
      })),
    )
  searchParams.sort()
  const query = searchParams.toString()
  return pathFor(declaration.path, params) + (query === '' ? '' : `?${query}`)
}
