/** nginx as it ships, as a process on loopback, with names it can look up and instances behind them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { request as requestTls } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandOf } from '../../infra/checks/debian-programs.ts'

const project = path.join(import.meta.dirname, '../..')

export interface Nginx {
  httpPort: number
  httpsPort: number
  /** Where ACME answers are read from. */
  acme: string
  /** Of the authority that signed nginx's certificate. */
  ca: Buffer
  /** Lines of the access log so far, parsed. */
  accessLog(): Record<string, unknown>[]
  errorLog(): string
  reload(): void
  stop(): Promise<void>
}

/** Starts it with settings as in the container; ports and places are its own. */
export async function startNginx(settings: Record<string, string>, secrets?: string): Promise<Nginx> {
  const place = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-nginx-'))
  const acme = path.join(place, 'acme')
  fs.mkdirSync(path.join(acme, '.well-known/acme-challenge'), { recursive: true })
  const secretFiles = secrets ?? path.join(place, 'secrets')
  if (secrets === undefined) {
    execFileSync('sh', [path.join(project, 'infra/compose/make-secrets'), '--directory', secretFiles], {
      stdio: 'pipe',
    })
  }
  const [httpPort = 0, httpsPort = 0, statusPort = 0] = await freePorts(3)
  const accessLogFile = path.join(place, 'access.log')
  execFileSync('sh', [path.join(project, 'infra/nginx/stayzr-nginx'), '--render'], {
    stdio: 'pipe',
    env: {
      PATH: process.env.PATH ?? '',
      RUN: place,
      SECRETS: secretFiles,
      TEMPLATES: path.join(project, 'infra/nginx'),
      ACCESS_LOG: accessLogFile,
      ACME: acme,
      HTTP_LISTEN: `127.0.0.1:${httpPort}`,
      HTTPS_LISTEN: `127.0.0.1:${httpsPort}`,
      STATUS_LISTEN: String(statusPort),
      ...settings,
    },
  })
  const [program, ...args] = await commandOf('nginx')
  // Its workers would be "nobody" otherwise, who may not read what the test has written. Without root it changes nothing.
  const user = process.getuid?.() === 0 ? ['-g', 'user root;'] : []
  const child = spawn(program, [...args, '-c', path.join(place, 'nginx.conf'), ...user], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  await untilListening(child, httpsPort, () => errors)
  return {
    httpPort,
    httpsPort,
    acme,
    ca: fs.readFileSync(path.join(secretFiles, 'tls_ca.crt')),
    accessLog: () =>
      fs
        .readFileSync(accessLogFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    errorLog: () => errors,
    reload: () => void child.kill('SIGHUP'),
    stop: async () => {
      if (child.exitCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      fs.rmSync(place, { recursive: true, force: true })
    },
  }
}

async function untilListening(child: ChildProcess, port: number, errors: () => string): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${errors()}`)
    try {
      const status = await fetch(`https://127.0.0.1:${port}/`).then(
        () => true,
        (error: unknown) => String((error as { cause?: unknown }).cause).includes('certificate'),
      )
      if (status) return
    } catch {
      // Not yet.
    }
    await sleep(20)
  }
  throw new Error(`nginx does not answer: ${errors()}`)
}

/** Ports nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createTcpServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** A name server that knows one name, whose addresses can be changed at any time. */
export interface Names {
  /** What nginx takes as its resolver. */
  resolver: string
  /** Addresses of `app.test`, as IPv4 text. */
  addresses: string[]
  stop(): void
}

export async function startNames(addresses: string[]): Promise<Names> {
  const socket = createSocket('udp4')
  const names: Names = { resolver: '', addresses, stop: () => void socket.close() }
  socket.on('message', (question, from) => socket.send(answerOf(question, names.addresses), from.port, from.address))
  await bound(socket)
  names.resolver = `127.0.0.1:${socket.address().port}`
  return names
}

async function bound(socket: UdpSocket): Promise<void> {
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
}

/** RFC 1035: the question's header and itself, then an A record for each address; "no such name" where there is none. */
function answerOf(question: Buffer, addresses: readonly string[]): Buffer {
  // Its end: the name's labels up to the empty one, type and class. Nothing of what may follow is repeated.
  let end = 12
  while (question[end] !== 0) end += (question[end] ?? 0) + 1
  const head = Buffer.from(question.subarray(0, end + 5))
  head.writeUInt16BE(addresses.length > 0 ? 0x8180 : 0x8183, 2)
  head.writeUInt16BE(addresses.length, 6)
  head.writeUInt16BE(0, 8)
  head.writeUInt16BE(0, 10)
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]),
  )
  return Buffer.concat([head, ...records])
}

/** One instance of the origin, which tells what it was asked. */
export interface Instance {
  address: string
  asked: { method: string; url: string; headers: IncomingHttpHeaders; bytes: number }[]
  /** What it does with a request once it has all of it; replaced by tests. */
  answer: RequestListener
  stop(): Promise<void>
}

/** Listens on an address of loopback: instances have one port in common, as in the stack. */
export async function startInstance(address: string, port: number): Promise<Instance> {
  const asked: Instance['asked'] = []
  const instance: Instance = {
    address,
    asked,
    answer: (_, response) => void response.writeHead(200, { 'x-instance': address }).end('here'),
    stop: () => stopped(server),
  }
  const server = createServer((request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => {
      asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, bytes })
      instance.answer(request, response)
    })
  })
  server.listen(port, address)
  await once(server, 'listening')
  return instance
}

async function stopped(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** One request over a connection of its own, sent letter for letter. */
export function ask(
  nginx: Nginx,
  target: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer; host?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = requestTls(
      {
        host: '127.0.0.1',
        port: nginx.httpsPort,
        servername: options.host ?? 'localhost',
        ca: nginx.ca,
        method: options.method ?? 'GET',
        path: target,
        headers: { host: options.host ?? 'localhost', ...options.headers },
        agent: false,
        // Names of guests' servers are in no certificate here.
        checkServerIdentity: () => undefined,
      },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
        response.on('error', reject)
      },
    )
    request.on('error', reject)
    request.end(options.body)
  })
}
