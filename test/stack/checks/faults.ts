/** Bookings go on while parts of the stack are changed, restarted, killed and taken away. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BookingLoad, describeTally, expectBooked, type Tally } from '../bookings.ts'
import { type Check, type Context, expectNone, waitFor } from '../check.ts'
import { recount } from '../hotel.ts'
import { run } from '../shell.ts'
import type { Stack } from '../stack.ts'
import { walArrives } from '../wal.ts'

/** Enough to see a gap of a tenth of a second, and little beside what an instance can take. */
const bookingsPerSecond = 15

/** What may be said while there is no database: asked again under the same key, it is done once. */
const away = /^(?:503 |409 idempotency-in-progress)/
/** A request that crosses the end of a kept connection: nginx ends those that are idle as it is reloaded. */
const crossed = /^ECONNRESET$/

/** Does something under a steady load of bookings, then counts all of them. */
async function underBookings(
  { stack, edge, hotels }: Context,
  work: (load: BookingLoad) => Promise<string>,
  mayBe?: RegExp,
): Promise<string> {
  const load = new BookingLoad(edge, hotels, bookingsPerSecond)
  let said: string
  let tally: Tally
  try {
    await load.nextBooking()
    said = await work(load)
    await load.nextBooking()
  } finally {
    tally = await load.stop()
  }
  expectBooked(tally, mayBe)
  expectNone(await recount(stack, hotels), 'bookings differ')
  return `${said}; ${describeTally(tally)}`
}

async function healthy(id: string): Promise<boolean> {
  return (await run('docker', ['inspect', '--format', '{{.State.Health.Status}}', id])).trim() === 'healthy'
}

export const scaling: Check = {
  name: 'rolling-restart',
  title: 'scaled to three instances, each restarted in turn, scaled back to one: no booking fails',
  async run(context) {
    const { stack } = context
    return await underBookings(
      context,
      async () => {
        await stack.up('--scale', 'app=3', '--no-recreate', 'app')
        const instances = await stack.containers('app')
        if (instances.length !== 3) throw new Error(`${instances.length} instances run, not 3`)
        let longestMs = 0
        for (const { id, name } of instances) {
          const began = performance.now()
          await run('docker', ['restart', '--time', '20', id])
          await waitFor(() => healthy(id), 60_000, `${name} is not healthy again`)
          longestMs = Math.max(longestMs, performance.now() - began)
        }
        await stack.up('--scale', 'app=1', '--no-recreate', 'app')
        return `3 restarted, ${(longestMs / 1000).toFixed(1)} s at most until healthy again`
      },
      crossed,
    )
  },
}

export const postgresRestart: Check = {
  name: 'postgres-restart',
  title: 'PostgreSQL is restarted: bookings are back within 30 s, none that was acknowledged is lost',
  async run(context) {
    return await underBookings(
      context,
      async (load) => {
        const began = performance.now()
        await context.stack.compose(['restart', 'postgres'])
        const backMs = (await load.nextBooking()) - began
        if (backMs > 30_000) throw new Error(`bookings were back after ${(backMs / 1000).toFixed(1)} s`)
        return `back ${(backMs / 1000).toFixed(1)} s after the order`
      },
      away,
    )
  },
}

export const postgresKilled: Check = {
  name: 'postgres-killed',
  title: 'PostgreSQL is killed and started again: none that was acknowledged is lost',
  async run(context) {
    return await underBookings(
      context,
      async (load) => {
        await context.stack.compose(['kill', 'postgres'])
        const began = performance.now()
        await context.stack.compose(['start', 'postgres'])
        const backMs = (await load.nextBooking()) - began
        if (backMs > 30_000) throw new Error(`bookings were back after ${(backMs / 1000).toFixed(1)} s`)
        const walMs = await walArrives(context.stack)
        return `back ${(backMs / 1000).toFixed(1)} s after the start, WAL archived ${(walMs / 1000).toFixed(1)} s later`
      },
      away,
    )
  },
}

/** The service that leads, as a sentinel says. */
async function redisPrimary(stack: Stack): Promise<string> {
  const said = await stack.exec(
    'sentinel-1',
    [
      'redis-cli',
      '--tls',
      '--cacert',
      '/run/secrets/tls_ca.crt',
      '-h',
      'localhost',
      '-p',
      '26379',
      'sentinel',
      'get-master-addr-by-name',
      'stayzr',
    ],
    { REDISCLI_AUTH: stack.secret('redis_password') },
  )
  return said.trim().split('\n')[0] ?? ''
}

export const redisKilled: Check = {
  name: 'redis-killed',
  title: 'the Redis primary is killed: another leads within 15 s, no booking fails, and it comes back as a replica',
  async run(context) {
    const { stack } = context
    return await underBookings(context, async () => {
      const before = await redisPrimary(stack)
      const began = performance.now()
      await stack.compose(['kill', before])
      const otherwise = `${before} still leads by what the sentinels say`
      await waitFor(async () => (await redisPrimary(stack)) !== before, 15_000, otherwise)
      const tookMs = performance.now() - began
      if (tookMs > 15_000) throw new Error(`after 15 s ${otherwise}`)
      await stack.compose(['start', before])
      await waitFor(
        async () => {
          const leads = await redisPrimary(stack)
          const info = await stack.exec(
            leads,
            ['redis-cli', '--tls', '--cacert', '/run/secrets/tls_ca.crt', '-h', 'localhost', 'info', 'replication'],
            { REDISCLI_AUTH: stack.secret('redis_password') },
          )
          return info.includes('connected_slaves:1')
        },
        30_000,
        `${before} has not come back as a replica`,
      )
      return `${await redisPrimary(stack)} leads after ${(tookMs / 1000).toFixed(1)} s`
    })
  },
}

export const redisAway: Check = {
  name: 'redis-away',
  title: 'all of Redis is stopped for 10 s: bookings go on',
  async run(context) {
    const services = ['redis', 'redis-replica', 'sentinel-1', 'sentinel-2', 'sentinel-3']
    return await underBookings(context, async () => {
      await context.stack.compose(['kill', ...services])
      await sleep(10_000)
      await context.stack.up('--no-recreate', ...services)
      return 'killed and started'
    })
  },
}

export const storageAway: Check = {
  name: 'storage-away',
  title: 'object storage is stopped for 10 s: bookings go on',
  async run(context) {
    return await underBookings(context, async () => {
      await context.stack.compose(['stop', '--timeout', '5', 'storage'])
      await sleep(10_000)
      await context.stack.up('--no-recreate', 'storage')
      return 'stopped and started'
    })
  },
}

export const nginxReloaded: Check = {
  name: 'nginx-reload',
  title: 'nginx is reloaded five times: no booking fails',
  async run(context) {
    return await underBookings(
      context,
      async () => {
        for (let i = 0; i < 5; i++) {
          await context.stack.compose(['kill', '--signal', 'HUP', 'nginx'])
          await sleep(2_000)
        }
        return '5 reloads'
      },
      crossed,
    )
  },
}
