import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/**
 * infra/k8s/deploy with programs that write down what they are asked: there is no cluster here. What it would render is
 * what kustomize is given, printed as it is.
 */
const deploy = path.join(import.meta.dirname, '../../infra/k8s/deploy')
const commit = '0123456789abcdef0123456789abcdef01234567'
const digest = `sha256:${'7'.repeat(64)}`

let place: string
beforeEach(() => {
  place = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-deploy-'))
  program('kustomize', 'for last; do :; done; cat "$last/kustomization.yaml"; echo "  name: stayzr-migrate-one"')
})
afterEach(() => fs.rmSync(place, { recursive: true }))

function program(name: string, body: string): void {
  fs.writeFileSync(path.join(place, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
}

/** A kubectl whose answer to what begins with one of `refused` is no. */
function kubectl(...refused: string[]): void {
  const cases = refused.map((words) => `*"${words}"*) exit 1 ;;`).join(' ')
  program('kubectl', `echo "$*" >>"${place}/asked"; case "$*" in ${cases} *) ;; esac`)
}

async function run(...args: string[]): Promise<{ code: number; output: string; asked: string[] }> {
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    const env = { ...process.env, PATH: `${place}:${process.env.PATH}` }
    execFile(deploy, args, { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    )
  })
  const asked = fs.existsSync(`${place}/asked`) ? fs.readFileSync(`${place}/asked`, 'utf8').trim().split('\n') : []
  // The place of the rendered file is another each time.
  return { code, output, asked: asked.map((line) => line.replace(/\/\S+\.release\.\w+\//, '')) }
}

const release = ['--environment', 'staging', '--version', `sha-${commit}-42`]

describe('infra/k8s/deploy', () => {
  it('migrates while the version before serves, then applies the rest and waits for it', async () => {
    kubectl()
    const { code, asked } = await run(...release)
    expect(asked).toEqual([
      '--namespace stayzr-staging get deployment/stayzr-app',
      'apply --filename all.yaml --selector app.kubernetes.io/name=stayzr-migrate',
      '--namespace stayzr-staging wait job/stayzr-migrate-one --for=condition=complete --timeout 15m',
      'apply --filename all.yaml',
      '--namespace stayzr-staging rollout status deployment/stayzr-app --timeout 15m',
    ])
    expect(code).toBe(0)
  })

  it('applies everything at once the first time, when there is no database to migrate yet', async () => {
    kubectl('get deployment')
    const { asked } = await run(...release)
    expect(asked[1]).toBe('apply --filename all.yaml')
  })

  it('changes nothing else where the migration fails', async () => {
    kubectl('wait job')
    const { code, asked, output } = await run(...release)
    expect(code).toBe(1)
    expect(asked).not.toContain('apply --filename all.yaml')
    expect(output).toContain('nothing else was changed')
  })

  it('goes back where the release does not get ready', async () => {
    kubectl('rollout status')
    const { code, asked, output } = await run(...release)
    expect(code).toBe(1)
    expect(asked).toContain('--namespace stayzr-staging rollout undo deployment/stayzr-app')
    expect(output).toContain('the release before serves again')
  })

  it('writes images by digest or tag and a version short enough for a label, and leaves the repository as it was', async () => {
    const images = path.join(place, 'images')
    fs.writeFileSync(images, `stayzr/app=ghcr.io/example/app@${digest}\nstayzr/redis=localhost:5000/redis:1.2\n`)
    const { output } = await run(...release, '--images', images, '--dry-run')
    expect(output).toContain(`- { name: stayzr/app, newName: ghcr.io/example/app, digest: '${digest}' }`)
    expect(output).toContain("- { name: stayzr/redis, newName: localhost:5000/redis, newTag: '1.2' }")
    expect(output).toContain("app.kubernetes.io/version: 'sha-0123456789ab-42'")
    expect(fs.readdirSync(path.join(deploy, '../overlays')).sort()).toEqual(['production', 'staging'])
  })

  it.each([
    [['--environment', 'moon', '--version', '1'], 'say --environment'],
    [['--environment', 'staging'], 'say --version'],
    [['--environment', 'staging', '--version', 'Big_One'], 'may have small letters'],
    [['--environment', 'staging', '--version', '1', '--fast'], '--fast is not an option'],
  ])('says what is wrong with %j', async (args, sentence) => {
    kubectl()
    const { code, output, asked } = await run(...args)
    expect({ code, asked }).toEqual({ code: 1, asked: [] })
    expect(output).toContain(sentence)
  })
})
