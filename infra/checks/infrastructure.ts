/** What `npm run check` holds infrastructure to. Each check finds its files by itself and passes where there are none. */
import type { Check, Outcome } from './check.ts'
import { checkCompose } from './compose.ts'
import { ProgramMissing } from './debian-programs.ts'
import { checkDockerfiles } from './dockerfiles.ts'
import { checkKubernetes } from './kubernetes.ts'
import { checkNginx } from './nginx.ts'
import { checkPrometheus } from './prometheus.ts'
import { checkShellScripts } from './shell-scripts.ts'
import { checkWorkflows } from './workflows.ts'

/** Two lists that may run side by side. */
export const infrastructureChecks: readonly (readonly Check[])[] = [
  // By far the longest: its tests let weeks go by, minute by minute.
  [{ name: 'Prometheus and Alertmanager', run: whereItCan(checkPrometheus) }],
  [
    { name: 'compose', run: whereItCan(checkCompose) },
    { name: 'Dockerfiles', run: whereItCan(checkDockerfiles) },
    { name: 'Kubernetes', run: whereItCan(checkKubernetes) },
    { name: 'nginx', run: whereItCan(checkNginx) },
    { name: 'shell scripts', run: whereItCan(checkShellScripts) },
    { name: 'workflows', run: whereItCan(checkWorkflows) },
  ],
]

/** A machine that cannot have a program says so and goes on; CI has to have it. */
function whereItCan(run: () => Promise<Outcome>): () => Promise<Outcome> {
  return async () => {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof ProgramMissing)) throw error
      return { passed: process.env.CI === undefined, output: `not checked: ${error.message}` }
    }
  }
}
