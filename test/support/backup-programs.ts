/** pgBackRest and psql of the versions in our images, for tests that back up a server of this machine. */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { release, unpackPackages } from '../stack/debian.ts'
import { finish } from '../stack/shell.ts'

/** The first pgBackRest that knows PostgreSQL 17. */
const versionMin = [2, 54] as const

/** Both programs and every library they load, so that they run on a Debian older than theirs. */
const packages = [
  'pgbackrest',
  'postgresql-client-17',
  'libbz2-1.0',
  'libc6',
  'libcom-err2',
  'libgcc-s1',
  'libgssapi-krb5-2',
  'libk5crypto3',
  'libkeyutils1',
  'libkrb5-3',
  'libkrb5support0',
  'libldap2',
  'liblz4-1',
  'liblzma5',
  'libpq5',
  'libreadline8t64',
  'libsasl2-2',
  'libssh2-1t64',
  'libssl3t64',
  'libtinfo6',
  'libxml2',
  'libxxhash0',
  'libzstd1',
  'zlib1g',
] as const

const programs = { pgbackrest: 'usr/bin/pgbackrest', psql: 'usr/lib/postgresql/17/bin/psql' } as const

const loaders: Readonly<Record<string, { loader: string; libraries: string }>> = {
  x64: { loader: 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', libraries: 'usr/lib/x86_64-linux-gnu' },
  arm64: { loader: 'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1', libraries: 'usr/lib/aarch64-linux-gnu' },
}

/**
 * A folder to be put first on the PATH, which every account can reach: empty where this machine's own programs are new
 * enough, else with the ones of the Debian our images are made of, unpacked once. Undefined, with a sentence to `log`,
 * where there are neither.
 */
export async function backupProgramsFolder(log: (line: string) => void): Promise<string | undefined> {
  const folder = path.join('/var/tmp', `stayzr-backup-programs-${recipe()}`)
  if (fs.existsSync(path.join(folder, 'bin/psql'))) return path.join(folder, 'bin')
  if (await ownAreNewEnough()) {
    fs.mkdirSync(path.join(folder, 'none'), { recursive: true })
    return path.join(folder, 'none')
  }
  const machine = loaders[process.arch]
  if (machine === undefined || !fs.existsSync('/usr/bin/apt-get')) {
    log(
      `pgBackRest ${versionMin.join('.')} or newer and psql are not installed, and this machine is no Debian to get them.`,
    )
    return undefined
  }
  const unfinished = fs.mkdtempSync(`${folder}.`)
  try {
    await unpackPackages(packages, unfinished)
    fs.mkdirSync(path.join(unfinished, 'bin'))
    for (const [name, file] of Object.entries(programs)) {
      // Named by its wrapper, so that what it starts again is the wrapper too.
      const text = `#!/bin/sh\nexec ${folder}/${machine.loader} --argv0 "$0" --library-path ${folder}/${machine.libraries} ${folder}/${file} "$@"\n`
      fs.writeFileSync(path.join(unfinished, 'bin', name), text, { mode: 0o755 })
    }
    fs.chmodSync(unfinished, 0o755)
    if (!fs.existsSync(folder)) fs.renameSync(unfinished, folder)
    return path.join(folder, 'bin')
  } catch (error) {
    log(`pgBackRest could not be had from Debian: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true })
  }
}

async function ownAreNewEnough(): Promise<boolean> {
  try {
    const { status, stdout } = await finish('pgbackrest', ['version'])
    const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? []
    const version = Number(major) * 1000 + Number(minor)
    return (
      status === 0 &&
      version >= versionMin[0] * 1000 + versionMin[1] &&
      (await finish('psql', ['--version'])).status === 0
    )
  } catch {
    return false
  }
}

function recipe(): string {
  const all = [release, process.arch, process.getuid?.() ?? 0, ...packages].join(' ')
  return createHash('sha256').update(all).digest('hex').slice(0, 12)
}
