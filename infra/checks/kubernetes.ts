/** The overlays as kustomize renders them, each object against its kind's schema, and all of them against our own rules. */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { stringify } from 'yaml'
import { prometheusRules, written } from '../k8s/write-prometheus-rules.ts'
import { type Outcome, outcomeOf, project } from './check.ts'
import { runDebianProgram } from './debian-programs.ts'
import { kubernetesRuleBreaks } from './kubernetes-rules.ts'
import { type KubernetesObject, parseObjects, schemaComplaints } from './kubernetes-schemas.ts'

const overlays = 'infra/k8s/overlays'

export async function checkKubernetes(): Promise<Outcome> {
  const folder = path.join(project, overlays)
  const names = fs.existsSync(folder) ? visible(folder) : []
  if (names.length === 0) return { passed: true, output: 'there is nothing yet' }
  const complaints = [...staleRules()]
  const counts: string[] = []
  for (const name of names) {
    const { objects, complaint } = await renderOverlay(`${overlays}/${name}`)
    const found = complaint === undefined ? await objectComplaints(objects) : [complaint]
    complaints.push(...found.map((sentence) => `${name}: ${sentence}`))
    counts.push(`${objects.length} in ${name}`)
  }
  return outcomeOf(complaints, `objects: ${counts.join(', ')}`)
}

/** A folder that begins with a dot is a deploy that is under way. */
const visible = (folder: string): string[] =>
  fs
    .readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort()

/** Everything a cluster would be given for one overlay, or the renderer's complaint. */
export async function renderOverlay(
  folder: string,
): Promise<{ objects: readonly KubernetesObject[]; complaint?: string }> {
  // The rules that Prometheus has in compose are the ones it has here, from their own folder.
  const run = await runDebianProgram('kustomize', ['build', '--load-restrictor', 'LoadRestrictionsNone', folder])
  return run.passed ? { objects: parseObjects(run.stdout) } : { objects: [], complaint: run.output }
}

async function objectComplaints(objects: readonly KubernetesObject[]): Promise<string[]> {
  const complaints = (await Promise.all(objects.map(schemaComplaints))).flat()
  return complaints.length > 0 ? complaints : [...kubernetesRuleBreaks(objects), ...(await badExpressions(objects))]
}

function staleRules(): string[] {
  return fs.readFileSync(written, 'utf8') === prometheusRules()
    ? []
    : ['the rules of infra/prometheus have changed: run node infra/k8s/write-prometheus-rules.ts']
}

/** What a schema takes for any string, Prometheus itself reads. */
async function badExpressions(objects: readonly KubernetesObject[]): Promise<string[]> {
  const complaints: string[] = []
  const rules = objects.flatMap(({ kind, metadata, spec }) => {
    if (kind === 'PrometheusRule') return [{ name: `PrometheusRule ${metadata.name}`, groups: spec.groups }]
    if (kind !== 'ScaledObject') return []
    const queries = (spec.triggers as { type: string; metadata: { query?: string } }[])
      .filter(({ type }) => type === 'prometheus')
      .map(({ metadata: { query } }, number) => ({ record: `trigger:${number}`, expr: query }))
    return [{ name: `ScaledObject ${metadata.name}`, groups: [{ name: 'triggers', rules: queries }] }]
  })
  for (const { name, groups } of rules) {
    const run = await runDebianProgram('promtool', ['check', 'rules', '--lint=all', '--lint-fatal'], {
      input: stringify({ groups }),
    })
    if (!run.passed) complaints.push(`${name}: ${run.output}`)
  }
  return complaints
}
