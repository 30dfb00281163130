/** The job that keeps copies of snapshots in object storage, on a directory and on an S3 server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import S3rver from '@20minutes/s3rver'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Copies, openAriCopies } from '../../origin/features/ari/copies.ts'
import { openAri } from '../../origin/features/ari/service.ts'
import { openProperties } from '../../origin/features/properties/service.ts'
import { type Database, openDatabase } from '../../origin/platform/database.ts'
import { openOneAtATime } from '../../origin/platform/one-at-a-time.ts'
import { openStorage, type Storage } from '../../origin/platform/storage.ts'
import {
  AS_OF_KEY,
  type AsOf,
  changesKey,
  copyConfirmedAt,
  copyKey,
  openCopy,
  readAsOf,
  readCopy,
} from '../../shared/ari/copy.ts'
import { sealSnapshot } from '../../shared/ari/snapshot.ts'
import { addDays } from '../../shared/domain/nights.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { originProcess } from '../support/installation.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
const directory = mkdtempSync(join(tmpdir(), 'stayzr-copies-'))
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: join(directory, 's3'),
  configureBuckets: [{ name: 'stayzr', configs: [] }],
})
let origin: TestOrigin
let apiKey: string
let database: Database

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'S3RVER'
  process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER'
  origin = await testOrigin(urls)
  apiKey = (await addOrganisation(urls, 'harbour')).apiKey
  database = openDatabase({ url: urls.runtimeUrl, poolMax: 4 })
})
afterAll(async () => {
  await Promise.all([origin.origin.close(), database.close(), server.close()])
  rmSync(directory, { recursive: true, force: true })
})

async function addProperty(code: string, listed = true): Promise<void> {
  const definition = { ...aProperty(code), listed }
  await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
  await setRates(code, 10_000)
}
async function setRates(code: string, amount: number): Promise<void> {
  const changes = flatRates(aProperty(code), amount)
  const changed = await origin.call('PUT', `/api/v1/properties/${code}/ari`, { token: apiKey, body: { changes } })
  expect(changed.status, await changed.clone().text()).toBe(200)
}
async function setRatesOfOne(code: string, amount: number): Promise<void> {
  const changes = flatRates(aProperty(code), amount).slice(0, 1)
  const changed = await origin.call('PUT', `/api/v1/properties/${code}/ari`, { token: apiKey, body: { changes } })
  expect(changed.status, await changed.clone().text()).toBe(200)
}
async function setOneNight(code: string, amount: number): Promise<void> {
  const night = addDays(today(), 3)
  const changes = [{ roomType: 'DBL', ratePlan: 'BAR', from: night, to: night, amount }]
  const changed = await origin.call('PUT', `/api/v1/properties/${code}/ari`, { token: apiKey, body: { changes } })
  expect(changed.status, await changed.clone().text()).toBe(200)
}

/** The job with what it puts written down; `fails` names keys that cannot be written. */
function copier(storage: Storage, now = () => Date.now()) {
  const puts: string[] = []
  const fails = new Set<string>()
  const copies: Copies = openAriCopies({
    database,
    storage: {
      ...storage,
      async put(key, bytes, type) {
        if (fails.has(key)) throw new Error('the storage is full')
        puts.push(key)
        await storage.put(key, bytes, type)
      },
    },
    ari: openAri(database, openProperties(database, storage)),
    clock: { now },
    failed: () => {},
  })
  return {
    puts,
    fails,
    keep: async (unlessWithinMs = 0) => await copies.keep(new AbortController().signal, unlessWithinMs),
  }
}

