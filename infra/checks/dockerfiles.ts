/** Our images: made from pinned bases, and nobody is root in them. */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { type Outcome, outcomeOf, project, projectFiles } from './check.ts'

export async function checkDockerfiles(): Promise<Outcome> {
  const files = (await projectFiles()).filter((file) => path.basename(file) === 'Dockerfile')
  const complaints = files.flatMap((file) =>
    dockerfileBreaks(fs.readFileSync(path.join(project, file), 'utf8')).map((sentence) => `${file}: ${sentence}`),
  )
  return outcomeOf(complaints, files.length === 0 ? 'there are none' : `${files.length} images`)
}

/** What is wrong with a Dockerfile's instructions, in sentences. */
export function dockerfileBreaks(source: string): string[] {
  const breaks: string[] = []
  const instructions = source.replace(/\\\n/g, ' ').split('\n')
  const stages = new Set<string>()
  let user: string | undefined
  for (const instruction of instructions) {
    const from = /^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(instruction)
    if (from !== null) {
      const [, image = '', stage] = from
      if (image !== 'scratch' && !stages.has(image) && (!/[:@]/.test(image) || image.endsWith(':latest')))
        breaks.push(`FROM ${image}: name the version, not whatever is newest`)
      if (stage !== undefined) stages.add(stage)
      user = undefined
    }
    user = /^USER\s+(\S+)/i.exec(instruction)?.[1] ?? user
  }
  // Its image is fetched before anything else, also where everything that is needed is at hand.
  if (/^#\s*syntax\s*=/m.test(source)) breaks.push('# syntax= is not needed for what is used here')
  if (user === undefined || /^(?:root|0)(?::|$)/.test(user)) breaks.push('the last stage runs as root: say USER')
  return breaks
}
