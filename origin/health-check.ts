/**
 * `node origin/health-check.ts URL`: ends with 0 where the address answers below 400 within three seconds, else with 1 and a
 * line that says why. For a container's health check, where there is no curl.
 */
import { get } from 'node:http'
import process from 'node:process'

const USAGE = 'Usage: node origin/health-check.ts [URL]   (http://127.0.0.1:3000/health/ready)'
const ANSWER_MS = 3_000

const url = process.argv[2] ?? 'http://127.0.0.1:3000/health/ready'
if (!url.startsWith('http://')) {
  console.log(USAGE)
  process.exit(url === '--help' ? 0 : 1)
}

const asked = get(url, { timeout: ANSWER_MS }, (answer) => {
  const { statusCode = 0 } = answer
  if (statusCode < 400) process.exit(0)
  let text = ''
  answer.setEncoding('utf8')
  answer.on('data', (piece: string) => {
    text += piece
  })
  answer.on('end', () => end(`${statusCode} ${text}`))
})
asked.on('timeout', () => end(`no answer within ${ANSWER_MS} ms`))
asked.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))

function end(why: string): never {
  console.error(`${url}: ${why}`)
  process.exit(1)
}
