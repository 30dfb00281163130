/** shellcheck over every shell script of the project, found by its name or by its first line. */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { type Outcome, project, projectFiles } from './check.ts'
import { runDebianProgram } from './debian-programs.ts'

export async function checkShellScripts(): Promise<Outcome> {
  const scripts = (await projectFiles()).filter(isShellScript)
  if (scripts.length === 0) return { passed: true, output: 'there are none' }
  const { passed, output } = await runDebianProgram('shellcheck', ['--format=gcc', ...scripts])
  return { passed, output: passed ? `${scripts.length} scripts` : output }
}

/** Files with another ending are looked into only where they can be run. */
function isShellScript(file: string): boolean {
  if (/\.(?:sh|bash)$/.test(file)) return true
  const full = path.join(project, file)
  const status = fs.lstatSync(full)
  if (!status.isFile() || path.extname(file) !== '') return false
  const descriptor = fs.openSync(full, 'r')
  try {
    const start = Buffer.alloc(64)
    fs.readSync(descriptor, start)
    return /^#!\s*\/(?:usr\/)?bin\/(?:env +)?(?:ba|da)?sh\b/.test(start.toString('latin1'))
  } finally {
    fs.closeSync(descriptor)
  }
}
