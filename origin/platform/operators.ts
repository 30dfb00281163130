/** Who may read what is for operators: metrics, and the health of each part. */
import { Buffer } from 'node:buffer'
import { timingSafeEqual } from 'node:crypto'
import { isLoopback, isPrivate } from '../../shared/networks.ts'
import { Problem } from '../../shared/problems.ts'
import type { OriginContext } from './bind.ts'

/** Headers that something in between leaves behind: then the address says nothing about who asks. */
const FORWARDED_BY = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/** From where one may ask without the token: this machine, or the network it is in. */
export type Near = 'machine' | 'network'

/** Throws `unauthenticated` unless the caller sends the token or is near enough, with nothing in between. */
export function requireOperator(c: OriginContext, token: string, near: Near): void {
  const given = c.req.header('authorization') ?? ''
  if (token !== '' && isSame(given, `Bearer ${token}`)) return
  // Without a socket it is this very process.
  const address = (c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming?.socket
    ?.remoteAddress
  const isNear = address === undefined || (near === 'machine' ? isLoopback(address) : isPrivate(address))
  if (isNear && given === '' && FORWARDED_BY.every((name) => c.req.header(name) === undefined)) return
  throw new Problem('unauthenticated', { detail: 'This is for operators: send METRICS_TOKEN as a bearer token.' })
}

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)]
  return left.byteLength === right.byteLength && timingSafeEqual(left, right)
}
