import {
  answerAvailability,
  answerCalendar,
  answerFlexibleDates,
  answerProperty,
  answerSeveralRooms,
} from '../../../shared/ari/answers.ts'
import { searchDestination } from '../../../shared/ari/destination.ts'
import { ariDelta, ariHead, ariVersion, updateAri } from '../../../shared/routes/ari.ts'
import { getAvailability, getCalendar, getFlexibleDates, getSeveralRooms } from '../../../shared/routes/availability.ts'
import { getProperty } from '../../../shared/routes/properties.ts'
import { ariHeads, listDestinations, searchProperties } from '../../../shared/routes/search.ts'
import { asStaff } from '../../platform/actors.ts'
import { Answer, type Bind, Bytes } from '../../platform/bind.ts'
import { packedSnapshots } from './packed.ts'
import type { Ari } from './service.ts'

export function bindAri(bind: Bind, ari: Ari): void {
  bind(ariHeads, ({ query }) => ari.heads(query.destination))
  bind(listDestinations, async () => ({ destinations: await ari.destinations() }))
  bind(ariHead, ({ params, query }) => ari.head(params.property, query.with))
  const packed = packedSnapshots(ari)
  bind(ariVersion, async ({ params, acceptEncoding }) => {
    const { bytes, encoding } = await packed(params.property, params.version, acceptEncoding)
    const type = { 'content-type': 'application/octet-stream' }
    return new Bytes(bytes, encoding ? { ...type, 'content-encoding': encoding } : type)
  })
  bind(ariDelta, async ({ params }) => {
    const delta = await ari.delta(params.property, params.from, params.to)
    return new Bytes(JSON.stringify(delta), { 'content-type': 'application/json' })
  })
  bind(updateAri, async ({ actor, params, body, ...call }) => {
    const updated = await ari.update(asStaff(actor), params.property, body.changes, call)
    return new Answer(updated, { 'x-ari-version': String(updated.ariVersion) })
  })

  // The edge answers these from its snapshot. The origin answers them from the database, which is what the edge's
  // answers are held against.
  const confirmed = async (property: string) => {
    const asOf = Date.now()
    return { snapshot: await ari.snapshot(property), asOf, stale: false }
  }
  bind(getProperty, async ({ params }) => answerProperty(await confirmed(params.property)))
  bind(getAvailability, async ({ params, query }) =>
    answerAvailability(await confirmed(params.property), query, Date.now()),
  )
  bind(getCalendar, async ({ params, query }) => answerCalendar(await confirmed(params.property), query, Date.now()))
  bind(getFlexibleDates, async ({ params, query }) =>
    answerFlexibleDates(await confirmed(params.property), query, Date.now()),
  )
  bind(searchProperties, async ({ query }) => {
    const search = searchDestination(query, Date.now())
    const { properties, total } = await ari.heads(query.destination)
    for (const { property } of properties) search.add(await confirmed(property))
    // From the database itself, so nothing of it is stale.
    const destination = await ari.destination(query.destination)
    return search.answer(destination, total - properties.length, Number.NEGATIVE_INFINITY)
  })
  bind(getSeveralRooms, async ({ params, query }) =>
    answerSeveralRooms(await confirmed(params.property), query, Date.now()),
  )
}
