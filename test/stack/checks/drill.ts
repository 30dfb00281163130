/** What was backed up can be had again. */
import type { Check } from '../check.ts'
import { waitFor } from '../check.ts'
import { finish } from '../shell.ts'

export const drill: Check = {
  name: 'drill',
  title:
    'the newest backup is restored into a fresh server, to a point in time, and proves the bookings that were made',
  async run({ stack }) {
    // The service makes its first backup by itself, as soon as it is started.
    await waitFor(
      async () => {
        const { id } = await stack.container('backup')
        return (
          (await finish('docker', ['exec', id, 'test', '-s', '/var/lib/stayzr/metrics/backup-1.state'])).status === 0
        )
      },
      180_000,
      'there is no backup',
    )
    await stack.exec('backup', ['infra/backup/back-up', '--repository', '1', '--type', 'incr'])
    const said = await stack.exec('backup', ['infra/backup/drill'])
    const result = JSON.parse(await stack.exec('backup', ['cat', '/var/lib/stayzr/metrics/drill.json'])) as {
      ok: boolean
      measured: Record<string, number>
      proofs: unknown[]
    }
    if (!result.ok) throw new Error(said)
    const measured = Object.entries(result.measured).map(([name, value]) => `${name} ${value}`)
    return `${result.proofs.length} proofs; ${measured.join(', ')}`
  },
}
