import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CONFIG_NAMES, ConfigError, readConfig, readMigrationConfig } from '../../origin/config.ts'

const root = join(import.meta.dirname, '../..')
const key = (seed: number, length = 32) => Buffer.alloc(length, seed).toString('base64')

type Environment = Record<string, string | undefined>

/** What has no default, and nothing more. */
function required(over: Environment = {}): Environment {
  return {
    DATABASE_URL: 'postgres://stayzr_app:pw@127.0.0.1:5432/stayzr',
    STORAGE_URL: 'file:///var/lib/stayzr/files',
    EDGE_SIGNING_KEYS: `k1:${key(1)}`,
    GUEST_TOKEN_KEY: key(2),
    ...over,
  }
}

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'

/** The lines of the failure, without its heading; none where it could be read. */
function mistakesOf(read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [heading, ...lines] = error.message.split('\n')
    expect(heading).toBe('The configuration is not usable:')
    return lines.map((line) => line.trim())
  }
}
const namesOf = (read: () => unknown) => mistakesOf(read).map((line) => line.split(':')[0])

describe('readConfig()', () => {
  test('gives everything else its default', () => {
    expect(readConfig(required())).toEqual({
      environment: 'development',
      host: '127.0.0.1',
      port: 3000,
      database: { url: 'postgres://stayzr_app:pw@127.0.0.1:5432/stayzr', poolMax: 16 },
      redis: { url: 'memory:', sentinels: [], master: 'stayzr' },
      storage: { kind: 'disk', directory: '/var/lib/stayzr/files' },
      ariCopySeconds: 30,
      edgeCheckUrl: '',
      edgeCheckSeconds: 5,
      edgeSigningKeys: new Map([['k1', new Uint8Array(32).fill(1)]]),
      guestTokenKey: new Uint8Array(32).fill(2),
      metricsToken: '',
      requestsMax: 128,
      drainSeconds: 0,
      logLevel: 'info',
      figuresSeconds: 60,
      otlpEndpoint: '',
      traceShare: 0.05,
      errorsDsn: '',
    })
  })

  test('takes a name that is set to nothing as one that is not set', () => {
    const empty = { STAYZR_ENV: '', HOST: '', PORT: '', DATABASE_POOL_MAX: '', REDIS_URL: '', LOG_LEVEL: '' }
    expect(readConfig(required(empty))).toEqual(readConfig(required()))
    expect(namesOf(() => readConfig(required({ GUEST_TOKEN_KEY: '' })))).toEqual(['GUEST_TOKEN_KEY'])
  })

  test('cannot be changed once it is read', () => {
    expect(Object.isFrozen(readConfig(required()))).toBe(true)
  })

  test.each<[string, string, string, unknown]>([
    ['STAYZR_ENV', 'test', 'environment', 'test'],
    ['HOST', '::', 'host', '::'],
    ['PORT', '0', 'port', 0],
    ['PORT', '65535', 'port', 65_535],
    ['DATABASE_URL', 'postgresql://h/d', 'database', { url: 'postgresql://h/d', poolMax: 16 }],
    ['DATABASE_CA', PEM, 'database', { ca: PEM }],
    ['DATABASE_REPLICA_URL', 'postgres://replica/d', 'database', { replicaUrl: 'postgres://replica/d' }],
    ['REDIS_URL', 'redis://h:6379/1', 'redis', { url: 'redis://h:6379/1' }],
    ['REDIS_URL', 'rediss://:pw@h', 'redis', { url: 'rediss://:pw@h' }],
    ['REDIS_PASSWORD', 'p w#1', 'redis', { password: 'p w#1' }],
    ['REDIS_SENTINELS', 'a:26379', 'redis', { sentinels: [{ host: 'a', port: 26_379 }] }],
    [
      'REDIS_SENTINELS',
      'sentinel-1:26379,[::1]:26380',
      'redis',
      {
        sentinels: [
          { host: 'sentinel-1', port: 26_379 },
          { host: '::1', port: 26_380 },
        ],
      },
    ],
    ['REDIS_MASTER', 'hotel-1', 'redis', { master: 'hotel-1' }],
    ['METRICS_TOKEN', 'x'.repeat(16), 'metricsToken', 'x'.repeat(16)],
    ['DRAIN_SECONDS', '60', 'drainSeconds', 60],
    ['REQUESTS_MAX', '1', 'requestsMax', 1],
    ['STORAGE_URL', 'file:///srv/my%20files', 'storage', { kind: 'disk', directory: '/srv/my files' }],
    [
      'STORAGE_URL',
      's3://bucket',
      'storage',
      { kind: 's3', bucket: 'bucket', prefix: '', endpoint: undefined, region: 'auto' },
    ],
    [
      'STORAGE_URL',
      's3://bucket/a/b/?endpoint=https%3A%2F%2Fs3.test&region=eu-1',
      'storage',
      { kind: 's3', bucket: 'bucket', prefix: 'a/b/', endpoint: 'https://s3.test', region: 'eu-1' },
    ],
    ['GUEST_TOKEN_KEY', key(3, 33), 'guestTokenKey', new Uint8Array(33).fill(3)],
    ['LOG_LEVEL', 'silent', 'logLevel', 'silent'],
  ])('reads %s=%s', (name, text, field, expected) => {
    expect(readConfig(required({ [name]: text }))).toMatchObject({ [field]: expected })
  })

  test('reads every signing key, so that one can take over from another', () => {
    const { edgeSigningKeys } = readConfig(required({ EDGE_SIGNING_KEYS: `k1:${key(1)},new-2:${key(9)}` }))
    expect([...edgeSigningKeys].map(([kid, bytes]) => [kid, bytes[0]])).toEqual([
      ['k1', 1],
      ['new-2', 9],
    ])
  })

  test.each([
    ['DATABASE_POOL_MAX', '0', '1'],
    ['DATABASE_POOL_MAX', '201', '200'],
    ['PORT', '65536', '65535'],
    ['REQUESTS_MAX', '0', '1'],
    ['DRAIN_SECONDS', '61', '60'],
    ['METRICS_TOKEN', 'x'.repeat(15), 'x'.repeat(16)],
    ['REDIS_SENTINELS', 'h:65536', 'h:65535'],
    ['GUEST_TOKEN_KEY', key(1, 31), key(1, 32)],
    ['EDGE_SIGNING_KEYS', `k1:${key(1, 31)}`, `k1:${key(1, 32)}`],
    ['EDGE_SIGNING_KEYS', `${'k'.repeat(33)}:${key(1)}`, `${'k'.repeat(32)}:${key(1)}`],
  ])('draws the line for %s between %s and %s', (name, beyond, within) => {
    expect(namesOf(() => readConfig(required({ [name]: beyond })))).toEqual([name])
    expect(namesOf(() => readConfig(required({ [name]: within })))).toEqual([])
  })

  test.each([
    ['STAYZR_ENV', 'prod'],
    ['STAYZR_ENV', 'Production'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['PORT', '0x50'],
    ['PORT', '3e3'],
    ['PORT', ' 3000'],
    ['PORT', 'http'],
    ['DATABASE_URL', 'stayzr'],
    ['DATABASE_URL', 'mysql://h/d'],
    ['DATABASE_URL', 'postgres:///stayzr'],
    ['REDIS_URL', 'redis:6379'],
    ['REDIS_URL', 'h:6379'],
    ['REDIS_URL', 'memory:x'],
    ['REDIS_SENTINELS', 'h'],
    ['REDIS_SENTINELS', 'h:26379,'],
    ['REDIS_SENTINELS', 'redis://h:26379'],
    ['REDIS_MASTER', 'my master'],
    ['DATABASE_CA', '/run/secrets/tls_ca.crt'],
    ['REDIS_CA', '/run/secrets/tls_ca.crt'],
    ['DATABASE_REPLICA_URL', 'mysql://h/d'],
    ['METRICS_TOKEN', 'sixteen characters'],
    ['STORAGE_URL', '/var/lib/stayzr'],
    ['STORAGE_URL', 'https://bucket'],
    ['STORAGE_URL', 's3:///prefix'],
    ['STORAGE_URL', 's3://bucket?endpoint=s3.test'],
    ['STORAGE_URL', 's3://bucket?endpoint=ftp://s3.test'],
    ['STORAGE_URL', 'file://relative/directory'],
    ['STORAGE_URL', 'file:///%zz'],
    ['EDGE_SIGNING_KEYS', key(1)],
    ['EDGE_SIGNING_KEYS', `k1:${key(1)},`],
    ['EDGE_SIGNING_KEYS', `k1:${key(1)}, k2:${key(2)}`],
    ['EDGE_SIGNING_KEYS', `k 1:${key(1)}`],
    ['EDGE_SIGNING_KEYS', `k1:${key(1)},k1:${key(2)}`],
    ['GUEST_TOKEN_KEY', `${key(1)}!`],
    ['LOG_LEVEL', 'verbose'],
  ])('refuses %s=%s, by name', (name, text) => {
    expect(namesOf(() => readConfig(required({ [name]: text })))).toEqual([name])
  })

  test('lists everything that is missing at once, and what is expected there', () => {
    expect(mistakesOf(() => readConfig({}))).toEqual([
      'DATABASE_URL: missing; expected postgres://user:password@host:port/database',
      'STORAGE_URL: missing; expected file:///directory or s3://bucket/prefix?endpoint=…&region=…',
      'EDGE_SIGNING_KEYS: missing; expected kid:key[,kid:key], each key 32 bytes or more in base64',
      'GUEST_TOKEN_KEY: missing; expected 32 bytes or more in base64',
    ])
  })

  // Read by migrations and by the storage client itself.
  const READ_ELSEWHERE = ['MIGRATION_DATABASE_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
  // Any text will do: an address to listen on, as far as can be told without listening; a password.
  const ANY_TEXT = ['HOST', 'REDIS_PASSWORD']
  const READ_HERE = CONFIG_NAMES.filter((name) => !READ_ELSEWHERE.includes(name) && !ANY_TEXT.includes(name))

  test('lists everything that is wrong at once, and repeats no value', () => {
    const secret = 'hunter2!'
    const bad = Object.fromEntries(READ_HERE.map((name) => [name, secret]))
    expect(namesOf(() => readConfig(bad)).sort()).toEqual([...READ_HERE].sort())
    expect(mistakesOf(() => readConfig(bad)).join('\n')).not.toContain(secret)
  })

  test.each([
    ['DATABASE_URL', 'mysql://stayzr:hunter2@h/d'],
    ['REDIS_URL', 'http://:hunter2@h'],
    ['STORAGE_URL', 'https://hunter2@bucket'],
    ['EDGE_SIGNING_KEYS', `hunter2:${key(1, 16)}`],
    ['EDGE_SIGNING_KEYS', 'k1:hunter2'],
    ['GUEST_TOKEN_KEY', 'hunter2'],
  ])('says of a wrong %s neither the value nor a part of it', (name, text) => {
    const failure = (() => {
      try {
        return readConfig(required({ [name]: text }))
      } catch (error) {
        return error as Error
      }
    })()
    expect(failure).toBeInstanceOf(ConfigError)
    expect(`${(failure as Error).stack} ${JSON.stringify(failure)} ${(failure as Error).cause}`).not.toContain(
      'hunter2',
    )
  })

  test.each([
    ['development', []],
    ['test', []],
    ['staging', ['REDIS_URL']],
    ['production', ['REDIS_URL']],
  ])('of %s with the in-process adapter, asked for or not, is refused for %j', (environment, expected) => {
    for (const REDIS_URL of ['memory:', undefined])
      expect(namesOf(() => readConfig(required({ STAYZR_ENV: environment, REDIS_URL })))).toEqual(expected)
  })

  test('lets production run on a Redis', () => {
    const production = required({ STAYZR_ENV: 'production', REDIS_URL: 'rediss://:pw@h:6379' })
    expect(readConfig(production).environment).toBe('production')
  })
})

describe('NAME_FILE', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stayzr-config-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  /** The path of a file with that content. */
  const file = (content: string) => {
    const path = join(directory, String(readdirSync(directory).length))
    writeFileSync(path, content)
    return path
  }

  test('gives any name from a file, without the white space around it', () => {
    const values = {
      ...required({ METRICS_TOKEN: 'x'.repeat(20), REDIS_PASSWORD: 'a b', DATABASE_CA: PEM, PORT: '81' }),
    }
    const inFiles = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`${name}_FILE`, file(`\n${value}\n`)]),
    )
    expect(readConfig(inFiles)).toEqual(readConfig(values))
    expect(readMigrationConfig({ MIGRATION_DATABASE_URL_FILE: file('postgres://o:pw@h/d\n') }).url).toBe(
      'postgres://o:pw@h/d',
    )
  })

  test('and NAME together are refused: which of them holds would be a guess', () => {
    const twice = required({ GUEST_TOKEN_KEY_FILE: file(key(2)) })
    expect(mistakesOf(() => readConfig(twice))).toEqual([
      'GUEST_TOKEN_KEY: given twice; take away GUEST_TOKEN_KEY or GUEST_TOKEN_KEY_FILE',
    ])
  })

  test.each([
    ['is not there', () => join(directory, 'missing'), 'DATABASE_URL_FILE: that file cannot be read (ENOENT)'],
    ['is a directory', () => directory, 'DATABASE_URL_FILE: that file cannot be read (EISDIR)'],
    ['is empty', () => file(' \n'), 'DATABASE_URL_FILE: that file is empty'],
    [
      'holds something else',
      () => file('hunter2'),
      'DATABASE_URL: not usable; expected postgres://user:password@host:port/database',
    ],
  ])('that %s is refused by name, without its path or content', (_, path, expected) => {
    const given = required({ DATABASE_URL: undefined, DATABASE_URL_FILE: path() })
    expect(mistakesOf(() => readConfig(given))).toEqual([expected])
  })

  test('gives the S3 client its keys; keys in the environment it finds itself', () => {
    const s3 = required({ STORAGE_URL: 's3://bucket' })
    expect(readConfig({ ...s3, AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' }).storage).not.toHaveProperty(
      'credentials',
    )
    const id = { AWS_ACCESS_KEY_ID_FILE: file('id\n') }
    expect(readConfig({ ...s3, ...id, AWS_SECRET_ACCESS_KEY_FILE: file('key\n') }).storage).toMatchObject({
      credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
    })
    expect(namesOf(() => readConfig({ ...s3, ...id }))).toEqual(['AWS_SECRET_ACCESS_KEY'])
  })
})

