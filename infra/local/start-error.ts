import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A reason not to start that a person can act on: its message is one clear sentence, printed without a stack trace.
 * `cause` keeps what lay behind it for whoever debugs.
 */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The code of a system error such as `ENOSPC`, or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/**
 * Turns a failed write below `directory` into the sentence that says what to do about it. An error of any other kind
 * comes back as it is.
 */
export function explainWriteFailure(error: unknown, directory: string): unknown {
  switch (systemErrorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StartError(`The disk that holds ${directory} is full: free some space and start again.`, {
        cause: error,
      })
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new StartError(
        `${directory} cannot be written to: make it writable for this user, or work in a copy of the project that is.`,
        { cause: error },
      )
    case 'ENOTDIR':
    case 'EEXIST':
      return new StartError(`${directory} is not a folder: move away the file that is in its place and start again.`, {
        cause: error,
      })
    default:
      return error
  }
}

/**
 * Makes a folder and those above it. One at a time: asked to make several at once on a read-only disk, Node answers
 * that the folder does not exist.
 */
export function makeDirectory(directory: string, mode: number): void {
  try {
    mkdirSync(directory, { mode })
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' && dirname(directory) !== directory) {
      makeDirectory(dirname(directory), mode)
      mkdirSync(directory, { mode })
    } else if (!(systemErrorCode(error) === 'EEXIST' && statSync(directory).isDirectory())) throw error
  }
}

/** Runs `write` and explains its failure by the folder it writes to, see {@link explainWriteFailure}. */
export async function writingTo<T>(directory: string, write: () => T | Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    throw explainWriteFailure(error, directory)
  }
}
