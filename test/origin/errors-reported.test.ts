/** Unexpected errors at a server of the test's own that takes them as Sentry does. */
import postgres from 'postgres'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { openErrorReporter } from '../../origin/platform/errors.ts'
import { inContext } from '../../origin/platform/request-context.ts'
import { testOrigin } from '../support/origin.ts'
import { openReceiver } from '../support/receiver.ts'
import { freshDatabase } from '../support/servers.ts'

const urls = await freshDatabase()
const server = await openReceiver()
afterAll(() => server.close())
beforeEach(() => {
  server.received.length = 0
  server.answer({ status: 200 })
})

const where = { route: '/api/v1/properties/:property/reservations', method: 'POST' }
function reporter(warnings: object[] = []) {
  return openErrorReporter({
    dsn: `${server.url.replace('//', '//publickey@')}/below/42`,
    environment: 'test',
    release: '1.2.3',
    warn: (fields) => warnings.push(fields),
  })
}

describe('an unexpected error', () => {
  it('arrives as an envelope with kind, code, route, ids and stack', async () => {
    const errors = reporter()
    const context = {
      requestId: 'request-0001',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    }
    inContext(context, () => errors.report(Object.assign(new TypeError('told'), { code: '23505' }), where))
    await errors.close()
    const [sent] = server.received
    expect(sent?.path).toBe('/below/api/42/envelope/')
    expect(sent?.headers['x-sentry-auth']).toContain('sentry_key=publickey')
    const [header, item, event] = (sent?.body ?? '').split('\n').map((line) => JSON.parse(line))
    expect(item).toEqual({ type: 'event' })
    expect(event).toMatchObject({
      event_id: header.event_id,
      environment: 'test',
      release: 'stayzr@1.2.3',
      transaction: 'POST /api/v1/properties/:property/reservations',
      tags: { code: '23505', request_id: 'request-0001' },
      contexts: { trace: { trace_id: context.traceId, span_id: context.spanId } },
      exception: { values: [{ type: 'TypeError', value: '23505' }] },
    })
    const { frames } = event.exception.values[0].stacktrace
    expect(frames.some((it: { filename: string }) => it.filename.endsWith('errors-reported.test.ts'))).toBe(true)
  })

  it('takes nothing along of what its message says, nor of a stack made up in it', async () => {
    const errors = reporter()
    errors.report(new Error('ana@example.test\n    at Ana Reis (/secret/place:1:2)'), where)
    await errors.close()
    expect(server.received).toHaveLength(1)
    expect(server.received[0]?.body).not.toMatch(/ana|reis|secret/i)
  })

  it('is told twenty times a minute, and no more', async () => {
    const errors = reporter()
    for (let count = 0; count < 100; count++) errors.report(new Error('again'), where)
    await errors.close()
    // The clock may pass a full minute on the way.
    expect(server.received.length).toBeGreaterThanOrEqual(20)
    expect(server.received.length).toBeLessThanOrEqual(40)
  })

  it('is not told for as long as the server asks', async () => {
    server.answer({ status: 429, headers: { 'retry-after': '60' } })
    const errors = reporter()
    errors.report(new Error('one'), where)
    await errors.close()
    errors.report(new Error('two'), where)
    await errors.close()
    expect(server.received).toHaveLength(1)
  })

  it('is a warning where the server is away', async () => {
    const warnings: object[] = []
    const errors = openErrorReporter({
      dsn: 'http://publickey@127.0.0.1:9/1',
      environment: 'test',
      release: '1',
      warn: (fields) => warnings.push(fields),
    })
    errors.report(new Error('one'), where)
    await errors.close()
    expect(warnings).toEqual([{ err: 'TypeError' }])
  })
})

describe('an origin', () => {
  it('tells what it did not expect, and its caller only a request id', async () => {
    const owner = postgres(urls.superuserUrl, { max: 1, onnotice: () => {} })
    const origin = await testOrigin(urls, { env: { ERRORS_DSN: `${server.url.replace('//', '//publickey@')}/7` } })
    try {
      await owner`alter function listed_properties(integer) rename to gone`
      const answer = await origin.call('GET', '/api/v1/properties')
      expect(answer.status).toBe(500)
      const { requestId } = (await answer.json()) as { requestId: string }
      await expect.poll(() => server.received.length).toBe(1)
      const [sent] = server.received
      expect(sent?.path).toBe('/api/7/envelope/')
      const event = JSON.parse((sent?.body ?? '').split('\n')[2] ?? '')
      expect(event).toMatchObject({
        transaction: 'GET /api/v1/properties',
        tags: { code: '42883', request_id: requestId },
        exception: { values: [{ type: 'PostgresError', value: '42883' }] },
      })
      expect(sent?.body).not.toContain('listed_properties(')
    } finally {
      await origin.origin.close()
      await owner.end()
    }
  })
})
