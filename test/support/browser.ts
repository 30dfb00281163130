/**
 * Chromium for browser tests, from npm packages alone: `@sparticuz/chromium` ships it packed, playwright-core drives it.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const project = path.join(import.meta.dirname, '../..')

const FONT_SETTINGS = 'fonts-here.conf'

/** Nothing here may call out: the machine may have no network, and a test that waits for one proves nothing. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
]

/**
 * A running headless Chromium; close it after the tests. `STAYZR_CHROMIUM` names another executable, for machines that
 * the packed one (Linux on x64) does not fit.
 */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env.STAYZR_CHROMIUM
  if (own) return await chromium.launch({ executablePath: own, args: FLAGS, chromiumSandbox: false })
  const folder = unpackedChromium()
  return await chromium.launch({
    executablePath: path.join(folder, 'chromium'),
    args: FLAGS,
    chromiumSandbox: false,
    env: { ...process.env, ...libraryEnvironment(folder) },
  })
}

/**
 * The folder with the unpacked browser, its libraries and fonts; unpacked once for each installed version. The package
 * itself unpacks to fixed names in the machine's temporary folder, where two test files at once, or two users, would
 * trip over each other: so it is let loose in a folder of its own, which gets its final name in one step.
 */
function unpackedChromium(): string {
  const manifest = path.join(project, 'node_modules/@sparticuz/chromium/package.json')
  const { version } = JSON.parse(fs.readFileSync(manifest, 'utf8')) as { version: string }
  const cache = path.join(project, 'node_modules/.cache/stayzr-chromium')
  const folder = path.join(cache, version)
  if (fs.existsSync(folder)) return folder
  fs.mkdirSync(cache, { recursive: true })
  const aside = fs.mkdtempSync(path.join(cache, 'unpacking-'))
  execFileSync(
    process.execPath,
    ['--input-type=module', '-e', "import c from '@sparticuz/chromium'; await c.executablePath()"],
    // It unpacks the libraries only where it believes it runs on the cloud they were made for.
    { cwd: project, env: { ...process.env, TMPDIR: aside, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' } },
  )
  fs.writeFileSync(path.join(aside, FONT_SETTINGS), fontSettings(folder))
  try {
    fs.renameSync(aside, folder)
  } catch (error) {
    fs.rmSync(aside, { recursive: true, force: true })
    if (!fs.existsSync(folder)) throw error
  }
  return folder
}

/** The packed libraries where the machine lacks its own (its own fit each other better), and fonts in any case. */
function libraryEnvironment(folder: string): Record<string, string> {
  const environment: Record<string, string> = { FONTCONFIG_FILE: path.join(folder, FONT_SETTINGS) }
  const linked = spawnSync('ldd', [path.join(folder, 'chromium')], { encoding: 'utf8' })
  if (linked.status !== 0 || linked.stdout.includes('not found'))
    environment.LD_LIBRARY_PATH = path.join(folder, 'al2023/lib')
  return environment
}

/** The machine's fonts, if it has any, and the packed one. Without a single font Chromium lays out no text at all. */
function fontSettings(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${path.join(folder, 'fonts')}</dir>
  <cachedir>${path.join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`
}
