import { describe, expect, it } from 'vitest'
import { SnapshotMemory } from '../../edge/ari/memory.ts'
import type { Snapshot } from '../../shared/ari/snapshot.ts'

const KILOBYTE = 1_000
/** All that memory asks of a snapshot: its version and what it weighs. */
const held = (version: number, bytes = KILOBYTE) =>
  ({ version, bytes: new Uint8Array(bytes), nights: 0, products: [] as Snapshot['products'] }) as Snapshot

describe('snapshot memory', () => {
  it('never goes back to an older version or an earlier confirmation', () => {
    const memory = new SnapshotMemory(1_000_000)
    memory.offer('house', held(42), 5_000, 5_000)
    expect(memory.offer('house', held(41), 9_000, 9_000).snapshot.version).toBe(42)
    expect(memory.offer('house', held(42), 4_000, 9_000).confirmedAt).toBe(5_000)
    expect(memory.get('house')).toMatchObject({ snapshot: { version: 42 }, confirmedAt: 5_000 })
  })

  it('does not keep a confirmation from the future once the clock has been set back', () => {
    const memory = new SnapshotMemory(1_000_000)
    memory.offer('house', held(42), 90_000, 90_000)
    expect(memory.offer('house', held(42), 10_000, 10_001).confirmedAt).toBe(10_000)
  })

  it('forgets what is used least beyond its bytes', () => {
    const memory = new SnapshotMemory(300_000)
    for (const property of ['a', 'b']) memory.offer(property, held(1, 60_000), 1, 1)
    memory.use('a', 2)
    memory.offer('c', held(1, 60_000), 3, 3)
    expect(['a', 'b', 'c'].map((property) => memory.get(property) !== undefined)).toEqual([true, false, true])
    expect(memory).toMatchObject({ properties: 2, evictions: 1 })
  })

  it('lets go of what was asked for all day yesterday before what is asked for now', () => {
    const memory = new SnapshotMemory(300_000)
    memory.offer('yesterday', held(1, 60_000), 0, 0)
    for (let i = 0; i < 500; i++) memory.use('yesterday', 0)
    const now = 24 * 3_600_000
    memory.offer('now', held(1, 60_000), now, now)
    memory.use('now', now)
    memory.offer('next', held(1, 60_000), now, now)
    expect([memory.get('yesterday'), memory.get('now')].map((it) => it !== undefined)).toEqual([false, true])
  })

  it('keeps a hundred small busy properties while large ones are asked for once each', () => {
    const small = Array.from({ length: 100 }, (_, i) => `small-${i}`)
    // Room for all the small ones and one large one.
    const memory = new SnapshotMemory(100 * 170_000 + 2_100_000)
    for (const property of small) memory.offer(property, held(1, 100_000), 0, 0)
    for (let second = 0; second < 60; second++) {
      for (const property of small) memory.use(property, second * 1_000)
      memory.offer(`large-${second}`, held(1, 2_000_000), second * 1_000, second * 1_000)
    }
    expect(small.filter((property) => memory.get(property) !== undefined)).toHaveLength(100)
    expect(memory.bytes).toBeLessThanOrEqual(100 * 170_000 + 2_100_000)
    expect(memory.get('large-59')).toBeDefined()
  })

  it('keeps the one that was just fetched, even if it alone is larger than the bound', () => {
    const memory = new SnapshotMemory(1_000_000)
    memory.offer('small', held(1, 100_000), 0, 0)
    memory.offer('large', held(1, 2_000_000), 0, 0)
    expect([memory.get('small'), memory.get('large')].map((it) => it !== undefined)).toEqual([false, true])
  })
})
