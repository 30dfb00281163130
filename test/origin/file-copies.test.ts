/** The second copy of files, on a real S3 server: what is new, what was replaced or deleted, what is damaged, how it comes back. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from '@20minutes/s3rver'
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { copyFiles, drillFiles, filesAt, type Place, restoreFiles } from '../../infra/backup/file-copies.ts'

const directory = mkdtempSync(join(tmpdir(), 'stayzr-file-copies-'))
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory,
  // Clients sign `/bucket/`, of which the emulator drops the slash before it checks.
  allowMismatchedSignatures: true,
  configureBuckets: ['stayzr', 'stayzr-files-copy', 'restored'].map((name) => ({ name, configs: [] })),
})
let client: S3Client
beforeAll(async () => {
  const { port } = await server.run()
  client = new S3Client({
    region: 'local',
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
})
afterAll(async () => {
  client.destroy()
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Each test in a folder of its own. */
let house = 0
let source: Place
let copy: Place
beforeEach(() => {
  house += 1
  source = { client, bucket: 'stayzr', prefix: `house-${house}/` }
  copy = { client, bucket: 'stayzr-files-copy', prefix: `house-${house}/` }
})
const put = (key: string, text: string) =>
  client.send(
    new PutObjectCommand({ Bucket: 'stayzr', Key: source.prefix + key, Body: text, ContentType: 'image/webp' }),
  )
const remove = (key: string) => client.send(new DeleteObjectCommand({ Bucket: 'stayzr', Key: source.prefix + key }))
const day = 86_400_000

it('copies what is new and nothing twice, and leaves out what is made anew anyway', async () => {
  await put('properties/a/photos/front.webp', 'front')
  await put('properties/a/photos/side view.webp', 'side')
  await put('ari/as-of', 'now')
  expect(await copyFiles(source, copy)).toEqual({ files: 2, copied: 2, kept: 0, removed: 0, bytes: 9 })
  expect(await copyFiles(source, copy)).toMatchObject({ copied: 0, kept: 0 })
  expect(await drillFiles(source, copy)).toMatchObject({ files: 2, bytes: 9, wrong: [] })
})

it('keeps what was replaced or deleted for 90 days, and not a day less', async () => {
  await put('a.webp', 'one')
  await put('b.webp', 'stays')
  await copyFiles(source, copy)
  const replaced = Date.now()
  await put('a.webp', 'two')
  expect(await copyFiles(source, copy, { now: replaced })).toMatchObject({ copied: 1, kept: 1 })
  await remove('a.webp')
  expect(await copyFiles(source, copy, { now: replaced + day })).toMatchObject({ copied: 0, kept: 1 })
  expect(await copyFiles(source, copy, { now: replaced + 90 * day })).toMatchObject({ removed: 0 })
  expect(await copyFiles(source, copy, { now: replaced + 90 * day + 1 })).toMatchObject({ removed: 1 })
  expect([...(await filesAt(copy, replaced + 200 * day)).keys()]).toEqual(['b.webp'])
})

it('restores the files as they were at a moment, and as they are, with their media type', async () => {
  await put('a.webp', 'one')
  await put('gone.webp', 'gone')
  await copyFiles(source, copy)
  const before = Date.now()
  await new Promise((resolve) => setTimeout(resolve, 20))
  await put('a.webp', 'second')
  await remove('gone.webp')
  await put('later.webp', 'later')
  await copyFiles(source, copy)

  const read = async (folder: string, key: string) => {
    const answer = await client.send(new GetObjectCommand({ Bucket: 'restored', Key: `${folder}${key}` }))
    return [await answer.Body?.transformToString(), answer.ContentType]
  }
  const then = { client, bucket: 'restored', prefix: `then-${house}/` }
  expect(await restoreFiles(copy, then, before)).toEqual({ files: 2, bytes: 7 })
  expect(await read(then.prefix, 'a.webp')).toEqual(['one', 'image/webp'])
  expect(await read(then.prefix, 'gone.webp')).toEqual(['gone', 'image/webp'])
  const now = { client, bucket: 'restored', prefix: `now-${house}/` }
  expect(await restoreFiles(copy, now, Date.now())).toEqual({ files: 2, bytes: 11 })
  expect(await read(now.prefix, 'later.webp')).toEqual(['later', 'image/webp'])
})

it('changes nothing where most files are gone at once, unless that is meant', async () => {
  for (let i = 0; i < 20; i++) await put(`${i}.webp`, `file ${i}`)
  await copyFiles(source, copy)
  for (let i = 0; i < 11; i++) await remove(`${i}.webp`)
  await expect(copyFiles(source, copy)).rejects.toThrow('11 of 20 files are gone from stayzr')
  expect((await filesAt(copy, Date.now() + day)).size).toBe(20)
  expect(await copyFiles(source, copy, { allowManyGone: true })).toMatchObject({ kept: 11 })
})

it('finds in a drill what is damaged in the copy, and what is missing', async () => {
  await put('a.webp', 'whole')
  await put('b.webp', 'whole too')
  await copyFiles(source, copy)
  const folder = join(directory, 'stayzr-files-copy', copy.prefix, 'files')
  const stored = readdirSync(folder).find((name) => name.startsWith('a.webp') && name.endsWith('_object'))
  writeFileSync(join(folder, stored ?? ''), 'whale')
  await put('c.webp', 'not copied yet')
  const { wrong } = await drillFiles(source, copy)
  expect(wrong.sort()).toEqual(['a.webp: it is damaged: its sum is another', 'c.webp is not in the copy'])
})
