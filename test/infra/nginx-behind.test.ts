/** What nginx asks of those behind it before it tells them anything. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, describe, expect, test } from 'vitest'
import { ask, identitiesIn, makeSecrets, startInstance } from './nginx-rig.ts'
import { guestHost, nginxUnderTest, second, signed } from './nginx-under-test.ts'

const under = nginxUnderTest()
const others = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-others-'))
makeSecrets(others)
afterAll(() => fs.rmSync(others, { recursive: true, force: true }))

/** The origin and the edge, each asked once, and health at the port without TLS. */
async function askAll(): Promise<{ origin: number; edge: number; health: number }> {
  return {
    origin: (await ask(under.nginx, '/x', { method: 'POST', body: '{}', headers: signed })).status,
    edge: (await ask(under.nginx, '/x', { host: guestHost })).status,
    health: (await fetch(`http://127.0.0.1:${under.nginx.httpPort}/health`)).status,
  }
}

describe('behind nginx', () => {
  test('each is asked by the name of its service, over TLS 1.3', async () => {
    for (const one of under.instances)
      one.answer = (request, response) => {
        const socket = request.socket as TLSSocket & { servername?: string }
        response.end(`${socket.servername} ${socket.getProtocol()}`)
      }
    expect((await ask(under.nginx, '/x', { headers: signed })).body).toBe('app TLSv1.3')
    expect((await ask(under.nginx, '/x', { host: guestHost })).body).toBe('edge TLSv1.3')
    expect(await (await fetch(`http://127.0.0.1:${under.nginx.httpPort}/health`)).text()).toBe('app TLSv1.3')
  })

  test.each([
    ['of another authority', () => identitiesIn(others)],
    [
      'of our authority for another name',
      () => ({ app: under.nginx.identities.edge, edge: under.nginx.identities.app }),
    ],
    ['that is none, as it speaks without TLS', () => undefined],
  ])('a certificate %s: nothing is told to it', async (_, identities) => {
    await under.replaceInstances(identities())
    const answer = await ask(under.nginx, '/x', { method: 'POST', body: '{}', headers: signed })
    expect([answer.status, answer.headers['retry-after'], JSON.parse(answer.body).type]).toEqual([
      503,
      '3',
      'https://stayzr.dev/problems/origin-unavailable',
    ])
    expect(await askAll()).toEqual({ origin: 503, edge: 503, health: 503 })
    expect(under.allAsked()).toEqual([])
  })

  test('where one of two is not who it should be, the other answers everything, bookings among it', async () => {
    await under.instance(second).stop()
    const stranger = await startInstance(second, under.port, identitiesIn(others))
    try {
      for (let turn = 0; turn < 20; turn++) expect(await askAll()).toEqual({ origin: 200, edge: 200, health: 200 })
      expect(under.nginx.errorLog()).toContain('certificate verify error')
      expect(stranger.asked).toEqual([])
    } finally {
      await stranger.stop()
    }
  })
})
