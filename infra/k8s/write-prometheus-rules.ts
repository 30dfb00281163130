/**
 * Writes base/watch/prometheus-rules.yaml: the rules and alerts of infra/prometheus as the Prometheus operator takes them.
 * Run it when they change; `npm run check` says so where it was forgotten.
 */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { parse, stringify } from 'yaml'

const folder = path.join(import.meta.dirname, '../prometheus')
export const written = path.join(import.meta.dirname, 'base/watch/prometheus-rules.yaml')

type Group = { name: string; rules: { annotations?: Record<string, string> }[] }

/** What the file has to hold, from the rules as they are now. */
export function prometheusRules(): string {
  const files = ['rules.yml', 'alerts.yml'].filter((file) => fs.existsSync(path.join(folder, file)))
  const groups = files.flatMap(
    (file) => (parse(fs.readFileSync(path.join(folder, file), 'utf8')) as { groups: Group[] }).groups,
  )
  const object = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'stayzr' },
    spec: { groups },
  }
  const header = '# Made by infra/k8s/write-prometheus-rules.ts from infra/prometheus. Change it there.\n'
  return header + stringify(object, { lineWidth: 0 })
}

if (import.meta.main) fs.writeFileSync(written, prometheusRules())
