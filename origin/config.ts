/**
 * The only file that reads the environment. Parses it once into a frozen object; a failure lists every bad name, what is
 * expected, and no values. Every name may be given as NAME_FILE instead, the path of a file that holds the value: that is
 * how secrets reach a container. `.env.example` lists the same names; a test keeps the two in step.
 */
import { Buffer } from 'node:buffer'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { type StorageAddress, storageAddress } from '../shared/storage-address.ts'
import type { TlsConfig } from './platform/listening.ts'

type Environment = Record<string, string | undefined>

/** Without credentials the S3 client finds its own: in the environment, or from the platform it runs on. */
export type StorageConfig =
  | Extract<StorageAddress, { kind: 'disk' }>
  | (Extract<StorageAddress, { kind: 's3' }> & {
      credentials?: { accessKeyId: string; secretAccessKey: string } | undefined
    })

export interface DatabaseConfig {
  url: string
  poolMax: number
  /** Authorities in PEM: then the connection is encrypted and the server's certificate verified against them. */
  ca?: string | undefined
  /** A server that follows `url` and may lag. */
  replicaUrl?: string | undefined
}

export interface RedisConfig {
  /** `memory:` is the in-process adapter. With `rediss:` the server's certificate is verified. */
  url: string
  password?: string | undefined
  /** Authorities in PEM, instead of the well-known ones. */
  ca?: string | undefined
  /** Who know which server of several is the primary just now; empty where `url` names the only one. */
  sentinels: readonly { host: string; port: number }[]
  /** What the sentinels call the primary. */
  master: string
}

export interface Config {
  environment: 'development' | 'test' | 'staging' | 'production'
  host: string
  port: number
  /** Where it listens over TLS besides. */
  tls?: TlsConfig | undefined
  database: DatabaseConfig
  redis: RedisConfig
  storage: StorageConfig
  /** How often the copies of snapshots are brought up to date; 0: not by this process. */
  ariCopySeconds: number
  /** The edge whose answers are held against the database; empty: none. */
  edgeCheckUrl: string
  edgeCheckSeconds: number
  /** By key id; the edge signs with one of them. Two live keys allow rotation. */
  edgeSigningKeys: ReadonlyMap<string, Uint8Array>
  guestTokenKey: Uint8Array
  /** Who sends it as a bearer token may read metrics and health from elsewhere; empty: nobody may. */
  metricsToken: string
  /** Requests answered at a time; what comes on top waits in line or is told 503. */
  requestsMax: number
  /** How long it goes on answering as before once it is told to stop, so that a balancer can notice. */
  drainSeconds: number
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** How often inventory is recounted and the business figures are read; 0: not by this process. */
  figuresSeconds: number
  /** The OpenTelemetry collector that spans go to; empty: none. */
  otlpEndpoint: string
  /** Of all traces, the share that is kept, from 0 to 1. */
  traceShare: number
  /** The Sentry-compatible address that unexpected errors go to; empty: none. */
  errorsDsn: string
}

/** Every name the origin reads, in `.env.example` order. */
export const CONFIG_NAMES = [
  'STAYZR_ENV',
  'HOST',
  'PORT',
  'TLS_PORT',
  'TLS_CERT',
  'TLS_KEY',
  'DATABASE_URL',
  'DATABASE_POOL_MAX',
  'DATABASE_CA',
  'DATABASE_REPLICA_URL',
  'MIGRATION_DATABASE_URL',
  'REDIS_URL',
  'REDIS_PASSWORD',
  'REDIS_CA',
  'REDIS_SENTINELS',
  'REDIS_MASTER',
  'STORAGE_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'ARI_COPY_SECONDS',
  'EDGE_CHECK_URL',
  'EDGE_CHECK_SECONDS',
  'EDGE_SIGNING_KEYS',
  'GUEST_TOKEN_KEY',
  'METRICS_TOKEN',
  'REQUESTS_MAX',
  'DRAIN_SECONDS',
  'LOG_LEVEL',
  'FIGURES_SECONDS',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_TRACES_SAMPLER_ARG',
  'ERRORS_DSN',
] as const
type ConfigName = (typeof CONFIG_NAMES)[number]

