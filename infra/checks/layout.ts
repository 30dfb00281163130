/**
 * Holds the layout: who may import whom, who may read the environment, what may lie at the top, how long a file may be.
 * `node infra/checks/layout.ts` prints each break as `file:line: sentence` and exits 1 if there is one.
 */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { type Found, importsOf, isAtModuleLevel, occurrences } from './source-text.ts'

export type LayoutBreak = { file: string; line: number; sentence: string }

/** Past this a file holds more than one idea. */
const linesMax = 400

/** Longer files that are better in one piece, each with the reason. Keep it short. */
const longFiles: Readonly<Record<string, string>> = {}

const topFolders: Readonly<Record<string, string>> = {
  edge: 'what answers guests',
  origin: 'where hotels work',
  shared: 'what both halves agree on',
  infra: 'what runs and checks them',
  test: 'tests',
  patches: 'configuration of patch-package, which reads it from here',
}

const topFiles: readonly RegExp[] = [
  /^(?:wrangler\.toml|Dockerfile|docker-compose\.yml|package(?:-lock)?\.json|tsconfig\.json|biome\.json|deno\.jsonc?)$/,
  /^(?:README|ARCHITECTURE|CONTRIBUTING|SECURITY|CHANGELOG)\.md$/,
  /^LICENSE(?:\.md)?$/,
  /^[a-z]+\.config\.ts$/,
]

/** Not part of the source: made by npm, by a build or by a start. Dotfiles and dot folders are tool configuration. */
const ignoredFolders = new Set(['node_modules', 'edge/build'])

const measured = /\.(?:ts|js|css|sql|sh)$/

/** Everything in the tree below `root` that breaks a rule, file by file. */
export function findLayoutBreaks(root: string): LayoutBreak[] {
  return [...topLevelBreaks(root), ...sourceFiles(root).flatMap((file) => fileBreaks(root, file))]
}

function topLevelBreaks(root: string): LayoutBreak[] {
  return fs
    .readdirSync(root, { withFileTypes: true })
    .filter((entry) => {
      if (entry.name.startsWith('.') || ignoredFolders.has(entry.name)) return false
      return entry.isDirectory() ? !(entry.name in topFolders) : !topFiles.some((known) => known.test(entry.name))
    })
    .map((entry) => ({
      file: entry.name,
      line: 1,
      sentence: `the top level holds only ${Object.keys(topFolders).join(', ')} and the files named in infra/checks/layout.ts`,
    }))
}

function sourceFiles(root: string): string[] {
  const found: string[] = []
  const walk = (folder: string): void => {
    for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith('.') || ignoredFolders.has(name) || entry.name === 'node_modules') continue
      if (entry.isDirectory()) walk(name)
      else if (measured.test(entry.name)) found.push(name)
    }
  }
  walk('')
  return found.sort()
}

function fileBreaks(root: string, file: string): LayoutBreak[] {
  const source = fs.readFileSync(path.join(root, file), 'utf8')
  const breaks: LayoutBreak[] = []
  const lines = source.replace(/\n$/, '').split('\n').length
  if (lines > linesMax && longFiles[file] === undefined) {
    breaks.push({
      file,
      line: linesMax + 1,
      sentence: `has ${lines} lines, more than ${linesMax}: split it, or list it with a reason`,
    })
  }
  if (!file.endsWith('.ts')) return breaks
  const add = ({ line }: Found, sentence: string): void => void breaks.push({ file, line, sentence })
  for (const imported of importsOf(source)) {
    const sentence = importBreak(file, imported.text)
    if (sentence !== undefined) add(imported, sentence)
  }
  if (file.startsWith('shared/')) {
    for (const call of occurrences(source, /\bfetch\s*\(/)) {
      if (isAtModuleLevel(source, call.index)) add(call, 'shared/ does no I/O: it may not fetch when it is imported')
    }
    for (const use of occurrences(source, /\bprocess\.\w+|\bDeno\.\w+/))
      add(use, `shared/ does no I/O: it may not use ${use.text}`)
  }
  if (file.startsWith('origin/') && file !== 'origin/config.ts') {
    for (const use of occurrences(source, /\bprocess\.env\b|\bDeno\.env\b/)) {
      add(use, 'only origin/config.ts reads the environment: take what you need from the configuration')
    }
  }
  return breaks
}

/** Why `file` may not import `specifier`, or undefined if it may. */
function importBreak(file: string, specifier: string): string | undefined {
  const [half] = file.split('/')
  if (half === 'shared' && specifier.startsWith('node:'))
    return `shared/ does no I/O and runs everywhere: it may not import ${specifier}`
  if (!specifier.startsWith('.')) return undefined
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
  const [targetHalf] = target.split('/')
  if (half === 'edge' && targetHalf === 'origin')
    return `edge/ never imports origin/ (${target}): put what both need in shared/`
  if (half === 'origin' && targetHalf === 'edge')
    return `origin/ never imports edge/ (${target}): put what both need in shared/`
  if (half === 'shared' && targetHalf !== 'shared') return `shared/ imports nothing outside itself (${target})`
  if ((half === 'edge' || half === 'origin') && (targetHalf === 'infra' || targetHalf === 'test')) {
    return `${half}/ is deployed without ${targetHalf}/ and may not import it (${target})`
  }
  return featureBreak(file, target)
}

function featureBreak(file: string, target: string): string | undefined {
  const feature = /^origin\/features\/([^/]+)\//
  const from = feature.exec(file)?.[1]
  const to = feature.exec(target)?.[1]
  if (from === undefined || to === undefined || from === to || target === `origin/features/${to}/service.ts`)
    return undefined
  return `a feature imports another feature's service.ts, not ${target}`
}

if (import.meta.main) {
  const breaks = findLayoutBreaks(path.join(import.meta.dirname, '../..'))
  for (const { file, line, sentence } of breaks) console.log(`${file}:${line}: ${sentence}`)
  if (breaks.length > 0) process.exitCode = 1
}
