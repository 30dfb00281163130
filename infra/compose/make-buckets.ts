/**
 * Makes the stack's buckets where they are missing, and has the one with hotels' files keep every version for 90 days.
 * May be run at any time. Exits 1 with one sentence where storage cannot be reached or refuses.
 *   STORAGE_ENDPOINT, STORAGE_REGION   the S3 server
 *   SECRETS                            where storage_access_key and storage_secret_key are (default: /run/secrets)
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'

/** Of the origin; versioned, as a photo that was replaced by mistake is to be had again. */
const filesBucket = 'stayzr'
const otherBuckets = ['stayzr-files-copy', 'stayzr-backups']

/** REQUIREMENTS B3. */
const historyDays = 90

const secret = (name: string): string => readFileSync(join(process.env.SECRETS ?? '/run/secrets', name), 'utf8').trim()

/** What a server answers to a request it does not know. The last takes any setting of a bucket for another try to make it. */
const unknownRequests = new Set(['NotImplemented', 'MethodNotAllowed', 'MalformedXML', 'BucketAlreadyExists'])

async function main(): Promise<void> {
  const endpoint = process.env.STORAGE_ENDPOINT
  const client = new S3Client({
    region: process.env.STORAGE_REGION || 'local',
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    credentials: { accessKeyId: secret('storage_access_key'), secretAccessKey: secret('storage_secret_key') },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000 },
  })
  for (const Bucket of [filesBucket, ...otherBuckets]) {
    if (await isThere(client, Bucket)) continue
    await client.send(new CreateBucketCommand({ Bucket }))
    console.log(`bucket ${Bucket} made`)
  }
  await unlessUnknown(`versions of files in ${filesBucket}`, () =>
    client.send(
      new PutBucketVersioningCommand({ Bucket: filesBucket, VersioningConfiguration: { Status: 'Enabled' } }),
    ),
  )
  await unlessUnknown(`the end of versions after ${historyDays} days`, () =>
    client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: filesBucket,
        LifecycleConfiguration: {
          Rules: [
            {
              ID: 'history',
              Status: 'Enabled',
              Filter: { Prefix: '' },
              NoncurrentVersionExpiration: { NoncurrentDays: historyDays },
              // What was begun and never finished is in nobody's way, but on the bill.
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
            },
          ],
        },
      }),
    ),
  )
}

async function isThere(client: S3Client, Bucket: string): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket }))
    return true
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}

/** Runs a request that some servers do not know, and says so if this is one. */
async function unlessUnknown(what: string, request: () => Promise<unknown>): Promise<void> {
  try {
    await request()
  } catch (error) {
    if (!(error instanceof Error && unknownRequests.has(error.name)) && statusOf(error) !== 501) throw error
    console.log(`this storage does not know ${what}`)
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
}

try {
  await main()
} catch (error) {
  console.error(`The buckets could not be made: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
