/** The command line of the replay. */
import { parseArgs } from 'node:util'

export const HELP = `npm run replay -- FILE.csv [options]

Sends the guests of a file of real bookings through the edge: each searches, books at the total offered, and cancels
when they did. Starts a system of its own (PostgreSQL with fsync on, in a temporary directory) unless told otherwise.

  --capacity SHARE   rooms of each type as a share of its peak demand, 0.8 if left out
  --guests N         guests at once, 32 if left out
  --verify           one by one instead, every answer compared with an independent oracle
  --restrictions     sets minimum stays, closed dates, sell limits and the like on some nights
  --seed N           for everything drawn by chance, 1 if left out
  --limit N          only the first N rows
  --target URL       an edge that is running already, with --api-key KEY of somebody who may set up properties
  --profile          shows which processes used the processor
  --json FILE        writes the figures to a file as well
  --help             this

Exit code 1 on any oversold night, drift, answer of 5xx, unexplained answer or difference; 2 where it could not run.`

export type ReplayOptions = {
  file: string
  capacityShare: number
  guests: number
  verify: boolean
  restrictions: boolean
  seed: number
  rowsMax: number
  target: { url: string; apiKey: string } | undefined
  profile: boolean
  jsonFile: string | undefined
}

/** A command line that makes no sense; the message says what to write instead. */
export class WrongUsage extends Error {}

/** Undefined where help was asked for. Throws WrongUsage. */
export function readOptions(args: readonly string[]): ReplayOptions | undefined {
  const { values, positionals } = parsed(args)
  if (values.help) return undefined
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new WrongUsage('Give the path of one file of bookings.')
  const { target, 'api-key': apiKey } = values
  if ((target === undefined) !== (apiKey === undefined))
    throw new WrongUsage('Give --target and --api-key together: the property is set up through the API.')
  if (target !== undefined && !/^http:\/\/[^/]+\/?$/.test(target))
    throw new WrongUsage('Write --target as http://host:port, the address of the edge.')
  return {
    file,
    capacityShare: numberOf('--capacity', values.capacity ?? '0.8', { least: 0.01, most: 100 }),
    guests: numberOf('--guests', values.guests ?? '32', { least: 1, most: 1_000, whole: true }),
    verify: values.verify ?? false,
    restrictions: values.restrictions ?? false,
    seed: numberOf('--seed', values.seed ?? '1', { least: 0, most: 2 ** 31, whole: true }),
    rowsMax:
      values.limit === undefined
        ? Number.POSITIVE_INFINITY
        : numberOf('--limit', values.limit, { least: 1, most: 1e9, whole: true }),
    target: target === undefined || apiKey === undefined ? undefined : { url: target.replace(/\/$/, ''), apiKey },
    profile: values.profile ?? false,
    jsonFile: values.json,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        capacity: { type: 'string' },
        guests: { type: 'string' },
        verify: { type: 'boolean' },
        restrictions: { type: 'boolean' },
        seed: { type: 'string' },
        limit: { type: 'string' },
        target: { type: 'string' },
        'api-key': { type: 'string' },
        profile: { type: 'boolean' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error))
  }
}

/** The number an option was given. Throws WrongUsage where it is none or out of bounds. */
export function numberOf(name: string, text: string, bounds: { least: number; most: number; whole?: boolean }): number {
  const value = Number(text)
  const fits = text.trim() !== '' && value >= bounds.least && value <= bounds.most
  if (!fits || (bounds.whole && !Number.isInteger(value)))
    throw new WrongUsage(
      `Write ${name} as a ${bounds.whole ? 'whole ' : ''}number from ${bounds.least} to ${bounds.most}.`,
    )
  return value
}
