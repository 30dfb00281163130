/** What every part is given, and what it gives back. */
import type { FileBooking } from '../replay/bookings-file.ts'
import type { Cores } from './cores.ts'
import type { Line } from './lines.ts'
import type { BenchOptions } from './options.ts'
import type { DataStack } from './origin-stack.ts'
import type { Program } from './packages.ts'
import type { Panel } from './plot.ts'
import type { Started } from './started.ts'

export type Bench = {
  options: BenchOptions
  bookings: readonly FileBooking[]
  /** Everything the bench writes while it runs; deleted at the end. */
  directory: string
  cores: Cores
  started: Started
  programs: ReadonlyMap<Program, string>
  /** PostgreSQL, started when it is first asked for. */
  data(): Promise<DataStack>
  /** A line for whoever waits. */
  say(line: string): void
}

export type Measured = {
  lines: Line[]
  /** What was required and could not be measured here, each with the reason. */
  unmeasured?: string[]
  /** Everything behind the lines, for the JSON file. */
  details: unknown
  /** What the plot shows of it. */
  panels?: Panel[]
}
