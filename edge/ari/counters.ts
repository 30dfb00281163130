/** What the store has done since it was opened: shown by /health and /metrics, and logged on Cloudflare. */

/** Where an answer's snapshot came from: `head` is what was held, confirmed; `cache` is all from the edge cache. */
export type Hit = 'memory' | 'head' | 'cache' | 'delta' | 'snapshot' | 'copy'

export interface StoreCounters {
  /** Answered at once from memory, confirmed less than a second ago. */
  memoryHits: number
  /** Fills begun; everybody else who wanted the same property joined one. */
  flights: number
  headsFromOrigin: number
  headsFromCache: number
  /** Deltas applied, and those among them that the edge cache had. */
  deltas: number
  deltasFromCache: number
  snapshots: number
  snapshotsFromCache: number
  /** Copies read from object storage because the origin could not be reached. */
  copies: number
  /** Answers marked as stale. */
  staleServed: number
  /** Refused because nothing usable was held anywhere. */
  refused: number
  /** Fills for guests whose own booking was newer than what was held. */
  floorRefetches: number
  /** Entries of the edge cache or of object storage that were not what their key says. */
  damaged: number
  /** Properties put out of memory for want of room. */
  evictions: number
}

export function newCounters(): StoreCounters {
  return {
    memoryHits: 0,
    flights: 0,
    headsFromOrigin: 0,
    headsFromCache: 0,
    deltas: 0,
    deltasFromCache: 0,
    snapshots: 0,
    snapshotsFromCache: 0,
    copies: 0,
    staleServed: 0,
    refused: 0,
    floorRefetches: 0,
    damaged: 0,
    evictions: 0,
  }
}
