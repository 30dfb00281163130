import type { Context } from 'hono'

/** Whether the platform ends what a request has begun with the request; known once it was asked. */
let endsWithRequest: boolean | undefined

/** Keeps work going after the answer, where the platform needs to be told. */
export function keepAliveOf(c: Context): (work: Promise<unknown>) => void {
  return (work) => {
    if (endsWithRequest === false) return
    try {
      c.executionCtx.waitUntil(work)
      endsWithRequest = true
    } catch {
      // Node and Deno have no execution context, and end nothing with the request. Asking throws, which is dear.
      endsWithRequest ??= false
    }
  }
}
