/**
 * The drill in Kubernetes: `restore` has a server made from the backups, as it was ten minutes ago, and waits until it
 * answers; the pod's second step counts everything again (infra/backup/recount.sql); `finish` removes the server and
 * ends with the second step's result. Job times and results are metrics of kube-state-metrics, see watch/recorded.yaml.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, cnpgPath, namespace, say } from './cluster-api.ts'
import { drillCluster, drillName } from './drill-cluster.ts'

/** B2 allows four hours for a recovery; the pod's own deadline is behind this. */
const patienceMs = 3 * 60 * 60_000
/** WAL is archived every minute at the latest, so this moment is surely in the archive. */
const targetAgeMs = 10 * 60_000
/** Shared with the pod's other steps. */
const place = '/drill'

async function restore(): Promise<void> {
  const live = await ask('GET', cnpgPath('clusters', 'stayzr-postgres'))
  if (live === undefined) throw new Error('there is no cluster stayzr-postgres to restore from')
  await remove()
  const started = Date.now()
  const target = new Date(started - targetAgeMs)
  await ask('POST', cnpgPath('clusters'), drillCluster(live, target))
  say({ msg: 'restoring', target: target.toISOString() })
  await waitFor('the restored server to be ready', async () => {
    const made = await ask('GET', cnpgPath('clusters', drillName))
    return made?.status?.readyInstances === 1
  })
  const seconds = Math.round((Date.now() - started) / 1000)
  say({ msg: 'restored', seconds })
  for (const [secret, key, file] of [
    [`${drillName}-superuser`, 'password', 'password'],
    [`${drillName}-ca`, 'ca.crt', 'ca.crt'],
  ] as const) {
    const found = await ask('GET', `/api/v1/namespaces/${namespace()}/secrets/${secret}`)
    if (found === undefined) throw new Error(`there is no secret ${secret}`)
    // The next step runs under another account of the same group.
    writeFileSync(`${place}/${file}`, Buffer.from(found.data[key], 'base64'), { mode: 0o640 })
  }
}

async function finish(): Promise<void> {
  await remove()
  const mistakes = existsSync(`${place}/result`)
    ? readFileSync(`${place}/result`, 'utf8').trim()
    : 'nothing was counted'
  say({ msg: mistakes === '' ? 'the restored data is right' : 'the restored data is wrong', mistakes })
  if (mistakes !== '') process.exitCode = 1
}

/** What an earlier drill that was ended left behind goes too. */
async function remove(): Promise<void> {
  await ask('DELETE', cnpgPath('clusters', drillName))
  await waitFor(
    'the drill’s server to be gone',
    async () => (await ask('GET', cnpgPath('clusters', drillName))) === undefined,
  )
}

async function waitFor(what: string, is: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + patienceMs
  while (!(await is())) {
    if (Date.now() > until) throw new Error(`waited too long for ${what}`)
    await sleep(5_000)
  }
}

const [step] = process.argv.slice(2)
if (step === 'restore') await restore()
else if (step === 'finish') await finish()
else throw new Error('Say restore or finish.')
