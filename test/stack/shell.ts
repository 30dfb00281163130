/** Programs run for the stack's proof: their output as text, their failure as a sentence. */
import { spawn } from 'node:child_process'
import * as path from 'node:path'

/** The project's folder, from which everything is run. */
export const project = path.join(import.meta.dirname, '../..')

/** How much of a failed program's output a person is shown. The reason is at the end. */
const shownCharactersMax = 4_000

export interface RunOptions {
  cwd?: string
  /** Added to this process's environment. */
  env?: Readonly<Record<string, string | undefined>>
  /** Written to its standard input, which is then closed. */
  input?: string | Uint8Array
  /** Killed after this long, which counts as a failure. Default: never. */
  timeoutMs?: number
}

export interface Finished {
  /** Undefined where it was killed or never started. */
  status: number | undefined
  stdout: string
  stderr: string
}

/** Runs a program to its end, whatever that is. Throws only where it cannot be started. */
export async function finish(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(program, args, {
    cwd: options.cwd ?? project,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  })
  // A program that ends without reading what it is told breaks the pipe; its status says what matters.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const status = await new Promise<number | undefined>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? undefined))
  })
  return { status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}

/** Runs a program; its standard output. Throws an error with the command and the end of its output if it fails. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await finish(program, args, options)
  if (status === 0) return stdout
  const output = `${stdout}${stderr}`.trim().slice(-shownCharactersMax)
  const how = status === undefined ? 'was killed' : `ended with ${status}`
  throw new Error(`${[program, ...args].join(' ').slice(0, 300)} ${how}${output === '' ? '' : `:\n${output}`}`)
}

/** Whether the program can be started and ends well. */
export async function succeeds(program: string, args: readonly string[], options: RunOptions = {}): Promise<boolean> {
  try {
    return (await finish(program, args, options)).status === 0
  } catch {
    return false
  }
}
