/** Puts the demo organisation and its two hotels into a migrated database, through the origin's own services. */
import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import postgres from 'postgres'
import { readConfig } from '../../../origin/config.ts'
import { openAri } from '../../../origin/features/ari/service.ts'
import { openProperties, photoKey } from '../../../origin/features/properties/service.ts'
import { openReservations } from '../../../origin/features/reservations/service.ts'
import { openStaff, type Staff } from '../../../origin/features/staff/service.ts'
import type { StaffActor } from '../../../origin/platform/actors.ts'
import { openDatabase } from '../../../origin/platform/database.ts'
import { openStorage } from '../../../origin/platform/storage.ts'
import type { Night } from '../../../shared/domain/nights.ts'
import { dateAt } from '../../../shared/domain/zone.ts'
import { Problem } from '../../../shared/problems.ts'
import { PERMISSIONS } from '../../../shared/routes/route.ts'
import { alpine } from './alpine.ts'
import { photoFile } from './demo-photos.ts'
import type { DemoProperty, DemoStay, MakeDemoProperty } from './demo-property.ts'
import { lisbon } from './lisbon.ts'

/** Known beforehand, so that the demo's API key, which names its organisation, can be made before the database is there. */
export const DEMO_ORGANISATION_ID = '5d3a7e0c-7a52-4e0b-9f55-0c6f2f1d9a10'
const DEMO_CODE = 'demo'
const STAFF_EMAIL = 'manager@demo.example'
/** Enough at once to keep the database busy, few enough to leave the machine to others. */
const BOOKINGS_AT_ONCE = 8

const HOTELS: { code: string; timeZone: string; make: MakeDemoProperty }[] = [
  { code: 'casa-do-tejo', timeZone: 'Europe/Lisbon', make: lisbon },
  { code: 'berghaus-silvretta', timeZone: 'Europe/Zurich', make: alpine },
]

export interface SeedOptions {
  ownerUrl: string
  runtimeUrl: string
  /** `file:///…` or `s3://…` */
  storageUrl: string
  staffPassword: string
  apiKey: string
  log(line: string): void
}

export interface SeededDemo {
  organization: string
  properties: string[]
  staffEmail: string
}

/**
 * Makes what is missing: organisation, API key, hotels with photos, rates and some demand, and last the member of staff,
 * whose presence says that all of it is there. A run that was interrupted is finished by the next.
 */
export async function seedDemo(options: SeedOptions): Promise<SeededDemo> {
  const demo = { organization: DEMO_CODE, properties: HOTELS.map((hotel) => hotel.code), staffEmail: STAFF_EMAIL }
  const database = openDatabase({ url: options.runtimeUrl, poolMax: BOOKINGS_AT_ONCE })
  try {
    const staff = openStaff(database)
    const before = await addOrganisation(options.ownerUrl)
    await staff.addApiKey(DEMO_ORGANISATION_ID, options.apiKey, 'demo', PERMISSIONS)
    if (before.seeded) {
      if (!(await knows(staff, options.staffPassword))) await changePassword()
      return demo
    }
    const storage = openStorage(storageConfig(options))
    const properties = openProperties(database, storage)
    const ari = openAri(database, properties)
    const reservations = openReservations({
      database,
      properties,
      guestTokenKey: new Uint8Array(32),
      clock: { now: () => Date.now() },
      countBooking: () => {},
    })
    for (const { code, timeZone, make } of HOTELS) {
      // A run that was interrupted yesterday goes on with yesterday's hotel.
      const today = before.opened.get(code) ?? dateAt(Date.now(), timeZone)
      const hotel = make(today)
      await createUnlessThere(hotel, today)
      await storePhotos(hotel)
      // In parts: the API takes 2,000 changes at once, and so does a transaction of reasonable length.
      for (let at = 0; at < hotel.changes.length; at += 1_000)
        await ari.update(OPERATOR, code, hotel.changes.slice(at, at + 1_000), write(`ari ${code} ${today} ${at}`))
      await sellDemand(code, today, hotel.demand)
      options.log(`${code}: ${hotel.changes.length} changes, ${hotel.demand.length} bookings`)
    }
    await staff.addStaff(DEMO_ORGANISATION_ID, STAFF_EMAIL, options.staffPassword, [...PERMISSIONS])
    return demo

    /** The secrets were made anew, so the account is too. */
    async function changePassword(): Promise<void> {
      await asOwner(options.ownerUrl, async (tx) => tx`delete from staff_account where email = ${STAFF_EMAIL}`)
      await staff.addStaff(DEMO_ORGANISATION_ID, STAFF_EMAIL, options.staffPassword, [...PERMISSIONS])
    }

    async function createUnlessThere({ definition }: DemoProperty, today: Night): Promise<void> {
      try {
        await properties.create(OPERATOR, definition, write(`create ${definition.content.property} ${today}`))
      } catch (error) {
        if (!(error instanceof Problem && error.slug === 'property-exists')) throw error
      }
    }

    async function storePhotos({ definition: { content } }: DemoProperty): Promise<void> {
      const photos = [...content.photos, ...content.roomTypes.flatMap((type) => type.photos)]
      for (const { photo } of photos)
        await storage.put(
          photoKey(content.property, photo),
          await readFile(photoFile(content.property, photo)),
          'image/webp',
        )
    }

    /** In their order where they touch, since a later guest may get what an earlier one left. */
    async function sellDemand(code: string, today: Night, demand: DemoStay[]): Promise<void> {
      let next = 0
      const guest = async () => {
        for (let i = next++; i < demand.length; i = next++) {
          const stay = demand[i] as DemoStay
          const call = { actor: { kind: 'anonymous' as const }, ...write(`book ${code} ${today} ${i}`) }
          await reservations.book(code, stay, call).catch((error: unknown) => {
            // What could be booked on the day the hotel opened may have passed since.
            if (!(error instanceof Problem) || !before.opened.has(code)) throw error
          })
        }
      }
      await Promise.all(Array.from({ length: BOOKINGS_AT_ONCE }, guest))
    }
  } finally {
    await database.close()
  }
}

