import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { ask } from './nginx-rig.ts'
import { nginxUnderTest, signed } from './nginx-under-test.ts'

const under = nginxUnderTest()

describe('limits', () => {
  test('a body of 2 MB goes on, a byte more is refused', async () => {
    const exactly = Buffer.alloc(2 * 1024 * 1024, 'a')
    expect((await ask(under.nginx, '/x', { method: 'POST', body: exactly, headers: signed })).status).toBe(200)
    const answer = await ask(under.nginx, '/x', {
      method: 'POST',
      body: Buffer.concat([exactly, Buffer.from('a')]),
      headers: signed,
    })
    expect([answer.status, JSON.parse(answer.body).type]).toEqual([413, 'https://stayzr.dev/problems/body-too-large'])
    expect(under.allAsked().map(({ bytes }) => bytes)).toEqual([exactly.length])
  })

  test('a photo may have 10 MB', async () => {
    const target = '/api/v1/properties/harbour-house/photos/front.webp'
    const exactly = Buffer.alloc(10 * 1024 * 1024, 'a')
    expect((await ask(under.nginx, target, { method: 'PUT', body: exactly, headers: signed })).status).toBe(200)
    expect(under.allAsked().map(({ bytes }) => bytes)).toEqual([exactly.length])
    const more = ask(under.nginx, target, {
      method: 'PUT',
      body: Buffer.concat([exactly, Buffer.from('a')]),
      headers: signed,
    })
    // nginx says so at once and may close before the client has sent everything.
    expect(
      await more.then(
        ({ status }) => status,
        ({ code }) => code,
      ),
    ).toSatisfy((end) => [413, 'EPIPE', 'ECONNRESET'].includes(end as never))
    expect(under.allAsked()).toHaveLength(1)
  })

  test('who does not sign may ask a few times a second, who signs often', async () => {
    const answers = (headers: Record<string, string>) =>
      Promise.all(Array.from({ length: 60 }, () => ask(under.nginx, '/x', { headers })))
    expect(new Set((await answers(signed)).map(({ status }) => status))).toEqual(new Set([200]))
    const unsigned = await answers({})
    expect(unsigned.some(({ status }) => status === 200)).toBe(true)
    const refused = unsigned.find(({ status }) => status !== 200)
    expect([refused?.status, refused?.headers['retry-after']]).toEqual([429, '1'])
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({
      type: 'https://stayzr.dev/problems/too-many-requests',
      status: 429,
    })
  })

  /** Waits until it is over, in order or not. */
  function closed(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      socket.on('error', () => undefined)
      socket.once('close', () => resolve())
    })
  }

  /** Sends a piece twice a second until the other side ends it. */
  async function drip(socket: Socket, pieces: string): Promise<void> {
    socket.resume()
    let at = 0
    const timer = setInterval(() => socket.writable && socket.write(pieces[at++ % pieces.length] ?? ''), 500)
    await closed(socket)
    clearInterval(timer)
  }

  test('a header that comes byte by byte is not waited for', async () => {
    const socket = connect(under.nginx.httpPort, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('GET / HTTP/1.1\r\nx-slow: ')
    await drip(socket, 'a')
    expect(under.allAsked()).toEqual([])
  })

  test('a body that stops coming is not waited for, and costs the origin nothing', async () => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: under.nginx.httpsPort,
      servername: 'localhost',
      ca: under.nginx.ca,
    })
    await once(socket, 'secureConnect')
    socket.write('POST /x HTTP/1.1\r\nhost: localhost\r\nx-stayzr-signature: v1\r\ncontent-length: 100\r\n\r\nhalf')
    let said = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await closed(socket)
    expect(said === '' || said.startsWith('HTTP/1.1 408')).toBe(true)
    expect(under.allAsked()).toEqual([])
  })
})