test('a Redis whose certificate is to be verified is not spoken to in the clear', () => {
  expect(namesOf(() => readConfig(required({ REDIS_URL: 'redis://h', REDIS_CA: PEM })))).toEqual(['REDIS_URL'])
  expect(namesOf(() => readConfig(required({ REDIS_URL: 'rediss://h', REDIS_CA: PEM })))).toEqual([])
})

describe('TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stayzr-config-tls-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  /** A certificate that it signs itself, and its key. */
  const pair = (name: string) => {
    const [cert, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    const place = ['-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', ...curve, '-nodes', '-subj', `/CN=${name}`, ...place], { stdio: 'pipe' })
    return { cert: readFileSync(cert, 'utf8').trim(), key: readFileSync(key, 'utf8').trim() }
  }
  const { cert, key: own } = pair('app')
  const tls = (over: Environment = {}) => required({ TLS_PORT: '3443', TLS_CERT: cert, TLS_KEY: own, ...over })

  test('is listened with where a port, a certificate and its key are given', () => {
    expect(readConfig(tls()).tls).toEqual({ port: 3443, cert, key: own })
    expect(readConfig(required()).tls).toBeUndefined()
    expect(readConfig(tls({ TLS_PORT: '1' })).tls?.port).toBe(1)
    expect(readConfig(tls({ TLS_PORT: '65535' })).tls?.port).toBe(65_535)
  })

  test.each([
    [{ TLS_CERT: undefined, TLS_KEY: undefined }, ['TLS_CERT', 'TLS_KEY']],
    [{ TLS_PORT: undefined }, ['TLS_PORT']],
    [{ TLS_PORT: undefined, TLS_KEY: undefined }, ['TLS_PORT', 'TLS_KEY']],
    [{ TLS_PORT: '0' }, ['TLS_PORT']],
    [{ TLS_PORT: '65536' }, ['TLS_PORT']],
    [{ TLS_CERT: '/run/secrets/tls_app.crt' }, ['TLS_CERT']],
    [{ TLS_KEY: '/run/secrets/tls_app.key', TLS_CERT: undefined }, ['TLS_KEY', 'TLS_CERT']],
    [{ TLS_KEY: cert }, ['TLS_KEY']],
    [{ TLS_CERT: PEM }, ['TLS_KEY']],
    [{ TLS_KEY: pair('other').key }, ['TLS_KEY']],
  ])('is refused by name where something is missing or wrong (%#)', (over, names) => {
    expect(namesOf(() => readConfig(tls(over)))).toEqual(names)
    expect(mistakesOf(() => readConfig(tls(over))).join()).not.toContain('BEGIN')
  })
})

