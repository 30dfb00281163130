import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const server = createServer((asked, answer) => {
  if (asked.url === '/silent') return
  answer.writeHead(asked.url === '/ready' ? 200 : 503).end('{"status":"stopping"}')
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function check(...args: string[]): Promise<{ code: number | null; says: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../origin/health-check.ts'), ...args])
  let says = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (says += String(piece)))
  return await new Promise((resolve) => child.on('close', (code) => resolve({ code, says: says.trim() })))
}

it.each([
  ['/ready', 0, ''],
  ['/stopping', 1, `${url}/stopping: 503 {"status":"stopping"}`],
  ['/silent', 1, `${url}/silent: no answer within 3000 ms`],
])('%s ends with %i', async (path, code, says) => {
  expect(await check(url + path)).toEqual({ code, says })
})

it('says why where nobody answers, and how it is used', async () => {
  expect(await check('http://127.0.0.1:9/health')).toEqual({ code: 1, says: 'http://127.0.0.1:9/health: ECONNREFUSED' })
  expect(await check('--help')).toEqual({ code: 0, says: expect.stringMatching(/^Usage: /) })
  expect((await check('ftp://x')).code).toBe(1)
})
