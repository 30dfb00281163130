/** The table at the end, and the same figures for programs. */
import { boundText, holds, type Line, withUnit } from './lines.ts'
import { PARTS, type Part } from './options.ts'

const TITLES: Record<Part, string> = {
  pure: 'In one process',
  'first-request': 'First request of a fresh worker',
  'hot-answer': 'Hot availability answer against bare Hono',
  'mixed-load': 'Mixed load against nginx and Varnish',
  'booking-cost': 'What a booking costs',
  visible: 'Commit to visible',
}

/** The table as lines of text. */
export function tableOf(lines: readonly Line[], conditions: Readonly<Record<string, string>>): string[] {
  const width = Math.max(...lines.map(({ name }) => name.length), 0)
  const table = Object.entries(conditions).map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)
  for (const part of PARTS) {
    const theirs = lines.filter((line) => line.part === part)
    if (theirs.length === 0) continue
    table.push('', TITLES[part])
    for (const line of theirs) {
      const verdict = line.bound ? (holds(line) ? 'ok  ' : 'FAIL') : '    '
      const figures = `${withUnit(line.value, line.unit).padStart(10)}  ${boundText(line).padEnd(10)}`
      const remark = line.remark === undefined ? '' : `  ${line.remark}`
      table.push(`  ${line.name.padEnd(width)}  ${figures} ${verdict}${remark}`.trimEnd())
    }
  }
  return table
}

/** Each line that falls short, as a sentence. */
export function shortfallsOf(lines: readonly Line[]): string[] {
  return lines
    .filter((line) => !holds(line))
    .map((line) => `${TITLES[line.part]}: ${line.name} is ${withUnit(line.value, line.unit)}, not ${boundText(line)}.`)
}

/** What the JSON file holds. */
export function figuresOf(
  lines: readonly Line[],
  conditions: Readonly<Record<string, string>>,
  details: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { conditions, lines: lines.map((line) => ({ ...line, holds: holds(line) })), details }
}
