import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../infra/local/ports.ts'
import { processIdentity } from '../../infra/local/processes.ts'
import { startRedis } from '../../infra/local/redis.ts'
import { type Service, startService } from '../../infra/local/service-process.ts'

let running: Service | undefined

afterEach(async () => {
  await running?.kill()
  running = undefined
  vi.unstubAllEnvs()
})

async function start(script: string): Promise<Service> {
  const port = await freePort()
  running = await startService({
    name: 'The origin',
    command: process.execPath,
    args: ['-e', script],
    env: { PORT: String(port) },
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health/ready',
    cwd: tmpdir(),
    log: () => {},
  })
  return running
}

const listening = `
  const { createServer } = require('node:http')
  let asked = 0
  createServer((request, response) => {
    response.statusCode = request.url === '/health/ready' && ++asked < 3 ? 503 : 200
    response.end(String(asked))
  }).listen(process.env.PORT, '127.0.0.1')`

describe('startService()', () => {
  test('waits until the service says it is ready', async () => {
    const { url } = await start(listening)
    expect(await (await fetch(url)).text()).toBe('3')
  })

  test('stop() leaves no process and no reason behind', async () => {
    const { pid, ended, stop } = await start(listening)
    await stop()
    expect(await ended).toBeUndefined()
    expect(processIdentity(pid)).toBeUndefined()
  })

  test('stop() takes those with it that the service has started', async () => {
    const { url, stop } = await start(`
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
      require('node:http').createServer((_, response) => response.end(String(child.pid))).listen(process.env.PORT, '127.0.0.1')`)
    const grandchild = Number(await (await fetch(url)).text())
    await stop()
    await vi.waitFor(() => expect(processIdentity(grandchild)).toBeUndefined())
  })

  test('says that it was ended from outside', async () => {
    const { pid, ended } = await start(listening)
    process.kill(pid, 'SIGKILL')
    expect((await ended)?.message).toBe('The origin ended by SIGKILL.')
  })

  test.each([
    ["throw new Error('DATABASE_URL: missing')", 'The origin ended with exit code 1: Error: DATABASE_URL: missing'],
    [
      `console.log('{"level":60,"msg":"cannot start","err":{"message":"no error here"}}'); process.exit(3)`,
      'The origin ended with exit code 3: cannot start: no error here',
    ],
    ['', 'The origin ended with exit code 0: it wrote nothing'],
  ])('a service that ends before it is ready is quoted: %s', async (script, sentence) => {
    await expect(start(script)).rejects.toThrow(sentence)
  })
})

describe('startRedis()', () => {
  test('is the in-process adapter where no redis-server is on PATH, says so, and can be stopped', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'stayzr-redis-'))
    vi.stubEnv('PATH', directory)
    const redis = await startRedis({ directory, log: () => {} })
    expect(redis).toMatchObject({ url: 'memory:', description: 'in-process adapter (no redis-server on PATH)' })
    await redis.stop()
    expect(await redis.ended).toBeUndefined()
    rmSync(directory, { recursive: true })
  })
})
