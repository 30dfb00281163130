/** Programs that come from Debian's packages: found, or installed where the bench may. */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
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
  const allowStarting = forbidStarting()
  try {
    const wanted = ['install', '-y', '--no-install-recommends', ...packages.split(' ')]
    if (apt(wanted).status === 0) return
    // The lists of what there is may be old, or missing as in a container.
    apt(['update'])
    const { status, stderr } = apt(wanted)
    if (status !== 0) log(`Could not be installed: ${packages}. ${stderr.trim().split('\n').at(-1) ?? ''}`)
  } finally {
    allowStarting()
  }
}

function apt(args: readonly string[]) {
  return spawnSync('apt-get', args, { encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
}

const START_POLICY = '/usr/sbin/policy-rc.d'

/** Debian starts a server as soon as it is installed, unless this file says no. The returned function takes it away again. */
function forbidStarting(): () => void {
  if (existsSync(START_POLICY)) return () => {}
  writeFileSync(START_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  return () => rmSync(START_POLICY, { force: true })
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
