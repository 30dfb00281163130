import * as fs from 'node:fs'
import * as path from 'node:path'

/** Keeps a local installation's logs from filling the disk; the file before this one is kept as well. */
const bytesMax = 10_000_000

/**
 * Appends lines to a file. It starts anew, keeping one older file, when it has grown too large. Never throws: a log that
 * cannot be written (the disk is full) must not stop what it is about.
 */
export function logFile(file: string): (line: string) => void {
  let bytes = 0
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    bytes = fs.existsSync(file) ? fs.statSync(file).size : 0
  } catch {
    // The first line will fail in the same way.
  }
  return (line) => {
    try {
      if (bytes > bytesMax) {
        fs.renameSync(file, `${file}.old`)
        bytes = 0
      }
      fs.appendFileSync(file, `${line}\n`, { mode: 0o600 })
      bytes += line.length + 1
    } catch {
      // See above.
    }
  }
}
