/** Origin and edge as processes that also listen over TLS: who they answer, and how both listeners end. */
import { randomBytes } from 'node:crypto'
import { request as requestPlain } from 'node:http'
import { Agent, type RequestOptions, request as requestTls } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import { readTls } from '../../edge/listening.ts'
import { freePort } from '../../infra/local/ports.ts'
import type { Service } from '../../infra/local/service-process.ts'
import { type Runtime, startDenoEdge, startNodeEdge } from '../../infra/local/services.ts'
import { REQUEST_ID_HEADER, sign, signingKeyFrom } from '../../shared/signing.ts'
import { originProcess } from '../support/installation.ts'
import { makeSecrets } from '../support/secured-stack.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
const [own, others] = [makeSecrets(), makeSecrets()]
const signingKey = `test:${randomBytes(32).toString('base64')}`
const running: Service[] = []
afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()))
  for (const secrets of [own, others]) secrets.remove()
})

interface Listening {
  name: 'app' | 'edge'
  service: Service
  plainPort: number
  tlsPort: number
}

async function start(name: Listening['name'], runtime: Runtime): Promise<Listening> {
  const [plainPort, tlsPort] = [await freePort(), await freePort()]
  const env = {
    PORT: String(plainPort),
    TLS_PORT: String(tlsPort),
    TLS_CERT_FILE: own.file(`tls_${name}.crt`),
    TLS_KEY_FILE: own.file(`tls_${name}.key`),
    DRAIN_SECONDS: '1',
  }
  const service =
    name === 'app'
      ? (await originProcess(urls.runtimeUrl, runtime, { ...env, EDGE_SIGNING_KEYS: signingKey })).service
      : await (runtime === 'node' ? startNodeEdge : startDenoEdge)({
          port: plainPort,
          // Nobody is there: what would go on is 503.
          originUrl: `http://127.0.0.1:${await freePort()}`,
          signingKey,
          env: { ...env, ARI_WARM_UP_SECONDS: '0' },
          log: () => {},
        })
  running.push(service)
  return { name, service, plainPort, tlsPort }
}

interface Asking {
  /** Resolves once the first half of its body is sent. */
  begun: Promise<void>
  /** Sends the rest; the answer's status. */
  finish(): Promise<number>
}

const body = '{"half":1}'

/** A booking of which half the body is sent. */
async function begin(it: Listening, over: 'plain' | 'tls'): Promise<Asking> {
  const path = '/api/v1/properties/harbour-house/reservations'
  const requestId = crypto.randomUUID()
  const bytes = new TextEncoder().encode(body)
  const parts = { requestId, clientAddress: '192.0.2.1', method: 'POST', target: path, body: bytes }
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: over === 'tls' ? it.tlsPort : it.plainPort,
    method: 'POST',
    path,
    agent: false,
    headers: {
      [REQUEST_ID_HEADER]: requestId,
      'x-client-address': '192.0.2.1',
      'x-stayzr-signature': await sign(await signingKeyFrom(signingKey), parts, Date.now()),
      'idempotency-key': crypto.randomUUID(),
      'content-type': 'application/json',
      'content-length': String(bytes.byteLength),
    },
  }
  const sent =
    over === 'tls' ? requestTls({ ...options, servername: it.name, ca: own.read('tls_ca.crt') }) : requestPlain(options)
  const status = new Promise<number>((resolve, reject) => {
    sent.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)))
    sent.on('error', reject)
  })
  status.catch(() => {})
  return {
    begun: new Promise((resolve) => sent.write(body.slice(0, 5), () => resolve())),
    finish: async () => {
      sent.end(body.slice(5))
      return await status
    },
  }
}

/** Asks for health over TLS; the status, or why there is no answer. */
async function health(
  port: number,
  options: RequestOptions,
  answered: (closes: boolean) => void = () => {},
): Promise<number | string> {
  return await new Promise((resolve) => {
    const asked = requestTls({ host: '127.0.0.1', port, path: '/health', agent: false, ...options }, (answer) => {
      answered(answer.headers.connection === 'close')
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
    let connected = false
    asked.on('socket', (socket) => {
      connected = !socket.connecting
      socket.once('secureConnect', () => {
        connected = true
      })
    })
    asked.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message
      resolve(connected ? `${reason} on a connection` : reason)
    })
    asked.end()
  })
}

/** Whether somebody takes a connection. */
async function isTaken(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** The version that both agree on, or why there is none. */
async function version(port: number, newest: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: own.read('tls_ca.crt'),
      minVersion: 'TLSv1',
      maxVersion: newest,
      // Without this the client itself would not offer the old ones.
      ciphers: 'DEFAULT:@SECLEVEL=0',
    })
    socket.once('secureConnect', () => resolve(socket.getProtocol() ?? ''))
    socket.once('error', () => resolve('refused'))
    socket.once('secureConnect', () => socket.destroy())
  })
}

