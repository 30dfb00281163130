/**
 * `npm run check`: types, lint and format, layout, what would be deployed and how large it is, and what runs it all. All of
 * them run, a line each; exits 1 with a list of what failed.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildAssets } from '../local/build-assets.ts'
import { type Check, type Outcome, project, runCommand } from './check.ts'
import { infrastructureChecks } from './infrastructure.ts'
import { findLayoutBreaks } from './layout.ts'

const programs = path.join(project, 'node_modules/.bin')

/** A worker's size is its start-up time, which guests of a rarely used location wait for. 10 MB would be allowed. */
const bundleKilobytesMax = 100

function runProgram(name: string, args: readonly string[]): Promise<Outcome> {
  return runCommand(path.join(programs, name), args, {
    env: {
      // wrangler runs the assets' build with the `node` it finds, which must be ours.
      PATH: `${programs}${path.delimiter}${process.env.PATH ?? ''}`,
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_WRITE_LOGS: 'false',
    },
  })
}

/** Does everything of a deployment except sending it, and leaves what would be sent in `folder`. */
function deployDryRun(environment: string, folder: string): Promise<Outcome> {
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

/**
 * Lists that run side by side, each in its order: what builds the assets or reads them must not do so while another
 * does, and the bundle is measured once it is there.
 */
function checks(temporary: string): readonly (readonly Check[])[] {
  const production = path.join(temporary, 'production')
  return [
    [
      { name: 'types', run: () => runProgram('tsc', ['--noEmit']) },
      { name: 'deploy to staging (dry run)', run: () => deployDryRun('staging', path.join(temporary, 'staging')) },
      { name: 'deploy to production (dry run)', run: () => deployDryRun('production', production) },
      { name: 'edge bundle size', run: () => checkBundleSize(production) },
    ],
    [
      { name: 'lint and format', run: () => runProgram('biome', ['check']) },
      { name: 'layout', run: checkLayout },
    ],
    ...infrastructureChecks,
  ]
}

/** Runs the checks one after the other and says how each went. Resolves to the names of those that failed. */
async function runInOrder(list: readonly Check[]): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of list) {
    const started = performance.now()
    const { passed, output } = await run()
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const remark = passed && output !== '' && !output.includes('\n') ? `  ${output}` : ''
    console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)${remark}`)
    if (passed) continue
    failed.push(name)
    console.log(output.replace(/^/gm, '       '))
  }
  return failed
}

async function main(): Promise<void> {
  // The worker imports the manifest that this writes.
  buildAssets()
  const temporary = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-check-'))
  let failed: string[]
  try {
    failed = (await Promise.all(checks(temporary).map(runInOrder))).flat()
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true })
  }
  if (failed.length === 0) return
  console.error(`\n${failed.length === 1 ? 'A check' : `${failed.length} checks`} failed: ${failed.join(', ')}.`)
  process.exitCode = 1
}

await main()
