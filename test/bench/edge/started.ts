/** Everything the bench has started, so that all of it is stopped, however the bench ends. */

export type Stoppable = { stop(): Promise<void> }

export class Started {
  readonly #running: Stoppable[] = []
  #stopping = false

  /** Remembers what is being started. Stops it at once, and throws, where everything is being stopped already. */
  async keep<T extends Stoppable>(starting: Promise<T> | T): Promise<T> {
    const thing = await starting
    if (this.#stopping) {
      await thing.stop()
      throw new Error('Stopped.')
    }
    this.#running.push(thing)
    return thing
  }

  /** Stops some of it, the last one first. */
  async stop(...things: readonly Stoppable[]): Promise<void> {
    for (const thing of things.toReversed()) {
      const at = this.#running.indexOf(thing)
      if (at === -1) continue
      this.#running.splice(at, 1)
      await thing.stop()
    }
  }

  /** Stops all of it, the last one first. What is started from now on is stopped as soon as it runs. */
  async stopAll(): Promise<void> {
    this.#stopping = true
    while (this.#running.length > 0) await this.#running.pop()?.stop()
  }
}