async function readAsOfIn(storage: Storage): Promise<AsOf> {
  const asOf = readAsOf(gunzipSync((await storage.get(AS_OF_KEY)) ?? new Uint8Array()).toString())
  if (!asOf) throw new Error('no as-of')
  return asOf
}
/** The copy with its changes, as an edge reads them. */
async function readIn(storage: Storage, property: string) {
  const read = async (key: string) => {
    const sealed = readCopy((await storage.get(key)) ?? new Uint8Array())
    return sealed && { bytes: new Uint8Array(gunzipSync(sealed.gzipped)), confirmedAt: sealed.confirmedAt }
  }
  const [copy, changes] = [await read(copyKey(property)), await read(changesKey(property))]
  if (!copy) throw new Error('no copy')
  const text = changes && { text: new TextDecoder().decode(changes.bytes), confirmedAt: changes.confirmedAt }
  const { snapshot, confirmedAt } = openCopy(copy, text)
  sealSnapshot(snapshot)
  return { snapshot, confirmedAt: copyConfirmedAt(await readAsOfIn(storage), property, snapshot.version, confirmedAt) }
}
async function currentBytes(property: string, version: number): Promise<Uint8Array> {
  const answer = await origin.call('GET', `/internal/ari/${property}/versions/${version}`)
  expect(answer.status).toBe(200)
  return new Uint8Array(await answer.arrayBuffer())
}

