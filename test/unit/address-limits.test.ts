import { describe, expect, test } from 'vitest'
import { BUDGETS, boundLimits, memoryLimits, type RateLimit } from '../../edge/http/address-limits.ts'
import { isLoopback, networkOf } from '../../shared/networks.ts'

describe('networkOf()', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::1', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

test.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.0.2.127', false],
  ['::ffff:192.0.2.1', false],
  ['unknown', false],
])('isLoopback(%j) is %j', (address, expected) => {
  expect(isLoopback(address)).toBe(expected)
})

describe('memoryLimits()', () => {
  const small = {
    read: { most: 3, perSecond: 1 },
    write: { most: 2, perSecond: 1 },
    'sign-in': { most: 1, perSecond: 1 },
  }
  let time = 0
  const limits = () => memoryLimits(small, () => time)

  test('lets through as many as there are tokens, and again as they come back', () => {
    const allow = limits()
    expect([1, 2, 3, 4].map(() => allow('read', '192.0.2.1'))).toEqual([true, true, true, false])
    time += 1_000
    expect([1, 2].map(() => allow('read', '192.0.2.1'))).toEqual([true, false])
    time += 3_600_000
    expect([1, 2, 3, 4].map(() => allow('read', '192.0.2.1'))).toEqual([true, true, true, false])
  })

  test('counts each kind and each network by itself, and a /64 as one', () => {
    const allow = limits()
    expect([1, 2].map(() => allow('sign-in', '192.0.2.1'))).toEqual([true, false])
    expect([allow('write', '192.0.2.1'), allow('sign-in', '192.0.2.2')]).toEqual([true, true])
    expect(['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'].map((it) => allow('sign-in', it))).toEqual([
      true,
      false,
      true,
    ])
  })

  test('takes nothing back when the clock goes back', () => {
    const allow = limits()
    allow('write', '192.0.2.1')
    time -= 60_000
    expect([1, 2].map(() => allow('write', '192.0.2.1'))).toEqual([true, false])
  })

  test('does not limit what comes from this machine', () => {
    const allow = limits()
    expect(Array.from({ length: 10 }, () => allow('sign-in', '127.0.0.1'))).not.toContain(false)
  })

  test('forgets whoever asked longest ago, not who asks all the time', () => {
    const allow = limits()
    allow('sign-in', '192.0.2.1')
    for (let i = 0; i < 30_000; i++) {
      allow('read', `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
      if (i % 5_000 === 0) expect(allow('sign-in', '192.0.2.1'), String(i)).toBe(false)
    }
  })

  test('has room in a minute for what the origin lets one address try', () => {
    expect(BUDGETS['sign-in'].most).toBeGreaterThan(10)
  })
})

describe('boundLimits()', () => {
  /** Counts as the binding does, and remembers whom it was asked about. */
  function counter(limit: number): RateLimit & { keys: string[] } {
    const keys: string[] = []
    return {
      keys,
      async limit({ key }) {
        keys.push(key)
        return { success: keys.filter((it) => it === key).length <= limit }
      },
    }
  }

  test('is none where nothing is bound', () => {
    expect(boundLimits({})).toBeUndefined()
    expect(boundLimits({ read: undefined })).toBeUndefined()
  })

  test('asks for a token for each sixteen reads of a network', async () => {
    const reads = counter(1)
    let time = 0
    const allow = boundLimits({ read: reads }, () => time)
    const ask = async (count: number) => {
      const allowed = await Promise.all(Array.from({ length: count }, () => allow?.('read', '2001:db8::1')))
      return allowed.filter(Boolean).length
    }
    expect([await ask(15), reads.keys.length]).toEqual([15, 0])
    expect([await ask(1), reads.keys]).toEqual([1, ['2001:db8:0:0']])
    // The second token is refused; from then on all are, until the binding's period is over.
    expect(await ask(16)).toBe(15)
    expect(await ask(100)).toBe(0)
    time += 10_000
    expect(await ask(15)).toBe(15)
    expect(await allow?.('read', '2001:db8:1::1')).toBe(true)
  })

  test('lets writes through where the counter cannot be reached, and where none is bound', async () => {
    const broken: RateLimit = { limit: () => Promise.reject(new Error('away')) }
    const allow = boundLimits({ write: broken })
    expect([await allow?.('write', '192.0.2.1'), await allow?.('sign-in', '192.0.2.1')]).toEqual([true, true])
  })
})
