import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ask } from './nginx-rig.ts'
import { first, nginxUnderTest, second, signed } from './nginx-under-test.ts'

const under = nginxUnderTest()

/** As they stand in the configuration. */
function instancesKnown(): string[] {
  const block = readFileSync(path.join(under.nginx.place, 'instances/app.conf'), 'utf8')
  return Array.from(block.matchAll(/server ([\d.]+):/g), ([, address = '']) => address)
}

describe('instances', () => {
  test('each gets its share', async () => {
    for (let turn = 0; turn < 100; turn++) await ask(under.nginx, '/x', { headers: signed })
    // Each of nginx's two workers asks them in turn.
    for (const one of under.instances) expect(one.asked.length).toBeGreaterThan(20)
  })

  test('a new one is asked, and one that went away no longer, without a failed request', async () => {
    await under.knowing(first)
    for (let turn = 0; turn < 20; turn++) await ask(under.nginx, '/x', { headers: signed })
    expect(under.instance(second).asked).toEqual([])
    const statuses: number[] = []
    let asking = true
    const goOnAsking = async () => {
      while (asking)
        statuses.push((await ask(under.nginx, '/x', { method: 'POST', body: '{}', headers: signed })).status)
    }
    let asks = goOnAsking()
    under.names.addresses = [first, second]
    await expect.poll(() => under.instance(second).asked.length, { timeout: 10_000 }).toBeGreaterThan(0)
    // Gone before its name is: connections to it are refused until nginx hears of it. Nothing is on its way to it as it goes:
    // an origin finishes that (test/faults), this stand-in does not.
    asking = false
    await asks
    await under.instance(first).stop()
    asking = true
    asks = goOnAsking()
    await sleep(500)
    under.names.addresses = [second]
    await expect.poll(() => instancesKnown(), { timeout: 10_000 }).toEqual([second])
    await sleep(500)
    asking = false
    await asks
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  test('are told to nginx once its certificate can be read again, and are not forgotten meanwhile', async () => {
    await under.knowing(first)
    const key = path.join(under.nginx.place, 'secrets/tls_nginx.key')
    const whole = readFileSync(key)
    writeFileSync(key, 'half')
    try {
      under.names.addresses = [first, second]
      await expect.poll(() => under.nginx.errorLog(), { timeout: 10_000 }).toContain('and nginx refuses')
      // It goes on with what it has.
      expect((await ask(under.nginx, '/x', { headers: signed })).status).toBe(200)
      expect(under.nginx.errorLog().match(/and nginx refuses/g)).toHaveLength(1)
    } finally {
      writeFileSync(key, whole)
    }
    await expect
      .poll(
        async () => {
          await ask(under.nginx, '/x', { headers: signed })
          return under.instance(second).asked.length
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0)
  })

  test('it is no longer healthy where nobody looks them up', () => {
    expect(under.nginx.readiness()).toBe(0)
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'stayzr-looked-'))
    try {
      const looked = path.join(elsewhere, 'looked')
      writeFileSync(looked, '')
      expect(under.nginx.readiness(elsewhere)).toBe(0)
      const longAgo = new Date(Date.now() - 150_000)
      utimesSync(looked, longAgo, longAgo)
      expect(under.nginx.readiness(elsewhere)).not.toBe(0)
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })

  test('a GET that an instance broke off is asked of the other; a POST is not', async () => {
    const broken = under.instance(first)
    broken.answer = (request) => request.socket.destroy()
    for (let turn = 0; turn < 20; turn++) expect((await ask(under.nginx, '/x', { headers: signed })).status).toBe(200)
    expect(broken.asked.length).toBeGreaterThan(0)
    for (const one of under.instances) one.asked.length = 0
    const answers = []
    for (let turn = 0; turn < 20; turn++)
      answers.push(await ask(under.nginx, '/x', { method: 'POST', body: '{}', headers: signed }))
    expect(under.allAsked()).toHaveLength(20)
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(broken.asked.length)
    expect(broken.asked.length).toBeGreaterThan(0)
  })

  test('an answer is an answer: 503 from one is not asked of the other', async () => {
    for (const one of under.instances)
      one.answer = (_, response) => response.writeHead(503, { 'retry-after': '7' }).end('busy')
    const answer = await ask(under.nginx, '/x', { headers: signed })
    expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([503, 'busy', '7'])
    expect(under.allAsked()).toHaveLength(1)
  })

  test('where none is left, the answer is a problem with a time to wait, and not an answer of the origin', async () => {
    await Promise.all(under.instances.map((one) => one.stop()))
    const answer = await ask(under.nginx, '/x', { headers: { ...signed, 'x-request-id': 'an-id-of-an-edge' } })
    expect([answer.status, answer.headers['retry-after'], answer.headers['content-type']]).toEqual([
      503,
      '3',
      'application/problem+json',
    ])
    expect(JSON.parse(answer.body).type).toBe('https://stayzr.dev/problems/origin-unavailable')
    // By this header an edge knows that an answer is the origin's.
    expect(answer.headers['x-request-id']).toBeUndefined()
  })

  test('a reload fails no request', async () => {
    const statuses: (number | string)[] = []
    let asking = true
    const asks = Array.from({ length: 4 }, async () => {
      while (asking) {
        const answered = ask(under.nginx, '/x', { method: 'POST', body: '{}', headers: signed })
        statuses.push(
          await answered.then(
            ({ status }) => status,
            ({ code }) => code as string,
          ),
        )
      }
    })
    for (let turn = 0; turn < 5; turn++) {
      under.nginx.reload()
      await sleep(300)
    }
    asking = false
    await Promise.all(asks)
    expect(new Set(statuses)).toEqual(new Set([200]))
  })
})
