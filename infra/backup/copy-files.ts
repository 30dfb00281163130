/** The program around file-copies.ts: once, again and again, as a drill, or back. `--help` says how. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import * as path from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { S3Client } from '@aws-sdk/client-s3'
import { storageAddress } from '../../shared/storage-address.ts'
import { copyFiles, drillFiles, type Place, restoreFiles } from './file-copies.ts'

const USAGE = `Usage: node infra/backup/copy-files.ts [options]

Copies what is new or changed from STORAGE_URL to FILES_COPY_URL, and keeps what was replaced or deleted for 90 days.

  --every SECONDS      again and again
  --drill              read the copy back instead and compare it with its sums and with the files
  --restore-to URL     write the files to s3://BUCKET?endpoint=…&region=… instead, as they were
  --at INSTANT         at this moment, such as 2027-03-01T08:00:00Z (default: now)
  --allow-many-gone    more than half of the files were deleted on purpose
  --help               this text

Keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for the copy FILES_COPY_ACCESS_KEY_ID and FILES_COPY_SECRET_ACCESS_KEY
where it has others; each may be given as NAME_FILE. Metrics go to $BACKUP_STATE/files.prom.
`

function setting(name: string): string | undefined {
  const file = process.env[`${name}_FILE`]
  return file ? readFileSync(file, 'utf8').trim() : process.env[name] || undefined
}

function place(name: string, url: string | undefined, keys: string): Place {
  const address = storageAddress(url ?? '')
  if (address?.kind !== 's3') throw new Error(`${name} must be s3://bucket/prefix?endpoint=…&region=…`)
  const accessKeyId = setting(`${keys}ACCESS_KEY_ID`) ?? setting('AWS_ACCESS_KEY_ID')
  const secretAccessKey = setting(`${keys}SECRET_ACCESS_KEY`) ?? setting('AWS_SECRET_ACCESS_KEY')
  if (!accessKeyId || !secretAccessKey) throw new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set')
  return {
    bucket: address.bucket,
    prefix: address.prefix,
    client: new S3Client({
      region: address.region,
      ...(address.endpoint === undefined ? {} : { endpoint: address.endpoint, forcePathStyle: true }),
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
    }),
  }
}

/** Values by the file's next pass; what is not in `now` stays as it was. */
const figures = new Map<string, [help: string, value: number]>()

function publish(now: Record<string, [help: string, value: number]>): void {
  for (const [name, figure] of Object.entries(now)) figures.set(name, figure)
  const folder = process.env.BACKUP_STATE
  if (!folder) return
  const text = [...figures]
    .map(([name, [help, value]]) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`)
    .join('')
  const file = path.join(folder, 'files.prom')
  writeFileSync(`${file}.new`, text, { mode: 0o644 })
  renameSync(`${file}.new`, file)
}

async function onePass(source: Place, copy: Place, allowManyGone: boolean): Promise<void> {
  try {
    const began = performance.now()
    const report = await copyFiles(source, copy, { allowManyGone })
    const seconds = (performance.now() - began) / 1000
    console.log(JSON.stringify({ msg: 'files copied', ...report, seconds: Number(seconds.toFixed(1)) }))
    publish({
      stayzr_files_copy_ok: ['Whether the last copy of files succeeded.', 1],
      stayzr_files_copy_timestamp_seconds: ['When the last copy that succeeded ended.', Date.now() / 1000],
      stayzr_files_copy_files: ['Files that there are.', report.files],
    })
  } catch (error) {
    publish({ stayzr_files_copy_ok: ['Whether the last copy of files succeeded.', 0] })
    throw error
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      every: { type: 'string' },
      drill: { type: 'boolean' },
      'restore-to': { type: 'string' },
      at: { type: 'string' },
      'allow-many-gone': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const copy = place('FILES_COPY_URL', setting('FILES_COPY_URL'), 'FILES_COPY_')
  if (values['restore-to'] !== undefined) {
    const instant = values.at === undefined ? Date.now() : Date.parse(values.at)
    if (Number.isNaN(instant)) throw new Error('--at is not an instant: write it as 2027-03-01T08:00:00Z')
    const restored = await restoreFiles(copy, place('--restore-to', values['restore-to'], 'AWS_'), instant)
    console.log(`${restored.files} files, ${restored.bytes} bytes`)
    return
  }
  const source = place('STORAGE_URL', setting('STORAGE_URL'), 'AWS_')
  if (values.drill) {
    const { files, bytes, wrong } = await drillFiles(source, copy)
    for (const line of wrong) console.log(`FAILED ${line}`)
    console.log(`${files} files, ${bytes} bytes read back, ${wrong.length} wrong`)
    if (wrong.length > 0) process.exitCode = 1
    return
  }
  const every = Number(values.every ?? 0)
  if (!Number.isFinite(every) || every < 0) throw new Error('--every is a number of seconds')
  if (every === 0) return await onePass(source, copy, values['allow-many-gone'] === true)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
  for (;;) {
    await onePass(source, copy, false).catch((error: unknown) => console.error(`Files were not copied: ${said(error)}`))
    await sleep(every * 1_000)
  }
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

if (import.meta.main) {
  try {
    await main()
  } catch (error) {
    console.error(`copy-files: ${said(error)}`)
    process.exit(1)
  }
}
