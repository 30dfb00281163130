/**
 * Keeps a second copy of the installation's files, in another bucket and best in another region, with 90 days of history.
 *
 *   files/KEY             as it is now
 *   history/INSTANT/KEY   as it was until then: replaced or deleted at INSTANT
 *
 * Nothing that was ever copied is removed before it has been history for 90 days. Each file is sent with its sum, which the
 * storage checks, and is read back by the drill. Needs no versioning of either storage.
 */
import { createHash } from 'node:crypto'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

/** REQUIREMENTS B3. */
const HISTORY_MS = 90 * 86_400_000
/** Enough to hide the storage's round trips; each holds one file in memory, a photo or an invoice. */
const AT_ONCE = 4
/** More gone at once than this share is a bucket that was lost or mistaken, not people tidying up. */
const GONE_SHARE_MAX = 0.5
/** Below so many files the share says nothing. */
const GONE_FILES_MIN = 20
/** Made anew from the database every half minute. */
const NOT_COPIED = /^ari\//
/** Files that a drill reads back: a sample of a large installation is as telling as all of it. */
const DRILL_FILES_MAX = 1_000

export interface Place {
  client: S3Client
  bucket: string
  /** Empty, or ends with a slash. */
  prefix: string
}

export interface CopyReport {
  files: number
  copied: number
  /** Moved to history, having been replaced or deleted. */
  kept: number
  /** Out of history after 90 days. */
  removed: number
  bytes: number
}

interface Content {
  bytes: Uint8Array
  mediaType: string | undefined
}

interface Listed {
  size: number
  etag: string
  modified: number
}

/** Brings the copy up to date once. Throws, having changed nothing, where more than half of the files are gone. */
export async function copyFiles(
  source: Place,
  copy: Place,
  options: { now?: number; allowManyGone?: boolean } = {},
): Promise<CopyReport> {
  const now = options.now ?? Date.now()
  const [wanted, there] = await Promise.all([list(source, ''), list(copy, 'files/')])
  for (const key of wanted.keys()) if (NOT_COPIED.test(key)) wanted.delete(key)
  const gone = [...there.keys()].filter((key) => !wanted.has(key))
  if (!options.allowManyGone && there.size >= GONE_FILES_MIN && gone.length > there.size * GONE_SHARE_MAX)
    throw new Error(
      `${gone.length} of ${there.size} files are gone from ${source.bucket}, so nothing was changed: is it the right bucket? If they were meant to go, run once with --allow-many-gone.`,
    )
  const report: CopyReport = { files: wanted.size, copied: 0, kept: 0, removed: 0, bytes: 0 }
  await eachOf([...wanted], async ([key, file]) => {
    const old = there.get(key)
    if (old && (await isSame(copy, key, file, old))) return
    const content = await read(source, key, file.etag)
    if (!content) {
      // Deleted or replaced since it was listed: the next pass sees it so. Anything else must not pass unseen.
      if ((await list(source, key)).get('')?.etag === file.etag) throw new Error(`${key} is listed and cannot be read`)
      return
    }
    if (old) {
      await keepInHistory(copy, key, old, now)
      report.kept += 1
    }
    await write(copy, `files/${key}`, content, file.etag)
    report.copied += 1
    report.bytes += content.bytes.byteLength
  })
  await eachOf(gone, async (key) => {
    const old = there.get(key)
    if (!old) return
    await keepInHistory(copy, key, old, now)
    await remove(copy, `files/${key}`)
    report.kept += 1
  })
  for (const key of (await list(copy, 'history/')).keys()) {
    const until = historyInstant(key)
    if (until === undefined || now - until <= HISTORY_MS) continue
    await remove(copy, `history/${key}`)
    report.removed += 1
  }
  return report
}

/** What each file was at an instant, by its key: where in the copy it is. A file copied only later is not in it. */
export async function filesAt(copy: Place, instant: number): Promise<Map<string, string>> {
  const [current, history] = await Promise.all([list(copy, 'files/'), list(copy, 'history/')])
  const found = new Map<string, { at: string; until: number }>()
  const candidates = [
    ...[...history.keys()].map((key) => ({
      key: key.slice(key.indexOf('/') + 1),
      at: `history/${key}`,
      until: historyInstant(key) ?? 0,
    })),
    ...[...current.keys()].map((key) => ({ key, at: `files/${key}`, until: Number.POSITIVE_INFINITY })),
  ]
  for (const { key, at, until } of candidates) {
    const known = found.get(key)
    if (until > instant && (!known || until < known.until)) found.set(key, { at, until })
  }
  const files = new Map<string, string>()
  await eachOf([...found], async ([key, { at }]) => {
    const { metadata } = await head(copy, at)
    if (Date.parse(metadata['copied-at'] ?? '') <= instant) files.set(key, at)
  })
  return files
}

/** Writes the files as they were at an instant to another place, or back. Returns how many and how many bytes. */
export async function restoreFiles(
  copy: Place,
  target: Place,
  instant: number,
): Promise<{ files: number; bytes: number }> {
  const restored = { files: 0, bytes: 0 }
  await eachOf([...(await filesAt(copy, instant))], async ([key, at]) => {
    const content = await readWhole(copy, at)
    await write(target, key, content, '')
    restored.files += 1
    restored.bytes += content.bytes.byteLength
  })
  return restored
}

