/** What can be seen of the stack from where it should not be seen. */
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { connect } from 'node:net'
import type { Check, Context } from '../check.ts'
import { expectNone } from '../check.ts'
import { finish, run } from '../shell.ts'
import { projectName, type Stack } from '../stack.ts'

/** What the stack's programs listen on, inside. */
const knownPorts = [
  80, 443, 3000, 3100, 3443, 4317, 4318, 5432, 6379, 6432, 8080, 8081, 8333, 8443, 8787, 8888, 9000, 9090, 9093, 9100,
  9121, 9187, 9333, 16686, 26379,
]

async function addresses(stack: Stack): Promise<{ service: string; address: string }[]> {
  const found = []
  for (const { id, service } of await stack.containers()) {
    const networks = await run('docker', [
      'inspect',
      '--format',
      '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}',
      id,
    ])
    for (const address of networks.trim().split(/\s+/)) found.push({ service, address })
  }
  return found
}

export const ports: Check = {
  name: 'ports',
  title: 'from outside the networks only nginx is there, on its two ports',
  async run({ stack }) {
    const published = (
      await run('docker', [
        'ps',
        '--format',
        '{{.Names}} {{.Ports}}',
        '--filter',
        `label=com.docker.compose.project=${projectName}`,
      ])
    )
      .split('\n')
      .flatMap((row) =>
        [...row.matchAll(/:(\d+)->/g)].map((match) => `${row.split(' ')[0]?.replace(/-\d+$/, '')} ${match[1]}`),
      )
    const wanted = [`${projectName}-nginx ${stack.httpPort}`, `${projectName}-nginx ${stack.httpsPort}`]
    expectNone(
      [...new Set(published)].filter((it) => !wanted.includes(it)),
      'published beside nginx',
    )

    const targets = (await addresses(stack)).flatMap(({ service, address }) =>
      knownPorts.map((port) => ({ service, address, port })),
    )
    // The scan sees what is open where it may: from inside PostgreSQL answers.
    const inside = targets.filter(({ service, port }) => service === 'postgres' && port === 5432)
    if ((await scan(`${projectName}_data`, inside)).length === 0) throw new Error('the scan finds nothing even inside')
    // Who is in the same network comes to the application by TLS only.
    const application = targets.filter(
      ({ service, port }) =>
        (service === 'app' && [3000, 3443].includes(port)) || (service === 'edge' && [8443, 8787].includes(port)),
    )
    const taken = await scan(`${projectName}_app`, application)
    expectNone(
      taken.filter(({ port }) => port === 3000 || port === 8787).map(({ service, port }) => `${service} on ${port}`),
      'answers without TLS',
    )
    for (const service of ['app', 'edge'])
      if (!taken.some((it) => it.service === service)) throw new Error(`${service} does not answer over TLS`)
    // From a container that has nothing to do with the stack: on the engine's own network, as any other program here. Twice,
    // since the engine's rules have a gap of a moment whenever somebody makes a network on this machine.
    const found = await scan('bridge', await scan('bridge', targets))
    expectNone(
      found.map(({ service, port }) => `${service} answers on ${port}`),
      'reached from another network',
    )
    for (const port of [stack.httpPort, stack.httpsPort])
      if (!(await isOpen(port))) throw new Error(`nginx does not answer on ${port}`)
    return `2 ports published; ${targets.length} addresses and ports tried from another network, none open`
  },
}

interface Target {
  service: string
  address: string
  port: number
}

/** Those that take a connection from a container on this network. */
async function scan(network: string, targets: readonly Target[]): Promise<Target[]> {
  if (targets.length === 0) return []
  const script = `
    const { connect } = require('node:net')
    const targets = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
    const open = ({ address, port }) => new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: 1500 })
      for (const [event, is] of [['connect', true], ['error', false], ['timeout', false]])
        socket.once(event, () => { socket.destroy(); resolve(is) })
    })
    Promise.all(targets.map(async (it) => ({ ...it, open: await open(it) })))
      .then((all) => console.log(JSON.stringify(all.filter((it) => it.open))))`
  const image = 'node:24-trixie-slim'
  const args = ['run', '--rm', '--interactive', '--network', network, image, 'node', '--eval', script]
  return JSON.parse(await run('docker', args, { input: JSON.stringify(targets) })) as Target[]
}

