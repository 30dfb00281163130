/**
 * Offers as text, from behind the rooms left: what a stay costs a party does not change with a booking, so the text is
 * kept beside the snapshot until a rate changes. Most guests ask about the same few hundred stays.
 */
import type { Snapshot } from './snapshot.ts'

/** Of all properties together; a text is some 400 bytes. */
const BYTES_MAX = 8_000_000
/** What an entry weighs beside its characters. */
const ENTRY_BYTES = 250

/** The texts of one stay for one party, by the product's index. */
export type StayTexts = (string | undefined)[]

let bySnapshot = new WeakMap<Snapshot, Map<string, StayTexts>>()
let bytes = 0

/** The texts that are kept for a stay; to be filled by `keepOfferText`. `key` names stay and party. */
export function offerTexts(snapshot: Snapshot, key: string): StayTexts {
  let stays = bySnapshot.get(snapshot)
  if (!stays) {
    stays = new Map()
    bySnapshot.set(snapshot, stays)
  }
  let texts = stays.get(key)
  if (!texts) {
    texts = []
    stays.set(key, texts)
    weigh(key)
  }
  return texts
}

/** Keeps a text for the next who asks. */
export function keepOfferText(texts: StayTexts, product: number, text: string): void {
  texts[product] = text
  weigh(text)
}

/** Where there is too much, all of it is let go of: what is asked for comes back. */
function weigh(text: string): void {
  bytes += text.length + ENTRY_BYTES
  if (bytes <= BYTES_MAX) return
  bySnapshot = new WeakMap()
  bytes = 0
}

/** To be called where a rate of the snapshot changes. */
export function forgetOfferTexts(snapshot: Snapshot): void {
  bySnapshot.delete(snapshot)
}
