/** Snapshots as they travel to the edges: compressed once a version, however many edges ask for it. */
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import { Problem } from '../../../shared/problems.ts'
import type { Ari } from './service.ts'

/**
 * Measured at 730 nights × 30 room types × 12 plans, 1.61 MB: Brotli at quality 1 makes 211 KB of it in 4 ms of CPU. Gzip
 * takes 11 ms for 284 KB at level 3, and 24 ms for 237 KB at level 6.
 */
const QUALITY = 1
/** Some 300 properties of that size, thousands of usual ones. */
const BYTES_MAX = 67_108_864

const compress = promisify(brotliCompress)

export interface Packed {
  bytes: Uint8Array
  encoding: 'br' | undefined
}

/**
 * Returns the function that gives the snapshot of exactly a version, compressed where that is taken. It throws what
 * `Ari.snapshot` throws. What is remembered is given out only while its version is the current one.
 */
export function packedSnapshots(ari: Pick<Ari, 'head' | 'snapshot'>) {
  const remembered = new Map<string, { version: number; bytes: Promise<Uint8Array>; length: number }>()
  let length = 0

  const forget = (code: string): void => {
    length -= remembered.get(code)?.length ?? 0
    remembered.delete(code)
  }

  const pack = async (code: string, version: number): Promise<Uint8Array> => {
    const { bytes } = await ari.snapshot(code, version)
    return await compress(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength },
    })
  }

  return async (code: string, version: number, accepted: string): Promise<Packed> => {
    if (!/\bbr\b/.test(accepted)) return { bytes: (await ari.snapshot(code, version)).bytes, encoding: undefined }
    const known = remembered.get(code)
    if (known?.version === version) {
      const head = await ari.head(code, [])
      if (head.version !== version) throw new Problem('version-not-current', { version: head.version })
      return { bytes: await known.bytes, encoding: 'br' }
    }
    const mine = { version, bytes: pack(code, version), length: 0 }
    const place = (): void => {
      forget(code)
      remembered.set(code, mine)
    }
    // An edge that is late gets its 409 without pushing out what the others ask for. One that is not late, with a lower
    // version than what is remembered, tells of a database restored to an earlier state.
    const isLower = known !== undefined && known.version > version
    if (!isLower) place()
    try {
      const bytes = await mine.bytes
      if (isLower && remembered.get(code) === known) place()
      if (remembered.get(code) === mine) {
        mine.length = bytes.byteLength
        length += bytes.byteLength
        for (const [oldest] of remembered) {
          if (length <= BYTES_MAX) break
          forget(oldest)
        }
      }
      return { bytes, encoding: 'br' }
    } catch (error) {
      if (remembered.get(code) === mine) forget(code)
      throw error
    }
  }
}
