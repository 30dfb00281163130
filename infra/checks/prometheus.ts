/** Prometheus' own tool over its configuration, rules and their tests; amtool over Alertmanager's configuration. */
import * as path from 'node:path'
import { allOf, type Outcome, projectFiles } from './check.ts'
import { runDebianProgram } from './debian-programs.ts'

const folder = 'infra/prometheus'

export async function checkPrometheus(): Promise<Outcome> {
  const files = (await projectFiles()).filter((file) => file.startsWith(`${folder}/`) && /\.ya?ml$/.test(file))
  const tests = files.filter((file) => file.startsWith(`${folder}/tests/`))
  const outcomes: Outcome[] = []
  const has = (name: string): boolean => files.includes(`${folder}/${name}`)
  const run = async (...args: Parameters<typeof runDebianProgram>): Promise<void> => {
    const { passed, output } = await runDebianProgram(...args)
    // Of many tests, those that failed.
    outcomes.push({ passed, output: output.replace(/^Unit Testing: .*\n\s*SUCCESS\n+/gm, '') })
  }
  // Only what it says: the files of secrets and of other machines' targets are not here.
  if (has('prometheus.yml')) await run('promtool', ['check', 'config', '--syntax-only', `${folder}/prometheus.yml`])
  const rules = files.filter((file) => /(?:alerts|rules)[^/]*\.ya?ml$/.test(file) && !tests.includes(file))
  if (rules.length > 0) await run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...rules])
  // The tests name their rules beside themselves.
  if (tests.length > 0)
    await run('promtool', ['test', 'rules', ...tests.map((file) => path.basename(file))], {
      cwd: path.join(import.meta.dirname, '../..', folder, 'tests'),
    })
  if (has('alertmanager.yml')) await run('amtool', ['check-config', `${folder}/alertmanager.yml`])
  if (outcomes.length === 0) return { passed: true, output: 'there is nothing yet' }
  return allOf(outcomes, `${rules.length} files of rules, ${tests.length} of their tests`)
}
