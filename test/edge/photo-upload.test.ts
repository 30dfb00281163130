/** A photo's way from a hotel through the edge into storage: streamed, verified as it passes, stored whole or not at all. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../../infra/local/service-process.ts'
import { startOrigin } from '../../infra/local/services.ts'
import { aProperty } from '../support/builders.ts'
import { type EdgeRuntime, edgeProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const files = mkdtempSync(join(tmpdir(), 'stayzr-photos-'))
const signingKey = `test:${randomBytes(32).toString('base64')}`
let origin: Service
let apiKey: string
let foreignKey: string
let powerlessKey: string

beforeAll(async () => {
  origin = await startOrigin({
    runtime: 'node',
    env: {
      STAYZR_ENV: 'test',
      DATABASE_URL: database.runtimeUrl,
      REDIS_URL: 'memory:',
      STORAGE_URL: `file://${files}`,
      EDGE_SIGNING_KEYS: signingKey,
      GUEST_TOKEN_KEY: randomBytes(32).toString('base64'),
      LOG_LEVEL: 'warn',
    },
    log: (line) => console.log(line),
  })
  apiKey = (await addOrganisation(database, 'harbour')).apiKey
  foreignKey = (await addOrganisation(database, 'elsewhere')).apiKey
  powerlessKey = (await addOrganisation(database, 'powerless', [])).apiKey
})
afterAll(async () => {
  await origin?.stop()
})

const digest = (bytes: Uint8Array) => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`
const HEADS: Record<string, number[]> = {
  jpg: [0xff, 0xd8, 0xff, 0xe0],
  png: [...Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  webp: [...Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1')],
  avif: [0, 0, 0, 28, ...Buffer.from('ftypavif')],
}
const picture = (kind: string, bytes: number) =>
  Buffer.concat([Buffer.from(HEADS[kind] ?? []), randomBytes(bytes - (HEADS[kind]?.length ?? 0))])
/** Every file below the storage, half-written ones too. */
const stored = () => readdirSync(files, { recursive: true, encoding: 'utf8' }).filter((name) => /photos\//.test(name))

describe.each(['workerd', 'node', 'deno'] satisfies EdgeRuntime[])('through the edge on %s', (runtime) => {
  let edge: { url: string; stop(): Promise<void> }
  const house = `house-${runtime}`

  beforeAll(async () => {
    edge = await edgeProcess(runtime, { url: origin.url, signingKey })
    const made = await fetch(`${edge.url}/api/v1/properties`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify(aProperty(house)),
    })
    expect(made.status, await made.clone().text()).toBe(201)
  })
  afterAll(async () => {
    await edge?.stop()
  })

  const pathOf = (photo: string) => `${edge.url}/api/v1/properties/${house}/photos/${photo}`
  async function put(photo: string, bytes: Buffer, over: Record<string, string | undefined> = {}): Promise<Response> {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      'content-type': `image/${photo.split('.').pop()?.replace('jpg', 'jpeg')}`,
      'content-digest': digest(bytes),
      ...over,
    }
    const given = Object.entries(headers).filter((it): it is [string, string] => it[1] !== undefined)
    return await fetch(pathOf(photo), { method: 'PUT', headers: given, body: new Uint8Array(bytes) })
  }
  const slugOf = async (answer: Response) => {
    const text = await answer.text()
    return `${answer.status} ${text === '' ? '' : (JSON.parse(text) as { type: string }).type.split('/').pop()}`
  }

  it.each(Object.keys(HEADS))('stores a picture in .%s and gives it back to the byte', async (kind) => {
    const bytes = picture(kind, 300_000)
    const answer = await put(`front.${kind}`, bytes)
    expect(answer.status, await answer.clone().text()).toBe(200)
    expect(await answer.json()).toEqual({ property: house, photo: `front.${kind}`, bytes: bytes.byteLength })
    const back = await fetch(pathOf(`front.${kind}`))
    expect(back.headers.get('content-type')).toBe(`image/${kind.replace('jpg', 'jpeg')}`)
    expect(Buffer.from(await back.arrayBuffer()).equals(bytes)).toBe(true)
  })

  it('takes the largest there may be, and none beyond', async () => {
    const bytes = picture('jpg', 10_485_760)
    expect((await put('largest.jpg', bytes)).status).toBe(200)
    expect(await slugOf(await put('too-large.jpg', picture('jpg', 10_485_761)))).toBe('413 body-too-large')
  })

  it('has the beginning in storage while the end is not yet sent', async () => {
    const bytes = picture('jpg', 4_000_000)
    const { hostname, port } = new URL(edge.url)
    const sending = httpRequest({
      hostname,
      port,
      method: 'PUT',
      path: new URL(pathOf('slow.jpg')).pathname,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'image/jpeg',
        'content-digest': digest(bytes),
        'content-length': bytes.byteLength,
      },
    })
    const answered = new Promise<number | undefined>((resolve, reject) => {
      sending.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
    })
    sending.write(bytes.subarray(0, 3_000_000))
    const partial = () => stored().find((name) => name.startsWith(`properties/${house}/photos/slow.jpg.`))
    await expect
      .poll(() => statSync(join(files, partial() ?? 'none')).size, { timeout: 10_000 })
      .toBeGreaterThan(2_000_000)
    expect((await fetch(pathOf('slow.jpg'))).status).toBe(404)
    sending.end(bytes.subarray(3_000_000))
    expect(await answered).toBe(200)
    expect(partial()).toBeUndefined()
  })

  const jpeg = picture('jpg', 200_000)
  it.each<[string, string, Buffer, Record<string, string | undefined>, string]>([
    [
      'of other bytes than announced',
      'a.jpg',
      jpeg,
      { 'content-digest': digest(picture('jpg', 9)) },
      '422 content-digest-mismatch',
    ],
    ['without a digest', 'b.jpg', jpeg, { 'content-digest': undefined }, '400 content-digest-missing'],
    [
      'with a digest of another kind',
      'c.jpg',
      jpeg,
      { 'content-digest': 'sha-512=:AAAA:' },
      '400 content-digest-missing',
    ],
    ['that is a page', 'd.jpg', Buffer.from('<!doctype html><script>alert(1)</script>'), {}, '415 not-a-photo'],
    ['that is a PNG and says JPEG', 'e.jpg', picture('png', 5_000), {}, '415 not-a-photo'],
    ['whose Content-Type is not its name’s', 'f.jpg', jpeg, { 'content-type': 'image/png' }, '415 not-a-photo'],
    ['whose Content-Type is no picture’s', 'g.jpg', jpeg, { 'content-type': 'text/html' }, '415 not-a-photo'],
    ['of a few bytes', 'h.jpg', Buffer.from(HEADS.jpg ?? []), {}, '415 not-a-photo'],
    ['without a credential', 'i.jpg', picture('jpg', 2_000_000), { authorization: undefined }, '401 unauthenticated'],
    ['with a name that is no name', 'J.jpg', jpeg, {}, '404 property-not-found'],
  ])('stores nothing of a file %s', async (_, photo, bytes, over, expected) => {
    expect(await slugOf(await put(photo, bytes, over))).toBe(expected)
    expect(stored().filter((name) => name.includes(`${house}/photos/${photo}`))).toEqual([])
  })

  it('stores nothing for staff without the permission or of another organisation', async () => {
    const bytes = picture('jpg', 2_000_000)
    expect(await slugOf(await put('k.jpg', bytes, { authorization: `Bearer ${powerlessKey}` }))).toBe('403 forbidden')
    expect(await slugOf(await put('k.jpg', bytes, { authorization: `Bearer ${foreignKey}` }))).toBe(
      '404 property-not-found',
    )
    expect(stored().filter((name) => name.includes('k.jpg'))).toEqual([])
  })

  it('keeps what a name stands for: the same file again is fine, another is refused', async () => {
    const bytes = picture('webp', 3_000)
    expect((await put('stays.webp', bytes)).status).toBe(200)
    expect((await put('stays.webp', bytes)).status).toBe(200)
    expect(await slugOf(await put('stays.webp', picture('webp', 3_000)))).toBe('409 photo-exists')
  })

  it('stores nothing of an upload that breaks off', async () => {
    const bytes = picture('jpg', 3_000_000)
    const { hostname, port } = new URL(edge.url)
    const sending = httpRequest({
      hostname,
      port,
      method: 'PUT',
      path: new URL(pathOf('broken.jpg')).pathname,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'image/jpeg',
        'content-digest': digest(bytes),
        'content-length': bytes.byteLength,
      },
    }).on('error', () => {})
    sending.write(bytes.subarray(0, 2_000_000))
    const ofIt = () => stored().filter((name) => name.includes(`${house}/photos/broken.jpg`)).length
    await expect.poll(ofIt, { timeout: 10_000 }).toBe(1)
    sending.destroy()
    await expect.poll(ofIt, { timeout: 10_000 }).toBe(0)
  })
})
