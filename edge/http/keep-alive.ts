import type { Context } from 'hono'

/** Keeps work going after the answer, where the platform needs to be told. */
export function keepAliveOf(c: Context): (work: Promise<unknown>) => void {
  return (work) => {
    try {
      c.executionCtx.waitUntil(work)
    } catch {
      // Node and Deno have no execution context, and end nothing with the request.
    }
  }
}
