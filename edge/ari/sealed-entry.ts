/**
 * Entries of the cache that carry no checksum of their own: FNV-1a over key and bytes, four bytes behind them. It finds
 * damage, and an entry that stands under another's key; malice it does not find.
 */

/** The bytes as they are kept under `key`. */
export function sealEntry(key: string, bytes: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(bytes.byteLength + 4)
  sealed.set(bytes)
  new DataView(sealed.buffer).setUint32(bytes.byteLength, hashOf(key, bytes), true)
  return sealed
}

/** What was kept under `key`; undefined where this is not it. */
export function openEntry(key: string, sealed: Uint8Array): Uint8Array | undefined {
  const length = sealed.byteLength - 4
  if (length < 0) return undefined
  const bytes = sealed.subarray(0, length)
  const hash = new DataView(sealed.buffer, sealed.byteOffset + length, 4).getUint32(0, true)
  return hash === hashOf(key, bytes) ? bytes : undefined
}

function hashOf(key: string, bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  return hash >>> 0
}
