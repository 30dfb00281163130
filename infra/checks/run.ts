/**
 * `npm run check`: types, lint and format, layout, what would be deployed and how large it is. All of them run, a line
 * each; exits 1 with a list of what failed.
 */
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildAssets } from '../local/build-assets.ts'
import { findLayoutBreaks } from './layout.ts'

const project = path.join(import.meta.dirname, '../..')
const programs = path.join(project, 'node_modules/.bin')

/** A worker's size is its start-up time, which guests of a rarely used location wait for. 10 MB would be allowed. */
const bundleKilobytesMax = 100

/** What was found, for a check that passed, or all the output of one that did not. */
type Outcome = { passed: boolean; output: string }

type Check = { name: string; run(): Outcome }

function runProgram(name: string, args: readonly string[]): Outcome {
  const run = spawnSync(path.join(programs, name), args, {
    cwd: project,
    encoding: 'utf8',
    env: {
      ...process.env,
      // wrangler runs the assets' build with the `node` it finds, which must be ours.
      PATH: `${programs}${path.delimiter}${process.env.PATH ?? ''}`,
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_WRITE_LOGS: 'false',
    },
  })
  return { passed: run.status === 0, output: `${run.stdout}${run.stderr}${run.error?.message ?? ''}`.trim() }
}

/** Does everything of a deployment except sending it, and leaves what would be sent in `folder`. */
function deployDryRun(environment: string, folder: string): Outcome {
  return runProgram('wrangler', ['deploy', '--dry-run', '--env', environment, '--outdir', folder])
}

function checkLayout(): Outcome {
  const breaks = findLayoutBreaks(project)
  return {
    passed: breaks.length === 0,
    output: breaks.map(({ file, line, sentence }) => `${file}:${line}: ${sentence}`).join('\n'),
  }
}

/** The scripts a dry run left in `folder`, compressed as they travel. */
function checkBundleSize(folder: string): Outcome {
  const scripts = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => /\.m?js$/.test(name)) : []
  if (scripts.length === 0) return { passed: false, output: 'there is no bundle to measure' }
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(fs.readFileSync(path.join(folder, name))).byteLength, 0)
  const kilobytes = (bytes / 1000).toFixed(1)
  return {
    passed: bytes <= bundleKilobytesMax * 1000,
    output: `${kilobytes} KB gzip, of ${bundleKilobytesMax} KB at most`,
  }
}

function checks(temporary: string): Check[] {
  const production = path.join(temporary, 'production')
  return [
    { name: 'types', run: () => runProgram('tsc', ['--noEmit']) },
    { name: 'lint and format', run: () => runProgram('biome', ['check']) },
    { name: 'layout', run: checkLayout },
    { name: 'deploy to staging (dry run)', run: () => deployDryRun('staging', path.join(temporary, 'staging')) },
    { name: 'deploy to production (dry run)', run: () => deployDryRun('production', production) },
    { name: 'edge bundle size', run: () => checkBundleSize(production) },
  ]
}

function main(): void {
  // The worker imports the manifest that this writes.
  buildAssets()
  const temporary = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-check-'))
  const failed: string[] = []
  try {
    for (const { name, run } of checks(temporary)) {
      const started = performance.now()
      const { passed, output } = run()
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      const remark = passed && output !== '' && !output.includes('\n') ? `  ${output}` : ''
      console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)${remark}`)
      if (passed) continue
      failed.push(name)
      console.log(output.replace(/^/gm, '       '))
    }
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true })
  }
  if (failed.length === 0) return
  console.error(`\n${failed.length === 1 ? 'A check' : `${failed.length} checks`} failed: ${failed.join(', ')}.`)
  process.exitCode = 1
}

main()