async function isOpen(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** The secret values, by name. Certificates are public; of their keys the text between the lines counts. */
function secretValues(stack: Stack): { name: string; value: string }[] {
  return fs
    .readdirSync(stack.secretsFolder)
    .filter((name) => !name.endsWith('.crt'))
    .flatMap((name) => {
      const text = stack.secret(name)
      if (name.endsWith('.key')) return [{ name, value: text.split('\n')[1] ?? '' }]
      // An address holds a password that is a secret of its own; a list holds keys after their names.
      if (text.startsWith('postgres://')) return []
      return text.split(',').map((it) => ({ name, value: it.slice(it.indexOf(':') + 1) }))
    })
    .filter(({ value }) => value.length >= 16)
}

/** The names of the secrets that a program's output holds, and how much it was. Nothing of it is kept. */
async function searchOutput(
  program: string,
  args: readonly string[],
  values: readonly { name: string; value: string }[],
): Promise<{ found: string[]; bytes: number }> {
  const needles = values.map(({ name, value }) => ({ name, value: Buffer.from(value) }))
  const longest = Math.max(...needles.map(({ value }) => value.byteLength))
  const found = new Set<string>()
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  let bytes = 0
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    const text = Buffer.concat([rest, chunk])
    for (const { name, value } of needles) if (text.includes(value)) found.add(name)
    rest = text.subarray(Math.max(0, text.byteLength - longest))
  }
  const status = await ended
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`)
  return { found: [...found], bytes }
}

async function searchImages(
  values: readonly { name: string; value: string }[],
): Promise<{ found: string[]; bytes: number }> {
  const images = (
    await run('docker', [
      'image',
      'ls',
      '--format',
      '{{.Repository}}:{{.Tag}}',
      '--filter',
      `reference=stayzr/*:${projectName}`,
    ])
  )
    .split('\n')
    .filter((name) => name !== '')
  if (images.length === 0) throw new Error('there are no images to look into')
  // In every image of ours there is this text: a search that does not find it looks into nothing.
  const control = { name: 'control', value: 'stayzr:x:10001' }
  const { found, bytes } = await searchOutput('docker', ['save', ...images], [...values, control])
  if (!found.includes('control')) throw new Error('the search of images does not find what is in them')
  return { found: found.filter((name) => name !== 'control').map((name) => `${name} in an image`), bytes }
}

async function searchText(
  text: string,
  where: string,
  values: readonly { name: string; value: string }[],
): Promise<string[]> {
  return values.filter(({ value }) => text.includes(value)).map(({ name }) => `${name} in ${where}`)
}

async function searchContainers(
  { stack }: Context,
  values: readonly { name: string; value: string }[],
): Promise<string[]> {
  const ids = (await stack.containers()).map(({ id }) => id)
  const logs = await stack.logs()
  if (logs.length < 1_000) throw new Error('the logs are nearly empty')
  return [
    ...(await searchText(await run('docker', ['inspect', ...ids]), 'docker inspect', values)),
    ...(await searchText(logs, 'the logs', values)),
  ]
}

export const secrets: Check = {
  name: 'secrets',
  title: 'no secret is in an image, a log, docker inspect or git',
  async run(context) {
    const values = secretValues(context.stack)
    if (values.length < 12) throw new Error(`only ${values.length} secrets are known`)
    const images = await searchImages(values)
    const found = [...images.found, ...(await searchContainers(context, values))]
    const tracked = await run('git', ['ls-files', 'infra/compose/secrets'])
    if (tracked !== '') found.push('infra/compose/secrets is in git')
    const ignored = await finish('git', ['check-ignore', '--quiet', 'infra/compose/secrets/app_password'])
    if (ignored.status !== 0) found.push('git does not ignore infra/compose/secrets')
    expectNone(found, 'found')
    return `${values.length} values, ${Math.round(images.bytes / 1e6)} MB of images, logs and inspect of ${(await context.stack.containers()).length} containers`
  },
}
