import type { Context, ExecutionContext } from 'hono'

/** Whether the platform ends what a request has begun with the request; known once it was asked. */
let endsWithRequest: boolean | undefined

/** What the platform gave with the request, where it gives anything. */
export function contextOf(c: Context): ExecutionContext | undefined {
  if (endsWithRequest === false) return undefined
  try {
    const context = c.executionCtx
    endsWithRequest = true
    return context
  } catch {
    // Node and Deno have no execution context, and end nothing with the request. Asking throws, which is dear.
    endsWithRequest ??= false
    return undefined
  }
}

/** Keeps work going after the answer, where the platform needs to be told. */
export function keepAliveOf(c: Context): (work: Promise<unknown>) => void {
  return (work) => contextOf(c)?.waitUntil(work)
}
