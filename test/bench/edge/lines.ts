/** What the bench finds: one line a figure, some with a bound it has to keep. */
import type { Part } from './options.ts'

export type Line = {
  part: Part
  /** What was measured, in words. */
  name: string
  value: number
  /** `ms`, `µs`, `KB`, or nothing for counts and ratios. */
  unit: string
  /** The figure that is required; undefined for one that is only told. */
  bound?: { atLeast: number } | { atMost: number } | { below: number }
  /** How it was measured or what stands behind it, in a few words. */
  remark?: string
}

/** A part that cannot be measured here; the message says why in a sentence. */
export class NotMeasurable extends Error {}

/** Whether a line keeps its bound; one without a bound does. A figure that is no number keeps none. */
export function holds({ value, bound }: Line): boolean {
  if (!bound) return true
  if ('atLeast' in bound) return value >= bound.atLeast
  return 'atMost' in bound ? value <= bound.atMost : value < bound.below
}

/** The bound as a person reads it, empty where there is none. */
export function boundText({ bound, unit }: Line): string {
  if (!bound) return ''
  const tail = unit === '' ? '' : ` ${unit}`
  if ('atLeast' in bound) return `≥ ${bound.atLeast}${tail}`
  return 'atMost' in bound ? `≤ ${bound.atMost}${tail}` : `< ${bound.below}${tail}`
}

/** A figure with so many digits as say something. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return String(Math.round(value))
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}

export function withUnit(value: number, unit: string): string {
  return unit === '' ? figureText(value) : `${figureText(value)} ${unit}`
}

/** The middle of the values; the mean of the two in the middle where their count is even. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return Number.NaN
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] as number
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
