import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../origin/config.ts'

const program = path.join(import.meta.dirname, '../../infra/compose/make-secrets')
const root = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-secrets-'))
let directory: string
let turn = 0

// Each run starts openssl some forty times, which a busy machine is slow at.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

beforeAll(() => {
  directory = path.join(root, 'first')
  make('--server-name', 'stay.example.test')
})
beforeEach(() => {
  directory = path.join(root, String(turn++))
})
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

function make(...options: string[]): string {
  return execFileSync('sh', [program, '--directory', directory, ...options], { encoding: 'utf8', stdio: 'pipe' })
}

/** What a first run made, as if it had been here. */
function made(): void {
  execFileSync('cp', ['-a', path.join(root, 'first'), directory])
}

function secret(name: string): string {
  return fs.readFileSync(path.join(directory, name), 'utf8').trim()
}

function all(): Record<string, string> {
  return Object.fromEntries(fs.readdirSync(directory).map((name) => [name, secret(name)]))
}

/** Names whose text is not what it was. */
function changedSince(before: Record<string, string>): string[] {
  const now = all()
  return Object.keys({ ...before, ...now })
    .filter((name) => now[name] !== before[name])
    .sort()
}

function certificate(service: string): X509Certificate {
  return new X509Certificate(secret(`tls_${service}.crt`))
}

/** A certificate of our authority's that ends after so many days, as one that was made long ago. */
function putCertificate(service: string, days: number, authority = 'tls_ca'): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  fs.writeFileSync(
    path.join(directory, 'extensions'),
    `subjectAltName=${certificate(service).subjectAltName?.replaceAll('IP Address:', 'IP:')}\n`,
  )
  openssl('req', '-new', '-key', `tls_${service}.key`, '-subj', `/CN=${service}`, '-out', 'request')
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      'request',
      '-CA',
      `${authority}.crt`,
      '-CAkey',
      `${authority}.key`,
      '-days',
      String(days),
    ],
    ...['-set_serial', '7', '-extfile', 'extensions', '-out', `tls_${service}.crt`],
  )
  for (const left of ['extensions', 'request']) fs.rmSync(path.join(directory, left))
}

describe('make-secrets', () => {
  test('makes everything the stack is given, and nothing it is not', () => {
    made()
    const compose = fs.readFileSync(path.join(import.meta.dirname, '../../docker-compose.yml'), 'utf8')
    const wanted = [...compose.matchAll(/infra\/compose\/secrets\}\/([\w.]+)/g)].map(([, name]) => name ?? '')
    expect(wanted.length).toBeGreaterThan(20)
    expect(wanted.filter((name) => !fs.existsSync(path.join(directory, name)))).toEqual([])
    expect(Object.keys(all()).filter((name) => !wanted.includes(name))).toEqual(['tls_ca.key'])
  })

  test('what it makes is what the origin takes', () => {
    made()
    const config = readConfig({
      DATABASE_URL_FILE: path.join(directory, 'database_url'),
      EDGE_SIGNING_KEYS_FILE: path.join(directory, 'edge_signing_keys'),
      GUEST_TOKEN_KEY_FILE: path.join(directory, 'guest_token_key'),
      STORAGE_URL: 'file:///tmp',
    })
    expect(new URL(config.database.url)).toMatchObject({
      username: 'stayzr_app',
      password: secret('app_password'),
      host: 'pgbouncer:6432',
      pathname: '/stayzr',
    })
    expect(config.edgeSigningKeys.size).toBe(1)
  })

  test('nobody but its owner comes into the directory, and the authority’s key is nobody else’s', () => {
    made()
    const mode = (name: string) => (fs.statSync(path.join(directory, name)).mode & 0o777).toString(8)
    expect([mode('.'), mode('tls_ca.key')]).toEqual(['700', '600'])
    // Containers' users are others than who runs this.
    expect(
      new Set(
        Object.keys(all())
          .filter((name) => name !== 'tls_ca.key')
          .map(mode),
      ),
    ).toEqual(new Set(['644']))
  })

  test('run again it changes nothing, and makes what was lost', () => {
    made()
    const before = all()
    make()
    expect(changedSince(before)).toEqual([])
    fs.rmSync(path.join(directory, 'redis_password'))
    make()
    expect(changedSince(before)).toEqual(['redis_exporter_passwords', 'redis_password'])
  })

  test('two installations have nothing in common', () => {
    made()
    const before = all()
    directory = path.join(root, String(turn++))
    make()
    // Who is told of alerts is for people to write down.
    const own = Object.keys(before).filter((name) => !name.startsWith('alert_'))
    expect(changedSince(before)).toEqual(own.sort())
  })

  test('a password is rotated with the address it stands in, in the files that containers hold on to', () => {
    made()
    const before = all()
    const place = fs.statSync(path.join(directory, 'app_password')).ino
    const said = make('--rotate', 'app_password')
    expect(changedSince(before)).toEqual(['app_password', 'database_replica_url', 'database_url'])
    expect(secret('database_url')).toContain(secret('app_password'))
    expect(fs.statSync(path.join(directory, 'app_password')).ino).toBe(place)
    expect(said).toMatch(/--force-recreate postgres pgbouncer app/)
  })

  test('a rotated signing key is the first, and the one before still counts', () => {
    made()
    const before = secret('edge_signing_keys')
    make('--rotate', 'edge_signing_keys')
    const [fresh, kept, ...more] = secret('edge_signing_keys').split(',')
    expect([kept, more]).toEqual([before, []])
    expect(fresh).not.toBe(before)
    make('--rotate', 'edge_signing_keys')
    expect(secret('edge_signing_keys').split(',').slice(1)).toEqual([fresh])
  })

  test('the passphrase of backups is not rotated, since it opens those that are there', () => {
    made()
    const before = all()
    expect(() => make('--rotate', 'backup_passphrase')).toThrow(/every backup made so far/)
    expect(changedSince(before)).toEqual([])
  })

  test.each([
    [['--rotate', 'nothing'], /no secret named nothing/],
    [['--rotate'], /needs a value/],
    [['--server-name', 'a;b'], /no name of a server/],
    [['--what'], /unknown option --what/],
  ])('%j is refused in words', (options, sentence) => {
    const { status, stderr } = spawnSync('sh', [program, '--directory', directory, ...options], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(sentence)
  })
})

