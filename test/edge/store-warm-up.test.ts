/** Filling an edge before guests come, from copies on a disk or from the origin. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCopies } from '../../edge/ari/copies.ts'
import { openObjects } from '../../edge/ari/copies-on-server.ts'
import { warmUp } from '../../edge/ari/warm-up.ts'
import { openAriCopies } from '../../origin/features/ari/copies.ts'
import { openAri } from '../../origin/features/ari/service.ts'
import { openProperties } from '../../origin/features/properties/service.ts'
import { openDatabase } from '../../origin/platform/database.ts'
import { openStorage } from '../../origin/platform/storage.ts'
import { freshDatabase } from '../support/servers.ts'
import { type House, house, left, rig } from './store-rig.ts'

const urls = await freshDatabase()
const directory = mkdtempSync(join(tmpdir(), 'stayzr-warm-up-'))
const MEGABYTE = 1_000_000
let set: House
let properties: string[]
let busiest: string

beforeAll(async () => {
  set = await house(urls)
  properties = []
  for (let i = 0; i < 12; i++) properties.push(await set.freshProperty())
  busiest = properties[7] as string
  for (let i = 0; i < 3; i++) await set.book(busiest)
  const database = openDatabase({ url: urls.runtimeUrl, poolMax: 4 })
  const storage = openStorage({ kind: 'disk', directory })
  const copies = openAriCopies({
    database,
    storage,
    ari: openAri(database, openProperties(database, storage)),
    clock: { now: () => Date.now() },
    failed: (_, error) => {
      throw error
    },
  })
  await copies.keep(new AbortController().signal)
  // One more, so that the busiest stands in its copy and in the changes beside it.
  await set.book(busiest)
  await copies.keep(new AbortController().signal)
  await database.close()
})
afterAll(async () => {
  await set.origin.origin.close()
  rmSync(directory, { recursive: true, force: true })
})

const copiesOnDisk = async () => openCopies(await openObjects(pathToFileURL(directory).href))
const none = async () => []

describe('warming up', () => {
  it('takes all there is from the copies, without the origin, and goes on by what changed', async () => {
    const { store, requests } = rig(set.origin)
    const options = { store, copies: await copiesOnDisk(), listed: none, bytesMax: 50 * MEGABYTE, msMax: 30_000 }
    expect(await warmUp(options)).toMatchObject({ properties: 12, from: 'copies' })
    expect(requests).toEqual([])
    expect(await left(store, busiest)).toMatchObject({ left: 1, stale: false })
    expect(requests.filter((path) => path.includes('/versions/'))).toEqual([])
  })

  it('begins with what is sold most and stops at its share of the memory', async () => {
    const { store } = rig(set.origin)
    const copies = await copiesOnDisk()
    const warmed = await warmUp({ store, copies, listed: none, bytesMax: 1, msMax: 30_000 })
    // Those that were begun at once are finished.
    expect(warmed.properties).toBeLessThanOrEqual(4)
    expect(store.lastHeld(busiest)).toBeDefined()
  })

  it('asks the origin where there are no copies', async () => {
    const { store, requests } = rig(set.origin)
    const options = { store, copies: undefined, listed: async () => properties, bytesMax: 50 * MEGABYTE, msMax: 30_000 }
    expect(await warmUp(options)).toMatchObject({ properties: 12, from: 'origin' })
    expect(requests.filter((path) => path.includes('/versions/'))).toHaveLength(12)
    const before = requests.length
    expect(await left(store, busiest)).toMatchObject({ left: 1 })
    expect(requests.slice(before).filter((path) => !path.endsWith('/head'))).toEqual([])
  })

  it('does not keep guests waiting for a storage or an origin that hangs, nor for one that fails', async () => {
    const { store } = rig(set.origin)
    const never = new Promise<never>(() => {})
    const hangs = openCopies({ get: () => never })
    const fails = openCopies({ get: () => Promise.reject(new Error('away')) })
    const rejects = () => Promise.reject(new Error('away'))
    const bounds = { store, bytesMax: MEGABYTE, msMax: 100 }
    for (const [copies, listed] of [
      [hangs, none],
      [fails, rejects],
      [undefined, () => never],
    ] as const)
      expect(await warmUp({ ...bounds, copies, listed })).toMatchObject({ properties: 0, from: 'nowhere' })
  })
})
