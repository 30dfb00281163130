import { afterAll, describe, expect, it } from 'vitest'
import { openCounters } from '../../origin/platform/counters.ts'
import { openLimiter } from '../../origin/platform/limits.ts'
import { redisUrl } from '../support/servers.ts'

const opened: { close(): Promise<void> }[] = []
afterAll(async () => {
  for (const counters of opened) await counters.close()
})
function open(url: string) {
  const counters = openCounters({ url, sentinels: [], master: 'stayzr' }, () => {})
  opened.push(counters)
  return counters
}

describe.each([...new Set(['memory:', redisUrl()])])('counting in %s', (url) => {
  it('sees each key for the first time once, until it runs out', async () => {
    const counters = open(url)
    await expect.poll(() => counters.check().then(() => true)).toBe(true)
    const key = crypto.randomUUID()
    const asked = await Promise.all([counters.first(key, 1), counters.first(key, 1), counters.first(`${key}-other`, 1)])
    expect(asked).toEqual([true, false, true])
    // Asked again it is remembered anew, so not before it has run out.
    await expect.poll(() => counters.first(key, 1), { timeout: 10_000, interval: 1_300 }).toBe(true)
    expect(await counters.first(key, 1)).toBe(false)
  })

  it('counts each key by itself', async () => {
    const counters = open(url)
    await expect.poll(() => counters.check().then(() => true)).toBe(true)
    const key = crypto.randomUUID()
    expect([await counters.count(key), await counters.count(key), await counters.count(`${key}-other`)]).toEqual([
      1, 2, 1,
    ])
  })

  it('refuses a password guesser after ten tries a minute, and nobody else', async () => {
    const limiter = openLimiter(open(url))
    const [guesser, neighbour] = [crypto.randomUUID(), crypto.randomUUID()]
    for (let i = 0; i < 10; i++) await limiter.take('sign-in', guesser)
    await expect(limiter.take('sign-in', guesser)).rejects.toMatchObject({
      slug: 'too-many-requests',
      retryAfterSeconds: 60,
    })
    await limiter.take('sign-in', neighbour)
    await limiter.take('guest-write', guesser)
  })
})

it('goes on counting in this process when Redis is away', async () => {
  const counters = open('redis://127.0.0.1:9')
  expect([await counters.count('a'), await counters.count('a')]).toEqual([1, 2])
  expect([await counters.first('a', 60), await counters.first('a', 60)]).toEqual([true, false])
  await expect(counters.check()).rejects.toThrow()
})

it('tells all instances of a key that one has seen, where there is Redis', async () => {
  if (redisUrl() === 'memory:') return
  const [one, other] = [open(redisUrl()), open(redisUrl())]
  for (const counters of [one, other]) await expect.poll(() => counters.check().then(() => true)).toBe(true)
  const key = crypto.randomUUID()
  expect([await one.first(key, 60), await other.first(key, 60)]).toEqual([true, false])
})
