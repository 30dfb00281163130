/** What was backed up can be had again. */
import type { Check } from '../check.ts'
import { waitFor } from '../check.ts'
import { finish } from '../shell.ts'

/** Where the backup service writes what came of a drill. */
const result = '/var/lib/stayzr/metrics/drill.json'

export const drill: Check = {
  name: 'drill',
  title:
    'by itself the newest backup is restored into a fresh server, to a point in time, and proves the bookings that were made',
  async run({ stack }) {
    // The service makes its first backup as soon as it is started, and holds a drill by itself once there is something to
    // restore to, after five minutes.
    await waitFor(
      async () => {
        const { id } = await stack.container('backup')
        return (await finish('docker', ['exec', id, 'test', '-s', result])).status === 0
      },
      600_000,
      'no drill has been held',
    )
    const held = JSON.parse(await stack.exec('backup', ['cat', result])) as {
      ok: boolean
      measured: Record<string, number>
      proofs: unknown[]
    }
    if (!held.ok) throw new Error(await stack.logs('backup', '--tail', '40'))
    const measured = Object.entries(held.measured).map(([name, value]) => `${name} ${value}`)
    return `${held.proofs.length} proofs; ${measured.join(', ')}`
  },
}
