/**
 * Fills an edge that has just started, before guests come, so that a deploy is not a rush on the origin. For Node and
 * Deno: a worker's isolates start empty, but find the location's cache as it was.
 */
import { answerOf } from '../../shared/client.ts'
import { listProperties } from '../../shared/routes/properties.ts'
import type { SendToOrigin } from '../forward.ts'
import type { CopyReader } from './copies.ts'
import { withPatience } from './patience.ts'
import type { AriStore } from './store.ts'

export interface WarmUpOptions {
  store: AriStore
  /** Where snapshots come from at no cost to the origin; without, each is asked of the origin. */
  copies: CopyReader | undefined
  /** Codes of the properties there are, where no copies say so; may reject. */
  listed: () => Promise<string[]>
  /** Fill no more than this. */
  bytesMax: number
  /** Guests wait no longer than this for the edge to listen. */
  msMax: number
}

export interface WarmedUp {
  properties: number
  bytes: number
  ms: number
  from: 'copies' | 'origin' | 'nowhere'
}

/** Fills at once. Of the origin fewer: it sells at the same time, and each costs it some 40 ms. */
const AT_ONCE = { copies: 4, origin: 2 }
const keepAlive = () => {}

/**
 * The busiest first, as far as one can tell beforehand: a property's version counts what was sold and changed. Never
 * rejects: what could not be filled is filled when a guest asks.
 */
export async function warmUp(options: WarmUpOptions): Promise<WarmedUp> {
  const { store, copies, msMax } = options
  const began = performance.now()
  const goesOn = () => performance.now() - began < msMax && store.held().bytes < options.bytesMax
  let copied: string[] = []
  const fillAll = async () => {
    // A storage that hangs leaves time for the origin.
    copied = (copies && (await withPatience(copies.busiest(), msMax / 3).catch(() => []))) ?? []
    const codes = copied.length > 0 ? copied : await options.listed()
    const rest = codes.values()
    const worker = async () => {
      for (const property of rest) {
        if (!goesOn()) return
        await fillOne(property).catch(() => {})
      }
    }
    await Promise.all(Array.from({ length: copied.length > 0 ? AT_ONCE.copies : AT_ONCE.origin }, worker))
  }
  const fillOne = async (property: string) => {
    const copy = copied.length > 0 ? await copies?.read(property, keepAlive) : undefined
    if (copy) store.take(property, copy)
    else await store.confirmed(property, undefined, keepAlive)
  }
  await withPatience(fillAll(), msMax).catch(() => {})
  const { properties, bytes } = store.held()
  const from = properties === 0 ? 'nowhere' : copied.length > 0 ? 'copies' : 'origin'
  return { properties, bytes, ms: Math.round(performance.now() - began), from }
}

/** The public list of hotels, as the origin gives it. */
export async function listedProperties(send: SendToOrigin): Promise<string[]> {
  const answer = await send({
    method: 'GET',
    target: listProperties.path,
    headers: new Headers(),
    body: new Uint8Array(),
    requestId: crypto.randomUUID(),
    clientAddress: 'edge',
    timeoutMs: 1_000,
  })
  const { properties } = await answerOf(listProperties, answer)
  return properties.map(({ property }) => property)
}