export class ConfigError extends Error {
  constructor(mistakes: readonly string[]) {
    super(`The configuration is not usable:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

const ENVIRONMENTS = ['development', 'test', 'staging', 'production'] as const
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Reads the origin's configuration. Throws `ConfigError` naming everything that is wrong. */
export function readConfig(environment: Environment = process.env): Readonly<Config> {
  const mistakes: string[] = []
  const read = reader(environment, mistakes)
  const stage = read('STAYZR_ENV', 'one of development, test, staging, production', oneOf(ENVIRONMENTS), 'development')
  const config: Config = {
    environment: stage ?? 'development',
    host: read('HOST', 'an address to listen on', anyText, '127.0.0.1') ?? '',
    port: read('PORT', 'a port from 0 to 65535', wholeNumber(0, 65_535), '3000') ?? 0,
    tls: tlsConfig(read, mistakes),
    database: databaseConfig(read),
    redis: redisConfig(read, mistakes, stage === 'production' || stage === 'staging'),
    storage: storageConfig(read, environment),
    ariCopySeconds: read('ARI_COPY_SECONDS', 'a number from 0 to 600', wholeNumber(0, 600), '30') ?? 0,
    edgeCheckUrl: read('EDGE_CHECK_URL', 'http://… or https://…, or nothing', webAddressOrNone, NONE) ?? '',
    edgeCheckSeconds: read('EDGE_CHECK_SECONDS', 'a number from 1 to 3600', wholeNumber(1, 3_600), '5') ?? 5,
    edgeSigningKeys:
      read('EDGE_SIGNING_KEYS', 'kid:key[,kid:key], each key 32 bytes or more in base64', signingKeys) ?? new Map(),
    guestTokenKey: read('GUEST_TOKEN_KEY', '32 bytes or more in base64', keyBytes) ?? new Uint8Array(),
    metricsToken: read('METRICS_TOKEN', '16 characters or more, without spaces, or nothing', tokenOrNone, NONE) ?? '',
    requestsMax: read('REQUESTS_MAX', 'a number from 1 to 10000', wholeNumber(1, 10_000), '128') ?? 1,
    drainSeconds: read('DRAIN_SECONDS', 'a number from 0 to 60', wholeNumber(0, 60), '0') ?? 0,
    logLevel: read('LOG_LEVEL', 'one of debug, info, warn, error, silent', oneOf(LOG_LEVELS), 'info') ?? 'info',
    figuresSeconds: read('FIGURES_SECONDS', 'a number from 0 to 3600', wholeNumber(0, 3_600), '60') ?? 0,
    otlpEndpoint:
      read('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://… or https://…, or nothing', webAddressOrNone, NONE) ?? '',
    traceShare: read('OTEL_TRACES_SAMPLER_ARG', 'a number from 0 to 1', share, '0.05') ?? 0,
    errorsDsn: read('ERRORS_DSN', 'https://key@host/project, or nothing', errorsAddressOrNone, NONE) ?? '',
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return Object.freeze(config)
}

/** What `origin/migrate.ts` needs: the schema owner's URL, which the running origin never has. */
export function readMigrationConfig(environment: Environment = process.env): { url: string; ca: string | undefined } {
  const mistakes: string[] = []
  const read = reader(environment, mistakes)
  const url = read('MIGRATION_DATABASE_URL', 'postgres://owner:password@host:port/database', postgresUrl)
  const ca = authorities(read, 'DATABASE_CA')
  if (url === undefined || mistakes.length > 0) throw new ConfigError(mistakes)
  return { url, ca }
}

type Read = ReturnType<typeof reader>

/** Stands for a name that is not set, where there need not be anything. */
const NONE = 'none'

function tlsConfig(read: Read, mistakes: string[]): TlsConfig | undefined {
  const port = read('TLS_PORT', 'a port from 1 to 65535, or nothing', orNone(wholeNumber(1, 65_535)), NONE)
  const cert = read('TLS_CERT', 'certificates in PEM, or nothing', orNone(pem), NONE)
  const key = read('TLS_KEY', 'a private key in PEM, or nothing', orNone(privateKey), NONE)
  const parts = Object.entries({ TLS_PORT: port, TLS_CERT: cert, TLS_KEY: key })
  // One that is wrong was meant to be there.
  if (parts.every(([, part]) => part !== undefined && part.value === undefined)) return undefined
  for (const [name, part] of parts)
    if (part !== undefined && part.value === undefined)
      mistakes.push(`${name}: missing; TLS_PORT, TLS_CERT and TLS_KEY are given together`)
  if (port?.value === undefined || cert?.value === undefined || key?.value === undefined) return undefined
  if (!belongTogether(cert.value, key.value)) mistakes.push('TLS_KEY: not the key of the certificate in TLS_CERT')
  return { port: port.value, cert: cert.value, key: key.value }
}

function databaseConfig(read: Read): DatabaseConfig {
  return {
    url: read('DATABASE_URL', 'postgres://user:password@host:port/database', postgresUrl) ?? '',
    poolMax: read('DATABASE_POOL_MAX', 'a number from 1 to 200', wholeNumber(1, 200), '16') ?? 1,
    ca: authorities(read, 'DATABASE_CA'),
    replicaUrl: read(
      'DATABASE_REPLICA_URL',
      'postgres://user:password@host:port/database, or nothing',
      orNone(postgresUrl),
      NONE,
    )?.value,
  }
}

function redisConfig(read: Read, mistakes: string[], serious: boolean): RedisConfig {
  const url = read('REDIS_URL', 'redis://… or rediss://… (memory: in development)', redisText, 'memory:') ?? ''
  if (serious && url === 'memory:') mistakes.push('REDIS_URL: the in-process adapter is for development only')
  const ca = authorities(read, 'REDIS_CA')
  // Who gives authorities means the connection to be verified, and it would not even be encrypted.
  if (ca !== undefined && url.startsWith('redis:')) mistakes.push('REDIS_URL: with REDIS_CA it begins with rediss://')
  return {
    url,
    password: read('REDIS_PASSWORD', 'a password, or nothing', orNone(anyText), NONE)?.value,
    ca,
    sentinels: read('REDIS_SENTINELS', 'host:port[,host:port], or nothing', orNone(hosts), NONE)?.value ?? [],
    master: read('REDIS_MASTER', 'letters, digits, dots, dashes', /^[\w.-]+$/, 'stayzr') ?? '',
  }
}

function storageConfig(read: Read, environment: Environment): StorageConfig {
  const address = read('STORAGE_URL', 'file:///directory or s3://bucket/prefix?endpoint=…&region=…', storageAddress)
  const isInFiles = Boolean(environment.AWS_ACCESS_KEY_ID_FILE || environment.AWS_SECRET_ACCESS_KEY_FILE)
  // Where they are in the environment the client reads them itself, with whatever else belongs to them.
  if (address?.kind !== 's3' || !isInFiles) return address ?? { kind: 'disk', directory: '' }
  const accessKeyId = read('AWS_ACCESS_KEY_ID', 'a key id', anyText)
  const secretAccessKey = read('AWS_SECRET_ACCESS_KEY', 'a secret key', anyText)
  if (accessKeyId === undefined || secretAccessKey === undefined) return address
  return { ...address, credentials: { accessKeyId, secretAccessKey } }
}

function authorities(read: Read, name: 'DATABASE_CA' | 'REDIS_CA'): string | undefined {
  return read(name, 'certificates in PEM, or nothing', orNone(pem), NONE)?.value
}

/**
 * Returns a function that reads one name: undefined, with the mistake noted without the value, where it is missing or does
 * not parse. A pattern stands for the text that matches it.
 */
function reader(environment: Environment, mistakes: string[]) {
  return <T = string>(
    name: ConfigName,
    expected: string,
    parse: RegExp | ((text: string) => T | undefined),
    fallback?: string,
  ): T | undefined => {
    const given = textOf(environment, name)
    if (given !== undefined && typeof given !== 'string') {
      mistakes.push(given.mistake)
      return undefined
    }
    const text = given ?? fallback
    if (text === undefined) {
      mistakes.push(`${name}: missing; expected ${expected}`)
      return undefined
    }
    const value = parse instanceof RegExp ? ((parse.test(text) ? text : undefined) as T | undefined) : parse(text)
    if (value === undefined) mistakes.push(`${name}: not usable; expected ${expected}`)
    return value
  }
}

/** The value of a name, from the environment or from the file that NAME_FILE names, without white space around it. */
function textOf(environment: Environment, name: ConfigName): string | undefined | { mistake: string } {
  const [direct, file] = [environment[name], environment[`${name}_FILE`]]
  if (!file) return direct || undefined
  if (direct) return { mistake: `${name}: given twice; take away ${name} or ${name}_FILE` }
  try {
    const text = readFileSync(file, 'utf8').trim()
    return text === '' ? { mistake: `${name}_FILE: that file is empty` } : text
  } catch (error) {
    return { mistake: `${name}_FILE: that file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` }
  }
}

function oneOf<const T extends string>(choices: readonly T[]) {
  return (text: string): T | undefined => choices.find((choice) => choice === text)
}

function anyText(text: string): string {
  return text
}

/** Makes a parser also take that there is nothing; its value is wrapped, so that it is told from a mistake. */
function orNone<T>(parse: (text: string) => T | undefined) {
  return (text: string): { value: T | undefined } | undefined => {
    if (text === NONE) return { value: undefined }
    const value = parse(text)
    return value === undefined ? undefined : { value }
  }
}

function wholeNumber(least: number, most: number) {
  return (text: string): number | undefined => {
    const value = Number(text)
    return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined
  }
}

function urlWith(...protocols: string[]) {
  return (text: string): string | undefined => {
    const url = URL.parse(text)
    return url !== null && protocols.includes(url.protocol) && url.hostname !== '' ? text : undefined
  }
}

function postgresUrl(text: string): string | undefined {
  return urlWith('postgres:', 'postgresql:')(text)
}

/** Without a slash at its end. */
function webAddressOrNone(text: string): string | undefined {
  return text === NONE ? '' : urlWith('http:', 'https:')(text)?.replace(/\/+$/, '')
}

function tokenOrNone(text: string): string | undefined {
  return text === NONE ? '' : /^[\x21-\x7e]{16,}$/.test(text) ? text : undefined
}

function pem(text: string): string | undefined {
  return text.includes('-----BEGIN CERTIFICATE-----') ? text : undefined
}

function privateKey(text: string): string | undefined {
  return /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(text) ? text : undefined
}

/** False also where one of them only looks like what it should be. */
function belongTogether(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

function hosts(text: string): { host: string; port: number }[] | undefined {
  const parsed = text.split(',').map((part) => {
    const [, host, port] = /^([A-Za-z0-9.-]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(part) ?? []
    return host === undefined || Number(port) > 65_535
      ? undefined
      : { host: host.replace(/[[\]]/g, ''), port: Number(port) }
  })
  return parsed.every((one) => one !== undefined) ? parsed : undefined
}

function share(text: string): number | undefined {
  return /^(?:0(?:\.\d+)?|1(?:\.0+)?)$/.test(text) ? Number(text) : undefined
}

/** As Sentry writes it (DSN): the key in the user's place, the project's number as the last part of the path. */
function errorsAddressOrNone(text: string): string | undefined {
  if (text === NONE) return ''
  const url = URL.parse(text)
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && url.username !== '' && /\/\d+$/.test(url.pathname)
  return isUsable ? text : undefined
}

function redisText(text: string): string | undefined {
  return text === 'memory:' ? text : urlWith('redis:', 'rediss:')(text)
}

function keyBytes(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length >= 32 ? new Uint8Array(bytes) : undefined
}

function signingKeys(text: string): Map<string, Uint8Array> | undefined {
  const keys = new Map<string, Uint8Array>()
  for (const part of text.split(',')) {
    const [, kid, encoded] = /^([A-Za-z0-9-]{1,32}):(.+)$/.exec(part) ?? []
    const key = encoded === undefined ? undefined : keyBytes(encoded)
    if (kid === undefined || key === undefined || keys.has(kid)) return undefined
    keys.set(kid, key)
  }
  return keys
}