describe('readMigrationConfig()', () => {
  test('needs the URL of the schema’s owner and nothing else', () => {
    expect(readMigrationConfig({ MIGRATION_DATABASE_URL: 'postgres://o:pw@h/d' })).toEqual({
      url: 'postgres://o:pw@h/d',
    })
  })

  test.each([undefined, '', 'hunter2', 'mysql://hunter2@h/d'])('refuses %j by name', (text) => {
    const mistakes = mistakesOf(() => readMigrationConfig({ ...required(), MIGRATION_DATABASE_URL: text }))
    expect(mistakes).toEqual([expect.stringMatching(/^MIGRATION_DATABASE_URL: (?!.*hunter2)/)])
  })
})

describe('.env.example', () => {
  const lines = readFileSync(join(root, '.env.example'), 'utf8').split('\n')
  const settings = lines.flatMap((line) => /^([A-Z_0-9]+)=(.*)$/.exec(line)?.slice(1, 3) ?? [])
  const example = Object.fromEntries(settings.flatMap((name, i) => (i % 2 === 0 ? [[name, settings[i + 1]]] : [])))

  test('lists every name that the origin reads, once, in the same order', () => {
    expect(settings.filter((_, i) => i % 2 === 0)).toEqual([...CONFIG_NAMES])
  })

  test('is comments, blank lines and settings', () => {
    expect(lines.filter((line) => !/^(?:#.*|[A-Z_0-9]+=\S*)?$/.test(line))).toEqual([])
  })

  test('is usable once its keys are filled in, and holds none', () => {
    expect(namesOf(() => readConfig(example))).toEqual(['EDGE_SIGNING_KEYS', 'GUEST_TOKEN_KEY'])
    const filled = { ...example, EDGE_SIGNING_KEYS: `k1:${key(1)}`, GUEST_TOKEN_KEY: key(2) }
    expect(readConfig(filled).environment).toBe('development')
    expect(readMigrationConfig(filled).url).toMatch(/^postgres:/)
  })
})

test('nothing but origin/config.ts reads the environment, at the origin and in what it shares', () => {
  const files = ['origin', 'shared'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  )
  const reading = files.filter((file) => {
    // Handing the whole environment to config.ts is not reading it.
    const text = readFileSync(join(root, file), 'utf8').replaceAll('readMigrationConfig(process.env)', '')
    return /process\s*\.\s*env|process\s*\[|\benv\b.*from 'node:process'|Deno\.env|import\.meta\.env/.test(text)
  })
  expect(files.length).toBeGreaterThan(50)
  expect(reading).toEqual(['origin/config.ts'])
})
