/** What the stack's proof needs from Debian: where this machine gets its packages, and packages of a later Debian. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { run } from './shell.ts'

/** The release our images are made of. */
export const release = 'trixie'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The address from which this machine's apt gets Debian. Throws in plain words where it has none. */
export async function debianMirror(): Promise<string> {
  const rows = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)|$(LABEL)|$(COMPONENT)|$(CREATED_BY)'])
  const found = rows
    .split('\n')
    .map((row) => row.split('|'))
    .find(([, label, component, kind]) => label === 'Debian' && component === 'main' && kind === 'Packages')
  if (found?.[0] === undefined)
    throw new Error('apt knows no Debian mirror. Run `apt-get update`, and look into /etc/apt/sources.list.d.')
  return found[0].replace(/\/$/, '')
}

/**
 * The lines of apt's configuration that say how this machine reaches its mirror (proxies, certificates), to be put into
 * a stand-in. Empty where there is nothing special.
 */
export async function aptConnectionSettings(): Promise<string> {
  const all = await run('apt-config', ['dump'])
  return all
    .split('\n')
    .filter((line) => /^Acquire::https?::(?:Proxy|CAInfo|Verify)/i.test(line) && !/ "";$/.test(line))
    .map((line) => `${line}\n`)
    .join('')
}

/**
 * Downloads packages of the release our images are made of, without what they depend on, and unpacks them into
 * `folder`. apt checks signatures and sums. The machine's own package lists stay as they are.
 */
export async function unpackPackages(names: readonly string[], folder: string): Promise<void> {
  const mirror = await debianMirror()
  const scratch = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-apt-'))
  try {
    for (const name of ['lists/partial', 'cache/archives/partial'])
      fs.mkdirSync(path.join(scratch, name), { recursive: true })
    fs.writeFileSync(path.join(scratch, 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${release} main\n`)
    fs.writeFileSync(path.join(scratch, 'status'), '')
    const options = Object.entries({
      'Dir::Etc::SourceList': path.join(scratch, 'sources.list'),
      'Dir::Etc::SourceParts': '-',
      'Dir::State::Lists': path.join(scratch, 'lists'),
      'Dir::State::Status': path.join(scratch, 'status'),
      'Dir::Cache': path.join(scratch, 'cache'),
      // apt gives up its rights for downloads, and could then not write here.
      'APT::Sandbox::User': 'root',
    }).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    await run('apt-get', [...options, '-qq', 'update'], { timeoutMs: 300_000 })
    await run('apt-get', [...options, '-qq', 'download', ...names], { cwd: scratch, timeoutMs: 300_000 })
    for (const file of fs.readdirSync(scratch).filter((name) => name.endsWith('.deb')))
      await run('dpkg-deb', ['-x', path.join(scratch, file), folder])
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}