describe.each(['disk', 's3'] as const)('copies on %s', (kind) => {
  let storage: Storage
  const house = (name: string) => `${kind}-${name}`
  beforeAll(async () => {
    if (kind === 'disk') storage = openStorage({ kind, directory: join(directory, 'files') })
    else {
      const { port } = await server.run()
      const endpoint = `http://127.0.0.1:${port}`
      storage = openStorage({ kind, bucket: 'stayzr', prefix: 'stayzr/', endpoint, region: 'eu' })
    }
    await addProperty(house('one'))
    await addProperty(house('two'))
    await addProperty(house('hidden'), false)
  })

  it('writes each listed property as the database has it, and no other', async () => {
    const report = await copier(storage).keep()
    expect(report).toMatchObject({ byDelta: 0, failed: 0 })
    expect(report?.whole).toBe(report?.listed)
    const { snapshot, confirmedAt } = await readIn(storage, house('one'))
    expect(Buffer.compare(snapshot.bytes, await currentBytes(house('one'), snapshot.version))).toBe(0)
    expect(Math.abs(Date.now() - confirmedAt)).toBeLessThan(60_000)
    expect(await storage.get(copyKey(house('hidden')))).toBeUndefined()
  })

  it('writes nothing but as-of where nothing has moved, and confirms the copies by it', async () => {
    let now = Date.now()
    const { keep, puts } = copier(storage, () => now)
    await keep()
    puts.length = 0
    now += 30_000
    await keep()
    expect(puts).toEqual([AS_OF_KEY])
    expect((await readIn(storage, house('one'))).confirmedAt).toBe(now)
  })

  it('brings what moved up to date by what changed, to the byte, without touching the copy', async () => {
    const { keep, puts } = copier(storage)
    await keep()
    puts.length = 0
    await setOneNight(house('one'), 12_300)
    await setOneNight(house('one'), 12_400)
    expect(await keep()).toMatchObject({ byDelta: 1, whole: 0 })
    await setOneNight(house('one'), 12_450)
    expect(await keep()).toMatchObject({ byDelta: 1, whole: 0 })
    expect(puts).toEqual([changesKey(house('one')), AS_OF_KEY, changesKey(house('one')), AS_OF_KEY])
    const { snapshot } = await readIn(storage, house('one'))
    expect(Buffer.compare(snapshot.bytes, await currentBytes(house('one'), snapshot.version))).toBe(0)
  })

  it('writes the copy anew from itself once its changes are many', async () => {
    const { keep, puts } = copier(storage)
    await keep()
    // Each changes 201 nights: some 5 KB.
    for (let i = 0; i < 16; i++) await setRatesOfOne(house('one'), 14_000 + i)
    puts.length = 0
    expect(await keep()).toMatchObject({ byDelta: 1, whole: 0 })
    expect(puts).toEqual([copyKey(house('one')), AS_OF_KEY])
    const { snapshot } = await readIn(storage, house('one'))
    expect(Buffer.compare(snapshot.bytes, await currentBytes(house('one'), snapshot.version))).toBe(0)
    await setOneNight(house('one'), 12_460)
    await keep()
    const after = await readIn(storage, house('one'))
    expect(Buffer.compare(after.snapshot.bytes, await currentBytes(house('one'), after.snapshot.version))).toBe(0)
  })

  it('reads the whole anew where rooms or plans may have changed', async () => {
    const { keep } = copier(storage)
    await keep()
    // More cells than a delta names.
    for (let i = 0; i < 8; i++) await setRates(house('two'), 15_000 + i)
    const restructured = Array.from({ length: 8 }, (_, i) => flatRates(aProperty(house('two')), 16_000 + i)).flat()
    await origin.call('PUT', `/api/v1/properties/${house('two')}/ari`, {
      token: apiKey,
      body: { changes: restructured },
    })
    expect(await keep()).toMatchObject({ byDelta: 0, whole: 1 })
    const { snapshot } = await readIn(storage, house('two'))
    expect(Buffer.compare(snapshot.bytes, await currentBytes(house('two'), snapshot.version))).toBe(0)
  })

  it('goes on rightly where another process has replaced the copy and died before it said so', async () => {
    const one = copier(storage)
    await one.keep()
    const other = copier(storage)
    other.fails.add(AS_OF_KEY)
    for (let i = 0; i < 16; i++) await setRatesOfOne(house('one'), 17_000 + i)
    await expect(other.keep()).rejects.toThrow('the storage is full')
    await setOneNight(house('one'), 12_470)
    const third = copier(storage)
    await third.keep()
    const { snapshot } = await readIn(storage, house('one'))
    expect(Buffer.compare(snapshot.bytes, await currentBytes(house('one'), snapshot.version))).toBe(0)
  })

  it('does nothing where another process has done it a moment ago', async () => {
    let now = Date.now() + 1_000_000
    const [one, other] = [copier(storage, () => now), copier(storage, () => now)]
    await one.keep()
    now += 20_000
    expect(await other.keep(27_000)).toBeUndefined()
    expect(other.puts).toEqual([])
    now += 10_000
    expect(await other.keep(27_000)).toBeDefined()
  })

  it('reads the whole anew where the copy is damaged', async () => {
    await copier(storage).keep()
    await storage.put(copyKey(house('two')), new Uint8Array([1, 2, 3]), 'x/y')
    await setOneNight(house('two'), 12_500)
    expect(await copier(storage).keep()).toMatchObject({ byDelta: 0, whole: 1 })
    expect((await readIn(storage, house('two'))).snapshot.version).toBeGreaterThan(1)
  })

  it('does not confirm a copy that could not be replaced, nor let it stop the others', async () => {
    let now = Date.now()
    const { keep, fails } = copier(storage, () => now)
    await keep()
    const before = now
    await setOneNight(house('one'), 13_000)
    await setOneNight(house('two'), 13_000)
    for (const key of [copyKey, changesKey]) fails.add(key(house('one')))
    now += 30_000
    expect(await keep()).toMatchObject({ byDelta: 1, failed: 1 })
    now += 30_000
    expect(await keep()).toMatchObject({ failed: 1 })
    expect((await readIn(storage, house('one'))).confirmedAt).toBe(before)
    expect((await readIn(storage, house('two'))).confirmedAt).toBe(now)
    fails.clear()
    await keep()
    expect((await readIn(storage, house('one'))).confirmedAt).toBe(now)
    expect((await readAsOfIn(storage)).behind).toEqual({})
  })

  it.each(['copy', 'changes'])('dates what a writer who was held up puts over newer %s by itself', async (part) => {
    let now = Date.now() + 2_000_000
    const { keep } = copier(storage, () => now)
    await keep()
    const change = part === 'copy' ? setRates : setOneNight
    await change(house('one'), 13_100)
    now += 30_000
    await keep()
    const key = part === 'copy' ? copyKey(house('one')) : changesKey(house('one'))
    const late = (await storage.get(key)) ?? new Uint8Array()
    // Its changes go on from it still, in either case.
    const written = now
    await change(house('one'), 13_200)
    for (let i = 0; part === 'copy' && i < 16; i++) await setRatesOfOne(house('one'), 18_000 + i)
    now += 30_000
    await keep()
    await storage.put(key, late, 'x/y')
    expect((await readIn(storage, house('one'))).confirmedAt).toBe(written)
  })

  it('looks at the copies themselves where as-of is gone, and replaces only what is behind', async () => {
    const { keep, puts } = copier(storage)
    for (let i = 0; i < 2; i++) await setOneNight(house('one'), 13_300 + i)
    await keep()
    await setOneNight(house('one'), 13_303)
    await storage.put(AS_OF_KEY, new Uint8Array([0]), 'x/y')
    puts.length = 0
    expect(await keep()).toMatchObject({ byDelta: 1, whole: 0, failed: 0 })
    expect(puts).toEqual([changesKey(house('one')), AS_OF_KEY])
  })
})

