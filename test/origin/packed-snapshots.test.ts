/** Snapshots on their way to the edges: compressed once a version, and never another version's. */
import { brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packedSnapshots } from '../../origin/features/ari/packed.ts'
import { openSnapshot, type Snapshot } from '../../shared/ari/snapshot.ts'
import { Problem } from '../../shared/problems.ts'
import { aProperty, flatRates } from '../support/builders.ts'
import { addOrganisation, type TestOrigin, testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

describe('over HTTP', async () => {
  const database = await freshDatabase()
  let origin: TestOrigin
  let apiKey: string
  const definition = aProperty('harbour-house')
  const price = async (amount: number): Promise<number> => {
    const body = { changes: flatRates(definition, amount) }
    const answer = await origin.call('PUT', '/api/v1/properties/harbour-house/ari', { token: apiKey, body })
    return ((await answer.json()) as { ariVersion: number }).ariVersion
  }
  const read = (version: number, headers: Record<string, string> = { 'accept-encoding': 'br' }) =>
    origin.call('GET', `/internal/ari/harbour-house/versions/${version}`, { headers })
  const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer())

  beforeAll(async () => {
    origin = await testOrigin(database)
    apiKey = (await addOrganisation(database, 'harbour')).apiKey
    await origin.call('POST', '/api/v1/properties', { token: apiKey, body: definition })
  })
  afterAll(async () => {
    await origin.origin.close()
  })

  it('is the same snapshot to who takes Brotli and to who does not', async () => {
    const version = await price(10_000)
    const [packed, plain] = [await read(version), await read(version, {})]
    expect([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual(['br', null])
    expect(packed.headers.get('cache-control')).toBe('private, no-store')
    const bytes = await bytesOf(plain)
    expect(brotliDecompressSync(await bytesOf(packed)).equals(bytes)).toBe(true)
    expect(openSnapshot(bytes).version).toBe(version)
  })

  it('is the new one after a change, and the old one is gone at once', async () => {
    const before = await price(11_000)
    expect((await read(before)).status).toBe(200)
    const after = await price(12_000)
    expect((await read(before)).status).toBe(409)
    const snapshot = openSnapshot(new Uint8Array(brotliDecompressSync(await bytesOf(await read(after)))))
    expect([snapshot.version, snapshot.amounts[0]]).toEqual([after, 12_000])
    expect((await read(before)).status).toBe(409)
  })
})

describe('packedSnapshots()', () => {
  function rig() {
    const asked = { heads: 0, snapshots: 0 }
    const state = { version: 1, fails: false }
    const packed = packedSnapshots({
      async head() {
        asked.heads += 1
        return { version: state.version, others: [] }
      },
      async snapshot(code, version) {
        asked.snapshots += 1
        if (state.fails) throw new Error('the database is away')
        if (version !== state.version) throw new Problem('version-not-current', { version: state.version })
        return { version: state.version, bytes: new TextEncoder().encode(`${code} ${version}`) } as Snapshot
      },
    })
    const read = async (code: string, version: number) =>
      brotliDecompressSync((await packed(code, version, 'br')).bytes).toString()
    return { asked, state, read }
  }

  it('reads and compresses once for ten edges that ask at once, and for those that ask later', async () => {
    const { asked, read } = rig()
    const texts = await Promise.all(Array.from({ length: 10 }, () => read('a', 1)))
    expect(new Set([...texts, await read('a', 1)])).toEqual(new Set(['a 1']))
    expect(asked.snapshots).toBe(1)
  })

  it('never gives out what is no longer current, nor lets a late question push out the current one', async () => {
    const { asked, state, read } = rig()
    await read('a', 1)
    state.version = 2
    await expect(read('a', 1)).rejects.toMatchObject({ slug: 'version-not-current', extensions: { version: 2 } })
    expect(await read('a', 2)).toBe('a 2')
    await expect(read('a', 1)).rejects.toMatchObject({ slug: 'version-not-current' })
    const before = asked.snapshots
    expect(await read('a', 2)).toBe('a 2')
    expect(asked.snapshots).toBe(before)
  })

  it('forgets what it has once a lower version is the current one: the database was restored', async () => {
    const { asked, state, read } = rig()
    state.version = 7
    await read('a', 7)
    state.version = 6
    await read('a', 6)
    state.version = 7
    await read('a', 7)
    expect(asked.snapshots).toBe(3)
  })

  it('does not remember a failure', async () => {
    const { state, read } = rig()
    state.fails = true
    await expect(read('a', 1)).rejects.toThrow('away')
    state.fails = false
    expect(await read('a', 1)).toBe('a 1')
  })

  it('keeps properties apart', async () => {
    const { read } = rig()
    expect(await Promise.all([read('a', 1), read('b', 1), read('a', 1)])).toEqual(['a 1', 'b 1', 'a 1'])
  })
})
