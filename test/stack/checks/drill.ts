/** What was backed up can be had again. */
import type { Check } from '../check.ts'
import { waitFor } from '../check.ts'
import { finish } from '../shell.ts'

/** Where the backup service keeps its results. */
const state = '/var/lib/stayzr/metrics'

export const drill: Check = {
  name: 'drill',
  title:
    'the newest backup is restored into a fresh server, to a point in time, and proves the bookings that were made',
  async run({ stack }) {
    // The service makes its first backup by itself, as soon as it is started. The drill restores to two minutes ago, so what
    // it restores is older than that; and what was written since has been archived after a minute.
    await waitFor(
      async () => {
        const { id } = await stack.container('backup')
        const found = await finish('docker', ['exec', id, 'find', state, '-name', 'backup-1.state', '-mmin', '+3'])
        return found.stdout.includes('backup-1.state')
      },
      420_000,
      'there is no backup that is three minutes old',
    )
    const said = await stack.exec('backup', ['infra/backup/drill'])
    const result = JSON.parse(await stack.exec('backup', ['cat', `${state}/drill.json`])) as {
      ok: boolean
      measured: Record<string, number>
      proofs: unknown[]
    }
    if (!result.ok) throw new Error(said)
    const measured = Object.entries(result.measured).map(([name, value]) => `${name} ${value}`)
    return `${result.proofs.length} proofs; ${measured.join(', ')}`
  },
}
