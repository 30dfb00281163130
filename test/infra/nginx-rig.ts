/** nginx as it ships, as a process on loopback, with names it can look up and instances behind them. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, request as requestTls } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandOf } from '../../infra/checks/debian-programs.ts'

const project = path.join(import.meta.dirname, '../..')

export interface Nginx {
  httpPort: number
  httpsPort: number
  /** Its `RUN` and, below `secrets`, its `SECRETS`. */
  place: string
  /** Where ACME answers are read from. */
  acme: string
  /** Of the authority that signed nginx's certificate, and those of what is behind it. */
  ca: Buffer
  /** What the stand-ins behind it show: certificates of that authority. */
  identities: Identities
  /** Lines of the access log so far, parsed. */
  accessLog(): Record<string, unknown>[]
  errorLog(): string
  /** The status of `stayzr-nginx-ready`, of this or another `RUN`: 0 where its container would be healthy. */
  readiness(run?: string): number | null
  reload(): void
  stop(): Promise<void>
}

export interface Identity {
  cert: Buffer
  key: Buffer
}

/** By the service's name, the certificate that it shows to who asks for that name. */
export type Identities = Record<'app' | 'edge', Identity>

/** What `infra/compose/make-secrets` made in a folder; of other services where `names` says so. */
export function identitiesIn(folder: string, names = { app: 'app', edge: 'edge' }): Identities {
  const of = (service: string): Identity => ({
    cert: fs.readFileSync(path.join(folder, `tls_${service}.crt`)),
    key: fs.readFileSync(path.join(folder, `tls_${service}.key`)),
  })
  return { app: of(names.app), edge: of(names.edge) }
}

export function makeSecrets(folder: string): void {
  execFileSync('sh', [path.join(project, 'infra/compose/make-secrets'), '--directory', folder], { stdio: 'pipe' })
}

/** Starts it with settings as in the container; ports and places are its own. */
export async function startNginx(settings: Record<string, string>, secrets?: string): Promise<Nginx> {
  const place = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-nginx-'))
  const acme = path.join(place, 'acme')
  fs.mkdirSync(path.join(acme, '.well-known/acme-challenge'), { recursive: true })
  const secretFiles = path.join(place, 'secrets')
  makeSecrets(secretFiles)
  // What a test brings is shown and trusted instead.
  if (secrets !== undefined) fs.cpSync(secrets, secretFiles, { recursive: true })
  const [httpPort = 0, httpsPort = 0, statusPort = 0] = await freePorts(3)
  const accessLogFile = path.join(place, 'access.log')
  const [program, ...args] = await commandOf('nginx')
  // Its workers would be "nobody" otherwise, who may not read what the test has written. Without root it changes nothing.
  const user = process.getuid?.() === 0 ? ['-g', "'user root;'"] : []
  const nginx = path.join(place, 'nginx')
  fs.writeFileSync(nginx, `#!/bin/sh\nexec ${[program, ...args].join(' ')} ${user.join(' ')} "$@"\n`, { mode: 0o755 })
  const child = spawn('sh', [path.join(project, 'infra/nginx/stayzr-nginx')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      NGINX: nginx,
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
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  await untilListening(child, httpsPort, () => errors)
  return {
    httpPort,
    httpsPort,
    place,
    acme,
    ca: fs.readFileSync(path.join(secretFiles, 'tls_ca.crt')),
    identities: identitiesIn(secretFiles),
    accessLog: () =>
      fs
        .readFileSync(accessLogFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    errorLog: () => errors,
    readiness: (run = place) =>
      spawnSync('bash', [path.join(project, 'infra/nginx/stayzr-nginx-ready')], {
        env: { PATH: process.env.PATH, RUN: run, STATUS_LISTEN: String(statusPort) },
      }).status,
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

/** A name whose addresses can be changed at any time. */
export interface Names {
  /** The command that tells them, whatever name it is given. */
  lookUp: string
  /** As IPv4 text. */
  addresses: string[]
  stop(): void
}

export function startNames(addresses: string[]): Names {
  const place = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-names-'))
  const file = path.join(place, 'addresses')
  const lookUp = path.join(place, 'look-up')
  // As getent writes them, each several times.
  const line = (address: string) => `${address} STREAM app.test\n${address} DGRAM\n`
  const write = (to: readonly string[]) => {
    fs.writeFileSync(`${file}.new`, to.map(line).join(''))
    fs.renameSync(`${file}.new`, file)
  }
  fs.writeFileSync(lookUp, `#!/bin/sh\nexec cat ${file}\n`, { mode: 0o755 })
  write(addresses)
  let now = addresses
  return {
    lookUp,
    get addresses() {
      return now
    },
    set addresses(to) {
      now = to
      write(to)
    },
    stop: () => fs.rmSync(place, { recursive: true, force: true }),
  }
}

/** One instance of the origin, which tells what it was asked. */
export interface Instance {
  address: string
  asked: { method: string; url: string; headers: IncomingHttpHeaders; bytes: number }[]
  /** What it does with a request once it has all of it; replaced by tests. */
  answer: RequestListener
  stop(): Promise<void>
}

/**
 * Listens on an address of loopback: instances have one port in common, as in the stack. Stands for the app and for an edge;
 * which of them is asked for, it knows by the name (SNI). Without identities it speaks no TLS.
 */
export async function startInstance(address: string, port: number, identities?: Identities): Promise<Instance> {
  const asked: Instance['asked'] = []
  const instance: Instance = {
    address,
    asked,
    answer: (_, response) => void response.writeHead(200, { 'x-instance': address }).end('here'),
    stop: () => stopped(server),
  }
  const server = serverFor(identities, (request, response) => {
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

function serverFor(identities: Identities | undefined, listener: RequestListener): Server {
  if (identities === undefined) return createServer(listener)
  const server = createTlsServer(identities.app, listener)
  server.addContext('edge', identities.edge)
  return server
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
