import { type ChildProcess, spawn } from 'node:child_process'

// Reads `hold TARGET SIGNAL` and `free TARGET` lines until its input ends, which is when the process that started it is
// gone, however it went. Then it signals what is still held, newest first, and five seconds later kills what remains.
const guardScript = `
held=
while read -r word target signal; do
  case $word in
    hold) held="$target:$signal $held" ;;
    free)
      kept=
      for entry in $held; do [ "\${entry%%:*}" = "$target" ] || kept="$kept $entry"; done
      held=$kept ;;
  esac
done
for entry in $held; do kill -s "\${entry#*:}" -- "\${entry%%:*}" 2>/dev/null; done
tries=0
while [ $tries -lt 50 ]; do
  alive=
  for entry in $held; do kill -0 -- "\${entry%%:*}" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && exit 0
  sleep 0.1
  tries=$((tries + 1))
done
for entry in $held; do kill -s KILL -- "\${entry%%:*}" 2>/dev/null; done
`

let guard: ChildProcess | undefined

function tellGuard(line: string): void {
  if (guard === undefined || guard.exitCode !== null) {
    // Its own session, so that a Ctrl-C in the terminal does not end it before those it watches over.
    guard = spawn('/bin/sh', ['-c', guardScript], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' })
    guard.on('error', () => {})
    guard.stdin?.on('error', () => {})
    guard.unref()
    // A pipe keeps the event loop alive unless told otherwise; its type does not mention the method.
    const input: unknown = guard.stdin
    if (input instanceof Object && 'unref' in input && typeof input.unref === 'function') input.unref()
  }
  guard.stdin?.write(`${line}\n`)
}

/**
 * Promises that `target` (a process id, or the negative id of a process group) does not outlive this process by more
 * than five seconds, even if this one is killed with SIGKILL. The returned function ends the promise; call it once the
 * target has ended, since its number may then be given to another.
 */
export function dieWithThisProcess(target: number, signal: 'TERM' | 'INT' | 'KILL'): () => void {
  tellGuard(`hold ${target} ${signal}`)
  return () => tellGuard(`free ${target}`)
}
