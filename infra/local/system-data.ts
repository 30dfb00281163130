import * as path from 'node:path'
import { pathToFileURL } from 'node:url'
import { migrate } from '../../origin/migrate.ts'
import { type BringUp, layers, logTo } from './bring-up.ts'
import { ensureDatabase, ensureRoles, ownerRole, runtimeRole } from './database.ts'
import { seedDemo } from './demo/seed.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import type { LocalSecrets } from './secrets.ts'
import { makeDirectory, StartError, writingTo } from './start-error.ts'
import type { SystemOptions } from './system.ts'

const database = 'stayzr'

/** Where the data is, and who may do what to it. */
export type DataLayer = {
  ownerUrl: string
  runtimeUrl: string
  superuserUrl: string
  /** Where PostgreSQL keeps its files. */
  place: string
  redisUrl: string
  redis: string
  storageUrl: string
  /** Runs work on the database; if a full disk made it fail, that is what it throws. */
  explainingFullDisk<T>(work: () => Promise<T>): Promise<T>
}

/** Starts PostgreSQL and Redis, makes roles, database and storage folder, and applies the migrations. */
export async function bringUpData(options: SystemOptions, secrets: LocalSecrets, bringUp: BringUp): Promise<DataLayer> {
  const { directory, log } = options
  const runPostgres = (port?: number): Promise<Postgres> =>
    startPostgres({
      directory: path.join(directory, 'postgres'),
      ...(port === undefined ? {} : { port }),
      log,
      serverLog: logTo(directory, 'postgres'),
    })
  const postgres = await bringUp.part(
    'PostgreSQL 17',
    layers.postgres,
    () => runPostgres(),
    ({ port }) => `port ${port}`,
    ({ port }) => runPostgres(port),
  )
  const ownerUrl = postgres.urlFor({ user: ownerRole, password: secrets.ownerPassword, database })
  await bringUp.step('Roles and database', () =>
    explainingFullDisk(postgres, async () => {
      await ensureRoles(postgres.superuserUrl, secrets)
      await ensureDatabase(postgres.superuserUrl, database)
    }),
  )
  await bringUp.step(
    'Migrations',
    () => explainingFullDisk(postgres, () => migrate(ownerUrl, logTo(directory, 'migrations'))),
    (applied) => (applied.length === 0 ? 'up to date' : `${applied.length} applied`),
  )

  const redisOptions = { directory: path.join(directory, 'redis'), password: secrets.redisPassword, log }
  const redis = await bringUp.part(
    'Redis',
    layers.redis,
    () => startRedis(redisOptions),
    ({ description }) => description,
    ({ port }) => startRedis(port === undefined ? redisOptions : { ...redisOptions, port }),
  )
  const storage = path.join(directory, 'storage')
  await bringUp.step(
    'Storage',
    () => writingTo(storage, () => makeDirectory(storage, 0o700)),
    () => 'on disk',
  )
  return {
    ownerUrl,
    runtimeUrl: postgres.urlFor({ user: runtimeRole, password: secrets.runtimePassword, database }),
    superuserUrl: postgres.superuserUrl,
    place: postgres.place,
    redisUrl: redis.url,
    redis: redis.description,
    storageUrl: pathToFileURL(storage).href,
    explainingFullDisk: (work) => explainingFullDisk(postgres, work),
  }
}

/** The demo hotels and how to log in to them. */
export type Demo = Awaited<ReturnType<typeof seedDemo>>

/** Puts the demo hotels in, unless they are there already. */
export async function bringUpDemo(
  options: SystemOptions,
  secrets: LocalSecrets,
  data: DataLayer,
  bringUp: BringUp,
): Promise<Demo> {
  const seed = (): Promise<Demo> =>
    seedDemo({
      ownerUrl: data.ownerUrl,
      runtimeUrl: data.runtimeUrl,
      storageUrl: data.storageUrl,
      staffPassword: secrets.staffPassword,
      apiKey: secrets.apiKey,
      log: logTo(options.directory, 'demo'),
    })
  return await bringUp.step(
    'Demo hotels',
    () => writingTo(options.directory, () => data.explainingFullDisk(seed)),
    ({ properties }) => properties.join(', '),
  )
}

/** What a full disk does to a client of PostgreSQL differs (an error, a lost connection); the server's log knows. */
async function explainingFullDisk<T>(postgres: Postgres, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!postgres.diskFull()) throw cause
    throw new StartError(`The disk that holds ${postgres.place} is full: free some space and start again.`, { cause })
  }
}
