/**
 * The copies of snapshots that the origin keeps in object storage, for an edge that holds nothing while the origin cannot
 * be reached. Where they are kept is an adapter's: R2 here, a directory and S3 in `copies-on-server.ts`.
 */
import {
  AS_OF_KEY,
  type AsOf,
  changesKey,
  copyConfirmedAt,
  copyKey,
  openCopy,
  readAsOf,
  readCopy,
} from '../../shared/ari/copy.ts'
import type { Snapshot } from '../../shared/ari/snapshot.ts'
import { withPatience } from './patience.ts'

/** Reads objects; undefined where there is none under the key. May reject. */
export interface ObjectReader {
  get(key: string): Promise<Uint8Array | undefined>
}

export interface CopyReader {
  /** The property's copy, and up to when it is known to have been current. Undefined where there is none; never rejects. */
  read(
    property: string,
    keepAlive: (work: Promise<unknown>) => void,
  ): Promise<{ snapshot: Snapshot; confirmedAt: number } | undefined>
  /** Codes of all properties with a copy, those first that were sold and changed most. May reject. */
  busiest(): Promise<string[]>
}

/** A guest waits for it, on top of having waited for the origin. */
const PATIENCE_MS = 2_000
/** The origin renews it every half minute while it can; a copy that is not there is not looked for again within this either. */
const AS_OF_MS = 5_000
const ABSENT_MAX = 1_000

/** Copies read one at a time for each property, however many guests ask. */
export function openCopies(objects: ObjectReader, now: () => number = () => Date.now()): CopyReader {
  const reading = new Map<string, Promise<{ snapshot: Snapshot; confirmedAt: number } | undefined>>()
  const absent = new Map<string, number>()
  let asOf: { value: AsOf | undefined; readAt: number } | undefined

  return {
    async busiest() {
      const versions = Object.entries((await currentAsOf())?.versions ?? {})
      return versions.sort(([, one], [, other]) => other - one).map(([property]) => property)
    },

    async read(property, keepAlive) {
      if (now() - (absent.get(property) ?? Number.NEGATIVE_INFINITY) < AS_OF_MS) return undefined
      let work = reading.get(property)
      if (!work) {
        work = readWhole(property).catch(() => undefined)
        const mine = work
        reading.set(property, mine)
        keepAlive(
          mine.then(() => {
            if (reading.get(property) === mine) reading.delete(property)
          }),
        )
      }
      const copy = await withPatience(work, PATIENCE_MS)
      if (copy) return copy
      // Also where it only took too long, so that the next one does not wait for what never comes.
      if (reading.get(property) === work) reading.delete(property)
      if (absent.size >= ABSENT_MAX) absent.clear()
      absent.set(property, now())
      return undefined
    },
  }

  async function readWhole(property: string) {
    const [copy, changes, known] = await Promise.all([
      unzipped(copyKey(property)),
      unzipped(changesKey(property)),
      currentAsOf(),
    ])
    if (!copy) return undefined
    const text = changes && { text: new TextDecoder().decode(changes.bytes), confirmedAt: changes.confirmedAt }
    const { snapshot, confirmedAt } = openCopy(copy, text)
    if (snapshot.content.property !== property) return undefined
    return { snapshot, confirmedAt: copyConfirmedAt(known, property, snapshot.version, confirmedAt) }
  }

  async function unzipped(key: string): Promise<{ bytes: Uint8Array; confirmedAt: number } | undefined> {
    const bytes = await objects.get(key)
    const sealed = bytes && readCopy(bytes)
    return sealed && { bytes: await gunzip(sealed.gzipped), confirmedAt: sealed.confirmedAt }
  }

  async function currentAsOf(): Promise<AsOf | undefined> {
    if (asOf && now() - asOf.readAt < AS_OF_MS) return asOf.value
    const bytes = await objects.get(AS_OF_KEY)
    const value = bytes && readAsOf(new TextDecoder().decode(await gunzip(bytes)))
    asOf = { value, readAt: now() }
    return value
  }
}

/** An R2 bucket of Cloudflare. */
export function r2Objects(bucket: R2Bucket): ObjectReader {
  return {
    async get(key) {
      const object = await bucket.get(key)
      return object ? new Uint8Array(await object.arrayBuffer()) : undefined
    },
  }
}

/** The part of Cloudflare's binding that is used. */
export interface R2Bucket {
  get(key: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer> } | null>
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