/** Reads a sample of the copy back and compares each file with its sum and with the source. Returns what is wrong, in words. */
export async function drillFiles(
  source: Place,
  copy: Place,
): Promise<{ files: number; bytes: number; wrong: string[] }> {
  const [wanted, there] = await Promise.all([list(source, ''), list(copy, 'files/')])
  for (const key of wanted.keys()) if (NOT_COPIED.test(key)) wanted.delete(key)
  const wrong = [...wanted.keys()].filter((key) => !there.has(key)).map((key) => `${key} is not in the copy`)
  const sample = [...there.keys()].sort(() => Math.random() - 0.5).slice(0, DRILL_FILES_MAX)
  let bytesRead = 0
  await eachOf(sample, async (key) => {
    try {
      const { bytes } = await readWhole(copy, `files/${key}`)
      bytesRead += bytes.byteLength
      const file = wanted.get(key)
      if (file && file.size !== bytes.byteLength) wrong.push(`${key} has ${bytes.byteLength} bytes of ${file.size}`)
    } catch (error) {
      wrong.push(`${key}: ${error instanceof Error ? error.message : String(error)}`)
    }
  })
  return { files: sample.length, bytes: bytesRead, wrong }
}

async function list(place: Place, folder: string): Promise<Map<string, Listed>> {
  const found = new Map<string, Listed>()
  const prefix = place.prefix + folder
  let ContinuationToken: string | undefined
  do {
    const answer = await place.client.send(
      new ListObjectsV2Command({
        Bucket: place.bucket,
        Prefix: prefix,
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      }),
    )
    for (const { Key = '', Size = 0, ETag = '', LastModified } of answer.Contents ?? [])
      found.set(Key.slice(prefix.length), { size: Size, etag: plain(ETag), modified: LastModified?.getTime() ?? 0 })
    ContinuationToken = answer.IsTruncated ? answer.NextContinuationToken : undefined
  } while (ContinuationToken !== undefined)
  return found
}

/** An ETag is the content's MD5 on most storages; on the others the copy remembers the source's. */
async function isSame(copy: Place, key: string, file: Listed, old: Listed): Promise<boolean> {
  if (file.size !== old.size) return false
  if (file.etag === old.etag) return true
  return (await head(copy, `files/${key}`)).metadata['source-etag'] === file.etag
}

async function head(place: Place, key: string): Promise<{ size: number; metadata: Record<string, string> }> {
  const answer = await place.client.send(new HeadObjectCommand({ Bucket: place.bucket, Key: place.prefix + key }))
  return { size: answer.ContentLength ?? -1, metadata: answer.Metadata ?? {} }
}

/** Undefined where the file is not there any more, or is another than was listed. */
async function read(place: Place, key: string, etag: string): Promise<Content | undefined> {
  try {
    const answer = await place.client.send(
      new GetObjectCommand({ Bucket: place.bucket, Key: place.prefix + key, IfMatch: `"${etag}"` }),
    )
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
    if (bytes.byteLength !== answer.ContentLength) throw new Error(`${key} broke off`)
    return { bytes, mediaType: answer.ContentType }
  } catch (error) {
    if (error instanceof Error && ['NoSuchKey', 'PreconditionFailed'].includes(error.name)) return undefined
    throw error
  }
}

/** Throws where the bytes are not those whose sum was noted when they were written. */
async function readWhole(place: Place, key: string): Promise<Content> {
  const answer = await place.client.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.prefix + key }))
  const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
  const noted = answer.Metadata?.sha256
  if (noted !== createHash('sha256').update(bytes).digest('hex'))
    throw new Error(noted === undefined ? 'no sum was noted for it' : 'it is damaged: its sum is another')
  return { bytes, mediaType: answer.ContentType }
}

async function write(place: Place, key: string, { bytes, mediaType }: Content, sourceEtag: string): Promise<void> {
  await place.client.send(
    new PutObjectCommand({
      Bucket: place.bucket,
      Key: place.prefix + key,
      Body: bytes,
      ...(mediaType === undefined ? {} : { ContentType: mediaType }),
      // The storage refuses what arrives otherwise.
      ContentMD5: createHash('md5').update(bytes).digest('base64'),
      Metadata: {
        sha256: createHash('sha256').update(bytes).digest('hex'),
        'source-etag': sourceEtag,
        'copied-at': new Date().toISOString(),
      },
    }),
  )
}

/** Copied and looked at before anything replaces it. */
async function keepInHistory(place: Place, key: string, old: Listed, now: number): Promise<void> {
  const kept = `history/${new Date(now).toISOString()}/${key}`
  await place.client.send(
    new CopyObjectCommand({
      Bucket: place.bucket,
      Key: place.prefix + kept,
      CopySource: [place.bucket, ...`${place.prefix}files/${key}`.split('/')].map(encodeURIComponent).join('/'),
    }),
  )
  const { size } = await head(place, kept)
  if (size !== old.size) throw new Error(`${key} could not be kept: ${size} bytes of ${old.size}`)
}

async function remove(place: Place, key: string): Promise<void> {
  await place.client.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: place.prefix + key }))
}

function historyInstant(key: string): number | undefined {
  const instant = Date.parse(key.slice(0, key.indexOf('/')))
  return Number.isNaN(instant) ? undefined : instant
}

function plain(etag: string): string {
  return etag.replace(/^"|"$/g, '')
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}
