/** Where an edge on Node or Deno finds the origin's copies: a directory or S3. Not for workers: it brings the AWS SDK. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type StorageAddress, storageAddress } from '../../shared/storage-address.ts'
import type { ObjectReader } from './copies.ts'

/** A guest waits: see PATIENCE_MS in `copies.ts`. */
const S3_CONNECT_MS = 1_000
const S3_ANSWER_MS = 2_000

/** Opens what `ARI_COPIES_URL` names: the origin's STORAGE_URL. Throws where it names nothing. */
export async function openObjects(setting: string): Promise<ObjectReader> {
  const address = storageAddress(setting)
  if (!address) throw new Error('expected file:///directory or s3://bucket/prefix?endpoint=…&region=…')
  return address.kind === 'disk' ? directoryObjects(address.directory) : await s3Objects(address)
}

function directoryObjects(directory: string): ObjectReader {
  return {
    async get(key) {
      try {
        return await readFile(join(directory, key))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
  }
}

async function s3Objects(address: Extract<StorageAddress, { kind: 's3' }>): Promise<ObjectReader> {
  // Only where it is used: loading it takes longer than the rest of the edge.
  const { GetObjectCommand, NoSuchKey, S3Client } = await import('@aws-sdk/client-s3')
  const client = new S3Client({
    region: address.region,
    ...(address.endpoint === undefined ? {} : { endpoint: address.endpoint, forcePathStyle: true }),
    maxAttempts: 2,
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: S3_CONNECT_MS, requestTimeout: S3_ANSWER_MS },
  })
  return {
    async get(key) {
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: address.bucket, Key: address.prefix + key }))
        return await answer.Body?.transformToByteArray()
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw error
      }
    },
  }
}
