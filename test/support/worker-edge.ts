/** The worker as it is deployed, in real workerd, with a cache and a bucket that a test can reach. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare'
import { bundleWorker } from '../../infra/local/worker-bundle.ts'

export interface WorkerEdge {
  url: string
  /** Puts an object where the worker's ARI_COPIES is. */
  putCopy(key: string, bytes: Uint8Array): Promise<void>
  /** A new isolate in the same location: nothing in memory, the cache as it was. */
  freshIsolate(): Promise<void>
  /** The same in a location where nobody has been. */
  freshLocation(): Promise<void>
  stop(): Promise<void>
}

export async function workerEdge(
  origin: { url: string; signingKey: string },
  vars: Record<string, string> = {},
): Promise<WorkerEdge> {
  const directory = mkdtempSync(join(tmpdir(), 'stayzr-worker-'))
  const entry = join(import.meta.dirname, '../../edge/worker.ts')
  const { code } = await bundleWorker(entry, { define: {}, minify: false })
  let starts = 0
  let locations = 0
  const options = () =>
    convertV4MiniflareOptions({
      log: new NoOpLog(),
      cf: false,
      telemetry: { enabled: false },
      cachePersist: join(directory, `cache-${locations}`),
      r2Persist: join(directory, 'r2'),
      handleStructuredLogs: () => {},
      workers: [
        {
          name: 'edge',
          // A comment that differs makes workerd load it anew.
          modules: [{ type: 'ESModule', path: 'worker.js', contents: `${code}\n// ${++starts}` }],
          compatibilityDate: '2026-10-01',
          r2Buckets: ['ARI_COPIES'],
          bindings: {
            ORIGIN_URL: origin.url,
            EDGE_SIGNING_KEY: origin.signingKey,
            ARI_MEMORY_BYTES_MAX: '67108864',
            ARI_STALE_SECONDS_MAX: '900',
            ...vars,
          },
        },
      ],
    })
  const miniflare = new Miniflare(options())
  const edge: WorkerEdge = {
    url: (await miniflare.ready).origin,
    async putCopy(key, bytes) {
      const bucket = await miniflare.getR2Bucket('ARI_COPIES')
      await bucket.put(key, bytes)
    },
    async freshIsolate() {
      await miniflare.setOptions(options())
      edge.url = (await miniflare.ready).origin
    },
    async freshLocation() {
      locations += 1
      await edge.freshIsolate()
    },
    async stop() {
      await miniflare.dispose()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return edge
}
