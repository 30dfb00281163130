/**
 * What nothing else removes: monthly snapshots older than B1's twelve months, with the volumes behind them. Old receipts,
 * changes and sessions are removed by the app itself, every ten minutes (origin/jobs/clean-up.ts); daily backups by the
 * backup plugin; old versions of files by the bucket's lifecycle.
 */
import { ask, cnpgPath, say } from './cluster-api.ts'
import { outdatedMonthlies } from './drill-cluster.ts'

const backups = await ask('GET', cnpgPath('backups'))
const outdated = outdatedMonthlies(backups?.items ?? [], new Date())
for (const name of outdated) {
  await ask('DELETE', cnpgPath('backups', name))
  say({ msg: 'removed a monthly backup', name })
}
say({ msg: 'cleaned up', removed: outdated.length })