describe('an origin on Deno', () => {
  it('keeps copies as well', async () => {
    const files = join(directory, 'deno')
    const env = { STORAGE_URL: `file://${files}`, ARI_COPY_SECONDS: '1' }
    const { service } = await originProcess(urls.runtimeUrl, 'deno', env)
    try {
      const storage = openStorage({ kind: 'disk', directory: files })
      await expect
        .poll(async () => (await storage.get(AS_OF_KEY)) !== undefined, { timeout: 20_000, interval: 200 })
        .toBe(true)
      const [property = ''] = Object.keys((await readAsOfIn(storage)).versions)
      const { snapshot } = await readIn(storage, property)
      expect(Buffer.compare(snapshot.bytes, await currentBytes(property, snapshot.version))).toBe(0)
    } finally {
      await service.stop()
    }
  })
})

describe('one origin of several', () => {
  it('does the work, and another after it', async () => {
    const [one, other] = [openOneAtATime({ url: urls.runtimeUrl }, 1), openOneAtATime({ url: urls.runtimeUrl }, 1)]
    const { promise, resolve } = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const first = one.run(async () => {
      begun.resolve()
      await promise
    })
    await begun.promise
    expect(await other.run(async () => {})).toBe(false)
    resolve()
    expect(await first).toBe(true)
    expect(await other.run(async () => {})).toBe(true)
    await Promise.all([one.close(), other.close()])
  })

  it('gives the work to another when its connection is cut', async () => {
    const [one, other] = [openOneAtATime({ url: urls.runtimeUrl }, 2), openOneAtATime({ url: urls.runtimeUrl }, 2)]
    const begun = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    const cut = one
      .run(async () => {
        begun.resolve()
        await finish.promise
      })
      .catch((error: unknown) => error)
    await begun.promise
    const admin = postgres(urls.superuserUrl, { max: 1, onnotice: () => {} })
    await admin`
      select pg_terminate_backend(l.pid) from pg_locks l
      where l.locktype = 'advisory' and l.objid = 2 and l.database = (select oid from pg_database where datname = current_database())`
    await admin.end()
    await expect.poll(() => other.run(async () => {}), { timeout: 10_000 }).toBe(true)
    finish.resolve()
    expect(await cut).toBeInstanceOf(Error)
    await Promise.all([one.close(), other.close()])
  })
})

describe('an origin whose object storage is gone', () => {
  it('sells as before, and counts that no copies could be kept', async () => {
    const { service, lines, call } = await originProcess(urls.runtimeUrl, 'node', {
      STORAGE_URL: 's3://stayzr?endpoint=http://127.0.0.1:9&region=eu',
      ARI_COPY_SECONDS: '1',
    })
    try {
      const metrics = async () => await (await fetch(`${service.url}/metrics`)).text()
      await expect
        .poll(metrics, { timeout: 15_000, interval: 200 })
        .toMatch(/^stayzr_ari_copy_passes_failed_total [1-9]/m)
      const stay = { roomType: 'DBL', ratePlan: 'BAR', arrival: addDays(today(), 20), departure: addDays(today(), 21) }
      await addProperty('without-storage')
      const booked = await call('POST', '/api/v1/properties/without-storage/reservations', {
        headers: { 'idempotency-key': crypto.randomUUID() },
        body: {
          stay: { ...stay, adults: 2 },
          expectedTotal: 10_800,
          guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
        },
      })
      expect(booked.status, await booked.clone().text()).toBe(201)
      expect(lines.some((line) => line.includes('copies could not be kept'))).toBe(true)
    } finally {
      await service.stop()
    }
  })
})
