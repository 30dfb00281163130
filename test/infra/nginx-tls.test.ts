import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import * as path from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { freePorts, startNginx } from './nginx-rig.ts'
import { nginxUnderTest } from './nginx-under-test.ts'

const under = nginxUnderTest()

describe('TLS', () => {
  /** What the two agree on, or the reason why not. */
  async function handshake(options: ConnectionOptions): Promise<{ protocol: string; cipher: string } | string> {
    const socket = connectTls({
      host: '127.0.0.1',
      port: under.nginx.httpsPort,
      servername: 'localhost',
      ca: under.nginx.ca,
      ...options,
    })
    try {
      return await new Promise((resolve) => {
        socket.once('secureConnect', () =>
          resolve({ protocol: socket.getProtocol() ?? '', cipher: socket.getCipher().name }),
        )
        socket.once('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
      })
    } finally {
      socket.destroy()
    }
  }
  /** Without this the client itself would not offer the old ones. */
  const old = 'DEFAULT:@SECLEVEL=0'

  test('1.2 and 1.3 are taken', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      expect(await handshake({ minVersion: version, maxVersion: version, ciphers: old })).toMatchObject({
        protocol: version,
      })
    }
  })

  test('1.0 and 1.1 are refused by the server', async () => {
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      expect(await handshake({ minVersion: version, maxVersion: version, ciphers: old })).toBe(
        'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      )
    }
  })

  test('1.2 without forward secrecy or authenticated encryption is refused', async () => {
    const twelve = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
    expect(await handshake({ ...twelve, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).toMatchObject({
      cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
    })
    expect(await handshake({ ...twelve, ciphers: 'ECDHE-ECDSA-AES128-SHA' })).toMatch(/HANDSHAKE_FAILURE/)
  })

  test('HTTP/2 is spoken to those who can', async () => {
    const session = connectHttp2(`https://localhost:${under.nginx.httpsPort}`, { ca: under.nginx.ca })
    const stream = session.request({ ':path': '/over-2' })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(headers[':status']).toBe(200)
    session.destroy()
    expect(under.allAsked().map(({ url }) => url)).toEqual(['/over-2'])
  })
})

describe('OCSP', () => {
  test('where the certificate names a responder, what it says is stapled', async () => {
    const [responderPort = 0] = await freePorts(1)
    const place = fs.mkdtempSync(path.join(under.nginx.acme, 'ocsp-'))
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: place, stdio: 'pipe' })
    const secret = (name: string) => path.join(place, name)
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=authority',
      '-keyout',
      'ca.key',
      '-out',
      'tls_ca.crt',
    )
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-keyout',
      'tls_nginx.key',
      '-out',
      'request',
    )
    fs.writeFileSync(
      secret('extensions'),
      `subjectAltName=DNS:localhost\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:${responderPort}\n`,
    )
    openssl(
      'x509',
      '-req',
      '-days',
      '2',
      '-in',
      'request',
      '-CA',
      'tls_ca.crt',
      '-CAkey',
      'ca.key',
      '-set_serial',
      '0x1001',
      '-extfile',
      'extensions',
      '-out',
      'leaf',
    )
    fs.writeFileSync(
      secret('tls_nginx.crt'),
      fs.readFileSync(secret('leaf'), 'utf8') + fs.readFileSync(secret('tls_ca.crt'), 'utf8'),
    )
    fs.writeFileSync(secret('index'), 'V\t991231235959Z\t\t1001\tunknown\t/CN=localhost\n')
    const responder = spawn(
      'openssl',
      [
        'ocsp',
        '-index',
        'index',
        '-port',
        String(responderPort),
        '-rsigner',
        'tls_ca.crt',
        '-rkey',
        'ca.key',
        '-CA',
        'tls_ca.crt',
        '-nmin',
        '60',
      ],
      { cwd: place, stdio: 'ignore' },
    )
    const stapling = await startNginx({ LOOK_UP: under.names.lookUp, APP: `app.test:${under.port}` }, place)
    try {
      const stapled = async () => {
        const socket = connectTls({
          host: '127.0.0.1',
          port: stapling.httpsPort,
          servername: 'localhost',
          ca: stapling.ca,
          requestOCSP: true,
        })
        try {
          const [response] = (await once(socket, 'OCSPResponse')) as [Buffer | null]
          return response?.length ?? 0
        } finally {
          socket.destroy()
        }
      }
      // nginx asks the responder at the first handshake and has its answer for a later one.
      await expect.poll(stapled, { timeout: 10_000 }).toBeGreaterThan(100)
    } finally {
      await stapling.stop()
      const ended = once(responder, 'exit')
      responder.kill()
      await ended
    }
  })
})
