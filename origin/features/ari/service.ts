import type { CellChange, Delta } from '../../../shared/ari/delta.ts'
import {
  blankSnapshot,
  type Snapshot,
  scratchSnapshot,
  sealSnapshot,
  writeAmount,
  writeAvailable,
  writeRestriction,
} from '../../../shared/ari/snapshot.ts'
import {
  destinationNotFound,
  destinationsIn,
  findDestination,
  type KnownDestination,
  type Place,
  placesOf,
} from '../../../shared/domain/destinations.ts'
import { dayNumber, type Night, nightOf } from '../../../shared/domain/nights.ts'
import { Problem } from '../../../shared/problems.ts'
import type { AriChange, AriHead } from '../../../shared/routes/ari.ts'
import { type AriHeads, SEARCH_PROPERTIES_MAX } from '../../../shared/routes/search.ts'
import type { StaffActor } from '../../platform/actors.ts'
import { appendAudit } from '../../platform/audit.ts'
import type { Database, Tx } from '../../platform/database.ts'
import { once, writeIdentity } from '../../platform/receipts.ts'
import type { CurrentProperty, Properties, PropertyKey } from '../properties/service.ts'
import { applyChanges } from './changes.ts'
import {
  bumpAriVersion,
  listedHeads,
  listedPlaces,
  propertyHeads,
  type RateRow,
  type RestrictionRow,
  readChanges,
  readInventory,
  readRates,
  readRestrictions,
  readStayRates,
  readStayRestrictions,
  type Span,
  type StayCodes,
} from './sql.ts'

/** What a sale in another feature ends with. */
export { bumpAriVersion } from './sql.ts'

/** Deltas over more versions than this cost more than the snapshot they save. */
const DELTA_VERSIONS_MAX = 2_000
/** And longer ones too: a large snapshot travels in 400 KB. */
const DELTA_LENGTH_MAX = 262_144
/** A hotel in a new city is found within this; the edge remembers the list for as long again. */
const PLACES_MS = 60_000
/** A destination that is not known is looked for again at most this often. */
const PLACES_AGAIN_MS = 1_000

export interface Ari {
  /** The versions of a property and of others, in the order asked for, as they are at one moment. */
  head(code: string, others: readonly string[]): Promise<AriHead>
  /** Every city and country with listed hotels, up to a minute old. */
  destinations(): Promise<KnownDestination[]>
  /** The destination that somebody means. Throws `destination-not-found` with those there are. */
  destination(written: string): Promise<KnownDestination>
  /** The heads of all listed hotels of a destination, in one statement. Throws `destination-not-found`. */
  heads(destination: string): Promise<AriHeads>
  /** The current snapshot. Throws `version-not-current` with the head where `version` is given and is not the current one. */
  snapshot(code: string, version?: number): Promise<Snapshot>
  /** What changed after `from` up to `to`. Throws `delta-not-available` where it is not kept. */
  delta(code: string, from: number, to: number): Promise<Delta>
  /** Sets rates, restrictions and inventory, all or nothing. Throws `capacity-below-sold`, `invalid-request`. */
  update(
    actor: StaffActor,
    code: string,
    changes: AriChange[],
    call: { idempotencyKey: string; requestId: string },
  ): Promise<{ property: string; ariVersion: number; cellsChanged: number }>
}

export function openAri(database: Database, properties: Properties): Ari {
  let known: { places: Place[]; destinations: KnownDestination[]; readAt: number } | undefined
  async function readPlaces(atMostMs: number) {
    if (known && Date.now() - known.readAt < atMostMs) return known
    const places = await listedPlaces(database)
    known = { places, destinations: destinationsIn(places, countryName), readAt: Date.now() }
    return known
  }

  return {
    async destinations() {
      return (await readPlaces(PLACES_MS)).destinations
    },

    async destination(written) {
      const found = findDestination((await readPlaces(PLACES_MS)).destinations, written)
      if (found) return found
      const { destinations } = await readPlaces(PLACES_AGAIN_MS)
      const foundNow = findDestination(destinations, written)
      if (!foundNow) throw destinationNotFound(written, destinations)
      return foundNow
    },

    async heads(written) {
      const { destination } = await this.destination(written)
      const { places } = await readPlaces(PLACES_MS)
      const rows = await listedHeads(database, placesOf(places, destination), SEARCH_PROPERTIES_MAX)
      return {
        properties: rows.map(({ property, version }) => ({ property, version })),
        total: rows[0]?.total ?? 0,
      }
    },

    async head(code, others) {
      const heads = await propertyHeads(database, [code, ...others])
      const versions = new Map(heads.map(({ property, version }) => [property, version]))
      const version = versions.get(code)
      if (version === undefined)
        throw new Problem('property-not-found', { detail: `There is no property with the code ${code}.` })
      return { version, others: others.map((it) => versions.get(it) ?? null) }
    },

    async snapshot(code, version) {
      const key = await properties.locate(code)
      return await database.readInOrganisation(key.organisation, async (tx) => {
        const property = await properties.current(tx, key)
        if (version !== undefined && version !== property.ariVersion)
          throw new Problem('version-not-current', { version: property.ariVersion })
        return await packSnapshot(tx, property)
      })
    },

    async delta(code, from, to) {
      const key = await properties.locate(code)
      if (from >= to || to - from > DELTA_VERSIONS_MAX) throw new Problem('delta-not-available')
      const span = { from, to, lengthMax: DELTA_LENGTH_MAX }
      const changes = await database.readInOrganisation(key.organisation, (tx) => readChanges(tx, key, span))
      if (changes.length !== to - from) throw new Problem('delta-not-available')
      return { format: 1, from, to, changes: changes.map((row) => row.change) }
    },

    async update(actor, code, changes, call) {
      const key = await properties.locate(code)
      // Another organisation's property does not exist for this one.
      if (key.organisation !== actor.organisation) throw new Problem('property-not-found')
      const identity = writeIdentity({
        organisation: actor.organisation,
        route: 'updateAri',
        actor: actor.name,
        idempotencyKey: call.idempotencyKey,
        request: { code, changes },
      })
      return await once(database, identity, {
        read: (tx) => properties.current(tx, key),
        async work(tx, property, keep) {
          await appendAudit(tx, {
            organisation: actor.organisation,
            actor: actor.name,
            action: 'ari.updated',
            subject: code,
            requestId: call.requestId,
            details: { changes: changes.length, first: changes[0] },
          })
          const { cells, change } = await applyChanges(tx, property, changes)
          const answer = { property: code, cellsChanged: cells }
          const [ariVersion] = await Promise.all([bumpAriVersion(tx, key, change), keep(answer, key)])
          return { ...answer, ariVersion }
        },
      })
    },
  }
}

