/** The edge's counters as Prometheus text, for an edge on Node or Deno. */
import { timingSafeEqual } from 'node:crypto'
import type { EdgeApp } from './app.ts'

/** Headers that something in between leaves behind: then loopback says nothing about who asks. */
const FORWARDED_BY = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/

/**
 * Whether metrics may be told: with the token where one is set, else to this machine only. A proxy on this machine that
 * adds no header of its own passes for it; set a token there.
 */
export function mayReadMetrics(headers: Headers, address: string, token: string | undefined): boolean {
  if (token === undefined || token === '')
    return LOOPBACK.test(address) && FORWARDED_BY.every((name) => !headers.has(name))
  return isSame(headers.get('authorization') ?? '', `Bearer ${token}`)
}

function isSame(given: string, expected: string): boolean {
  const [left, right] = [new TextEncoder().encode(given), new TextEncoder().encode(expected)]
  return left.byteLength === right.byteLength && timingSafeEqual(left, right)
}

/** All counters and what is held, in Prometheus' text format. */
export function renderMetrics({ store, answered }: Pick<EdgeApp, 'store' | 'answered'>): string {
  const { counters } = store
  const held = store.held()
  const documents: [string, string, number][] = [
    ['head', 'origin', counters.headsFromOrigin],
    ['head', 'cache', counters.headsFromCache],
    ['delta', 'origin', counters.deltas],
    ['delta', 'cache', counters.deltasFromCache],
    ['snapshot', 'origin', counters.snapshots],
    ['snapshot', 'cache', counters.snapshotsFromCache],
    ['copy', 'storage', counters.copies],
  ]
  return [
    '# HELP stayzr_edge_searches_total Questions answered from snapshots, by route',
    '# TYPE stayzr_edge_searches_total counter',
    ...Array.from(answered, ([route, { count }]) => `stayzr_edge_searches_total{route="${route}"} ${count}`),
    ...counter('memory_hits', 'Questions answered at once from memory', counters.memoryHits),
    ...counter('fills', 'Fills begun; others who asked meanwhile joined one', counters.flights),
    '# HELP stayzr_edge_documents_total ARI documents used, by kind and where they came from',
    '# TYPE stayzr_edge_documents_total counter',
    ...documents.map(
      ([document, from, count]) => `stayzr_edge_documents_total{document="${document}",from="${from}"} ${count}`,
    ),
    ...counter('stale_answers', 'Answers marked as stale', counters.staleServed),
    ...counter('refused', 'Refused because nothing usable was held anywhere', counters.refused),
    ...counter('floor_refetches', 'Fills for guests whose own booking was newer', counters.floorRefetches),
    ...counter('damaged_entries', 'Cache entries that were not what their key says', counters.damaged),
    ...counter('evictions', 'Properties put out of memory for want of room', counters.evictions),
    ...gauge('held_properties', 'Properties held in memory', held.properties),
    ...gauge('held_bytes', 'Bytes of snapshots held in memory', held.bytes),
    '',
  ].join('\n')
}

function counter(name: string, help: string, value: number): string[] {
  return [
    `# HELP stayzr_edge_${name}_total ${help}`,
    `# TYPE stayzr_edge_${name}_total counter`,
    `stayzr_edge_${name}_total ${value}`,
  ]
}

function gauge(name: string, help: string, value: number): string[] {
  return [`# HELP stayzr_edge_${name} ${help}`, `# TYPE stayzr_edge_${name} gauge`, `stayzr_edge_${name} ${value}`]
}
