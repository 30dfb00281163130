/**
 * `npm run test:stack`: the proof of docker-compose.yml on a real engine. Brings up engine, base images and the stack from
 * a clean state, runs the checks one after the other with a line each, and removes everything it made.
 */
import { setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { provideBases } from './bases.ts'
import type { Check, Context } from './check.ts'
import { dataAccess, preparedStatements } from './checks/data-access.ts'
import { drill } from './checks/drill.ts'
import { ports, secrets } from './checks/exposure.ts'
import * as faults from './checks/faults.ts'
import { downAndUp, guestsAndPhotos } from './checks/life.ts'
import { requestId } from './checks/logs.ts'
import { overload } from './checks/overload.ts'
import { recover } from './checks/recover.ts'
import { pgbouncer, postgres, redis } from './checks/settings.ts'
import { watch } from './checks/watch.ts'
import { edgeClient, guestClient } from './client.ts'
import { bringUpEngine } from './engine.ts'
import { setUpHotels } from './hotel.ts'
import { projectName, Stack } from './stack.ts'

/** In the order in which they run: what others build upon first. */
const checks: readonly Check[] = [
  guestsAndPhotos,
  ports,
  postgres,
  pgbouncer,
  redis,
  dataAccess,
  preparedStatements,
  requestId,
  faults.scaling,
  faults.nginxReloaded,
  faults.postgresRestart,
  faults.postgresKilled,
  faults.redisKilled,
  faults.redisAway,
  faults.storageAway,
  drill,
  // Once the drill is over, which is held by itself and would share the stack's processor.
  overload,
  watch,
  // Late, when there is something in the logs, and before they go with their containers.
  secrets,
  downAndUp,
  // Last: it loses a minute of what the others count.
  recover,
]

const loadSecondsShort = 30
const loadSecondsLong = 300

const usage = `Usage: npm run test:stack -- [options]

Proves docker-compose.yml on a Docker engine: starts the whole stack from nothing, checks it, and removes it again. Where
no engine runs it brings one up (Debian, as root); where no registry answers it builds stand-ins for public images.

  --only NAME   run only this check; may be given several times
  --long        hold loads for ${loadSecondsLong} s instead of ${loadSecondsShort} s
  --keep        leave the stack running at the end, and say how to reach it
  --list        names and meanings of the checks
  --help        this text

STACK_NAME names the stack; by default it is stayzr-test. Two proofs at once on one machine need two names.
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      long: { type: 'boolean' },
      keep: { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return say(usage)
  if (values.list) return say(checks.map(({ name, title }) => `${name.padEnd(20)} ${title}`).join('\n'))
  const unknown = values.only?.filter((name) => !checks.some((check) => check.name === name)) ?? []
  if (unknown.length > 0) throw new Error(`There is no check named ${unknown.join(', ')}. --list names them all.`)
  const chosen = checks.filter(({ name }) => values.only?.includes(name) ?? true)

  preferThisProcess()
  const began = performance.now()
  await step('Docker engine', () => bringUpEngine(say))
  const bases = await step('base images', () => provideBases(say))
  if (bases.standIns.length > 0) say(`  stand-ins: ${bases.standIns.join(', ')}`)
  const stack = await step('images and secrets', () => Stack.prepare())
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    say('Stopping; once more to leave things as they are.')
    await stack.remove()
    process.exit(1)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    await step('up, from a clean state to healthy', () => stack.up())
    const edge = await edgeClient(stack)
    const guest = guestClient(stack)
    const hotels = await step('hotels', () => setUpHotels(stack, edge))
    const context: Context = {
      stack,
      hotels,
      edge,
      guest,
      loadSeconds: values.long ? loadSecondsLong : loadSecondsShort,
      standIns: bases.standIns,
    }
    const failed = await runChecks(chosen, context)
    say(`${chosen.length - failed.length} passed, ${failed.length} failed`)
    say(
      `in ${((performance.now() - began) / 60_000).toFixed(1)} minutes${failed.length === 0 ? '' : `; failed: ${failed.join(', ')}`}`,
    )
    edge.close()
    guest.close()
    return failed.length === 0 ? 0 : 1
  } finally {
    if (values.keep)
      say(`Left running: https://localhost:${stack.httpsPort}, authority in ${stack.secretsFolder}/tls_ca.crt.
Removed by the next run, or: docker compose --project-name ${projectName} down --volumes`)
    else await step('everything removed', () => stack.remove())
  }
}

async function runChecks(chosen: readonly Check[], context: Context): Promise<string[]> {
  const failed: string[] = []
  for (const check of chosen) {
    const began = performance.now()
    const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`
    try {
      const figures = await check.run(context)
      say(`✓ ${check.name}: ${check.title} (${seconds()})\n    ${figures}`)
    } catch (error) {
      failed.push(check.name)
      say(
        `✗ ${check.name}: ${check.title} (${seconds()})\n    ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  return failed
}

/** Who measures may not wait for a processor behind what is measured. Left as it is where that takes rights we lack. */
function preferThisProcess(): void {
  try {
    setPriority(-10)
  } catch {
    say('  (figures include waiting for this process: it has no right to a higher priority)')
  }
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  say(`· ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  return result
}

function say(line: string): number {
  console.log(line)
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
