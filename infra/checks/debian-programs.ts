/**
 * Programs for checks that npm does not have, from the packages of one Debian suite: downloaded by apt, which verifies
 * them, and unpacked below `.stayzr/tools`. Needs no root and leaves the machine's own packages alone. They run on the C
 * library that comes with them, so Debian 12 and 13 run the very same programs.
 *
 * `node infra/checks/debian-programs.ts` fetches them all ahead of time.
 */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { project, type Run, type RunOptions, runCommand } from './check.ts'

/** What our images are made from, so that what is checked is what ships. */
const suite = 'trixie'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Unpacked for every program: the loader, what it loads, and files that go with one. */
const libraries = [
  'libc6',
  'libcrypt1',
  'libffi8',
  'libgmp10',
  'libpcre2-8-0',
  'libssl3t64',
  'libzstd1',
  // What a configuration of nginx includes, such as mime.types.
  'nginx-common',
  'zlib1g',
] as const

/** Each program with its package and its place in it. */
const programs = {
  amtool: { package: 'prometheus-alertmanager', file: 'usr/bin/amtool' },
  'docker-compose': { package: 'docker-compose', file: 'usr/libexec/docker/cli-plugins/docker-compose' },
  kustomize: { package: 'kustomize', file: 'usr/bin/kustomize' },
  nginx: { package: 'nginx', file: 'usr/sbin/nginx' },
  promtool: { package: 'promtool', file: 'usr/bin/promtool' },
  shellcheck: { package: 'shellcheck', file: 'usr/bin/shellcheck' },
} as const

export type ProgramName = keyof typeof programs

/** Where a file of the suite's packages is, once a program of it has run. */
export function debianFile(file: string): string {
  return path.join(root, file)
}

/** Why a program cannot be had on this machine, in words. */
export class ProgramMissing extends Error {}

const root = path.join(project, '.stayzr/tools', `debian-${suite}`)

/** The machine's own C library cannot be told from the architecture alone, so only these are offered. */
const architectures: Readonly<Record<string, { loader: string; libraries: string }>> = {
  x64: { loader: 'usr/lib64/ld-linux-x86-64.so.2', libraries: 'usr/lib/x86_64-linux-gnu' },
  arm64: { loader: 'usr/lib/ld-linux-aarch64.so.1', libraries: 'usr/lib/aarch64-linux-gnu' },
}

/**
 * Runs a program from the suite, or the one of that name on the PATH where the suite cannot be had.
 * Throws ProgramMissing where there is neither.
 */
export async function runDebianProgram(
  name: ProgramName,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const [command, ...before] = await commandOf(name)
  return runCommand(command, [...before, ...args], options)
}

const commands = new Map<ProgramName, Promise<readonly [string, ...string[]]>>()

/**
 * The command line that starts the program; what was found out holds until this process ends. Throws ProgramMissing where
 * it cannot be had.
 */
export function commandOf(name: ProgramName): Promise<readonly [string, ...string[]]> {
  const known = commands.get(name)
  if (known !== undefined) return known
  const found = findCommand(name)
  commands.set(name, found)
  return found
}

async function findCommand(name: ProgramName): Promise<readonly [string, ...string[]]> {
  const reason = await unpackSuite()
  const architecture = architectures[process.arch]
  if (reason === undefined && architecture !== undefined) {
    return [
      path.join(root, architecture.loader),
      '--library-path',
      path.join(root, architecture.libraries),
      path.join(root, programs[name].file),
    ]
  }
  const onPath = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name))
  const own = onPath.find((file) => fs.existsSync(file))
  if (own !== undefined) return [own]
  throw new ProgramMissing(`${name} is not on the PATH, and ${reason}`)
}

let unpacking: Promise<string | undefined> | undefined

/** Unpacks all packages, once. Resolves to the reason where that is not possible on this machine. */
function unpackSuite(): Promise<string | undefined> {
  unpacking ??= unpack()
  return unpacking
}

async function unpack(): Promise<string | undefined> {
  const packages = [...libraries, ...new Set(Object.values(programs).map((program) => program.package))].sort()
  const recipe = createHash('sha256')
    .update(`${suite} ${process.arch} ${packages.join(' ')}`)
    .digest('hex')
  const marker = path.join(root, '.recipe')
  if (fs.existsSync(marker) && fs.readFileSync(marker, 'utf8') === recipe) return undefined
  if (architectures[process.arch] === undefined || process.platform !== 'linux')
    return `Debian's packages are not for this machine (${process.platform}, ${process.arch})`
  if (!fs.existsSync(keyring)) return `${keyring} is not there, which Debian's packages are verified with`
  fs.mkdirSync(path.dirname(root), { recursive: true })
  // Beside its final place, so that two checks at the same time each finish one and the later wins.
  const fresh = fs.mkdtempSync(`${root}.`)
  try {
    const reason = await downloadInto(fresh, packages)
    if (reason !== undefined) return reason
    fs.writeFileSync(path.join(fresh, '.recipe'), recipe)
    fs.rmSync(root, { recursive: true, force: true })
    fs.renameSync(fresh, root)
    return undefined
  } catch (error) {
    // The other check was faster.
    if (fs.existsSync(marker)) return undefined
    return `Debian's packages could not be unpacked: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true })
  }
}

async function downloadInto(folder: string, packages: readonly string[]): Promise<string | undefined> {
  console.log(`       fetching ${packages.length} packages of Debian ${suite} for the checks, once`)
  const apt = path.join(folder, '.apt')
  fs.mkdirSync(path.join(apt, 'lists/partial'), { recursive: true })
  fs.mkdirSync(path.join(apt, 'archives/partial'), { recursive: true })
  fs.writeFileSync(path.join(apt, 'status'), '')
  fs.writeFileSync(path.join(apt, 'sources.list'), `deb [signed-by=${keyring}] ${debianMirror()} ${suite} main\n`)
  // Nothing of the machine's apt but how it reaches a mirror.
  const options = [
    `Dir::State=${apt}`,
    `Dir::State::status=${path.join(apt, 'status')}`,
    `Dir::Cache=${apt}`,
    `Dir::Etc::sourcelist=${path.join(apt, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    'Dir::Etc::preferencesparts=-',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option])
  const archives = path.join(apt, 'archives')
  for (const args of [['update'], ['download', ...packages]]) {
    const run = await runCommand('apt-get', ['-qq', ...options, ...args], { cwd: archives })
    if (!run.passed) return `Debian's packages could not be downloaded: ${run.output}`
  }
  for (const file of fs.readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    const run = await runCommand('dpkg-deb', ['--extract', path.join(archives, file), folder])
    if (!run.passed) return `${file} could not be unpacked: ${run.output}`
  }
  fs.rmSync(apt, { recursive: true })
  return undefined
}

/** The mirror this machine takes Debian from, or the one that finds the nearest. */
function debianMirror(): string {
  const folder = '/etc/apt/sources.list.d'
  const files = ['/etc/apt/sources.list', ...(fs.existsSync(folder) ? fs.readdirSync(folder) : [])]
  for (const file of files
    .map((name) => path.resolve(folder, name))
    .filter((name) => /\.(?:list|sources)$/.test(name))) {
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
    const found = /^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(https?:\/\/\S+\/debian\/?)(?:\s|$)/m.exec(text)
    if (found?.[1] !== undefined) return found[1]
  }
  return 'http://deb.debian.org/debian'
}

if (import.meta.main) {
  const reason = await unpackSuite()
  console.log(reason ?? `The programs are in ${root}.`)
  if (reason !== undefined) process.exitCode = 1
}
