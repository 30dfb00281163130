/** W3C Trace Context: one trace id from a guest's program to the origin's log line. Pure but for chance. */

/** Version 00 is exactly this; later ones may say more behind it, and ff is none (W3C Trace Context, 3.2.2). */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const LENGTH_MAX = 200

export interface Trace {
  traceId: string
  parentId: string
  sampled: boolean
}

/** What a `traceparent` header says; undefined where it is not well-formed. */
export function readTraceparent(header: string | null | undefined): Trace | undefined {
  if (header === null || header === undefined || header.length > LENGTH_MAX) return undefined
  const [, version, traceId, parentId, flags, more] = TRACEPARENT.exec(header) ?? []
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined
  if (version === '00' && more !== undefined) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The `traceparent` of the next request on the way: of the same trace where there is one, else of a new one. */
export function continueTrace(header: string | null | undefined): string {
  const trace = readTraceparent(header)
  return `00-${trace?.traceId ?? newTraceId()}-${newSpanId()}-${(trace?.sampled ?? true) ? '01' : '00'}`
}

export function newTraceId(): string {
  return someHex(16)
}

export function newSpanId(): string {
  return someHex(8)
}

function someHex(bytes: number): string {
  const chance = crypto.getRandomValues(new Uint8Array(bytes))
  // All zeros would be no id.
  chance[0] = (chance[0] as number) | 1
  return Array.from(chance, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