const OPERATOR: StaffActor = {
  kind: 'api-key',
  organisation: DEMO_ORGANISATION_ID,
  name: 'api-key:demo',
  label: 'demo',
  permissions: PERMISSIONS,
  tokenHash: Buffer.alloc(32),
}

/** The same step gets the same key, so a second run does not do it again. */
function write(step: string): { idempotencyKey: string; requestId: string } {
  const idempotencyKey = createHash('sha256').update(`demo seed ${step}`).digest('hex')
  return { idempotencyKey, requestId: randomUUID() }
}

async function knows(staff: Staff, password: string): Promise<boolean> {
  try {
    await staff.signIn({ organization: DEMO_CODE, email: STAFF_EMAIL, password })
    return true
  } catch (error) {
    if (error instanceof Problem && error.slug === 'sign-in-failed') return false
    throw error
  }
}

/** Makes the organisation unless it is there. Returns what earlier runs have left. */
async function addOrganisation(ownerUrl: string): Promise<{ seeded: boolean; opened: Map<string, Night> }> {
  return await asOwner(ownerUrl, async (tx) => {
    await tx`
      insert into organisation (org_id, code, name)
      values (${DEMO_ORGANISATION_ID}, ${DEMO_CODE}, 'Demo hotels')
      on conflict (org_id) do nothing`
    const accounts = await tx`select 1 from staff_account where email = ${STAFF_EMAIL} limit 1`
    const hotels = await tx<{ code: string; firstNight: Night }[]>`
      select code, first_night::text as "firstNight"
      from property
      order by code
      limit 100`
    return { seeded: accounts.length > 0, opened: new Map(hotels.map((row) => [row.code, row.firstNight])) }
  })
}

/** The schema's owner, bound by row-level security like everybody else, in the demo organisation. */
async function asOwner<T>(ownerUrl: string, work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T> {
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} })
  try {
    return (await owner.begin(async (tx) => {
      await tx`select set_config('app.org_id', ${DEMO_ORGANISATION_ID}, true)`
      return await work(tx)
    })) as T
  } finally {
    await owner.end({ timeout: 5 })
  }
}

function storageConfig(options: SeedOptions) {
  const unused = Buffer.alloc(32).toString('base64')
  return readConfig({
    DATABASE_URL: options.runtimeUrl,
    STORAGE_URL: options.storageUrl,
    EDGE_SIGNING_KEYS: `seed:${unused}`,
    GUEST_TOKEN_KEY: unused,
  }).storage
}
