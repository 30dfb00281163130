/** The command line of the edge's bench. */
import { parseArgs } from 'node:util'
import { numberOf, WrongUsage } from '../replay/options.ts'

/** What is measured, in the order in which it is. */
export const PARTS = ['pure', 'first-request', 'hot-answer', 'mixed-load', 'booking-cost', 'visible'] as const
export type Part = (typeof PARTS)[number]

export const HELP = `npm run bench:edge -- FILE.csv [options]

Measures the edge beside what people use instead: bare Hono, nginx and Varnish, all in one run on this machine. FILE.csv
is a file of real bookings; dates, stays and parties are drawn from it. Starts all it needs and stops it again.

  --only PART      one part, or several with commas, all if left out:
                     pure           search and calendar in one process, no network
                     first-request  a fresh worker's first answer, and the worker's size
                     hot-answer     an availability answer against bare Hono with the same bytes ready-made
                     mixed-load     200 properties searched and booked, against nginx and Varnish with a TTL of 2 s
                     booking-cost   what one booking costs the edge in bytes and the origin in processor time
                     visible        from a booking acknowledged to its being seen at another edge
  --seconds N      how long each system is measured in a part, 20 if left out
  --rate N         searches a second of the mixed load, the same for all systems, 80 if left out
  --seed N         for everything drawn by chance, 1 if left out
  --no-install     does not install what is missing (nginx, varnish, wrk) from Debian's packages
  --json FILE      where the figures go, .stayzr/bench/edge.json if left out
  --svg FILE       where the plot goes, .stayzr/bench/edge.svg if left out
  --help           this

Exit code 1 where a required line falls short, each of them named; 2 where it, or a part of it,
could not run.`

export type BenchOptions = {
  file: string
  parts: ReadonlySet<Part>
  seconds: number
  /** Searches a second. */
  rate: number
  seed: number
  mayInstall: boolean
  jsonFile: string
  svgFile: string
}

/** Undefined where help was asked for. Throws WrongUsage. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parsed(args)
  if (values.help) return undefined
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new WrongUsage('Give the path of one file of bookings.')
  return {
    file,
    parts: partsOf(values.only),
    seconds: numberOf('--seconds', values.seconds ?? '20', { least: 1, most: 3_600 }),
    rate: numberOf('--rate', values.rate ?? '80', { least: 1, most: 100_000 }),
    seed: numberOf('--seed', values.seed ?? '1', { least: 0, most: 2 ** 31, whole: true }),
    mayInstall: values['no-install'] !== true,
    jsonFile: values.json ?? '.stayzr/bench/edge.json',
    svgFile: values.svg ?? '.stayzr/bench/edge.svg',
  }
}

function partsOf(only: string | undefined): ReadonlySet<Part> {
  if (only === undefined) return new Set(PARTS)
  const isPart = (name: string): name is Part => (PARTS as readonly string[]).includes(name)
  const names = only.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !isPart(name))
  if (unknown !== undefined) throw new WrongUsage(`There is no part "${unknown}". The parts are: ${PARTS.join(', ')}.`)
  return new Set(names.filter(isPart))
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        seconds: { type: 'string' },
        rate: { type: 'string' },
        seed: { type: 'string' },
        'no-install': { type: 'boolean' },
        json: { type: 'string' },
        svg: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error))
  }
}
