import net, { type AddressInfo, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type Database, isConnectionLost, openDatabase } from '../../origin/platform/database.ts'
import { freshDatabase } from '../support/servers.ts'

const database = await freshDatabase()
const ORGANISATION = '00000000-0000-4000-8000-000000000001'
const upstream = new URL(database.runtimeUrl)

/** Stands between the pool and the server, so that connections end in the way a test needs. */
const clients = new Set<Socket>()
const wire = net.createServer((client) => {
  clients.add(client)
  const server = net.connect(Number(upstream.port), upstream.hostname)
  client.on('error', () => {}).on('close', () => server.destroy())
  server.on('error', () => {}).on('close', () => client.destroy())
  client.pipe(server).pipe(client)
  client.on('close', () => clients.delete(client))
})
await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve))
const url = new URL(upstream)
url.port = String((wire.address() as AddressInfo).port)

let pool: Database | undefined
afterEach(async () => {
  await pool?.close()
})
afterAll(() => {
  wire.close()
})

/** As a router or a crash ends a connection: a reset, so that the driver sees an error before it sees the end. */
const reset = () => {
  for (const client of clients) client.resetAndDestroy()
}
/** As a server ends a connection: in good order. */
const hangUp = () => {
  for (const client of clients) client.end()
}

describe.each([
  ['reset', reset],
  ['closed by the server', hangUp],
])('after a connection was %s', (_, cut) => {
  it('every statement of the transaction is refused, and the next transaction gets its own answers', async () => {
    pool = openDatabase({ url: url.href, poolMax: 1 })
    for (let round = 0; round < 20; round++) {
      const lost = pool.inOrganisation(ORGANISATION, async (tx) => {
        const statements = [tx`select 'first' as a, pg_sleep(10)`, tx`select 'second' as b`, tx`select 'third' as c`]
        setTimeout(cut, 5)
        const outcomes = await Promise.allSettled(statements)
        expect(outcomes.map((it) => it.status)).toEqual(['rejected', 'rejected', 'rejected'])
        // Work that goes on regardless must not reach the connection that comes next.
        await tx`select 'late' as d`
      })
      await expect(lost).rejects.toSatisfy(isConnectionLost)
      const [one, two] = await pool.inOrganisation(ORGANISATION, (tx) =>
        Promise.all([tx`select ${round}::int as one`, tx`select ${round + 1}::int as two, 'x' as three`]),
      )
      expect([...(one ?? []), ...(two ?? [])]).toEqual([{ one: round }, { two: round + 1, three: 'x' }])
    }
  })
})

it('rows sent before a statement failed are not counted into the next answer', async () => {
  pool = openDatabase({ url: url.href, poolMax: 1 })
  const { directory } = pool
  // No transaction: its ROLLBACK would set the count back.
  const failing = directory`select 1 / (3 - i) as part from generate_series(1, 9) i`
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  const rows = await directory`select generate_series(1, 4) as i`
  expect([...rows]).toEqual([{ i: 1 }, { i: 2 }, { i: 3 }, { i: 4 }])
})
