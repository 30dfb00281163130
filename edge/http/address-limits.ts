/**
 * The coarse limit by address: it keeps one caller from taking the edge or the origin from everybody else. What guesses
 * secrets is limited exactly, and over all instances, at the origin (origin/platform/limits.ts).
 */
import type { Context } from 'hono'
import { isLoopback, networkOf } from '../../shared/networks.ts'
import { Problem } from '../../shared/problems.ts'
import { login } from '../../shared/routes/auth.ts'

export type CallKind = 'read' | 'write' | 'sign-in'
/** Counts a call from an address; false where there have been too many. Never throws. */
export type AllowCall = (kind: CallKind, address: string) => boolean | Promise<boolean>

const RETRY_AFTER_SECONDS: Readonly<Record<CallKind, number>> = { read: 10, write: 60, 'sign-in': 60 }

/**
 * Counts a request; throws, or rejects with, `too-many-requests` where the limit is reached. Files that never change and
 * health are not counted.
 */
export function addressLimit(
  allow: AllowCall,
  addressOf: (c: Context) => string,
): (c: Context) => Promise<void> | undefined {
  return (c) => {
    const kind = kindOf(c.req.method, c.req.path)
    if (kind === undefined) return undefined
    const allowed = allow(kind, addressOf(c))
    if (allowed === true) return undefined
    if (allowed === false) throw tooMany(kind)
    return allowed.then((it) => {
      if (!it) throw tooMany(kind)
    })
  }
}

function tooMany(kind: CallKind): Problem {
  return new Problem('too-many-requests', {
    detail: 'Too many requests came from your network. Wait a moment.',
    retryAfterSeconds: RETRY_AFTER_SECONDS[kind],
  })
}

function kindOf(method: string, path: string): CallKind | undefined {
  if (method !== 'GET' && method !== 'HEAD') return path === login.path ? 'sign-in' : 'write'
  return path === '/health' || path.startsWith('/assets/') ? undefined : 'read'
}

/** Cloudflare's rate limiting binding: counts within one location, all of its machines together. */
export interface RateLimit {
  limit(options: { key: string }): Promise<{ success: boolean }>
}

/** Reads that one token stands for: most guests ask less in ten seconds, and cost the binding nothing. */
const READS_A_TOKEN = 16
/** As long as the binding's period for reads: what it refused is refused here until then. */
const READ_PERIOD_MS = 10_000
/** Addresses counted at once; about 2 MB. Beyond it counting begins anew. */
const ADDRESSES_MAX = 20_000

/**
 * Limits by Cloudflare's bindings; whichever is not bound limits nothing. Reads are counted here and cost a token for
 * each sixteen, so that a search from memory does not wait for a counter.
 */
export function boundLimits(
  bound: Partial<Record<CallKind, RateLimit | undefined>>,
  now: () => number = () => Date.now(),
): AllowCall | undefined {
  if (Object.values(bound).every((it) => it === undefined)) return undefined
  const reads = new Map<string, { count: number; refusedUntil: number }>()
  const token = async (kind: CallKind, network: string): Promise<boolean> => {
    // A counter that cannot be reached stops nobody.
    return (await bound[kind]?.limit({ key: network }).catch(() => undefined))?.success ?? true
  }
  return (kind, address) => {
    const network = networkOf(address)
    if (kind !== 'read') return token(kind, network)
    let seen = reads.get(network)
    if (!seen) {
      if (reads.size >= ADDRESSES_MAX) reads.clear()
      seen = { count: 0, refusedUntil: 0 }
      reads.set(network, seen)
    }
    if (now() < seen.refusedUntil) return false
    seen.count += 1
    if (seen.count % READS_A_TOKEN !== 0) return true
    const known = seen
    return token(kind, network).then((success) => {
      if (!success) known.refusedUntil = now() + READ_PERIOD_MS
      return success
    })
  }
}

/** Tokens at most, and how many come back a second. */
export type Budget = { most: number; perSecond: number }

/** The same numbers as in wrangler.toml, with their reasons there. */
export const BUDGETS: Readonly<Record<CallKind, Budget>> = {
  read: { most: 2_000, perSecond: 200 },
  write: { most: 1_200, perSecond: 20 },
  'sign-in': { most: 30, perSecond: 0.5 },
}

/**
 * Limits by token buckets in this process, for an installation without Cloudflare. Nobody is limited who comes from this
 * machine: that is a proxy, which stands for everybody, or a tool.
 */
export function memoryLimits(
  budgets: Readonly<Record<CallKind, Budget>> = BUDGETS,
  now: () => number = () => Date.now(),
): AllowCall {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (kind, address) => {
    if (isLoopback(address)) return true
    const { most, perSecond } = budgets[kind]
    const key = `${kind} ${networkOf(address)}`
    const at = now()
    const bucket = buckets.get(key) ?? { tokens: most, at }
    bucket.tokens = Math.min(most, bucket.tokens + (Math.max(0, at - bucket.at) / 1000) * perSecond)
    bucket.at = at
    if (buckets.size >= ADDRESSES_MAX && !buckets.has(key)) forgetOldest(buckets)
    // Last in, last out: who asks all the time is not forgotten for those who ask once.
    buckets.delete(key)
    buckets.set(key, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}

function forgetOldest(buckets: Map<string, unknown>): void {
  const [oldest] = buckets.keys()
  if (oldest !== undefined) buckets.delete(oldest)
}
