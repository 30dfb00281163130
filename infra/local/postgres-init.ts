import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Account } from './postgres-account.ts'
import { StartError, writingTo } from './start-error.ts'

/** The role that owns the cluster. Only `infra/` and tests use it; the application has its own two. */
export const superuser = 'postgres'

/**
 * Creates a cluster in `place/data` unless there is one, with checksums, UTF-8, an ordering that is the same on every
 * machine, and scram for every connection. A run that is interrupted leaves nothing that is taken for a cluster.
 * Returns the superuser's password, kept in `place/superuser-password` (0600).
 */
export async function ensureCluster(options: {
  place: string
  initdb: string
  account: Account | undefined
  durable: boolean
}): Promise<{ data: string; password: string }> {
  const { place, initdb, account, durable } = options
  const data = path.join(place, 'data')
  const passwordFile = path.join(place, 'superuser-password')
  if (fs.existsSync(path.join(data, 'PG_VERSION'))) {
    if (!fs.existsSync(passwordFile)) {
      throw new StartError(
        `${passwordFile} is missing and without it the data beside it cannot be used: put it back, or remove ${data}.`,
      )
    }
    return { data, password: fs.readFileSync(passwordFile, 'utf8').trim() }
  }
  const unfinished = path.join(place, 'data.unfinished')
  const handedPassword = path.join(place, 'initdb-password')
  const password = randomBytes(24).toString('base64url')
  await writingTo(place, () => {
    fs.rmSync(unfinished, { recursive: true, force: true })
    fs.mkdirSync(unfinished, { mode: 0o700 })
    fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
    fs.rmSync(handedPassword, { force: true })
    fs.writeFileSync(handedPassword, `${password}\n`, { mode: 0o600, flag: 'wx' })
    if (account) for (const file of [unfinished, handedPassword]) fs.chownSync(file, account.uid, account.gid)
  })
  try {
    await runInitdb(
      initdb,
      account,
      [
        `--pgdata=${unfinished}`,
        `--username=${superuser}`,
        `--pwfile=${handedPassword}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Built in, so that text is ordered the same whatever libraries and languages the machine has.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--data-checksums',
        '--no-instructions',
        ...(durable ? [] : ['--no-sync']),
      ],
      place,
    )
  } finally {
    fs.rmSync(handedPassword, { force: true })
  }
  await writingTo(place, () => fs.renameSync(unfinished, data))
  return { data, password }
}

async function runInitdb(initdb: string, account: Account | undefined, args: string[], place: string): Promise<void> {
  let output = ''
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(initdb, args, {
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0)
    throw explainServerOutput(output, place, 'PostgreSQL could not create its data folder', `initdb ended with ${code}`)
}

/**
 * The sentence for what a PostgreSQL program wrote before it gave up. `what` begins it where the reason is not a known
 * one, `otherwise` ends it where none was given.
 */
export function explainServerOutput(output: string, place: string, what: string, otherwise: string): StartError {
  if (/No space left on device|Disk quota exceeded/.test(output)) {
    return new StartError(`The disk that holds ${place} is full: free some space and start again.`, { cause: output })
  }
  if (/Read-only file system|Permission denied/.test(output)) {
    return new StartError(
      `${place} cannot be written to by PostgreSQL: make it writable, or work in a copy of the project that is.`,
      { cause: output },
    )
  }
  if (/database files are incompatible|initialized by PostgreSQL version/.test(output)) {
    return new StartError(
      `The data in ${place} is from another PostgreSQL version: move it away, or use that version.`,
      {
        cause: output,
      },
    )
  }
  const telling = output.split('\n').find((line) => /\b(PANIC|FATAL|error):/i.test(line))
  const reason = telling?.replace(/^.*?\b(?:PANIC|FATAL|error):\s*/i, '').trim() ?? otherwise
  return new StartError(`${what}: ${reason}.`, { cause: output })
}
