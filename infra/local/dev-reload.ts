import { watch } from 'node:fs'
import * as path from 'node:path'
import { buildAssets } from './build-assets.ts'
import type { System } from './system.ts'

const project = path.join(import.meta.dirname, '../..')

/** Editors write a file in several steps, and a checkout changes many: wait until it has been quiet for this long. */
const quietMs = 150

/**
 * Builds assets and worker again and loads them into the running edge whenever something below `edge/` or `shared/`
 * changes. A build that fails is said and leaves the old one running. The origin watches its own files.
 */
export function watchSources(system: System, log: (line: string) => void): void {
  let timer: NodeJS.Timeout | undefined
  let last = Promise.resolve()
  const reload = async (): Promise<void> => {
    const started = performance.now()
    try {
      buildAssets()
      await system.reloadEdge()
      log(`Edge reloaded (${Math.round(performance.now() - started)} ms).`)
    } catch (error) {
      log(`Edge not reloaded: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const onChange = (name: string | null): void => {
    // What the build itself writes, and what editors write for themselves.
    if (name === null || name.startsWith('build') || /(?:^|\/)\.|~$/.test(name)) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      last = last.then(reload)
    }, quietMs)
  }
  for (const folder of ['edge', 'shared']) {
    watch(path.join(project, folder), { recursive: true }, (_event, name) => onChange(name))
  }
}
