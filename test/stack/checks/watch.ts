/** Who watches: Prometheus reaches everybody, dashboards have something to show, and what is broken is told. */
import { setTimeout as sleep } from 'node:timers/promises'
import { dashboards } from '../../../infra/grafana/make-dashboards.ts'
import { addDays } from '../../../shared/domain/nights.ts'
import { today } from '../../support/builders.ts'
import { BookingLoad } from '../bookings.ts'
import type { Check, Context } from '../check.ts'
import { expectNone, waitFor } from '../check.ts'
import { succeeds } from '../shell.ts'
import type { Stack } from '../stack.ts'

/** What Prometheus needs to start, and what it asks. */
const services = [
  'prometheus',
  'alertmanager',
  'node-exporter',
  'postgres-exporter',
  'postgres-replica-exporter',
  'redis-exporter',
  'blackbox-exporter',
  'loki',
  'vector',
  'jaeger',
  'grafana',
]

/** Told only once something has gone wrong, which is not to be waited for: a count of it begins with the first one. */
const onlyInTrouble = new Set(['Errors', 'Why bookings are refused', 'Alerts', 'Wrong answers'])

interface Target {
  labels: { job: string; instance: string }
  health: string
  lastError: string
}

async function ask<T>(stack: Stack, path: string): Promise<T> {
  const text = await stack.exec('prometheus', ['wget', '-q', '-O', '-', `http://127.0.0.1:9090/api/v1/${path}`])
  return (JSON.parse(text) as { data: T }).data
}

async function query(stack: Stack, expr: string): Promise<{ value: [number, string] }[]> {
  const { result } = await ask<{ result: { value: [number, string] }[] }>(
    stack,
    `query?query=${encodeURIComponent(expr)}`,
  )
  return result
}

/** Those of the services whose images can be had here. */
async function startWatch(stack: Stack): Promise<{ running: string[]; missing: string[] }> {
  const { services: described } = JSON.parse(
    await stack.compose(['--profile', 'watch', 'config', '--format', 'json']),
  ) as { services: Record<string, { image: string }> }
  const running: string[] = []
  const missing: string[] = []
  for (const service of services) {
    const there = await succeeds('docker', ['image', 'inspect', described[service]?.image ?? ''])
    ;(there ? running : missing).push(service)
  }
  await stack.compose(['--profile', 'watch', 'up', '--detach', '--wait', '--no-build', '--no-deps', ...running])
  return { running, missing }
}

async function alertsFiring(stack: Stack): Promise<string[]> {
  const rows = await ask<{ alerts: { labels: { alertname: string }; state: string }[] }>(stack, 'alerts')
  return rows.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname)
}

/** Waits until Alertmanager has an alert, or has it no more. */
async function waitForAlert(stack: Stack, name: string, msMax: number): Promise<string> {
  const ms = await waitFor(
    async () => {
      if (!(await alertsFiring(stack)).includes(name)) return await sleep(2_000, false)
      const told = await stack.exec('alertmanager', [
        'amtool',
        '--alertmanager.url=http://127.0.0.1:9093',
        'alert',
        'query',
        `alertname=${name}`,
        '--inhibited',
        '--active',
        '--output=json',
      ])
      return told.includes(name)
    },
    msMax,
    `${name} does not fire`,
  )
  return `${name} after ${(ms / 1000).toFixed(0)} s`
}

async function seeDashboards(stack: Stack, missing: readonly string[]): Promise<string> {
  const panels = dashboards.flatMap(({ title, panels: all }) =>
    all.flatMap((panel) => panel.queries.map(({ expr }) => ({ title, panel: panel.title, expr }))),
  )
  // Samples of an edge need an edge to be named (EDGE_CHECK_URL), drills and backups their time.
  const usual = panels.filter(
    ({ panel, expr }) => !onlyInTrouble.has(panel) && !/stayzr_(?:edge_check|backup|wal|drill|ari_copies)/.test(expr),
  )
  // One program for all of them: each would take a second to start.
  const script = usual.map(({ expr }) => {
    const asked = encodeURIComponent(expr.replaceAll('$__rate_interval', '2m')).replaceAll("'", '%27')
    return `wget -q -O - 'http://127.0.0.1:9090/api/v1/query?query=${asked}'; echo`
  })
  const answers = (await stack.exec('prometheus', ['sh', '-c', script.join('\n')])).trim().split('\n')
  const empty = usual
    .filter((_, index) => JSON.parse(answers[index] ?? '{}').data?.result?.length === 0)
    .map(({ title, panel, expr }) => `${title}, ${panel}: ${expr}`)
  expectNone(empty, `no data${missing.length === 0 ? '' : ` (not here: ${missing.join(', ')})`}`)
  if (answers.length !== usual.length) throw new Error(`${usual.length} queries, ${answers.length} answers`)
  return `${usual.length} queries with data`
}

