import { build, stop } from 'esbuild'

/** A worker as one ES module, and how long that took. */
export type WorkerBundle = { code: string; bytes: number }

/**
 * Bundles a worker as wrangler does: the same conditions, platform modules left to the runtime. `define` replaces
 * names at build time. `minify` gives what a deployment ships; without it stack traces lead to the sources.
 */
export async function bundleWorker(
  entry: string,
  options: { define: Readonly<Record<string, string>>; minify: boolean },
): Promise<WorkerBundle> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    platform: 'neutral',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    loader: { '.txt': 'text', '.html': 'text' },
    define: { 'process.env.NODE_ENV': '"production"', ...options.define },
    minify: options.minify,
    sourcemap: options.minify ? false : 'inline',
    logLevel: 'silent',
    legalComments: 'none',
  })
  // Otherwise its process stays for the next time; there seldom is one.
  await stop()
  const [output] = result.outputFiles
  if (output === undefined) throw new Error(`esbuild made nothing of ${entry}`)
  return { code: output.text, bytes: output.contents.byteLength }
}