describe('certificates', () => {
  test('are for the names that services call each other by, signed by our authority', () => {
    made()
    const authority = new X509Certificate(secret('tls_ca.crt'))
    for (const [service, names] of [
      ['nginx', ['nginx', 'localhost', 'stay.example.test']],
      ['app', ['app']],
      ['edge', ['edge']],
      ['postgres', ['postgres', 'postgres-replica']],
      ['pgbouncer', ['pgbouncer']],
      ['redis', ['redis', 'redis-replica', 'sentinel-1', 'sentinel-2', 'sentinel-3']],
    ] as const) {
      expect(certificate(service).verify(authority.publicKey)).toBe(true)
      expect(names.filter((name) => certificate(service).checkHost(name) === undefined)).toEqual([])
    }
    expect(certificate('redis').checkHost('postgres')).toBeUndefined()
    expect(certificate('edge').checkHost('app')).toBeUndefined()
  })

  test('are renewed before they end, under the names they had', () => {
    made()
    putCertificate('nginx', 29)
    putCertificate('redis', 31)
    const before = all()
    make()
    expect(changedSince(before)).toEqual(['tls_nginx.crt', 'tls_nginx.key'])
    expect(certificate('nginx').checkHost('stay.example.test')).toBe('stay.example.test')
  })

  test('are made anew where a name is missing', () => {
    made()
    const before = all()
    make('--server-name', 'another.example.test')
    expect(changedSince(before)).toEqual(['tls_nginx.crt', 'tls_nginx.key'])
  })

  test('one that is made anew names who has to be started again for it', () => {
    made()
    expect(make('--rotate', 'tls_app')).toMatch(/--force-recreate app\n/)
    expect(make('--rotate', 'tls_edge')).toMatch(/--force-recreate edge\n/)
  })

  test('all follow a new authority', () => {
    made()
    make('--rotate', 'tls_ca')
    const authority = new X509Certificate(secret('tls_ca.crt'))
    for (const service of ['nginx', 'app', 'edge', 'postgres', 'pgbouncer', 'redis'])
      expect(certificate(service).verify(authority.publicKey)).toBe(true)
  })

  test('one that another authority signed is left alone, whatever happens to ours', () => {
    made()
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '60'],
      ...['-subj', '/CN=Public authority', '-keyout', 'tls_nginx.key', '-out', 'tls_nginx.crt'],
    )
    const before = all()
    make('--rotate', 'tls_ca', '--server-name', 'stay.example.test')
    expect(changedSince(before).filter((name) => name.startsWith('tls_nginx'))).toEqual([])
  })
})