/** Waits for one recount and for what is told by rate, then looks. */
async function see(stack: Stack, missing: readonly string[]): Promise<string> {
  await waitFor(
    async () =>
      (await query(stack, 'max(stayzr_recount_completed_seconds) > 0')).length > 0 || (await sleep(2_000, false)),
    150_000,
    'inventory has not been recounted',
  )
  await waitFor(
    async () => (await query(stack, 'stayzr:http_errors:share5m')).length > 0 || (await sleep(2_000, false)),
    120_000,
    'no request was counted',
  )
  // Two scrapes more, for rates.
  await sleep(35_000)
  return await seeDashboards(stack, missing)
}

export const watch: Check = {
  name: 'watch',
  title: 'Prometheus reaches every target, dashboards have data, and what is broken is told',
  async run({ stack, hotels, guest }: Context) {
    const { running, missing } = await startWatch(stack)
    const said: string[] = []
    let targets: Target[] = []
    const isHere = ({ labels }: Target) => !missing.some((service) => labels.instance.startsWith(`${service}:`))
    await waitFor(
      async () => {
        targets = (await ask<{ activeTargets: Target[] }>(stack, 'targets?state=active')).activeTargets.filter(isHere)
        const down = targets.filter(({ health }) => health !== 'up')
        return targets.length >= 12 && down.length === 0 ? true : await sleep(1_000, false)
      },
      120_000,
      `not reached: ${targets.map(({ labels, lastError }) => `${labels.instance} ${lastError}`).join('; ')}`,
    )
    said.push(`${targets.length} targets of ${running.length} services`)
    expectNone(
      (await query(stack, 'probe_success == 0')).map(({ value }) => value.join(' ')),
      'probes that fail',
    )
    // So that there is something to see.
    const load = new BookingLoad(guest, hotels, 2)
    const nights = `arrival=${addDays(today(), 20)}&departure=${addDays(today(), 22)}`
    const searching = setInterval(() => {
      guest.call({ path: `/api/v1/properties/${hotels.codes[0]}/availability?${nights}&adults=2` }).catch(() => {})
    }, 500)
    try {
      said.push(await see(stack, missing))
    } finally {
      clearInterval(searching)
      await load.stop()
    }
    expectNone(
      (await alertsFiring(stack)).filter((name) =>
        /Oversold|Drift|Fail|Burns|NoInstance|SiteDown|PostgresDown/.test(name),
      ),
      'fires although nothing is broken',
    )

    const [code] = hotels.codes
    const [night] = await stack.sql<{ property: string; roomType: string; night: string }>(`
      select n.property_id as property, n.room_type as "roomType", n.night
      from room_type_night n
      join property p using (org_id, property_id)
      where p.code = '${code}' and n.night > current_date + 186 and n.available > 0
      order by n.night
      limit 1`)
    if (night === undefined) throw new Error('there is no night left to make drift')
    const sellBehindItsBack = (by: string) =>
      stack.sqlCommand(`update room_type_night set sold = sold ${by}
        where property_id = '${night.property}' and room_type = '${night.roomType}' and night = '${night.night}'`)
    await sellBehindItsBack('+ 1')
    try {
      said.push(await waitForAlert(stack, 'InventoryDrift', 240_000))
    } finally {
      await sellBehindItsBack('- 1')
    }

    await stack.compose(['stop', 'redis-replica', 'app'])
    try {
      said.push(await waitForAlert(stack, 'NoInstance', 240_000))
      said.push(await waitForAlert(stack, 'RedisDown', 300_000))
    } finally {
      await stack.up('redis-replica', 'app')
    }
    await waitFor(
      async () => !(await alertsFiring(stack)).includes('NoInstance') || (await sleep(2_000, false)),
      120_000,
      'NoInstance goes on although an instance is there',
    )
    await stack.compose(['--profile', 'watch', 'rm', '--stop', '--force', ...running])
    return `${said.join(', ')}${missing.length === 0 ? '' : `; not to be had here: ${missing.join(', ')}`}`
  },
}
