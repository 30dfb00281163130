/** Programs that come from Debian's packages: found, or installed where the bench may. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Program = 'nginx' | 'varnishd' | 'wrk'

/** The smallest package that has the program. */
const PACKAGES: Record<Program, string> = { nginx: 'nginx-light', varnishd: 'varnish', wrk: 'wrk' }
/** Servers are kept where an ordinary user's PATH does not lead. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/**
 * The path of each program that is there or could be installed. One that is not is left out, and `log` is told why in a
 * line.
 */
export function findPrograms(
  wanted: readonly Program[],
  options: { mayInstall: boolean; log(line: string): void },
): Map<Program, string> {
  const missing = wanted.filter((program) => pathOf(program) === undefined)
  if (missing.length > 0) install(missing, options)
  return new Map(
    wanted.flatMap((program): [Program, string][] => {
      const path = pathOf(program)
      return path === undefined ? [] : [[program, path]]
    }),
  )
}

function install(missing: readonly Program[], { mayInstall, log }: { mayInstall: boolean; log(line: string): void }) {
  const packages = missing.map((program) => PACKAGES[program]).join(' ')
  if (!mayInstall) return log(`Not installed, and --no-install given: ${packages}.`)
  if (process.getuid?.() !== 0 || pathOf('apt-get') === undefined)
    return log(`Not installed: ${packages}. Installing needs root and apt-get.`)
  log(`Installing from Debian's packages: ${packages}.`)
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, {
      encoding: 'utf8',
      // Debian starts servers as soon as they are installed, which policy-rc.d's absence allows; ports may be taken.
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    })
  const arguments_ = ['install', '-y', '--no-install-recommends', ...packages.split(' ')]
  const first = apt(...arguments_)
  if (first.status === 0) return
  apt('update')
  const second = apt(...arguments_)
  if (second.status !== 0) log(`Could not be installed: ${packages}. ${second.stderr.trim().split('\n').at(-1) ?? ''}`)
}

function pathOf(program: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

/** What a program calls itself, such as `nginx/1.22.1`. */
export function versionOf(path: string, flag: string): string {
  const run = spawnSync(path, [flag], { encoding: 'utf8' })
  const [line = ''] = `${run.stderr}${run.stdout}`.split('\n')
  return line.match(/\d+\.\d[\d.]*/)?.[0] ?? 'of unknown version'
}
