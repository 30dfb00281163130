import { parseArgs } from 'node:util'
import { StartError } from './start-error.ts'

export type StartOptions = {
  edgePort: number
  originPort: number
  /** Reload on change, debug logs on the screen. */
  dev: boolean
  /** Delete all data first. */
  reset: boolean
  help: boolean
}

export const usage = `Runs all of Stayzr on this machine: PostgreSQL, Redis, the origin and the edge, with two demo hotels.

  npm start                     start; Ctrl-C stops everything, data stays
  npm run dev                   the same, reloading on change, with debug logs
  npm start -- --reset          delete all local data and secrets, then start

  --edge-port NUMBER            where guests go (8787)
  --origin-port NUMBER          where the origin listens (3000)
  --help                        this text

Data, secrets and logs are in .stayzr; .stayzr/demo.json has the addresses and the demo login.`

/** Reads the command line. Throws a StartError that names a word it does not know or a port that is none. */
export function readOptions(args: readonly string[]): StartOptions {
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({
      args: [...args],
      options: {
        dev: { type: 'boolean' },
        reset: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        'edge-port': { type: 'string' },
        'origin-port': { type: 'string' },
      },
    }).values
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('. ')[0] : String(cause)
    throw new StartError(`${why}: see "npm start -- --help".`, { cause })
  }
  const edgePort = readPort(values['edge-port'], '--edge-port', 8787)
  const originPort = readPort(values['origin-port'], '--origin-port', 3000)
  if (edgePort === originPort) throw new StartError(`Edge and origin cannot both listen on port ${edgePort}.`)
  return {
    edgePort,
    originPort,
    dev: values.dev === true,
    reset: values.reset === true,
    help: values.help === true,
  }
}

function readPort(value: string | boolean | undefined, flag: string, usual: number): number {
  if (value === undefined) return usual
  const port = Number(value)
  if (typeof value !== 'string' || !/^\d+$/.test(value) || port < 1 || port > 65_535) {
    throw new StartError(`${flag} takes a port from 1 to 65535, not "${value}".`)
  }
  return port
}
