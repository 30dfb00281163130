import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildAssets, rewriteReferences } from '../../infra/local/build-assets.ts'

let root: string
let folders: { source: string; target: string }

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stayzr-assets-'))
  folders = { source: join(root, 'assets'), target: join(root, 'build') }
  mkdirSync(join(folders.source, 'fonts'), { recursive: true })
  writeFileSync(join(folders.source, 'fonts/serif.woff2'), 'font')
  writeFileSync(join(folders.source, 'fonts/OFL.txt'), 'licence')
  writeFileSync(join(folders.source, 'site.css'), '@font-face { src: url("fonts/serif.woff2") }')
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const built = (): string[] =>
  readdirSync(join(folders.target, 'assets'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('.'))
    .sort()

describe('buildAssets()', () => {
  test('names each file after its content and lists it in the manifest', () => {
    const { manifest } = buildAssets(folders)
    expect(manifest).toEqual({
      'fonts/serif.woff2': expect.stringMatching(/^\/assets\/fonts\/serif\.[0-9a-f]{8}\.woff2$/),
      'site.css': expect.stringMatching(/^\/assets\/site\.[0-9a-f]{8}\.css$/),
    })
    expect(JSON.parse(readFileSync(join(folders.target, 'manifest.json'), 'utf8'))).toEqual(manifest)
    expect(built().map((name) => `/assets/${name}`)).toEqual(Object.values(manifest).sort())
  })

  test('points style sheets at the new names', () => {
    const { manifest } = buildAssets(folders)
    const sheet = readFileSync(join(folders.target, String(manifest['site.css'])), 'utf8')
    expect(sheet).toBe(`@font-face { src: url("${manifest['fonts/serif.woff2']?.replace('/assets/', '')}") }`)
  })

  test('renames a style sheet when only a file it refers to changes', () => {
    const before = buildAssets(folders).manifest['site.css']
    writeFileSync(join(folders.source, 'fonts/serif.woff2'), 'another font')
    expect(buildAssets(folders).manifest['site.css']).not.toBe(before)
  })

  test('removes the files of earlier builds', () => {
    buildAssets(folders)
    writeFileSync(join(folders.source, 'site.css'), 'body { color: black }')
    expect(buildAssets(folders)).toMatchObject({ written: 1, removed: 1 })
    expect(built()).toHaveLength(2)
  })

  test('writes nothing when nothing has changed', () => {
    buildAssets(folders)
    const before = statSync(join(folders.target, 'manifest.json')).mtimeMs
    expect(buildAssets(folders)).toMatchObject({ written: 0, removed: 0 })
    expect(statSync(join(folders.target, 'manifest.json')).mtimeMs).toBe(before)
  })

  test('names the sheet and the reference when a file is missing', () => {
    writeFileSync(join(folders.source, 'site.css'), 'body { background: url(sea.webp) }')
    expect(() => buildAssets(folders)).toThrow('edge/assets/site.css refers to sea.webp')
  })

  test('refuses style sheets that refer to each other', () => {
    writeFileSync(join(folders.source, 'site.css'), '@import url(more.css);')
    writeFileSync(join(folders.source, 'more.css'), '@import url(site.css);')
    expect(() => buildAssets(folders)).toThrow('in a circle')
  })
})

describe('rewriteReferences()', () => {
  test.each([
    ['url(a.svg)', 'url(A)'],
    ["url( 'a.svg' )", "url('A')"],
    ['url("a.svg#icon")', 'url("A#icon")'],
    ['url(a.woff2?v=1)', 'url(A?v=1)'],
    ['url(data:image/png;base64,AA==)', 'url(data:image/png;base64,AA==)'],
    ['url(/favicon.svg)', 'url(/favicon.svg)'],
    ['url(https://example.test/a.svg)', 'url(https://example.test/a.svg)'],
    ['url(#clip)', 'url(#clip)'],
  ])('%s becomes %s', (css, expected) => {
    expect(rewriteReferences(css, () => 'A')).toBe(expected)
  })
})
