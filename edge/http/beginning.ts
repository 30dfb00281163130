/** What comes before every answer, whoever gives it: the request is named, looked at, and counted. */
import type { Context } from 'hono'
import type { EdgeOptions, EdgeVariables } from '../app.ts'
import { addressLimit } from './address-limits.ts'
import { hostsFrom, refuseStrangeRequests } from './requests.ts'

/** Throws, or rejects with, a problem where the request is not to be answered. Nothing to wait for where it gives nothing. */
export type Begin = (c: Context<{ Variables: EdgeVariables }>) => Promise<void> | undefined

export function beginning({
  publicHosts,
  allowCall,
  clientAddress,
}: Pick<EdgeOptions, 'publicHosts' | 'allowCall' | 'clientAddress'>): Begin {
  const hosts = hostsFrom(publicHosts)
  const count = allowCall && addressLimit(allowCall, (c) => clientAddress(c.req.raw, c.env))
  return (c) => {
    c.set('requestId', crypto.randomUUID())
    refuseStrangeRequests(c, hosts)
    return count?.(c)
  }
}
