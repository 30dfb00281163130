/** A whole installation for one replay, in a temporary directory, with nothing in it but an organisation. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../infra/local/ports.ts'
import { startSystem, wipeSystem } from '../../../infra/local/system.ts'
import { addOrganisation } from '../../support/origin.ts'

export type OwnSystem = {
  edgeUrl: string
  ownerUrl: string
  organisation: string
  apiKey: string
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
    return { edgeUrl, ownerUrl: data.ownerUrl, organisation, apiKey, stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    aborted.removeEventListener('abort', abort)
  }
}
