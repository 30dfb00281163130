/** The table at the end, and what counts as failed. */

import type { Skipped } from './bookings-file.ts'
import type { Outcome } from './guests.ts'
import type { ReplayPlan } from './plan.ts'
import type { Recount } from './recount.ts'
import { type Counts, KINDS, percentile, sumOf } from './tally.ts'
import type { Verified } from './verify.ts'

export type Finished = {
  rows: number
  skipped: Skipped
  plan: ReplayPlan
  outcome: Outcome
  verified: Verified | undefined
  recounts: Recount[]
  processorTime: [string, number][] | undefined
  /** What the system itself wrote down as errors. */
  errors: string[]
}

const SHOWN_MAX = 10

/** What must be zero, by name. */
export function mustBeZero({ outcome, verified, recounts }: Finished): Map<string, number> {
  const { failures, unexpected } = outcome.tally
  return new Map([
    ['oversold nights', Math.max(...recounts.map(({ oversold }) => oversold.length))],
    ['counter drift', recounts.reduce((sum, { drift }) => sum + drift.length, 0)],
    ['answers of 5xx or none', sumOf(failures)],
    ['unexplained answers', sumOf(unexpected)],
    ...(verified ? ([['answers that differ from the oracle', verified.differing]] as const) : []),
  ])
}

/** The final table as lines. */
export function tableOf(finished: Finished): string[] {
  const { rows, skipped, plan, outcome, verified, recounts, processorTime } = finished
  const { tally } = outcome
  const row = (name: string, value: string | number) => `  ${name.padEnd(36)} ${value}`
  const lines = [
    row('rows in the file', rows),
    ...[...skipped].map(([reason, at]) => row(`  skipped, ${reason}`, `${at.length} (${linesOf(at)})`)),
    row('room types, rooms', `${plan.capacity.size}, ${sumOf(plan.capacity)}`),
    row('nights on sale', `${plan.definition.inventory.from} to ${plan.definition.inventory.to}`),
    row('dates moved by', `${plan.weeksShifted} weeks`),
    '',
    row('booked', tally.booked),
    ...counted(tally.refused).map(([reason, count]) => row(`refused, ${reason}`, count)),
    row('stale refusals', withParts(tally.staleRefusals)),
    row('cancelled', tally.cancelled),
    row('  not booked, so not cancelled', tally.nothingToCancel),
    '',
    ...[...mustBeZero(finished)].map(([name, count]) => row(name, count)),
    ...(verified ? [row('answers compared with the oracle', verified.compared)] : []),
    ...recounts.map(({ by }) => row('recounted by', by)),
    '',
    ...KINDS.map((kind) => {
      const ms = tally.durationsMs[kind]
      const figures = `${ms.length} at p50 ${percentile(ms, 0.5).toFixed(1)} ms, p99 ${percentile(ms, 0.99).toFixed(1)} ms`
      return row(kind, figures)
    }),
    row('operations a second', tally.operationsPerSecond.toFixed(0)),
    row('wall time', `${(tally.wallMs / 1000).toFixed(1)} s`),
  ]
  if (processorTime) lines.push('', ...processorTable(processorTime, tally.wallMs / 1000, tally.operations, row))
  return [...lines, ...troubles(finished)]
}

/** The same figures for programs. */
export function figuresOf(finished: Finished): Record<string, unknown> {
  const { rows, skipped, plan, outcome, verified, recounts, processorTime } = finished
  const { tally } = outcome
  return {
    rows,
    skipped: Object.fromEntries(skipped),
    rooms: Object.fromEntries(plan.capacity),
    inventory: plan.definition.inventory,
    weeksShifted: plan.weeksShifted,
    booked: tally.booked,
    refused: Object.fromEntries(tally.refused),
    staleRefusals: Object.fromEntries(tally.staleRefusals),
    cancelled: tally.cancelled,
    mustBeZero: Object.fromEntries(mustBeZero(finished)),
    failures: Object.fromEntries(tally.failures),
    unexpected: Object.fromEntries(tally.unexpected),
    compared: verified?.compared ?? null,
    differences: verified ? Object.fromEntries(verified.kinds) : null,
    recountedBy: recounts.map(({ by }) => by),
    durations: Object.fromEntries(
      KINDS.map((kind) => {
        const ms = tally.durationsMs[kind]
        return [kind, { count: ms.length, p50Ms: percentile(ms, 0.5), p99Ms: percentile(ms, 0.99) }]
      }),
    ),
    operationsPerSecond: tally.operationsPerSecond,
    wallSeconds: tally.wallMs / 1000,
    processorSeconds: processorTime ? Object.fromEntries(processorTime) : null,
  }
}

function processorTable(
  times: readonly [string, number][],
  wallSeconds: number,
  operations: number,
  row: (name: string, value: string) => string,
): string[] {
  const used = times.filter(([, seconds]) => seconds >= 0.05)
  const all = used.reduce((sum, [, seconds]) => sum + seconds, 0)
  return [
    row(
      'processor time',
      `${all.toFixed(1)} s in ${wallSeconds.toFixed(1)} s (${(all / wallSeconds).toFixed(2)} cores)`,
    ),
    ...used.map(([name, seconds]) =>
      row(
        `  ${name}`,
        `${seconds.toFixed(1)} s, ${((100 * seconds) / all).toFixed(0)} %, ${((1000 * seconds) / operations).toFixed(2)} ms an operation`,
      ),
    ),
  ]
}

/** The first of whatever should not be there, in words. */
function troubles({ outcome, verified, recounts, errors }: Finished): string[] {
  const found = [
    ...counted(outcome.tally.failures).map(([what, count]) => `${count} × ${what}`),
    ...counted(outcome.tally.unexpected).map(([what, count]) => `${count} × ${what}`),
    ...errors.slice(0, SHOWN_MAX).map((it) => `the origin's log: ${it}`),
    ...recounts.flatMap(({ oversold, drift }) => [
      ...oversold.slice(0, SHOWN_MAX).map((it) => `oversold: ${it}`),
      ...drift.slice(0, SHOWN_MAX).map((it) => `drift: ${it}`),
    ]),
    ...(verified ? counted(verified.kinds).map(([kind, count]) => `${count} × ${kind}`) : []),
    ...(verified?.report ?? []),
  ]
  return found.length === 0 ? [] : ['', 'Should not be:', ...found.map((it) => `  ${it}`)]
}

function counted(counts: Counts): [string, number][] {
  return [...counts].sort(([, a], [, b]) => b - a)
}

function withParts(counts: Counts): string {
  const parts = counted(counts).map(([what, count]) => `${count} ${what}`)
  return parts.length === 0 ? '0' : `${sumOf(counts)} (${parts.join(', ')})`
}

function linesOf(at: readonly number[]): string {
  const first = at.slice(0, SHOWN_MAX).join(', ')
  return `${at.length === 1 ? 'line' : 'lines'} ${first}${at.length > SHOWN_MAX ? ', …' : ''}`
}
