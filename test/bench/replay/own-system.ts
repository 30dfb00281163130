/** A whole installation for one replay, in a temporary directory, with nothing in it but an organisation. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../infra/local/ports.ts'
import { startSystem, wipeSystem } from '../../../infra/local/system.ts'
import { addOrganisation } from '../../support/origin.ts'
import { type Counts, countUp } from './tally.ts'

/** A stack is cut; its first lines say where. */
const ERROR_SHOWN_MAX = 600

export type OwnSystem = {
  edgeUrl: string
  ownerUrl: string
  organisation: string
  apiKey: string
  /** What the origin wrote down as errors, each once with how often, the causes of 5xx among them. */
  errors(): string[]
  /** Stops everything and deletes the data. */
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL with its ordinary, durable settings, Redis if there is one, the origin and the edge in workerd, on
 * free ports. `aborted` stops it while it is still starting.
 */
export async function startOwnSystem(log: (line: string) => void, aborted: AbortSignal): Promise<OwnSystem> {
  const directory = mkdtempSync(join(tmpdir(), 'stayzr-replay-'))
  // As root PostgreSQL runs as another account, which has to get in.
  chmodSync(directory, 0o755)
  const handle = startSystem({
    directory,
    edgePort: await freePort(),
    originPort: await freePort(),
    demo: false,
    log,
  })
  const stop = async (): Promise<void> => {
    await handle.stop()
    await wipeSystem(directory, log)
    rmSync(directory, { recursive: true, force: true })
  }
  const abort = (): void => void handle.stop()
  aborted.addEventListener('abort', abort)
  try {
    const { edgeUrl, data } = await handle.ready
    const { organisation, apiKey } = await addOrganisation(data, 'replay')
    return {
      edgeUrl,
      ownerUrl: data.ownerUrl,
      organisation,
      apiKey,
      errors: () => errorsIn(join(directory, 'logs')),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  } finally {
    aborted.removeEventListener('abort', abort)
  }
}

/** Lines of the origin's log from level error (50) up. Of a log that grew too large only the newer part is there. */
function errorsIn(logs: string): string[] {
  const counts: Counts = new Map()
  for (const name of ['origin.log.old', 'origin.log']) {
    const file = join(logs, name)
    if (!existsSync(file)) continue
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (!/"level":[56]0/.test(line)) continue
      const { requestId: _, time: __, ...rest } = JSON.parse(line) as Record<string, unknown>
      countUp(counts, JSON.stringify(rest).slice(0, ERROR_SHOWN_MAX))
    }
  }
  return [...counts].map(([line, count]) => `${count} × ${line}`)
}
