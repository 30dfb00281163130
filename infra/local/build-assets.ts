import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'

/** What guests' browsers are sent. Other files in the folder, such as the licences of fonts, stay where they are. */
const published = new Set(['.css', '.js', '.svg', '.webp', '.woff2', '.avif', '.ico', '.png', '.jpg'])

const project = path.join(import.meta.dirname, '../..')

/** From a file's path below `edge/assets` to the path it is served at: `{ "site.css": "/assets/site.1a2b3c4d.css" }`. */
export type AssetManifest = Record<string, string>

export type AssetBuild = { manifest: AssetManifest; written: number; removed: number }

/**
 * Copies every asset to `edge/build/assets` under a name with the first 8 hex digits of its content's SHA-256, so that
 * it may be cached for ever, and writes `edge/build/manifest.json`. References in style sheets (`url(…)`, relative to
 * the sheet) get the new names, and count as content. Files of earlier builds are removed; a build without changes
 * writes nothing. Throws an error that names the sheet and the reference if a referenced file is missing.
 */
export function buildAssets(folders?: { source: string; target: string }): AssetBuild {
  const source = folders?.source ?? path.join(project, 'edge/assets')
  const target = folders?.target ?? path.join(project, 'edge/build')
  const names = listFiles(source).filter((name) => published.has(path.extname(name)))
  const contents = new Map<string, Buffer>()
  const hashed = new Map<string, string>()

  const publish = (name: string, referrers: readonly string[]): string => {
    const known = hashed.get(name)
    if (known !== undefined) return known
    if (referrers.includes(name))
      throw new Error(`${[...referrers, name].join(' → ')}: style sheets refer to each other in a circle`)
    let content: Buffer = fs.readFileSync(path.join(source, name))
    if (path.extname(name) === '.css') {
      content = Buffer.from(
        rewriteReferences(content.toString(), (reference) => {
          const referred = path.posix.join(path.posix.dirname(name), reference)
          if (!names.includes(referred))
            throw new Error(`edge/assets/${name} refers to ${reference}, which is not in edge/assets`)
          return path.posix.relative(path.posix.dirname(name), publish(referred, [...referrers, name]))
        }),
      )
    }
    const { dir, name: stem, ext } = path.posix.parse(name)
    const renamed = path.posix.join(
      dir,
      `${stem}.${createHash('sha256').update(content).digest('hex').slice(0, 8)}${ext}`,
    )
    contents.set(renamed, content)
    hashed.set(name, renamed)
    return renamed
  }

  const manifest: AssetManifest = {}
  for (const name of names) manifest[name] = `/assets/${publish(name, [])}`
  const counts = replaceFolder(path.join(target, 'assets'), contents)
  // For Workers static assets: browsers keep fingerprinted files for a year, and the build's own files are not served.
  const headers = '/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n  X-Content-Type-Options: nosniff\n'
  writeIfChanged(path.join(target, '_headers'), Buffer.from(headers))
  writeIfChanged(path.join(target, '.assetsignore'), Buffer.from('manifest.json\n'))
  writeIfChanged(path.join(target, 'manifest.json'), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`))
  return { manifest, ...counts }
}

/** Replaces what every relative `url(…)` of a style sheet refers to; `data:`, absolute and `#` references stay. */
export function rewriteReferences(css: string, rename: (reference: string) => string): string {
  return css.replace(/url\(\s*(["']?)([^"')]+?)\1\s*\)/g, (whole, quote: string, reference: string) => {
    if (/^(?:[a-z][a-z0-9+.-]*:|\/|#)/i.test(reference)) return whole
    const [, file = '', suffix = ''] = /^([^?#]*)(.*)$/.exec(reference) ?? []
    return `url(${quote}${rename(file)}${suffix}${quote})`
  })
}

function listFiles(directory: string): string[] {
  if (!fs.existsSync(directory)) return []
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}

function replaceFolder(directory: string, contents: Map<string, Buffer>): { written: number; removed: number } {
  fs.mkdirSync(directory, { recursive: true })
  let written = 0
  for (const [name, content] of contents) {
    if (writeIfChanged(path.join(directory, name), content)) written++
  }
  const outdated = listFiles(directory).filter((name) => !contents.has(name))
  for (const name of outdated) fs.rmSync(path.join(directory, name))
  return { written, removed: outdated.length }
}

function writeIfChanged(file: string, content: Buffer): boolean {
  if (fs.existsSync(file) && fs.readFileSync(file).equals(content)) return false
  fs.mkdirSync(path.dirname(file), { recursive: true })
  // Never a half-written file under its final name: a running edge may read it at any moment.
  const aside = `${file}.${process.pid}`
  fs.writeFileSync(aside, content)
  fs.renameSync(aside, file)
  return true
}

if (import.meta.main) {
  const started = performance.now()
  const { manifest, written, removed } = buildAssets()
  const took = Math.round(performance.now() - started)
  console.log(`${Object.keys(manifest).length} assets, ${written} written, ${removed} removed, ${took} ms`)
}
