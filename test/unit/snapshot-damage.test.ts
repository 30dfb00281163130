import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeSnapshot, openSnapshot, SnapshotDamaged, sealSnapshot } from '../../shared/ari/snapshot.ts'
import { aHouse, snapshotOf } from './support/house.ts'
import { someHouse } from './support/house-arbitraries.ts'

const sound = encodeSnapshot(aHouse({ nights: 7, version: 42 }))

/** What opening gives: `refused` for the one right answer to damage, else what was thrown, or `opened`. */
function opening(bytes: Uint8Array): string {
  try {
    openSnapshot(bytes)
    return 'opened'
  } catch (error) {
    return error instanceof SnapshotDamaged ? 'refused' : String(error)
  }
}

function changed(change: (bytes: Uint8Array, view: DataView) => void, bytes = sound): Uint8Array {
  const copy = bytes.slice()
  change(copy, new DataView(copy.buffer))
  return copy
}

/** The checksum that belongs to the bytes as they are now, so that only the other checks are left to refuse them. */
function resealed(bytes: Uint8Array): Uint8Array {
  sealSnapshot({ ...snapshotOf(aHouse()), version: new DataView(bytes.buffer).getFloat64(16, true), bytes })
  return bytes
}

test('the sound snapshot of these tests opens, sealed again or not', () => {
  expect([opening(sound), opening(resealed(sound.slice()))]).toEqual(['opened', 'opened'])
})

describe('openSnapshot() refuses', () => {
  test('every flip of a single bit', () => {
    const copy = sound.slice()
    const wrong: string[] = []
    for (let bit = 0; bit < copy.length * 8; bit++) {
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
      const outcome = opening(copy)
      if (outcome !== 'refused') wrong.push(`byte ${bit >> 3} bit ${bit & 7}: ${outcome}`)
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
    }
    expect(wrong).toEqual([])
    expect(copy).toEqual(sound)
  })

  test('every flip of a few bits at random, in random houses', () => {
    const flips = fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(someHouse(), flips, (house, bits) => {
        const bytes = encodeSnapshot(house)
        const copy = changed((damaged) => {
          for (const bit of new Set(bits.map((it) => it % (bytes.length * 8))))
            damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
        }, bytes)
        expect(opening(copy)).toBe('refused')
      }),
      { numRuns: 300 },
    )
  })

  test('every length shorter than its own', () => {
    const wrong = Array.from({ length: sound.length }, (_, length) => opening(sound.subarray(0, length)))
    expect(wrong.filter((outcome) => outcome !== 'refused')).toEqual([])
  })

  test.each([1, 2, 3, 4, 8, 4_096])('%i bytes more at its end, zeros or not', (more) => {
    for (const filling of [0, 0xff]) {
      const longer = new Uint8Array(sound.length + more).fill(filling)
      longer.set(sound)
      expect(opening(longer)).toBe('refused')
    }
  })

  test('two words that have changed places', () => {
    const words = fc.nat(sound.length / 4 - 1)
    fc.assert(
      fc.property(words, words, (a, b) => {
        const view = new DataView(sound.buffer)
        fc.pre(view.getUint32(a * 4) !== view.getUint32(b * 4))
        const swapped = changed((_, copy) => {
          copy.setUint32(a * 4, view.getUint32(b * 4))
          copy.setUint32(b * 4, view.getUint32(a * 4))
        })
        expect(opening(swapped)).toBe('refused')
      }),
      { numRuns: 1_000 },
    )
  })

  test('a part replaced by zeros, as a torn write leaves it', () => {
    const place = fc.integer({ min: 0, max: sound.length - 1 })
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 600 }), (start, length) => {
        fc.pre(sound.subarray(start, start + length).some((byte) => byte !== 0))
        expect(opening(changed((copy) => copy.fill(0, start, start + length)))).toBe('refused')
      }),
      { numRuns: 1_000 },
    )
  })

  test('bytes of any other kind', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => opening(bytes) === 'refused'))
    expect(opening(new TextEncoder().encode('{"type":"https://stayzr.dev/problems/internal"}'.padEnd(64)))).toBe(
      'refused',
    )
  })

  test('bytes that only begin as a snapshot', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 300 }), (bytes) => {
        bytes.set(sound.subarray(0, 8))
        expect(opening(bytes)).toBe('refused')
      }),
    )
  })
})

// A fault of the writer, not of the way: the checksum is right, and what it covers is not.
describe('openSnapshot() refuses, though the checksum holds,', () => {
  test.each<[string, (view: DataView) => void]>([
    ['another magic', (view) => view.setUint32(0, 0x52415a54, true)],
    ['format 1', (view) => view.setUint16(4, 1, true)],
    ['format 3', (view) => view.setUint16(4, 3, true)],
    ['a reserved field that is in use', (view) => view.setUint16(6, 1, true)],
    ['another length', (view) => view.setUint32(8, sound.length + 4, true)],
    ['no length', (view) => view.setUint32(8, 0, true)],
    ['more nights', (view) => view.setUint32(28, 8, true)],
    ['more nights than there is memory', (view) => view.setUint32(28, 0xffff_ffff, true)],
    ['another number of room types', (view) => view.setUint32(32, 3, true)],
    ['another number of base products', (view) => view.setUint32(36, 1, true)],
    ['another number of products', (view) => view.setUint32(40, 3, true)],
    ['content cut short', (view) => view.setUint32(44, view.getUint32(44, true) - 1, true)],
    ['content cut to nothing', (view) => view.setUint32(44, 0, true)],
    // As many bytes as before, each of them.
    ['one night at many rates', (view) => [view.setUint32(28, 1, true), view.setUint32(36, 41, true)]],
    ['counts that add up and are wrong', (view) => [view.setUint32(36, 1, true), view.setUint32(32, 6, true)]],
    ['products counted as rates', (view) => [view.setUint32(36, 3, true), view.setUint32(40, 3, true)]],
    [
      'nights counted as content',
      (view) => [view.setUint32(28, 6, true), view.setUint32(44, view.getUint32(44, true) + 26, true)],
    ],
  ])('%s', (_, change) => {
    expect(opening(resealed(changed((_bytes, view) => change(view))))).toBe('refused')
  })

  test.each([
    'x',
    '',
    'null',
    '7',
    '[]',
    '{}',
    '"text"',
    '{"roomTypes":[]}',
    '{"roomTypes":{},"ratePlans":{}}',
    '\ufffd',
  ])('content that is %j', (text) => {
    const damaged = changed((bytes, view) => {
      const start = 48 + 7 * (4 * 2 + 2 + 4 * 4)
      bytes.fill(0x20, start, start + view.getUint32(44, true))
      bytes.set(new TextEncoder().encode(text), start)
    })
    expect(opening(resealed(damaged))).toBe('refused')
  })

  test('any one header field changed to anything', () => {
    const field = fc.constantFrom(28, 32, 36, 40, 44)
    const value = fc.oneof(fc.nat(20), fc.nat(0xffff_ffff))
    fc.assert(
      fc.property(field, value, (at, given) => {
        fc.pre(new DataView(sound.buffer).getUint32(at, true) !== given)
        // Up to three bytes of filling may be content: the text then ends in zeros, which JSON refuses.
        expect(opening(resealed(changed((_, view) => view.setUint32(at, given, true))))).toBe('refused')
      }),
      { numRuns: 500 },
    )
  })
})
