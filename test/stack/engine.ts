/**
 * `node test/stack/engine.ts up|down|status`: a Docker engine for the proof of the stack. Where one answers already it
 * is used as it is. Otherwise, on Debian and as root, Debian's own packages are installed and the engine is started by
 * hand, since a container or a small virtual machine has no service manager that would do it.
 */
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { unpackPackages } from './debian.ts'
import { run, succeeds } from './shell.ts'

/** Our own, so that `down` can tell an engine of ours from one that somebody else runs. */
const dataFolder = '/var/lib/stayzr-docker'
const logPath = '/var/log/stayzr-docker.log'
const pidPath = '/run/docker.pid'
const pluginFolder = '/usr/local/lib/docker/cli-plugins'

/** A cold start takes 2 s; a machine that is busy takes longer. */
const startSecondsMax = 60

/** Told of each finished step. */
export type Report = (line: string) => void

/** True where `docker` and `docker compose` work. */
export async function engineAnswers(): Promise<boolean> {
  return (await daemonAnswers()) && (await composeAnswers())
}

/** Brings an engine up, with compose. Throws an error that says what is missing and what to do. */
export async function bringUpEngine(report: Report): Promise<void> {
  if (!(await daemonAnswers())) {
    await installEngine(report)
    await startEngine(report)
  }
  if (!(await composeAnswers())) await installPlugins(report)
}

/** Stops the engine if it is one of ours, and leaves any other alone. Its data stays. */
export async function takeDownEngine(report: Report): Promise<void> {
  if (!(await daemonAnswers())) return report('no engine is running')
  if (!(await isOurs())) return report('the engine that is running is not ours; it is left alone')
  const pid = Number(fs.readFileSync(pidPath, 'utf8'))
  process.kill(pid, 'SIGTERM')
  await waitFor(() => !fs.existsSync(`/proc/${pid}`), `the Docker engine (process ${pid}) does not stop`)
  report('engine stopped')
}

async function daemonAnswers(): Promise<boolean> {
  return await succeeds('docker', ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: 20_000 })
}

async function composeAnswers(): Promise<boolean> {
  return await succeeds('docker', ['compose', 'version'])
}

async function isOurs(): Promise<boolean> {
  return (await run('docker', ['info', '--format', '{{.DockerRootDir}}'])).trim() === dataFolder
}

async function installEngine(report: Report): Promise<void> {
  const missing = ['dockerd', 'debootstrap', 'iptables'].filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !isInstalled('apt-get'))
    throw new Error('No Docker engine answers. Start one; only on Debian and as root can this script bring its own.')
  await run('apt-get', ['-qq', 'update'], { timeoutMs: 300_000 })
  await run('apt-get', ['-qq', 'install', '--no-install-recommends', 'docker.io', 'debootstrap', 'iptables'], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: 600_000,
  })
  report('Docker engine and debootstrap installed from Debian')
}

async function startEngine(report: Report): Promise<void> {
  const log = fs.openSync(logPath, 'a')
  // Published ports are passed on by the kernel: the process that would copy their bytes takes as much as nginx.
  const options = ['--data-root', dataFolder, '--pidfile', pidPath, '--userland-proxy=false']
  const daemon = spawn('dockerd', options, {
    // It outlives this script, and belongs to no terminal.
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
  })
  daemon.unref()
  fs.closeSync(log)
  let ended = false
  daemon.once('exit', () => {
    ended = true
  })
  await waitFor(async () => ended || (await daemonAnswers()), `the Docker engine does not answer; see ${logPath}`)
  if (ended)
    throw new Error(`The Docker engine ended as soon as it was started. The reason is at the end of ${logPath}.`)
  report(`engine started, its data in ${dataFolder}`)
}

async function installPlugins(report: Report): Promise<void> {
  const scratch = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-plugins-'))
  try {
    await unpackPackages(['docker-compose', 'docker-buildx'], scratch)
    const unpacked = path.join(scratch, 'usr/libexec/docker/cli-plugins')
    fs.mkdirSync(pluginFolder, { recursive: true })
    for (const name of fs.readdirSync(unpacked))
      fs.copyFileSync(path.join(unpacked, name), path.join(pluginFolder, name))
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
  report('compose and buildx installed')
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => folder !== '' && fs.existsSync(path.join(folder, program)))
}

async function waitFor(done: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  const until = performance.now() + startSecondsMax * 1000
  while (!(await done())) {
    if (performance.now() > until) throw new Error(`After ${startSecondsMax} s ${otherwise}.`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const usage = `Usage: node test/stack/engine.ts up|down|status

  up      use the Docker engine that answers, or else install and start one (Debian, as root)
  down    stop the engine if this script started it; images and volumes stay
  status  say whether an engine with compose answers; ends with 1 if not
`

if (import.meta.main) {
  const say = (line: string): void => console.log(line)
  try {
    switch (process.argv[2]) {
      case 'up':
        await bringUpEngine(say)
        say('a Docker engine with compose answers')
        break
      case 'down':
        await takeDownEngine(say)
        break
      case 'status': {
        const answers = await engineAnswers()
        say(answers ? 'a Docker engine with compose answers' : 'no Docker engine with compose answers')
        process.exitCode = answers ? 0 : 1
        break
      }
      case '--help':
        say(usage)
        break
      default:
        process.stderr.write(usage)
        process.exitCode = 2
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
