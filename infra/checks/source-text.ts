/**
 * Looks at TypeScript sources as text: enough to find imports and calls, without a compiler. TypeScript 7 offers no parser
 * to JavaScript, and these questions do not need one.
 */

/** Where something stands: its line, counted from 1. */
export type Found = { line: number; text: string }

/**
 * The same text with comments, and what is inside string quotes if `strings` is true, replaced by spaces, so that lines
 * and columns stay. Templates keep their `${…}` parts as code.
 */
export function blank(source: string, options: { strings: boolean }): string {
  let result = ''
  const keepLines = (text: string): string => text.replace(/[^\n]/g, ' ')
  // For each open template, how many braces are open in its current ${…}.
  const templates: number[] = []
  let inTemplate = false
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at, at + 2)
    let end = at + 1
    if (inTemplate) {
      if (rest === '${') {
        inTemplate = false
        templates.push(0)
        result += '  '
        at += 2
        continue
      }
      if (source[at] === '`') inTemplate = false
      else if (source[at] === '\\') end = at + 2
      const piece = source.slice(at, end)
      result += source[at] === '`' || !options.strings ? piece : keepLines(piece)
      at = end
      continue
    }
    if (rest === '//') {
      end = endOr(source.indexOf('\n', at), source.length)
      result += keepLines(source.slice(at, end))
    } else if (rest === '/*') {
      end = endOr(source.indexOf('*/', at + 2) + 2, source.length, 2)
      result += keepLines(source.slice(at, end))
    } else if (source[at] === '/' && startsRegularExpression(result)) {
      end = at + (/^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//.exec(source.slice(at))?.[0].length ?? 1)
      result += keepLines(source.slice(at, end))
    } else if (source[at] === "'" || source[at] === '"') {
      const quote = source[at] ?? ''
      while (end < source.length && source[end] !== quote && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1
      const inner = source.slice(at + 1, end)
      result += quote + (options.strings ? keepLines(inner) : inner) + (source[end] ?? '')
      end += 1
    } else {
      if (source[at] === '`') inTemplate = true
      const open = templates.at(-1)
      if (open !== undefined && source[at] === '{') templates[templates.length - 1] = open + 1
      if (open !== undefined && source[at] === '}') {
        if (open === 0) {
          templates.pop()
          inTemplate = true
        } else templates[templates.length - 1] = open - 1
      }
      result += open === 0 && source[at] === '}' ? ' ' : source[at]
    }
    at = end
  }
  return result
}

function endOr(found: number, otherwise: number, least = 0): number {
  return found < least ? otherwise : found
}

/** A slash begins a regular expression where no value can have ended just before it. */
function startsRegularExpression(before: string): boolean {
  const trimmed = before.trimEnd()
  return trimmed === '' || /[=(,:;!&|?{}[+\-*%~^<>]$|\b(?:return|typeof|case|of|in)$/.test(trimmed)
}

const importForms =
  /\b(?:import|export)\s+(?:type\s+)?(?:[\w$*{}\s,]+?\s+from\s*)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/g

/** What a file imports or re-exports, types included. */
export function importsOf(source: string): Found[] {
  const code = blank(source, { strings: false })
  const withoutStrings = blank(source, { strings: true })
  return [...code.matchAll(importForms)]
    .filter((match) => withoutStrings[match.index] !== ' ')
    .map((match) => ({ line: lineAt(code, match.index + match[0].length), text: match[1] ?? match[2] ?? '' }))
}

/** Where a pattern occurs in code, neither in comments nor in strings. */
export function occurrences(source: string, pattern: RegExp): (Found & { index: number })[] {
  const code = blank(source, { strings: true })
  return [...code.matchAll(new RegExp(pattern, 'g'))].map((match) => ({
    line: lineAt(code, match.index),
    text: match[0],
    index: match.index,
  }))
}

/** True if the place is outside all braces, where code runs as soon as the file is imported. */
export function isAtModuleLevel(source: string, index: number): boolean {
  let depth = 0
  for (const character of blank(source, { strings: true }).slice(0, index)) {
    if (character === '{') depth++
    if (character === '}') depth--
  }
  return depth === 0
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
