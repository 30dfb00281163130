/** What a check is, and how the programs behind checks are run. */
import { spawn } from 'node:child_process'
import * as path from 'node:path'

export const project = path.join(import.meta.dirname, '../..')

/** What was found, for a check that passed, or all the output of one that did not. */
export type Outcome = { passed: boolean; output: string }

export type Check = { name: string; run(): Outcome | Promise<Outcome> }

export type Run = Outcome & { stdout: string }

export type RunOptions = {
  cwd?: string
  env?: Readonly<Record<string, string | undefined>>
  /** Given to the program's standard input, which is empty otherwise. */
  input?: string
}

/** Runs a program to its end. Passed where it exits with 0; one that cannot be started has the reason as its output. */
export function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? project,
      env: { ...process.env, ...options.env },
      stdio: 'pipe',
    })
    let stdout = ''
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.once('error', (error) => resolve({ passed: false, stdout, output: error.message }))
    child.once('close', (code) => resolve({ passed: code === 0, stdout, output: output.trim() }))
    // A program that ends before it has read everything is not our failure.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/** One outcome of several: passed if all passed; the output of those that did not, or `summary` where all did. */
export function allOf(outcomes: readonly Outcome[], summary: string): Outcome {
  const failed = outcomes.filter(({ passed }) => !passed)
  return failed.length === 0
    ? { passed: true, output: summary }
    : { passed: false, output: failed.map(({ output }) => output).join('\n') }
}

/** Passed where there is nothing to complain about, else a line for each complaint. */
export function outcomeOf(complaints: readonly string[], summary: string): Outcome {
  return { passed: complaints.length === 0, output: complaints.length === 0 ? summary : complaints.join('\n') }
}

/**
 * The project's files as git sees them, ignored ones left out and new ones included, below the project and with `/`.
 * What was deleted and not yet committed is not among them.
 */
export async function projectFiles(): Promise<string[]> {
  const all = await runCommand('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const deleted = await runCommand('git', ['ls-files', '-z', '--deleted'])
  if (!all.passed || !deleted.passed) throw new Error(`git cannot list the project's files: ${all.output}`)
  const gone = new Set(deleted.stdout.split('\0'))
  return [...new Set(all.stdout.split('\0'))].filter((file) => file !== '' && !gone.has(file)).sort()
}
