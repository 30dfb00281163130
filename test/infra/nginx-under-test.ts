import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import {
  freePorts,
  type Identities,
  type Instance,
  type Names,
  type Nginx,
  startInstance,
  startNames,
  startNginx,
} from './nginx-rig.ts'

export const first = '127.0.0.2'
export const second = '127.0.0.3'
export const guestHost = 'guests.example.test'
/** By this an edge's requests are told from others; whether it is right is for the origin to say. */
export const signed = { 'x-stayzr-signature': 'v1 test 0 00' }

export interface UnderTest {
  nginx: Nginx
  names: Names
  /** Which both instances listen on. */
  port: number
  instances: Instance[]
  /** Both instances again, with other certificates, or without TLS. */
  replaceInstances(identities: Identities | undefined): Promise<void>
  /** Changes who is there, and waits until nginx has heard of it: looked at once a second, told at most once in 5 s. */
  knowing(...addresses: string[]): Promise<void>
  /** What all instances were asked in this test. */
  allAsked(): Instance['asked']
  instance(address: string): Instance
}

/** One nginx for the tests of a file; each of them begins with two fresh instances behind it. */
export function nginxUnderTest(): UnderTest {
  const under = {
    instances: [] as Instance[],
    async replaceInstances(identities: Identities | undefined) {
      await Promise.all(under.instances.map((instance) => instance.stop()))
      under.instances = [
        await startInstance(first, under.port, identities),
        await startInstance(second, under.port, identities),
      ]
    },
    async knowing(...addresses: string[]) {
      if (under.names.addresses.join() !== addresses.join()) {
        under.names.addresses = addresses
        await sleep(7_500)
      }
      for (const instance of under.instances) instance.asked.length = 0
    },
    allAsked: () => under.instances.flatMap(({ asked }) => asked),
    instance(address: string) {
      const found = under.instances.find((one) => one.address === address)
      if (!found) throw new Error(`no instance at ${address}`)
      return found
    },
  } as UnderTest
  beforeAll(async () => {
    under.names = startNames([first, second])
    under.port = (await freePorts(1))[0] ?? 0
    under.nginx = await startNginx({
      LOOK_UP: under.names.lookUp,
      APP: `app.test:${under.port}`,
      EDGE: `app.test:${under.port}`,
      EDGE_SERVER_NAME: guestHost,
      UNSIGNED_RATE: '5',
    })
  })
  afterAll(async () => {
    await under.nginx?.stop()
    under.names?.stop()
  })
  beforeEach(async () => {
    await under.replaceInstances(under.nginx.identities)
    await under.knowing(first, second)
  })
  afterEach(async () => {
    await Promise.all(under.instances.map((instance) => instance.stop()))
    under.instances = []
  })
  return under
}