/** What the database says of one product for one stay; not yet judged against the property's content. */
export interface StayRows {
  rates: RateRow[]
  restrictions: RestrictionRow[]
}

/** Reads what judging and pricing one stay needs. Needs nothing but the codes, so it can be sent ahead. */
export async function readStayRows(tx: Tx, key: PropertyKey, stay: StayCodes): Promise<StayRows> {
  const [rates, restrictions] = await Promise.all([readStayRates(tx, key, stay), readStayRestrictions(tx, key, stay)])
  return { rates, restrictions }
}

/**
 * The facts of one product for one stay in the shape that judging and pricing take: the stay's nights and its departure
 * date, as far as they lie within the horizon.
 */
export function stayFacts(
  property: CurrentProperty,
  rows: StayRows,
  stay: { arrival: Night; departure: Night },
): Snapshot {
  const from = stay.arrival < property.firstNight ? property.firstNight : stay.arrival
  const to = stay.departure > property.lastNight ? property.lastNight : stay.departure
  const nights = Math.max(0, dayNumber(to) - dayNumber(from) + 1)
  const facts = scratchSnapshot(property.content, property.ariVersion, dayNumber(from), nights)
  fillRows(facts, rows)
  return facts
}

/** Every product over a few nights, rooms left included; for alternatives. */
export async function searchFacts(tx: Tx, property: CurrentProperty, from: Night, to: Night): Promise<Snapshot> {
  const first = from < property.firstNight ? property.firstNight : from
  const last = to > property.lastNight ? property.lastNight : to
  const nights = Math.max(0, dayNumber(last) - dayNumber(first) + 1)
  const facts = scratchSnapshot(property.content, property.ariVersion, dayNumber(first), nights)
  await Promise.all([
    fill(tx, property, facts, { from: first, to: last }),
    fillAvailable(tx, property, facts, { from: first, to: last }),
  ])
  return facts
}

async function packSnapshot(tx: Tx, property: CurrentProperty): Promise<Snapshot> {
  const firstDay = dayNumber(property.firstNight)
  const nights = dayNumber(property.lastNight) - firstDay + 1
  const snapshot = blankSnapshot(property.content, property.ariVersion, firstDay, nights)
  const span = { from: property.firstNight, to: nightOf(firstDay + nights - 1) }
  await Promise.all([fill(tx, property, snapshot, span), fillAvailable(tx, property, snapshot, span)])
  sealSnapshot(snapshot)
  return snapshot
}

async function fill(tx: Tx, property: CurrentProperty, snapshot: Snapshot, span: Span): Promise<void> {
  const [rates, restrictions] = await Promise.all([
    readRates(tx, property.key, span),
    readRestrictions(tx, property.key, span),
  ])
  fillRows(snapshot, { rates, restrictions })
}

function fillRows(snapshot: Snapshot, { rates, restrictions }: StayRows): void {
  const products = new Map(snapshot.products.map((it) => [`${it.roomType.roomType} ${it.plan.ratePlan}`, it]))
  const within = (night: number) => night >= 0 && night < snapshot.nights
  for (const row of rates) {
    const product = products.get(`${row.roomType} ${row.ratePlan}`)
    const night = dayNumber(row.night) - snapshot.firstDay
    if (product && within(night)) writeAmount(snapshot, product, night, row.amount)
  }
  for (const row of restrictions) {
    const product = products.get(`${row.roomType} ${row.ratePlan}`)
    const night = dayNumber(row.night) - snapshot.firstDay
    if (product && within(night)) writeRestriction(snapshot, product, night, row)
  }
}

async function fillAvailable(tx: Tx, property: CurrentProperty, snapshot: Snapshot, span: Span): Promise<void> {
  const places = new Map(property.content.roomTypes.map((type, index) => [type.roomType, index]))
  for (const { roomType, night, available } of await readInventory(tx, property.key, span)) {
    const place = places.get(roomType)
    if (place !== undefined) writeAvailable(snapshot, place, dayNumber(night) - snapshot.firstDay, available)
  }
}

/** The cells that rooms sold or given back change. */
export function availableCells(roomType: string, nights: readonly { night: Night; available: number }[]): CellChange {
  return { available: nights.map((it) => [roomType, dayNumber(it.night), it.available]) }
}

const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' })

function countryName(code: string): string {
  return regions.of(code) ?? code
}
