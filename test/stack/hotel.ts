/** Hotels to book in, set up as an operator and a hotelier would. */
import { randomUUID } from 'node:crypto'
import { addDays } from '../../shared/domain/nights.ts'
import { PERMISSIONS } from '../../shared/routes/route.ts'
import { aProperty, flatRates, today } from '../support/builders.ts'
import { type Client, expectStatus } from './client.ts'
import type { Stack } from './stack.ts'

/** Bookings of one hotel wait for each other; one of several does not. */
const hotelCount = 8
/** Of each type, and enough for all that is booked while the checks run. */
const roomsEach = 300
const daysOnSale = 190

/** A double room for two, city tax included. */
const nightTotal = 10_800

export interface Hotels {
  organisation: string
  apiKey: string
  codes: readonly string[]
  /** Everything that was acknowledged so far, by its reference. */
  acknowledged: Map<string, 'confirmed' | 'cancelled'>
  /** Asked for, and no answer came: only asking again under the same key tells what became of them. */
  unsettled: Booking[]
}

export interface Booking {
  path: string
  body: object
  idempotencyKey: string
}

/** What a guest sends to book; another one for each number. */
export function bookingRequest(codes: readonly string[], trial: number): { path: string; body: object } {
  const code = codes[trial % codes.length] ?? ''
  const arrival = addDays(today(), Math.floor(trial / codes.length) % (daysOnSale - 10))
  const nights = 1 + (trial % 4)
  return {
    path: `/api/v1/properties/${code}/reservations`,
    body: {
      stay: {
        roomType: Math.floor(trial / 7) % 2 ? 'DBL' : 'STE',
        ratePlan: 'BAR',
        arrival,
        departure: addDays(arrival, nights),
        adults: 2,
      },
      expectedTotal: nights * nightTotal,
      guest: { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' },
    },
  }
}

/** Makes an organisation with a key, and its hotels through the API. */
export async function setUpHotels(stack: Stack, client: Client): Promise<Hotels> {
  const organisation = randomUUID()
  await stack.sqlCommand(
    `insert into organisation (org_id, code, name) values ('${organisation}', 'harbour', 'Harbour Houses')`,
  )
  const apiKey = (
    await stack.exec('app', [
      'node',
      '--input-type=module',
      '--eval',
      `import { readConfig } from '/app/origin/config.ts'
       import { openDatabase } from '/app/origin/platform/database.ts'
       import { openStaff } from '/app/origin/features/staff/service.ts'
       import { newStaffToken } from '/app/origin/platform/tokens.ts'
       const database = openDatabase(readConfig().database)
       const key = newStaffToken('sk', '${organisation}')
       await openStaff(database).addApiKey('${organisation}', key, 'stack', ${JSON.stringify(PERMISSIONS)})
       await database.close()
       console.log(key)`,
    ])
  ).trim()
  const codes = Array.from({ length: hotelCount }, (_, number) => `harbour-house-${number + 1}`)
  for (const code of codes) {
    const definition = aProperty(code, { rooms: { DBL: roomsEach, STE: roomsEach }, days: daysOnSale })
    expectStatus(
      await client.call({ method: 'POST', path: '/api/v1/properties', body: definition, token: apiKey }),
      201,
      `setting up ${code}`,
    )
    const changes = flatRates(definition)
    const path = `/api/v1/properties/${code}/ari`
    expectStatus(await client.call({ method: 'PUT', path, body: { changes }, token: apiKey }), 200, `rates of ${code}`)
  }
  return { organisation, apiKey, codes, acknowledged: new Map(), unsettled: [] }
}

/** Asks again for what is unsettled, and notes the answers. Returns what could not be settled, in words. */
export async function settle(client: Client, hotels: Hotels): Promise<string[]> {
  const left: string[] = []
  for (const booking of hotels.unsettled.splice(0)) {
    const answer = await client.call(booking)
    if (answer.status === 201) hotels.acknowledged.set(answer.json<{ reference: string }>().reference, 'confirmed')
    else left.push(`${booking.idempotencyKey}: ${answer.status}`)
  }
  return left
}

/**
 * Counts in the database: every acknowledged booking is there once, in the state that was told, no other is, and what is
 * sold each night is what its reservations say. Returns what differs, in words.
 */
export async function recount(stack: Stack, hotels: Hotels): Promise<string[]> {
  const rows = await stack.sql<{ reference: string; status: string }>('select reference, status from reservation')
  const stored = new Map(rows.map(({ reference, status }) => [reference, status]))
  const lost = [...hotels.acknowledged].filter(([reference, status]) => stored.get(reference) !== status)
  const unasked = rows.filter(({ reference }) => !hotels.acknowledged.has(reference))
  const drift = await stack.sql<{ room_type: string; night: string }>(`
    select n.room_type, n.night
    from room_type_night n
    left join reservation r on r.org_id = n.org_id and r.property_id = n.property_id and r.room_type = n.room_type
      and r.status <> 'cancelled' and n.night >= r.arrival and n.night < r.departure
    group by n.org_id, n.property_id, n.room_type, n.night, n.sold
    having n.sold <> count(r.reservation_id)`)
  return [
    ...lost.map(
      ([reference, status]) => `${reference} was told ${status} and is ${stored.get(reference) ?? 'not there'}`,
    ),
    ...unasked.map(({ reference }) => `${reference} is there and nobody was told of it`),
    ...drift.map(({ room_type, night }) => `${room_type} ${night}: sold differs from the reservations`),
  ]
}