describe.each<[Listening['name'], Runtime]>([
  ['app', 'node'],
  ['app', 'deno'],
  ['edge', 'node'],
  ['edge', 'deno'],
])('%s on %s', (name, runtime) => {
  it('answers over TLS by a certificate of its name, 1.2 or newer, and in the clear beside it', async () => {
    const { plainPort, tlsPort } = await start(name, runtime)
    const ca = own.read('tls_ca.crt')
    expect(await health(tlsPort, { ca, servername: name })).toBe(200)
    expect(await health(tlsPort, { ca, servername: 'redis' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(await health(tlsPort, { ca: others.read('tls_ca.crt'), servername: name })).not.toBe(200)
    expect(
      await Promise.all([version(tlsPort, 'TLSv1.1'), version(tlsPort, 'TLSv1.2'), version(tlsPort, 'TLSv1.3')]),
    ).toEqual(['refused', 'TLSv1.2', 'TLSv1.3'])
    expect((await fetch(`http://127.0.0.1:${plainPort}/health`)).status).toBe(200)
    // In the clear at the other port is nothing.
    await expect(fetch(`http://127.0.0.1:${tlsPort}/health`)).rejects.toThrow()
  })

  it('told to stop takes nothing more at either, finishes what both have begun, and ends', async () => {
    const it = await start(name, runtime)
    // The origin has read it and found it to be no booking; the edge has read it and found no origin.
    const expected = name === 'app' ? 422 : 503
    const both = [await begin(it, 'plain'), await begin(it, 'tls')]
    await Promise.all(both.map(({ begun }) => begun))
    // Answers behind them say that their headers are read.
    expect((await fetch(`http://127.0.0.1:${it.plainPort}/health`)).status).toBe(200)
    expect(await health(it.tlsPort, { ca: own.read('tls_ca.crt'), servername: name })).toBe(200)
    process.kill(it.service.pid, 'SIGTERM')
    await expect.poll(() => isTaken(it.tlsPort), { timeout: 5_000 }).toBe(false)
    await expect.poll(() => isTaken(it.plainPort), { timeout: 5_000 }).toBe(false)
    expect(await Promise.all(both.map(({ finish }) => finish()))).toEqual([expected, expected])
    // Nobody asked the rig to end it, so that it says how it ended.
    expect(String(await it.service.ended)).toMatch(/ended with exit code 0\b/)
  })

  it('told to stop hangs up on nobody who keeps connections', async () => {
    const it = await start(name, runtime)
    const agent = new Agent({ keepAlive: true, ca: own.read('tls_ca.crt'), servername: name })
    const said = new Set<number | string>()
    let told = false
    let closing = 0
    const asks = Array.from({ length: 4 }, async () => {
      for (;;) {
        const answer = await health(it.tlsPort, { agent }, (closes) => {
          if (told && closes) closing++
        })
        // Refused, or hung up on while connecting: nothing was sent, so that nginx asks another.
        if (answer === 'ECONNREFUSED' || answer === 'ECONNRESET') return
        said.add(answer)
        if (answer !== 200 && answer !== 503) return
      }
    })
    await sleep(300)
    told = true
    process.kill(it.service.pid, 'SIGTERM')
    await Promise.all(asks)
    expect([...said].filter((answer) => answer !== 200)).toEqual([])
    // For a second each answer was the last of its connection.
    expect(closing).toBeGreaterThan(10)
    expect(String(await it.service.ended)).toMatch(/ended with exit code 0\b/)
    agent.destroy()
  })
})

describe('the edge’s readTls()', () => {
  const given = { port: '8443', cert: own.read('tls_edge.crt'), key: own.read('tls_edge.key') }
  const mistakesOf = (over: Partial<Record<keyof typeof given, string | undefined>>) => {
    try {
      readTls({ ...given, ...over })
      return []
    } catch (error) {
      return (error as Error).message.split('\n').map((line) => /^TLS_[A-Z]+/.exec(line)?.[0])
    }
  }

  it('takes all three, or none', () => {
    expect(readTls(given)).toEqual({ ...given, port: 8443 })
    expect(readTls({})).toBeUndefined()
  })

  it.each([
    [{ cert: undefined, key: undefined }, ['TLS_CERT', 'TLS_KEY']],
    [{ port: undefined }, ['TLS_PORT']],
    [{ port: '0' }, ['TLS_PORT']],
    [{ port: '65536', cert: '' }, ['TLS_PORT', 'TLS_CERT']],
    [{ key: given.cert }, ['TLS_KEY']],
    [{ key: own.read('tls_app.key') }, ['TLS_KEY']],
  ])('names everything that is missing or wrong (%#)', (over, names) => {
    expect(mistakesOf(over)).toEqual(names)
  })
})
