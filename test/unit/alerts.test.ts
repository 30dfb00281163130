/** What promtool does not look at: that every alert has a runbook, a test of both kinds, and somebody it goes to. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const rulesIn = (path: string) => parse(read(path)).groups.flatMap((group: { rules: object[] }) => group.rules)

interface Alert {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; description: string; runbook: string }
}
const alerts: Alert[] = rulesIn('infra/prometheus/alerts.yml')
const tests = readdirSync(join(root, 'infra/prometheus/tests')).flatMap(
  (name) => parse(read(`infra/prometheus/tests/${name}`)).tests as { alert_rule_test: RuleTest[] }[],
)
interface RuleTest {
  alertname: string
  exp_alerts: object[]
}
const fileOf = (alert: string) => `${alert.replace(/(?<!^)(?=[A-Z])/g, '-').toLowerCase()}.md`
/** A runbook says in its second line how grave it is; what else is in the folder is something else. */
const runbooks = readdirSync(join(root, 'infra/runbooks')).filter(
  (name) => name.endsWith('.md') && /^(?:Critical|Warning|Info): /m.test(read(`infra/runbooks/${name}`)),
)

describe('each alert', () => {
  test.each(alerts)('$alert says how grave it is, what it is, and where its runbook is', (alert) => {
    expect(['critical', 'warning', 'info']).toContain(alert.labels.severity)
    expect(alert.annotations.summary).not.toBe('')
    expect(alert.annotations.description).toMatch(/\.$/)
    expect(alert.annotations.runbook).toBe(`infra/runbooks/${fileOf(alert.alert)}`)
    const runbook = read(alert.annotations.runbook)
    expect(runbook.startsWith(`# ${alert.alert}\n`)).toBe(true)
    expect(runbook.toLowerCase()).toContain(`\n${alert.labels.severity}: `)
    for (const heading of ['What it means', 'Look here', 'Do this']) expect(runbook).toContain(`\n## ${heading}\n`)
  })

  test.each(alerts)('$alert is tested silent, then firing', ({ alert }) => {
    const own = tests.flatMap((it) => it.alert_rule_test).filter(({ alertname }) => alertname === alert)
    expect(own.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true)
    expect(own.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true)
  })
})

describe('runbooks', () => {
  test('belong to an alert', () => {
    expect(runbooks.filter((name) => !alerts.some(({ alert }) => fileOf(alert) === name))).toEqual([])
  })

  test('name other runbooks that there are, and services that the stack has', () => {
    const [, described = ''] = /\nservices:\n(.*?)\nnetworks:\n/s.exec(read('docker-compose.yml')) ?? []
    const services = Array.from(described.matchAll(/^ {2}([a-z0-9-]+):$/gm), ([, name]) => name)
    for (const name of runbooks) {
      const text = read(`infra/runbooks/${name}`)
      for (const [, other] of text.matchAll(/(?<![\w/-])([a-z-]+\.md)\b/g))
        expect(readdirSync(join(root, 'infra/runbooks')), `${name}: ${other}`).toContain(other)
      for (const [, after] of text.matchAll(/docker compose exec ([a-z0-9-]+)/g))
        expect(services, `${name}: ${after}`).toContain(after)
    }
  })
})

describe('inhibition', () => {
  test('names alerts that there are', () => {
    const { inhibit_rules: rules } = parse(read('infra/prometheus/alertmanager.yml'))
    const named = JSON.stringify(rules).matchAll(/alertname=~?\\"([^"\\]+)/g)
    const names = Array.from(named, ([, it]) => (it as string).split('|')).flat()
    expect(names.length).toBeGreaterThan(10)
    expect(names.filter((it) => !alerts.some(({ alert }) => alert === it))).toEqual([])
  })
})
