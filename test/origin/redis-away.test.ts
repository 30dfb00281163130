import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../infra/local/ports.ts'
import type { RedisConfig } from '../../origin/config.ts'
import { type Counters, openCounters } from '../../origin/platform/counters.ts'
import { isOnPath, makeSecrets, type RunningProgram, type Secrets, startProgram } from '../support/secured-stack.ts'
import { redisUrl } from '../support/servers.ts'

const opened: { close(): Promise<void> }[] = []
afterAll(async () => {
  for (const one of opened) await one.close()
})
function open(config: Partial<RedisConfig> & { url: string }): Counters {
  const counters = openCounters({ sentinels: [], master: 'stayzr', ...config }, () => {})
  opened.push(counters)
  return counters
}
const isReachable = (counters: Counters) =>
  expect.poll(() => counters.check().then(() => true), { timeout: 15_000 }).toBe(true)

/** Passes bytes on until it is told to fall silent: then connections stay open, and nothing comes through. */
async function openSilentProxy(port: number) {
  const connections: { fromClient: Socket; toServer: Socket }[] = []
  let received = ''
  const server = createServer((fromClient) => {
    const toServer = createConnection({ host: '127.0.0.1', port })
    connections.push({ fromClient, toServer })
    fromClient.on('data', (bytes) => {
      received += bytes.toString('latin1')
    })
    fromClient.pipe(toServer)
    toServer.pipe(fromClient)
    for (const socket of [fromClient, toServer]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      received = ''
      for (const { fromClient, toServer } of connections) {
        fromClient.unpipe(toServer).resume()
        toServer.unpipe(fromClient)
      }
    },
    /** How many commands of that name have come in since it fell silent. */
    commands: (name: string) => received.toLowerCase().split(name).length - 1,
    close: () => {
      for (const { fromClient, toServer } of connections) for (const socket of [fromClient, toServer]) socket.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

describe.skipIf(!isOnPath('redis-server'))('a Redis that says nothing (where redis-server is on the PATH)', () => {
  it('is asked three times and then left alone, and found again when it answers', async () => {
    const proxy = await openSilentProxy(Number(new URL(redisUrl()).port))
    opened.push(proxy)
    const counters = open({ url: redisUrl().replace(/:\d+$/, `:${proxy.port}`) })
    await isReachable(counters)
    const key = crypto.randomUUID()
    expect([await counters.count(key), await counters.count(key)]).toEqual([1, 2])

    proxy.silence()
    const counted: number[] = []
    for (let i = 0; i < 200; i++) counted.push(await counters.count(key))
    // Here, from the beginning; nobody but the first three has waited.
    expect(counted).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    expect(proxy.commands('incr')).toBe(3)

    // The connection is given up for a new one, on which it answers: counting goes on where Redis was.
    await expect.poll(() => counters.count(key), { timeout: 10_000 }).toBe(3)
  })

  it('is no reason to take a write twice, or to refuse one', async () => {
    const proxy = await openSilentProxy(Number(new URL(redisUrl()).port))
    opened.push(proxy)
    const counters = open({ url: redisUrl().replace(/:\d+$/, `:${proxy.port}`) })
    await isReachable(counters)
    const [before, meanwhile] = [crypto.randomUUID(), crypto.randomUUID()]
    expect(await counters.first(before, 60)).toBe(true)
    proxy.silence()
    expect([await counters.first(before, 60), await counters.first(meanwhile, 60)]).toEqual([false, true])
    expect(await counters.first(meanwhile, 60)).toBe(false)
  })
})

describe.skipIf(!isOnPath('redis-server') || !isOnPath('redis-sentinel'))(
  'Redis with TLS, a password and sentinels (where redis-server and redis-sentinel are on the PATH)',
  () => {
    let secrets: Secrets
    let servers: RunningProgram[]
    let sentinel: RunningProgram
    const shared = () => ({
      password: secrets.read('redis_password'),
      ca: secrets.read('tls_ca.crt'),
      sentinels: [
        // One that is not there costs nothing.
        { host: '127.0.0.1', port: 9 },
        { host: '127.0.0.1', port: sentinel.port },
      ],
    })

    beforeAll(async () => {
      secrets = makeSecrets()
      const ports = [await freePort(), await freePort()]
      const tls = [
        `tls-cert-file ${secrets.file('tls_redis.crt')}`,
        `tls-key-file ${secrets.file('tls_redis.key')}`,
        `tls-ca-cert-file ${secrets.file('tls_ca.crt')}`,
        'tls-auth-clients no',
        'tls-replication yes',
        'bind 127.0.0.1',
        'port 0',
      ]
      const password = secrets.read('redis_password')
      const start = async (port: number, program: string, lines: string[]) => {
        const directory = join(secrets.directory, String(port))
        mkdirSync(directory)
        const file = join(directory, 'configuration')
        writeFileSync(file, [...tls, `tls-port ${port}`, `dir ${directory}`, ...lines, ''].join('\n'))
        return await startProgram(program, [file], port)
      }
      const [primary = 0, replica = 0] = ports
      const server = [`requirepass ${password}`, `masterauth ${password}`, 'save ""', 'repl-diskless-sync-delay 0']
      servers = [
        await start(primary, 'redis-server', server),
        await start(replica, 'redis-server', [...server, `replicaof 127.0.0.1 ${primary}`]),
      ]
      sentinel = await start(await freePort(), 'redis-sentinel', [
        `requirepass ${password}`,
        `sentinel monitor stayzr 127.0.0.1 ${primary} 1`,
        `sentinel auth-pass stayzr ${password}`,
        'sentinel down-after-milliseconds stayzr 1000',
        'sentinel failover-timeout stayzr 3000',
      ])
    })
    afterAll(async () => {
      for (const one of opened.splice(0)) await one.close()
      await Promise.all([...(servers ?? []), ...(sentinel ? [sentinel] : [])].map((it) => it.stop()))
      secrets?.remove()
    })

    it('is not spoken to where its certificate is not signed by our authority, or the password is wrong', async () => {
      const others = makeSecrets()
      for (const wrong of [{ ca: others.read('tls_ca.crt') }, { password: 'another' }, { ca: undefined }]) {
        const counters = open({ url: 'rediss://127.0.0.1', ...shared(), ...wrong })
        await expect(counters.check()).rejects.toThrow()
        expect(await counters.count('a')).toBe(1)
        await expect(counters.check()).rejects.toThrow()
      }
      others.remove()
    })

    it('is found through a sentinel, and found again when another server has taken over', async () => {
      const [one, other] = [
        open({ url: 'rediss://127.0.0.1', ...shared() }),
        open({ url: 'rediss://127.0.0.1', ...shared() }),
      ]
      for (const counters of [one, other]) await isReachable(counters)
      const key = crypto.randomUUID()
      expect([await one.first(key, 60), await other.first(key, 60)]).toEqual([true, false])

      // Not killed but stopped: its connections stay open and say nothing.
      servers[0]?.process.kill('SIGSTOP')
      await isReachable(one)
      await expect
        .poll(
          async () => {
            const fresh = crypto.randomUUID()
            return [await one.first(fresh, 60), await other.first(fresh, 60)]
          },
          { timeout: 15_000, interval: 100 },
        )
        .toEqual([true, false])
    })
  },
)
