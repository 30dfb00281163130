/**
 * Looks into a running origin or edge without restarting it: a heap snapshot or a CPU profile, to standard output. It is
 * given to a Node beside the process, in the process's own container, whose image has nothing else:
 *
 *   docker compose exec -T app node --input-type=module-typescript - heap <infra/runbooks/inspect.ts >app.heapsnapshot
 *   docker compose exec -T app node --input-type=module-typescript - cpu 20 <infra/runbooks/inspect.ts >app.cpuprofile
 *
 * Both open in the developer tools of Chromium. The inspector is opened for it on the loopback address and closed again. A
 * heap snapshot stops the process for about a second per 100 MB: take the instance that can be missed. It holds whatever was in
 * memory, guests' names and keys among it: keep it as you keep a backup, and delete it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const inspector = 'http://127.0.0.1:9229/json/list'
const usage = 'Say heap, or cpu and for how many seconds (10), and after it a process id if there are several.'

function say(sentence: string): void {
  console.error(`inspect: ${sentence}`)
}

/** The process of ours on this machine, or in this container. */
function findProcess(): number {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return /(?:^|\/)node\0(?:.*\0)?(?:\S*\/)?(?:origin\/main|edge\/server)\.ts\0/.test(
          readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
        )
      } catch {
        // It has ended meanwhile.
        return false
      }
    })
  if (found.length !== 1) throw new Error(`${found.length} processes could be meant (${found.join(', ')}). ${usage}`)
  return Number(found[0])
}

/** Asks one thing at a time; `event` sees everything the process tells meanwhile. */
class Session {
  readonly #socket: WebSocket
  #last = 0
  readonly #waiting = new Map<number, (answer: { result?: unknown; error?: { message: string } }) => void>()

  constructor(socket: WebSocket, event: (method: string, params: Record<string, string>) => void) {
    this.#socket = socket
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data))
      if (message.id === undefined) event(message.method, message.params)
      else this.#waiting.get(message.id)?.(message)
    }
  }

  ask(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const id = ++this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)))
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }
}

async function connect(event: (method: string, params: Record<string, string>) => void): Promise<Session> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const [target] = await fetch(inspector).then(
      (answer) => answer.json() as Promise<{ webSocketDebuggerUrl: string }[]>,
      () => [],
    )
    if (target !== undefined) {
      const socket = new WebSocket(target.webSocketDebuggerUrl)
      await new Promise((resolve, reject) => {
        socket.onopen = resolve
        socket.onerror = () => reject(new Error('the inspector does not take a connection'))
      })
      return new Session(socket, event)
    }
    await sleep(100)
  }
  throw new Error('the process opens no inspector: SIGUSR1 may be blocked')
}

const [what, ...numbers] = process.argv.slice(2)
if (what !== 'heap' && what !== 'cpu') throw new Error(usage)
const pid = Number(numbers[what === 'cpu' ? 1 : 0] ?? findProcess())
process.kill(pid, 'SIGUSR1')
const session = await connect((method, params) => {
  if (method === 'HeapProfiler.addHeapSnapshotChunk') process.stdout.write(params.chunk ?? '')
})
try {
  if (what === 'heap') {
    await session.ask('HeapProfiler.takeHeapSnapshot')
    say('done. Open it under Memory; delete it afterwards.')
  } else {
    const seconds = Number(numbers[0] ?? 10)
    await session.ask('Profiler.enable')
    await session.ask('Profiler.start')
    say(`looking for ${seconds} s`)
    await sleep(seconds * 1000)
    const { profile } = (await session.ask('Profiler.stop')) as { profile: unknown }
    process.stdout.write(JSON.stringify(profile))
    say('done. Open it under Performance.')
  }
} finally {
  // The answer does not come any more: the inspector is gone, and the connection with it.
  void session
    .ask('Runtime.evaluate', { expression: "process.getBuiltinModule('node:inspector').close()" })
    .catch(() => {})
  await sleep(200)
}
// Everything has to be written before the end; the connection would keep this process.
process.stdout.write('', () => process.exit())
