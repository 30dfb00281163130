import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findLayoutBreaks } from '../../infra/checks/layout.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stayzr-layout-'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
}

const found = (): string[] => findLayoutBreaks(root).map(({ file, line, sentence }) => `${file}:${line}: ${sentence}`)

describe('findLayoutBreaks()', () => {
  test.each([
    ['edge imports origin', 'edge/a.ts', "import { x } from '../origin/b.ts'", 'edge/ never imports origin/'],
    ['origin imports edge', 'origin/a.ts', "export { x } from '../edge/b.ts'", 'origin/ never imports edge/'],
    ['a type crosses over', 'edge/a.ts', "import type { X } from '../origin/b.ts'", 'edge/ never imports origin/'],
    ['a side effect crosses over', 'edge/a.ts', "import '../origin/b.ts'", 'edge/ never imports origin/'],
    [
      'an import at run time crosses over',
      'edge/a.ts',
      "await import('../origin/b.ts')",
      'edge/ never imports origin/',
    ],
    [
      'shared imports a half',
      'shared/a.ts',
      "import { x } from '../edge/b.ts'",
      'shared/ imports nothing outside itself',
    ],
    ['shared imports Node', 'shared/d/a.ts', "import { readFileSync } from 'node:fs'", 'it may not import node:fs'],
    ['shared fetches on import', 'shared/a.ts', "const x = await fetch('https://a.example')", 'it may not fetch'],
    ['shared reads the environment', 'shared/a.ts', 'const x = process.env.X', 'it may not use process.env'],
    ['the origin imports infra', 'origin/a.ts', "import { x } from '../infra/local/b.ts'", 'deployed without infra/'],
    [
      'a feature imports the SQL of another',
      'origin/features/selling/service.ts',
      "import { x } from '../rooms/sql.ts'",
      'not origin/features/rooms/sql.ts',
    ],
    ['the origin reads the environment', 'origin/platform/a.ts', 'const x = process.env.X', 'only origin/config.ts'],
  ])('finds that %s', (_case, file, source, sentence) => {
    write({ [file]: `// first line\n${source}\n` })
    expect(found()).toEqual([expect.stringContaining(`${file}:2: `)])
    expect(found()[0]).toContain(sentence)
  })

  test('gives the line on which an import over several lines names its file', () => {
    write({ 'edge/a.ts': "import {\n  x,\n  y,\n} from '../origin/b.ts'\n" })
    expect(found()).toEqual([expect.stringContaining('edge/a.ts:4: ')])
  })

  test('finds folders and files that do not belong at the top', () => {
    write({ 'scripts/a.ts': '', 'notes.txt': '', 'edge/a.ts': '', 'README.md': '', '.editorconfig': '', '.ci/run': '' })
    expect(findLayoutBreaks(root).map(({ file }) => file)).toEqual(['notes.txt', 'scripts'])
  })

  test.each([
    [400, []],
    [401, [401]],
  ])('a file of %i lines breaks the rule on lines %j', (lines, expected) => {
    write({ 'edge/a.ts': 'const x = 1\n'.repeat(lines) })
    expect(findLayoutBreaks(root).map(({ line }) => line)).toEqual(expected)
  })

  test('leaves alone what the rules allow', () => {
    write({
      'edge/a.ts': "import { x } from '../shared/b.ts'\nimport process from 'node:process'\nprocess.env.X",
      'shared/client.ts': "export const call = async () => { return await fetch('https://a.example') }",
      'shared/b.ts': "// import { x } from '../edge/a.ts'\nconst text = \"import y from 'node:fs'; fetch(1)\"\n",
      'shared/c.ts': 'const text = `fetch($' + "{'x'}) process.env.X`\nconst pattern = /[/'\"`]fetch\\(/\n",
      'origin/config.ts': 'export const x = process.env.X',
      'origin/features/selling/service.ts': "import { x } from './sql.ts'\nimport { y } from '../rooms/service.ts'",
      'test/a.test.ts': "import { x } from '../origin/features/rooms/sql.ts'",
      'node_modules/x/y.ts': "import '../../origin/b.ts'",
      'edge/build/worker.js': 'x\n'.repeat(500),
    })
    expect(found()).toEqual([])
  })
})
