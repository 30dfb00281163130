/** What a hotel lives from, through everything there is between a guest and the disks. */
import { randomBytes, randomUUID } from 'node:crypto'
import { addDays } from '../../../shared/domain/nights.ts'
import { today } from '../../support/builders.ts'
import type { Check, Context } from '../check.ts'
import { expectNone, waitFor } from '../check.ts'
import { type Client, expectStatus } from '../client.ts'
import { type Hotels, recount } from '../hotel.ts'
import { walArrives } from '../wal.ts'

type Offer = { roomType: string; ratePlan: string; total: number }
type Booked = { reference: string; guestToken: string; ariVersion: number }

const guestDetails = { firstName: 'Ana', lastName: 'Reis', email: 'ana@example.test' }

async function search(guest: Client, code: string, minVersion = 0): Promise<Offer[]> {
  const arrival = addDays(today(), 20)
  const answer = await guest.call({
    path: `/api/v1/properties/${code}/availability?arrival=${arrival}&departure=${addDays(arrival, 2)}&adults=2`,
    headers: minVersion === 0 ? {} : { 'x-ari-min-version': String(minVersion) },
  })
  const found = expectStatus(answer, 200, 'a search').json<{ offers: Offer[]; stale: boolean }>()
  if (found.stale) throw new Error('a search was answered from an old snapshot')
  return found.offers
}

async function book(guest: Client, code: string, offer: Offer): Promise<Booked> {
  const arrival = addDays(today(), 20)
  const answer = await guest.call({
    path: `/api/v1/properties/${code}/reservations`,
    body: {
      stay: { roomType: offer.roomType, ratePlan: offer.ratePlan, arrival, departure: addDays(arrival, 2), adults: 2 },
      expectedTotal: offer.total,
      guest: guestDetails,
    },
  })
  return expectStatus(answer, 201, 'a booking').json<Booked>()
}

async function status(guest: Client, booked: Booked): Promise<string> {
  const answer = await guest.call({ path: `/api/v1/reservations/${booked.reference}`, token: booked.guestToken })
  return expectStatus(answer, 200, 'looking up a booking').json<{ status: string }>().status
}

interface Photo {
  path: string
  bytes: Buffer
}

/** Under a name of its own: a name stands for one picture for ever. */
async function storePhoto(guest: Client, hotels: Hotels): Promise<Photo> {
  const path = `/api/v1/properties/${hotels.codes[0]}/photos/${randomUUID()}.webp`
  const photo = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1'), randomBytes(300_000)])
  const headers = { 'content-type': 'image/webp' }
  const answer = await guest.call({
    method: 'PUT',
    path,
    bytes: photo,
    headers,
    token: hotels.apiKey,
  })
  expectStatus(answer, 200, 'storing a photo')
  return { path, bytes: photo }
}

export const guestsAndPhotos: Check = {
  name: 'guests',
  title: 'a guest searches, books and cancels, a hotelier stores a photo, all through nginx over TLS and the edge',
  async run({ guest, hotels }) {
    const code = hotels.codes[0] ?? ''
    const [offer] = await search(guest, code)
    if (offer === undefined) throw new Error('a search found no offer')
    const kept = await book(guest, code, offer)
    const given = await book(guest, code, offer)
    hotels.acknowledged.set(kept.reference, 'confirmed')
    const cancelled = await guest.call({
      method: 'POST',
      path: `/api/v1/reservations/${given.reference}/cancellation`,
      token: given.guestToken,
    })
    expectStatus(cancelled, 200, 'a cancellation')
    hotels.acknowledged.set(given.reference, 'cancelled')
    if ((await status(guest, given)) !== 'cancelled') throw new Error('the cancelled booking is not cancelled')
    // Guests see their own bookings' effect: the second search may not be older than the booking.
    await search(guest, code, kept.ariVersion)
    const photo = await storePhoto(guest, hotels)
    const back = expectStatus(await guest.call({ path: photo.path }), 200, 'reading the photo')
    if (!back.bytes.equals(photo.bytes)) throw new Error('the photo that came back is another')
    return `2 booked, 1 cancelled, ${photo.bytes.byteLength} bytes stored and read back`
  },
}

async function nothingLost(context: Context, before: Photo): Promise<void> {
  const { guest, hotels, stack } = context
  const code = hotels.codes[0] ?? ''
  await search(guest, code)
  expectNone(await recount(stack, hotels), 'bookings differ')
  const photo = await guest.call({ path: before.path })
  if (!expectStatus(photo, 200, 'reading the photo').bytes.equals(before.bytes)) throw new Error('the photo is another')
}

export const downAndUp: Check = {
  name: 'down-up',
  title: 'the stack is taken down and brought up: nothing is lost',
  async run(context) {
    const { stack, guest, hotels } = context
    const before = await storePhoto(guest, hotels)
    const began = performance.now()
    await stack.down()
    const downMs = performance.now() - began
    const upMs = await waitFor(() => stack.up().then(() => true), 0, '')
    await nothingLost(context, before)
    const walMs = await walArrives(stack)
    return `down in ${(downMs / 1000).toFixed(1)} s, healthy in ${(upMs / 1000).toFixed(1)} s, ${hotels.acknowledged.size} bookings as they were; WAL archived after ${(walMs / 1000).toFixed(1)} s`
  },
}
