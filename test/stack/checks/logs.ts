/** One request, found again in every log it went through. */
import { randomUUID } from 'node:crypto'
import type { Check } from '../check.ts'
import { waitFor } from '../check.ts'
import { expectStatus } from '../client.ts'
import { bookingRequest } from '../hotel.ts'

export const requestId: Check = {
  name: 'request-id',
  title: "one request id is in the logs of the edge, nginx, the origin and PostgreSQL, and in the hotel's audit",
  async run({ stack, guest, hotels }) {
    const { path, body } = bookingRequest(hotels.codes.slice(0, 1), 4_242)
    // A statement that waits for a lock longer than a second is logged: so this booking is made to wait.
    const locking = stack.sqlCommand(
      'begin; select count(*) from (select from room_type_night for update) it; select pg_sleep(3); commit',
    )
    await waitFor(
      async () =>
        (await stack.sql("select 1 from pg_stat_activity where query like '%pg_sleep(3)%' and pid <> pg_backend_pid()"))
          .length > 0,
      10_000,
      'nothing holds the lock',
    )
    const answer = await guest.call({ path, body, idempotencyKey: randomUUID() })
    await locking
    const booked = expectStatus(answer, 201, 'a booking').json<{ reference: string }>()
    hotels.acknowledged.set(booked.reference, 'confirmed')
    const id = String(answer.headers['x-request-id'] ?? '')
    if (id === '') throw new Error('the answer names no request')
    const missing = []
    // nginx writes its lines within a second.
    await waitFor(async () => (await stack.logs('nginx')).includes(id), 5_000, `${id} is not in the log of nginx`)
    for (const service of ['edge', 'app', 'postgres'])
      if (!(await stack.logs(service)).includes(id)) missing.push(service)
    const audited = await stack.sql(`select 1 from audit where request_id = '${id}'`)
    if (audited.length === 0) missing.push('audit')
    if (missing.length > 0) throw new Error(`${id} is not in ${missing.join(', ')}`)
    return `${id} in 4 logs and the audit`
  },
}
