/** What a check of the stack is given, and what it says. */
import type { Client } from './client.ts'
import type { Hotels } from './hotel.ts'
import type { Stack } from './stack.ts'

export interface Context {
  stack: Stack
  hotels: Hotels
  /** Signs, as an edge on Cloudflare would. */
  edge: Client
  /** Comes by the edge behind nginx. */
  guest: Client
  /** How long a load is held where the length matters. */
  loadSeconds: number
  /** Base images that are stand-ins here. */
  standIns: readonly string[]
}

export interface Check {
  /** For `--only`. */
  name: string
  /** What it shows. */
  title: string
  /** Returns figures in words. Throws where it does not hold. */
  run(context: Context): Promise<string>
}

/** Throws with all of them where there is any. */
export function expectNone(found: readonly string[], what: string): void {
  if (found.length > 0) throw new Error(`${what}: ${found.slice(0, 20).join('; ')}`)
}

/** Waits for something that will come, and says how long that took, in ms. Throws with `otherwise` after `msMax`. */
export async function waitFor(done: () => Promise<boolean>, msMax: number, otherwise: string): Promise<number> {
  const began = performance.now()
  while (!(await done())) {
    if (performance.now() - began > msMax) throw new Error(`after ${msMax / 1000} s ${otherwise}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return performance.now() - began
}
