/** What happened in a replay, counted as it happens. */
import type { Answer } from './http.ts'

export const KINDS = ['search', 'book', 'cancel'] as const
export type Kind = (typeof KINDS)[number]

export type Counts = Map<string, number>

/** Adds one. */
export function countUp(counts: Counts, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

/** Everything the final table is made of. */
export class Tally {
  readonly durationsMs: Record<Kind, number[]> = { search: [], book: [], cancel: [] }
  booked = 0
  cancelled = 0
  /** No offer for the product the guest wanted, by the reason that the answer gave. */
  readonly refused: Counts = new Map()
  /** Refused at the booking although the search had offered it a moment before, by slug. */
  readonly staleRefusals: Counts = new Map()
  /** Cancellations without a booking to cancel: it was refused. */
  nothingToCancel = 0
  /** Answers of 5xx and tries without an answer, by what they were. */
  readonly failures: Counts = new Map()
  /** Answers that nothing here explains. */
  readonly unexpected: Counts = new Map()
  #began = 0
  wallMs = 0

  begin(): void {
    this.#began = performance.now()
  }

  end(): void {
    this.wallMs = performance.now() - this.#began
  }

  /** Counts one answered call. */
  note(kind: Kind, answer: Answer): void {
    this.durationsMs[kind].push(answer.durationMs)
    for (const failure of answer.failures) countUp(this.failures, failure)
    if (answer.status >= 500) countUp(this.failures, `${answer.status}, given up`)
  }

  get operations(): number {
    return KINDS.reduce((sum, kind) => sum + this.durationsMs[kind].length, 0)
  }

  /** Since `begin`. */
  get operationsPerSecond(): number {
    const ms = this.wallMs || performance.now() - this.#began
    return ms === 0 ? 0 : (this.operations * 1000) / ms
  }
}

/** The value below which `share` of them lie (nearest rank); 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** Added up. */
export function sumOf(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
