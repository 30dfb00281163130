/**
 * The only file that reads the environment. Parses it once into a frozen object; a failure lists every bad name, what is
 * expected, and no values. `.env.example` lists the same names; a test keeps the two in step.
 */
import { Buffer } from 'node:buffer'
import process from 'node:process'
import { type StorageAddress, storageAddress } from '../shared/storage-address.ts'

type Environment = Record<string, string | undefined>

export type StorageConfig = StorageAddress

export interface Config {
  environment: 'development' | 'test' | 'staging' | 'production'
  host: string
  port: number
  database: { url: string; poolMax: number }
  /** `memory:` is the in-process adapter. */
  redisUrl: string
  storage: StorageConfig
  /** How often the copies of snapshots are brought up to date; 0: not by this process. */
  ariCopySeconds: number
  /** The edge whose answers are held against the database; empty: none. */
  edgeCheckUrl: string
  edgeCheckSeconds: number
  /** By key id; the edge signs with one of them. Two live keys allow rotation. */
  edgeSigningKeys: ReadonlyMap<string, Uint8Array>
  guestTokenKey: Uint8Array
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/** Every name the origin reads, in `.env.example` order. */
export const CONFIG_NAMES = [
  'STAYZR_ENV',
  'HOST',
  'PORT',
  'DATABASE_URL',
  'DATABASE_POOL_MAX',
  'MIGRATION_DATABASE_URL',
  'REDIS_URL',
  'STORAGE_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'ARI_COPY_SECONDS',
  'EDGE_CHECK_URL',
  'EDGE_CHECK_SECONDS',
  'EDGE_SIGNING_KEYS',
  'GUEST_TOKEN_KEY',
  'LOG_LEVEL',
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
  const serious = stage === 'production' || stage === 'staging'
  const redisUrl = read('REDIS_URL', 'redis://… or rediss://… (memory: in development)', redisText, 'memory:')
  if (serious && redisUrl === 'memory:') mistakes.push('REDIS_URL: the in-process adapter is for development only')
  const config: Config = {
    environment: stage ?? 'development',
    host: read('HOST', 'an address to listen on', anyText, '127.0.0.1') ?? '',
    port: read('PORT', 'a port from 0 to 65535', wholeNumber(0, 65_535), '3000') ?? 0,
    database: {
      url:
        read('DATABASE_URL', 'postgres://user:password@host:port/database', urlWith('postgres:', 'postgresql:')) ?? '',
      poolMax: read('DATABASE_POOL_MAX', 'a number from 1 to 200', wholeNumber(1, 200), '16') ?? 1,
    },
    redisUrl: redisUrl ?? 'memory:',
    storage: read('STORAGE_URL', 'file:///directory or s3://bucket/prefix?endpoint=…&region=…', storageAddress) ?? {
      kind: 'disk',
      directory: '',
    },
    ariCopySeconds: read('ARI_COPY_SECONDS', 'a number from 0 to 600', wholeNumber(0, 600), '30') ?? 0,
    edgeCheckUrl: read('EDGE_CHECK_URL', 'http://… or https://…, or nothing', webAddressOrNone, 'none') ?? '',
    edgeCheckSeconds: read('EDGE_CHECK_SECONDS', 'a number from 1 to 3600', wholeNumber(1, 3_600), '5') ?? 5,
    edgeSigningKeys:
      read('EDGE_SIGNING_KEYS', 'kid:key[,kid:key], each key 32 bytes or more in base64', signingKeys) ?? new Map(),
    guestTokenKey: read('GUEST_TOKEN_KEY', '32 bytes or more in base64', keyBytes) ?? new Uint8Array(),
    logLevel: read('LOG_LEVEL', 'one of debug, info, warn, error, silent', oneOf(LOG_LEVELS), 'info') ?? 'info',
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return Object.freeze(config)
}

/** What `origin/migrate.ts` needs: the schema owner's URL, which the running origin never has. */
export function readMigrationConfig(environment: Environment = process.env): { url: string } {
  const mistakes: string[] = []
  const read = reader(environment, mistakes)
  const url = read(
    'MIGRATION_DATABASE_URL',
    'postgres://owner:password@host:port/database',
    urlWith('postgres:', 'postgresql:'),
  )
  if (url === undefined || mistakes.length > 0) throw new ConfigError(mistakes)
  return { url }
}

/** Returns undefined, and notes the mistake without the value, where a name is missing or does not parse. */
function reader(environment: Environment, mistakes: string[]) {
  return <T>(name: ConfigName, expected: string, parse: (text: string) => T | undefined, fallback?: string) => {
    const text = environment[name] || fallback
    if (text === undefined) {
      mistakes.push(`${name}: missing; expected ${expected}`)
      return undefined
    }
    const value = parse(text)
    if (value === undefined) mistakes.push(`${name}: not usable; expected ${expected}`)
    return value
  }
}

function oneOf<const T extends string>(choices: readonly T[]) {
  return (text: string): T | undefined => choices.find((choice) => choice === text)
}

function anyText(text: string): string {
  return text
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

/** Without a slash at its end; `none` stands for a name that is not set. */
function webAddressOrNone(text: string): string | undefined {
  return text === 'none' ? '' : urlWith('http:', 'https:')(text)?.replace(/\/+$/, '')
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
