import { execFileSync, spawnSync } from 'node:child_process'
import { StartError } from './start-error.ts'

/** The account PostgreSQL runs as, where that is not the one we run as. */
export type Account = { name: string; uid: number; gid: number }

/**
 * PostgreSQL refuses to run as root. For root this is the account `postgres` (made if the machine has none), or else
 * `nobody`; for everybody else undefined: they run it as themselves.
 */
export function postgresAccount(log: (line: string) => void): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const existing = findAccount('postgres')
  if (existing) return existing
  if (runQuietly('groupadd', ['postgres']) && runQuietly('useradd', ['-g', 'postgres', 'postgres'])) {
    const created = findAccount('postgres')
    if (created) {
      log('PostgreSQL does not run as root: made the account "postgres" for it.')
      return created
    }
  }
  const nobody = findAccount('nobody')
  if (nobody) return nobody
  throw new StartError(
    'PostgreSQL does not run as root and this machine has no other account: start as an ordinary user.',
  )
}

function findAccount(name: string): Account | undefined {
  try {
    const number = (flag: string): number => {
      const answer = execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      return Number.parseInt(answer, 10)
    }
    const account = { name, uid: number('-u'), gid: number('-g') }
    return account.uid > 0 ? account : undefined
  } catch {
    return undefined
  }
}

function runQuietly(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/**
 * True if every test holds for the account: `['-x', file]`, `['-w', directory]` as the shell's `test` understands them.
 * Asked by really becoming that account, since the modes of all the folders above count too.
 */
export function accountCan(account: Account | undefined, tests: readonly (readonly [string, string])[]): boolean {
  const script = 'while [ $# -gt 0 ]; do test "$1" "$2" || exit 1; shift 2; done'
  const who = account ? { uid: account.uid, gid: account.gid } : {}
  return spawnSync('/bin/sh', ['-c', script, 'sh', ...tests.flat()], { ...who, stdio: 'ignore', cwd: '/' }).status === 0
}
