/** What the guest pages ask for: reads from the snapshot, writes through the origin. */
import type { Context } from 'hono'
import { answerAvailability, answerCalendar, answerFlexibleDates, answerProperty } from '../shared/ari/answers.ts'
import { answerOf, type CallInput, requestOf, targetOf } from '../shared/client.ts'
import { getAvailability } from '../shared/routes/availability.ts'
import { listProperties } from '../shared/routes/properties.ts'
import { cancelReservation, createReservation, getReservation } from '../shared/routes/reservations.ts'
import type { AnswerOf, Route } from '../shared/routes/route.ts'
import type { EdgeParts } from './app.ts'
import { keepAliveOf } from './http/keep-alive.ts'
import { keptAnswer } from './http/kept-answers.ts'
import type { GuestServices } from './pages/guest-services.ts'

export function originGuestServices(parts: EdgeParts): GuestServices {
  const { store, now } = parts
  const visitOf = (c: Context) => ({ keepAlive: keepAliveOf(c), traceparent: c.req.header('traceparent') })
  const confirm = (c: Context, property: string, minVersion: number | undefined) =>
    store.confirmed(property, minVersion, keepAliveOf(c), c.req.header('traceparent'))

  async function call<R extends Route>(c: Context, declaration: R, input: CallInput<R>): Promise<AnswerOf<R>> {
    const { headers, body } = requestOf(declaration, input)
    const response = await parts.send({
      method: declaration.method.toUpperCase(),
      target: targetOf(declaration, input),
      headers,
      body: new TextEncoder().encode(body ?? ''),
      requestId: c.get('requestId'),
      clientAddress: parts.clientAddress(c),
    })
    return await answerOf(declaration, response)
  }

  return {
    async properties(c) {
      const answer = await keptAnswer(c, listProperties.path, listProperties.cache, parts)
      return await answerOf(listProperties, answer)
    },
    destinations: (c) => parts.search.destinations(visitOf(c)),
    search: (c, query, floors) => parts.search.search(query, visitOf(c), floors),
    async property(c, property, minVersion) {
      return answerProperty(await confirm(c, property, minVersion))
    },
    async availability(c, property, query, minVersion) {
      const answered = parts.answered.get(getAvailability.path)
      if (answered) answered.count++
      return answerAvailability(await confirm(c, property, minVersion), query, now())
    },
    async calendar(c, property, query, minVersion) {
      return answerCalendar(await confirm(c, property, minVersion), query, now())
    },
    async flexibleDates(c, property, query, minVersion) {
      return answerFlexibleDates(await confirm(c, property, minVersion), query, now())
    },
    book: (c, property, body, idempotencyKey) =>
      call(c, createReservation, { params: { property }, body, idempotencyKey }),
    reservation: (c, reference, proof) =>
      call(c, getReservation, {
        params: { reference },
        ...(proof.lastName === undefined ? {} : { query: { lastName: proof.lastName } }),
        ...(proof.token === undefined ? {} : { token: proof.token }),
      }),
    cancel: (c, reference, token, idempotencyKey) =>
      call(c, cancelReservation, { params: { reference }, token, idempotencyKey }),
  }
}
