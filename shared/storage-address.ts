/** Where objects are kept, as one setting says it: `file:///directory` or `s3://bucket/prefix?endpoint=…&region=…`. Pure. */

export type StorageAddress =
  | { kind: 'disk'; directory: string }
  | { kind: 's3'; bucket: string; prefix: string; endpoint: string | undefined; region: string }

/** Reads the setting; undefined where it names no place. */
export function storageAddress(text: string): StorageAddress | undefined {
  const url = URL.parse(text)
  if (url?.protocol === 'file:') return directoryAt(url)
  if (url?.protocol !== 's3:' || url.host === '') return undefined
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '')
  const endpoint = url.searchParams.get('endpoint') ?? undefined
  if (endpoint !== undefined && !isWebAddress(endpoint)) return undefined
  return {
    kind: 's3',
    bucket: url.host,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint,
    region: url.searchParams.get('region') ?? 'auto',
  }
}

function directoryAt(url: URL): StorageAddress | undefined {
  // file://relative/directory names a host, and a slash written as %2F would be part of a name.
  if (url.host !== '' || /%2f/i.test(url.pathname)) return undefined
  try {
    return { kind: 'disk', directory: decodeURIComponent(url.pathname) }
  } catch {
    return undefined
  }
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== ''
}
