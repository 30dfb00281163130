/** Object storage for files: S3 in production, a directory in development. Both behave the same. */

import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { StorageConfig } from '../config.ts'

export interface Storage {
  /** Stores the bytes under a key, replacing what was there. Whole or not at all. */
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>
  /**
   * Stores so many bytes as they come, never holding all of them. Whole or not at all: where the source throws, nothing is
   * stored and what it threw is thrown.
   */
  putStream(key: string, source: AsyncIterable<Uint8Array>, length: number, contentType: string): Promise<void>
  /** The bytes, or undefined where there are none. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Resolves where the storage can be reached; rejects with the reason where it cannot. */
  check(): Promise<void>
}

/** Letters, digits, dots, dashes and slashes; no part begins with a dot, so no key leaves the directory. */
const KEY = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/

/** Opens the storage that the configuration names. */
export function openStorage(config: StorageConfig): Storage {
  return config.kind === 'disk' ? diskStorage(config.directory) : s3Storage(config)
}

function diskStorage(directory: string): Storage {
  const pathOf = (key: string) => join(directory, checkedKey(key))
  const store = async (key: string, content: Uint8Array | AsyncIterable<Uint8Array>) => {
    const path = pathOf(key)
    const partial = `${path}.${randomUUID()}.partial`
    await mkdir(dirname(path), { recursive: true })
    try {
      await writeFile(partial, content)
      await rename(partial, path)
    } catch (error) {
      await rm(partial, { force: true })
      throw error
    }
  }
  return {
    put: (key, bytes) => store(key, bytes),
    putStream: (key, source) => store(key, source),
    async get(key) {
      try {
        return await readFile(pathOf(key))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async check() {
      await stat(directory)
    },
  }
}

function s3Storage(config: Extract<StorageConfig, { kind: 's3' }>): Storage {
  const client = new S3Client({
    region: config.region,
    ...(config.credentials === undefined ? {} : { credentials: config.credentials }),
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint, forcePathStyle: true }),
    maxAttempts: 2,
    // Checksums in trailers are Amazon's own; Garage, SeaweedFS and R2 take them or not.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000 },
  })
  const Bucket = config.bucket
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    try {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key: config.prefix + checkedKey(key) }))
      return await answer.Body?.transformToByteArray()
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined
      throw error
    }
  }
  return {
    async put(key, bytes, contentType) {
      await client.send(
        new PutObjectCommand({ Bucket, Key: config.prefix + checkedKey(key), Body: bytes, ContentType: contentType }),
      )
    },
    async putStream(key, source, ContentLength, ContentType) {
      // The client waits for a body that failed until its own time is up, so it is told.
      const failed = new AbortController()
      const body = Readable.from(source, { objectMode: false }).on('error', (error) => failed.abort(error))
      const put = new PutObjectCommand({
        Bucket,
        Key: config.prefix + checkedKey(key),
        Body: body,
        ContentLength,
        ContentType,
      })
      try {
        await client.send(put, { abortSignal: failed.signal })
      } catch (error) {
        throw failed.signal.aborted ? failed.signal.reason : error
      } finally {
        body.destroy()
      }
    },
    get,
    // Needs what serving files needs and no more: to read the bucket, and to be told that an object is not there.
    async check() {
      await get('health-check')
    },
  }
}

function checkedKey(key: string): string {
  if (!KEY.test(key)) throw new Error('not a storage key')
  return key
}
