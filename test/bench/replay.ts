/** `npm run replay -- FILE.csv`: real demand against a running system. See `--help`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { StartError } from '../../infra/local/start-error.ts'
import { dateAt } from '../../shared/domain/zone.ts'
import { readBookings, UnusableFile } from './replay/bookings-file.ts'
import { replayAtOnce } from './replay/guests.ts'
import { setUpHotel } from './replay/hotel-set-up.ts'
import { type Client, openClient } from './replay/http.ts'
import { HELP, type ReplayOptions, readOptions, WrongUsage } from './replay/options.ts'
import { type OwnSystem, startOwnSystem } from './replay/own-system.ts'
import { planReplay } from './replay/plan.ts'
import { processorTime, timeBetween } from './replay/profile.ts'
import { showProgress } from './replay/progress.ts'
import { recountByAnswers, recountInDatabase } from './replay/recount.ts'
import { REPLAY_ZONE } from './replay/replay-hotel.ts'
import { type Finished, figuresOf, mustBeZero, tableOf } from './replay/report.ts'
import type { Tally } from './replay/tally.ts'
import { replayAndVerify } from './replay/verify.ts'

async function replay(options: ReplayOptions, aborted: AbortSignal): Promise<boolean> {
  const { bookings, skipped, rows } = readBookings(readFileSync(options.file, 'utf8'), options.rowsMax)
  const plan = planReplay(bookings, {
    property: `replay-${Date.now().toString(36)}`,
    today: dateAt(Date.now(), REPLAY_ZONE),
    ...options,
  })
  const began = performance.now()
  const own = options.target ? undefined : await startOwnSystem((line) => console.error(line), aborted)
  const client = openClient(options.target?.url ?? own?.edgeUrl ?? '', options.guests)
  try {
    const apiKey = options.target?.apiKey ?? own?.apiKey ?? ''
    const version = await setUpHotel(client, apiKey, plan)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.error(`${own ? 'A system of its own is up and its' : 'The'} property is priced after ${seconds} s.`)
    const finished = await runEvents(options, { client, own, version, rows, skipped, plan, aborted })
    console.log(tableOf(finished).join('\n'))
    if (options.jsonFile !== undefined)
      writeFileSync(options.jsonFile, `${JSON.stringify(figuresOf(finished), null, 2)}\n`)
    return [...mustBeZero(finished).values()].every((count) => count === 0)
  } finally {
    client.close()
    await own?.stop()
  }
}

async function runEvents(
  options: ReplayOptions,
  given: Pick<Finished, 'rows' | 'skipped' | 'plan'> & {
    client: Client
    own: OwnSystem | undefined
    version: number
    aborted: AbortSignal
  },
): Promise<Finished> {
  const { client, own, version, rows, skipped, plan, aborted } = given
  const progress = showProgress(plan.events.length, process.stderr)
  const onEvent = (tally: Tally): void => {
    aborted.throwIfAborted()
    progress.step(tally)
  }
  const before = processorTime()
  const verified = options.verify
    ? await replayAndVerify(client, plan, { version, seed: options.seed, onEvent })
    : undefined
  const outcome = verified ?? (await replayAtOnce(client, plan, { guests: options.guests, version, onEvent }))
  const used = options.profile ? timeBetween(before, processorTime()) : undefined
  progress.done()
  const recounts = [await recountByAnswers(client, plan, outcome.held, outcome.version)]
  if (own) recounts.unshift(await recountInDatabase(own.ownerUrl, own.organisation, plan, outcome.held))
  return { rows, skipped, plan, outcome, verified, recounts, processorTime: used, errors: own?.errors() ?? [] }
}

async function main(): Promise<void> {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopping.abort(new Error('Stopped. Nothing was left behind.')))
  try {
    const options = readOptions(process.argv.slice(2))
    if (!options) console.log(HELP)
    else process.exitCode = (await replay(options, stopping.signal)) ? 0 : 1
  } catch (error) {
    const inWords = error instanceof WrongUsage || error instanceof UnusableFile || error instanceof StartError
    const unreadable = error instanceof Error && 'code' in error && 'path' in error
    console.error(inWords || unreadable || stopping.signal.aborted ? (error as Error).message : error)
    if (error instanceof WrongUsage) console.error('See npm run replay -- --help')
    process.exitCode = 2
  }
}

await main()
