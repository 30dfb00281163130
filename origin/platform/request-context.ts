/**
 * Which request is being answered, known to whatever runs for it: logs, statements and spans name it without every function
 * passing it on. Nothing decides by it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

export interface RequestContext {
  requestId: string
  /** None where the request came without one, as health checks do. */
  traceId: string | undefined
  /** The span that whatever happens now is part of; none where this trace is not kept. */
  spanId: string | undefined
}

const contexts = new AsyncLocalStorage<RequestContext>()

/** Runs `work`, and all that it starts, as part of a request. */
export function inContext<T>(context: RequestContext, work: () => T): T {
  return contexts.run(context, work)
}

/** The request this is part of; undefined in jobs and at start. */
export function currentContext(): RequestContext | undefined {
  return contexts.getStore()
}
