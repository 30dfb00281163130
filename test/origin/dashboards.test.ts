/** Every query of every dashboard and alert: well-formed, and about metrics that somebody tells. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { newCounters } from '../../edge/ari/counters.ts'
import type { AriStore } from '../../edge/ari/store.ts'
import { renderMetrics } from '../../edge/metrics.ts'
import { ProgramMissing, runDebianProgram } from '../../infra/checks/debian-programs.ts'
import { dashboardFiles, dashboards } from '../../infra/grafana/make-dashboards.ts'
import { testOrigin } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'

const root = join(import.meta.dirname, '../..')
const database = await freshDatabase()

/** Words of the language, and names of labels, that look like metrics. */
const LANGUAGE = new Set(['by', 'on', 'or', 'and', 'unless', 'offset', 'ignoring', 'without', 'bool', 'inf'])

/** The metrics a query asks for: names that are neither functions, labels nor words of the language. */
function metricsIn(query: string): string[] {
  const bare = query
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(?:by|on|ignoring|without)\s*\([^)]*\)/g, '')
    .replace(/\boffset \w+/g, '')
  return Array.from(bare.matchAll(/(?<![\w.$])[a-zA-Z_:][\w:]*(?!\w*\s*\()/g), ([name]) => name).filter(
    (name) => !LANGUAGE.has(name),
  )
}

/** Names as they are told; what has only a description so far is told once it has happened. */
function namesIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, name, kind] = /^# TYPE (\S+) (\w+)$/.exec(line) ?? []
    if (name === undefined) return []
    return kind === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name]
  })
}

async function toldMetrics(): Promise<Set<string>> {
  const { origin } = await testOrigin(database)
  const own = await (await origin.fetch(new Request('http://127.0.0.1/metrics'))).text()
  await origin.close()
  const store = { counters: newCounters(), held: () => ({ properties: 0, bytes: 0 }) } as unknown as AriStore
  const edge = renderMetrics({ store, answered: new Map([['/', { count: 1 }]]) })
  const exporters = readFileSync(join(root, 'test/support/exporter-metrics.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const { groups } = parse(readFileSync(join(root, 'infra/prometheus/rules.yml'), 'utf8'))
  const recorded = groups.flatMap((group: { rules: { record: string }[] }) => group.rules.map((rule) => rule.record))
  // Written by infra/backup for node-exporter to publish.
  const backup = readdirSync(join(root, 'infra/backup'))
    .map((name) => readFileSync(join(root, 'infra/backup', name), 'utf8'))
    .join('\n')
    .matchAll(/\bstayzr_(?:backup|drill|files|wal)_\w+/g)
  return new Set([
    ...namesIn(own),
    ...namesIn(edge),
    ...exporters,
    ...recorded,
    ...Array.from(backup, ([name]) => name),
  ])
}

const panels = dashboards.flatMap(({ title, panels: all }) =>
  all.flatMap((panel) => panel.queries.map(({ expr }) => ({ where: `${title}, ${panel.title}`, expr }))),
)
const rules = ['alerts.yml', 'rules.yml'].flatMap((file) =>
  parse(readFileSync(join(root, 'infra/prometheus', file), 'utf8')).groups.flatMap(
    (group: { rules: { alert?: string; record?: string; expr: string }[] }) =>
      group.rules.map((rule) => ({ where: rule.alert ?? rule.record ?? '', expr: rule.expr })),
  ),
)

describe('dashboards', () => {
  it('are written as they are meant', () => {
    const folder = join(root, 'infra/grafana/dashboards')
    const written = new Map(
      readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
    )
    expect(written, 'run: node infra/grafana/make-dashboards.ts').toEqual(dashboardFiles())
  })

  it('ask for metrics that somebody tells, and so do alerts', async () => {
    const told = await toldMetrics()
    expect(metricsIn('sum by (le) (rate(a_b{c="d"}[5m])) / on (server) (max(e:f) offset 10m) or vector(0)')).toEqual([
      'a_b',
      'e:f',
    ])
    const unknown = [...panels, ...rules].flatMap(({ where, expr }) =>
      metricsIn(expr)
        .filter((name) => !told.has(name))
        .map((name) => `${where}: ${name}`),
    )
    expect(panels.length).toBeGreaterThan(80)
    expect(unknown).toEqual([])
  })

  it('ask in the language of Prometheus', async (context) => {
    const refused: string[] = []
    // One file of rules instead of a hundred starts of a program.
    const file = join(root, '.stayzr', 'dashboard-queries.yml')
    mkdirSync(join(root, '.stayzr'), { recursive: true })
    const asRules = panels.map(({ expr }, index) => ({
      record: `query:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }))
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules: asRules }] }))
    try {
      const { passed, output } = await runDebianProgram('promtool', ['check', 'rules', '--lint=none', file])
      if (!passed) refused.push(output)
    } catch (error) {
      if (!(error instanceof ProgramMissing)) throw error
      context.skip(error.message)
    } finally {
      rmSync(file, { force: true })
    }
    expect(refused).toEqual([])
  })
})
