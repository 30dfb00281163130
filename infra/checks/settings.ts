/** Whether settings that a deployment gives the origin are ones it reads: a misspelt one would be passed over without a word. */
import { CONFIG_NAMES } from '../../origin/config.ts'

/** Read by Node itself, not by the origin. */
const nodes = new Set(['NODE_ENV', 'NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS'])

/** Of the names given to an origin, those it does not know, with or without `_FILE`. */
export function unknownSettings(names: readonly string[]): string[] {
  const known = new Set<string>(CONFIG_NAMES)
  return names.filter((name) => !nodes.has(name) && !known.has(name) && !known.has(name.replace(/_FILE$/, '')))
}
