/**
 * Redis as something that may be missing: asked now or not at all, through the sentinels where there are some. A server
 * that does not answer is left alone for a while, so that it costs a few requests a moment, and the others nothing.
 */
import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import { Redis, type RedisOptions } from 'ioredis'
import type { RedisConfig } from '../config.ts'

export interface RedisLink {
  /**
   * Runs `command`, which sends one command or one transaction. Rejects at once while Redis is taken to be away, and after
   * 100 ms without an answer; what was sent may then have been done or not.
   */
  ask<T>(command: (redis: Redis) => Promise<T>): Promise<T>
  /** Asks even while Redis is taken to be away. Rejects with the reason where it does not answer within a second. */
  check(): Promise<void>
  close(): Promise<void>
}

/** On a network of our own an answer takes well below a millisecond; a guest waits for this one. */
const ANSWER_MS = 100
/** An operator's question may take longer. */
const CHECK_MS = 1_000
/** So many commands without an answer, one after the other, are no accident. */
const FAILURES_MAX = 3
/** While it is away, how often it is looked for, by nobody who waits. */
const PROBE_MS = 500
/** After so many looks without an answer the connection is made anew: the sentinels may know another primary by now. */
const PROBES_MAX = 2
const CONNECT_MS = 2_000

/** Opens a connection that comes back by itself. `onError` hears of every failure to connect. */
export function openRedis(config: RedisConfig, onError: (error: Error) => void): RedisLink {
  const redis = new Redis(redisOptions(config))
  redis.on('error', onError)
  let failures = 0
  let probing: ReturnType<typeof setInterval> | undefined

  const found = () => {
    failures = 0
    clearInterval(probing)
    probing = undefined
  }
  const probe = async () => {
    try {
      await withinTime(redis.ping(), ANSWER_MS)
      found()
    } catch {
      failures += 1
      if (failures % PROBES_MAX === 0 && redis.status === 'ready') redis.disconnect(true)
    }
  }
  const leaveAlone = () => {
    if (probing !== undefined) return
    failures = 0
    probing = setInterval(() => void probe(), PROBE_MS)
    probing.unref()
  }

  return {
    async ask(command) {
      if (probing !== undefined) throw new Error('Redis is away')
      try {
        const answer = await withinTime(command(redis), ANSWER_MS)
        failures = 0
        return answer
      } catch (error) {
        failures += 1
        if (failures >= FAILURES_MAX) leaveAlone()
        throw error
      }
    },
    async check() {
      try {
        await withinTime(redis.ping(), CHECK_MS)
        found()
      } catch (error) {
        leaveAlone()
        throw error
      }
    },
    async close() {
      clearInterval(probing)
      redis.disconnect()
    },
  }
}

type Options = Omit<RedisOptions, 'replyMapping'>

function redisOptions(config: RedisConfig): Options {
  const url = new URL(config.url)
  const password = config.password ?? (url.password === '' ? undefined : decodeURIComponent(url.password))
  const tls = url.protocol === 'rediss:' ? tlsOptions(url.hostname, config.ca) : undefined
  const backoff = (times: number) => Math.min(50 * 2 ** times, 2_000)
  const shared: Options = {
    ...(password === undefined ? {} : { password }),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    db: Number(url.pathname.slice(1) || '0'),
    ...(tls === undefined ? {} : { tls }),
    // A guest does not wait for Redis: without a connection a command fails at once, and none is sent a second time.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: CONNECT_MS,
    retryStrategy: backoff,
    // A primary that was made a replica refuses writes: ask again who the primary is.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  }
  if (config.sentinels.length === 0)
    return { ...shared, host: url.hostname.replace(/[[\]]/g, ''), port: Number(url.port || '6379') }
  return {
    ...shared,
    sentinels: [...config.sentinels],
    name: config.master,
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: CONNECT_MS,
    sentinelRetryStrategy: backoff,
    // What they call each other may be addresses nobody else can reach.
    updateSentinels: false,
  }
}

/** A server that sentinels name by its address shows a certificate for the name in REDIS_URL. */
function tlsOptions(name: string, ca: string | undefined): NonNullable<RedisOptions['tls']> {
  return {
    ...(ca === undefined ? {} : { ca }),
    checkServerIdentity: (host, certificate) =>
      checkServerIdentity(isIP(host) && !isIP(name) ? name : host, certificate),
  }
}

async function withinTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    return await Promise.race([
      answer,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`Redis did not answer within ${ms} ms`)), ms)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}
