/**
 * The compose files as compose itself reads them, with every profile, alone and with each override; then our own rules
 * on what a service may do.
 */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { type Outcome, outcomeOf, project, type Run, runCommand } from './check.ts'
import { ProgramMissing, runDebianProgram } from './debian-programs.ts'
import { unknownSettings } from './settings.ts'

const base = 'docker-compose.yml'
const overrides = 'infra/compose'

type Port = { published?: string; host_ip?: string }
type Service = {
  image?: string
  build?: { context?: string; dockerfile?: string }
  restart?: string
  ports?: readonly Port[]
  healthcheck?: { disable?: boolean }
  deploy?: { resources?: { limits?: { memory?: string; cpus?: unknown } } }
  mem_limit?: string
  cpus?: number | string
  read_only?: boolean
  privileged?: boolean
  network_mode?: string
  cap_drop?: readonly string[]
  security_opt?: readonly string[]
  logging?: { options?: Record<string, string> }
  environment?: Record<string, string | null>
  networks?: Record<string, unknown>
  command?: readonly string[] | null
}
export type ComposeProject = { services?: Record<string, Service>; networks?: Record<string, { internal?: boolean }> }

export async function checkCompose(): Promise<Outcome> {
  if (!fs.existsSync(path.join(project, base))) return { passed: true, output: 'there is nothing yet' }
  const folder = path.join(project, overrides)
  const others = (fs.existsSync(folder) ? fs.readdirSync(folder) : []).filter((name) =>
    /^compose\.[\w-]+\.yml$/.test(name),
  )
  const complaints: string[] = []
  let services = 0
  for (const override of [undefined, ...others]) {
    const files = override === undefined ? [base] : [base, `${overrides}/${override}`]
    const { passed, output, stdout } = await runCompose(files)
    const title = files.join(' + ')
    if (!passed) {
      complaints.push(`${title}: ${output}`)
      continue
    }
    const parsed = JSON.parse(stdout) as ComposeProject
    services = Math.max(services, Object.keys(parsed.services ?? {}).length)
    const development = override?.includes('development') ?? false
    complaints.push(...composeBreaks(parsed, { development }).map((sentence) => `${title}: ${sentence}`))
  }
  return outcomeOf(complaints, `${services} services, ${others.length} overrides`)
}

async function runCompose(files: readonly string[]): Promise<Run> {
  const args = [...files.flatMap((file) => ['--file', file]), '--profile', '*', 'config', '--format', 'json']
  try {
    return await runDebianProgram('docker-compose', args)
  } catch (error) {
    const own = await runCommand('docker', ['compose', ...args])
    if (error instanceof ProgramMissing && !own.passed && !(await runCommand('docker', ['compose', 'version'])).passed)
      throw error
    return own
  }
}

/** Values that are secrets by their name; a file's name or an address without a password is none. */
const secretName = /(?:PASSWORD|PASSPHRASE|SECRET|TOKEN|PRIVATE|SIGNING_KEY|ACCESS_KEY|GUEST_TOKEN_KEY)/

/** What a service may do that it must not, in sentences. On a developer's machine ports may be open to that machine. */
export function composeBreaks(parsed: ComposeProject, where: { development: boolean }): string[] {
  const breaks: string[] = []
  for (const [name, service] of Object.entries(parsed.services ?? {})) {
    const add = (sentence: string): void => void breaks.push(`${name}: ${sentence}`)
    const image = service.image ?? ''
    // What is built here has the tag of whoever built it.
    if (service.build === undefined && (!/:[^/]+$/.test(image) || /:latest(?:@|$)/.test(image)))
      add(`image ${image || '(none)'} is not pinned by tag`)
    for (const port of service.ports ?? []) {
      const local = port.host_ip === '127.0.0.1' || port.host_ip === '::1'
      if (name !== 'nginx' && !(where.development && local)) add(`publishes port ${port.published}; only nginx may`)
    }
    if (service.privileged) add('is privileged')
    if (service.network_mode === 'host') add('is in the machine’s own network')
    if (service.restart === undefined) add('says nothing of restart')
    const once = service.restart === 'no' || service.restart?.startsWith('on-failure')
    if (!once && !hasHealthCheck(service)) add('has no health check')
    if (service.deploy?.resources?.limits?.memory === undefined && service.mem_limit === undefined)
      add('has no memory limit')
    if (service.deploy?.resources?.limits?.cpus === undefined && service.cpus === undefined) add('has no CPU limit')
    if (!where.development && service.read_only !== true) add('can write to its root (read_only)')
    if (!service.cap_drop?.includes('ALL')) add('keeps capabilities (cap_drop: [ALL])')
    if (!service.security_opt?.some((option) => /^no-new-privileges(?::true)?$/.test(option)))
      add('may gain privileges (security_opt: [no-new-privileges:true])')
    if (service.logging?.options?.['max-size'] === undefined) add('its log grows without end (logging max-size)')
    for (const [key, value] of Object.entries(service.environment ?? {})) {
      if (
        secretName.test(key) &&
        !key.endsWith('_FILE') &&
        value !== null &&
        value !== '' &&
        !/^\/run\/secrets\//.test(value)
      )
        add(`${key} is a secret in the environment, where docker inspect shows it; mount a file`)
      if (/:\/\/[^/@:]+:[^/@]+@/.test(value ?? '')) add(`${key} has a password in an address; mount a file`)
    }
  }
  for (const name of ['app', 'data', 'watch']) {
    const network = parsed.networks?.[name]
    if (network !== undefined && network.internal !== true && !where.development)
      breaks.push(`network ${name} reaches the outside (internal: true)`)
  }
  for (const [name, service] of Object.entries(parsed.services ?? {})) {
    const isOrigin = name === 'app' || service.command?.some((word) => word.startsWith('origin/'))
    if (!isOrigin) continue
    for (const setting of unknownSettings(Object.keys(service.environment ?? {})))
      breaks.push(`${name}: the origin knows no setting ${setting}`)
  }
  return breaks
}

/** Of its own, or of the image that is built for it. */
function hasHealthCheck({ healthcheck, build }: Service): boolean {
  if (healthcheck !== undefined) return healthcheck.disable !== true
  if (build?.context === undefined) return false
  const file = path.resolve(project, build.context, build.dockerfile ?? 'Dockerfile')
  return fs.existsSync(file) && /^HEALTHCHECK\s+(?!NONE)/m.test(fs.readFileSync(file, 'utf8'))
}
