/** Where two JSON values differ, in a form a person can read. */

/** One line for each place: its path, what came, what was expected. At most `most` lines. */
export function differences(got: unknown, expected: unknown, most = 5): string[] {
  const found: string[] = []
  walk('', got, expected, found, most)
  return found
}

function walk(path: string, got: unknown, expected: unknown, found: string[], most: number): void {
  if (found.length >= most || Object.is(got, expected)) return
  if (isObject(got) && isObject(expected) && Array.isArray(got) === Array.isArray(expected)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)]))
      walk(Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`, got[key], expected[key], found, most)
    return
  }
  found.push(`${path.replace(/^\./, '') || 'answer'}: ${shown(got)}, expected ${shown(expected)}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 160 ? `${text.slice(0, 157)}...` : text
}
