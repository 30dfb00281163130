import * as path from 'node:path'
import { logFile } from './log-file.ts'
import { StartError } from './start-error.ts'
import { type Part, supervise } from './supervise.ts'

/** Told of each finished step: what, how long, and a detail worth knowing. */
export type StepReport = (name: string, durationMs: number, detail: string) => void

/** Who uses whom: the edge the origin, the origin Redis and PostgreSQL. Below all, the right to the folder. */
export const layers = { folder: 0, postgres: 1, redis: 2, origin: 3, edge: 4 } as const

/**
 * The parts of a system while it comes up. Each is in a layer; a higher one uses the lower ones and is stopped before
 * them, whichever started first.
 */
export class BringUp {
  /** Lower layers first. */
  #parts: { layer: number; part: Part }[] = []
  readonly #restarts = new Map<Part, { name: string; restart: () => Promise<Part> }>()
  readonly #report: StepReport
  readonly #log: (line: string) => void
  #stopping = false

  constructor(report: StepReport, log: (line: string) => void) {
    this.#report = report
    this.#log = log
  }

  get stopping(): boolean {
    return this.#stopping
  }

  /**
   * Runs one step and reports it. If a part ends meanwhile, its reason is thrown: it says more than what the step then
   * runs into.
   */
  async step<T>(name: string, work: () => Promise<T>, detail: (result: T) => string = () => ''): Promise<T> {
    if (this.#stopping) throw new StartError('Stopped before it had started.')
    const started = performance.now()
    const broken = this.#parts.map(async ({ part }) => {
      throw (await part.ended) ?? new StartError('Stopped before it had started.')
    })
    const result = await Promise.race([work(), ...broken])
    this.#report(name, performance.now() - started, detail(result))
    return result
  }

  /**
   * A step that starts a part, which is from then on stopped with the rest. With `restart`, it is started again when it
   * ends by itself once the system is up.
   */
  async part<T extends Part>(
    name: string,
    layer: number,
    start: () => Promise<T>,
    detail: (part: T) => string,
    restart?: (first: T) => Promise<Part>,
  ): Promise<T> {
    return await this.step(
      name,
      async () => {
        const part = await start()
        this.hold(layer, part)
        if (restart) this.#restarts.set(part, { name, restart: () => restart(part) })
        // It arrived after the order to stop, which cannot have known of it.
        if (this.#stopping) await this.stop()
        return part
      },
      detail,
    )
  }

  /** Adds a part without a step. */
  hold(layer: number, part: Part): void {
    this.#parts = [...this.#parts, { layer, part }].sort((one, other) => one.layer - other.layer)
  }

  /** To call when all parts are up: from now on each is started again when it ends by itself. */
  superviseAll(): void {
    this.#parts = this.#parts.map(({ layer, part }) => {
      const again = this.#restarts.get(part)
      return { layer, part: again === undefined ? part : supervise({ ...again, first: part, log: this.#log }) }
    })
  }

  /** Stops all parts, the highest layer first, and whatever a step under way still starts. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (let top = this.#parts.pop(); top !== undefined; top = this.#parts.pop()) await top.part.stop()
  }

  /** Kills all parts without waiting. */
  force(): void {
    this.#stopping = true
    for (const { part } of this.#parts.toReversed()) part.force()
  }
}

/** Writes lines to `directory/logs/NAME.log`, and to `also` if given. */
export function logTo(directory: string, name: string, also?: (line: string) => void): (line: string) => void {
  const write = logFile(path.join(directory, 'logs', `${name}.log`))
  return (line) => {
    write(line)
    also?.(line)
  }
}
