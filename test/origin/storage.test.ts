/** One contract for both kinds of storage: a directory, and an S3 server. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from '@20minutes/s3rver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStorage, type Storage } from '../../origin/platform/storage.ts'

const directory = mkdtempSync(join(tmpdir(), 'stayzr-storage-'))
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: join(directory, 's3'),
  configureBuckets: [{ name: 'stayzr', configs: [] }],
})

beforeAll(() => {
  process.env.AWS_ACCESS_KEY_ID = 'S3RVER'
  process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER'
})
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

describe.each(['disk', 's3'] as const)('storage on %s', (kind) => {
  let storage: Storage
  beforeAll(async () => {
    if (kind === 'disk') {
      storage = openStorage({ kind, directory: join(directory, 'files') })
      return
    }
    const { port } = await server.run()
    storage = openStorage({
      kind,
      bucket: 'stayzr',
      prefix: 'house/',
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu',
    })
  })

  it('gives back what was put, and the newer bytes after a replacement', async () => {
    await storage.put('properties/a/photos/front.webp', new Uint8Array([1, 2, 3]), 'image/webp')
    expect([...((await storage.get('properties/a/photos/front.webp')) ?? [])]).toEqual([1, 2, 3])
    await storage.put('properties/a/photos/front.webp', new Uint8Array([4]), 'image/webp')
    expect([...((await storage.get('properties/a/photos/front.webp')) ?? [])]).toEqual([4])
  })

  it('has nothing under a key that was never put', async () => {
    expect(await storage.get('properties/a/photos/other.webp')).toBeUndefined()
  })

  it('keeps half a megabyte whole', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536))
    await storage.put('large.bin', bytes, 'application/octet-stream')
    expect(Buffer.from((await storage.get('large.bin')) ?? []).equals(Buffer.from(bytes))).toBe(true)
  })

  it.each(['../escape', '/etc/passwd', 'a//b', 'a/../../b', '', '.hidden', 'a/.b', 'a\\b'])(
    'refuses the key %j',
    async (key) => {
      await expect(storage.put(key, new Uint8Array([1]), 'text/plain')).rejects.toThrow('not a storage key')
      await expect(storage.get(key)).rejects.toThrow('not a storage key')
    },
  )

  async function* pieces(count: number, fail?: Error): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < count; i++) yield new Uint8Array(100_000).fill(i)
    if (fail) throw fail
  }

  it('stores what comes in pieces', async () => {
    await storage.putStream('streamed/whole.bin', pieces(20), 2_000_000, 'application/octet-stream')
    const bytes = (await storage.get('streamed/whole.bin')) ?? new Uint8Array()
    expect([bytes.byteLength, bytes[0], bytes[150_000], bytes[1_999_999]]).toEqual([2_000_000, 0, 1, 19])
  })

  it.each([0, 5])('stores nothing where the source fails after %i pieces, and says what it said', async (count) => {
    const reason = new Error('not what was announced')
    const storing = storage.putStream('streamed/failed.bin', pieces(count, reason), 2_000_000, 'x/y')
    await expect(storing).rejects.toBe(reason)
    expect(await storage.get('streamed/failed.bin')).toBeUndefined()
  })

  it('can be checked', async () => {
    await storage.put('some/key', new Uint8Array([1]), 'text/plain')
    await expect(storage.check()).resolves.toBeUndefined()
  })
})

it('leaves no half-written file behind where the source fails', async () => {
  const storage = openStorage({ kind: 'disk', directory: join(directory, 'failed') })
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10)
    throw new Error('gone')
  }
  await expect(storage.putStream('a.bin', failing(), 20, 'x/y')).rejects.toThrow('gone')
  expect(readdirSync(join(directory, 'failed'))).toEqual([])
})

it('leaves no half-written file behind', async () => {
  const storage = openStorage({ kind: 'disk', directory: join(directory, 'whole') })
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => storage.put('same.bin', new Uint8Array(10_000).fill(i), 'x/y')),
  )
  expect(readdirSync(join(directory, 'whole'))).toEqual(['same.bin'])
  expect(new Set(await storage.get('same.bin')).size).toBe(1)
})

it('says that an S3 server cannot be reached', async () => {
  const storage = openStorage({
    kind: 's3',
    bucket: 'stayzr',
    prefix: '',
    endpoint: 'http://127.0.0.1:9',
    region: 'eu',
  })
  await expect(storage.check()).rejects.toThrow()
})
