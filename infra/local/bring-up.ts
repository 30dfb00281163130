import * as path from 'node:path'
import { logFile } from './log-file.ts'
import { StartError } from './start-error.ts'
import { type Part, supervise } from './supervise.ts'

/** Told of each finished step: what, how long, and a detail worth knowing. */
export type StepReport = (name: string, durationMs: number, detail: string) => void

/**
 * The parts of a system while it comes up, in the order they started. Steps run one after the other; what they start is
 * stopped in the opposite order.
 */
export class BringUp {
  readonly #parts: Part[] = []
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
    const broken = this.#parts.map(async (part) => {
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
    start: () => Promise<T>,
    detail: (part: T) => string,
    restart?: (first: T) => Promise<Part>,
  ): Promise<T> {
    return await this.step(
      name,
      async () => {
        const part = await start()
        this.hold(part)
        if (restart) this.#restarts.set(part, { name, restart: () => restart(part) })
        // It arrived after the order to stop, which cannot have known of it.
        if (this.#stopping) await this.stop()
        return part
      },
      detail,
    )
  }

  /** Adds a part without a step. */
  hold(part: Part): void {
    this.#parts.push(part)
  }

  /** To call when all parts are up: from now on each is started again when it ends by itself. */
  superviseAll(): void {
    for (const [part, { name, restart }] of this.#restarts) {
      this.#parts[this.#parts.indexOf(part)] = supervise({ name, first: part, restart, log: this.#log })
    }
  }

  /** Stops all parts, the youngest first, and whatever a step under way still starts. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) await part.stop()
  }

  /** Kills all parts without waiting. */
  force(): void {
    this.#stopping = true
    for (const part of this.#parts.toReversed()) part.force()
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
