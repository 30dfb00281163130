/** Selling a stay: judged, priced and taken in one transaction, whatever the edge has shown. */
import { randomUUID } from 'node:crypto'
import { judgeRules } from '../../../shared/ari/judge.ts'
import { indexedStay, offerFor, searchStay } from '../../../shared/ari/search.ts'
import { type Product, productsOf, writeAvailable } from '../../../shared/ari/snapshot.ts'
import { dayNumber, nightOf, nightsBetween } from '../../../shared/domain/nights.ts'
import { countParty } from '../../../shared/domain/party.ts'
import type { PropertyContent } from '../../../shared/domain/property.ts'
import { checkStayDates, invalidRequest } from '../../../shared/domain/stay.ts'
import { dateAt, type Instant } from '../../../shared/domain/zone.ts'
import { Problem } from '../../../shared/problems.ts'
import type { Offer } from '../../../shared/routes/availability.ts'
import type { BookedReservation, createReservation, Stay } from '../../../shared/routes/reservations.ts'
import type { BodyOf } from '../../../shared/routes/route.ts'
import { appendAudit } from '../../platform/audit.ts'
import type { Tx } from '../../platform/database.ts'
import type { KeepReceipt } from '../../platform/receipts.ts'
import { newReference } from '../../platform/tokens.ts'
import { availableCells, bumpAriVersion, readStayRows, type StayRows, searchFacts, stayFacts } from '../ari/service.ts'
import type { CurrentProperty } from '../properties/service.ts'
import { insertReservation, type NightLeft, sellNights } from './sql.ts'

export type BookingBody = BodyOf<typeof createReservation>
/** What the receipt keeps: everything but the token, which is derived again. */
export type Sold = Omit<BookedReservation, 'guestToken'>

const ALTERNATIVES_MAX = 6

/**
 * Books within `tx`. Throws `restricted`, `price-changed` or `sold-out`, in this order, and then nothing may be
 * committed.
 */
export async function sell(
  tx: Tx,
  property: CurrentProperty,
  body: BookingBody,
  call: { now: Instant; actor: string; channel: string; requestId: string; keep: KeepReceipt },
): Promise<Sold> {
  const { stay } = body
  checkStayDates(stay, dateAt(call.now, property.content.timeZone), '/stay/')
  const product = productFor(property.content, stay)
  // One batch, the locks first: rates and restrictions are read as they are once the nights are ours, however long that
  // took. A refusal rolls the nights back.
  const [left, rows] = await Promise.all([sellNights(tx, property.key, stay), readStayRows(tx, property.key, stay)])
  const offer = quote(property, { rows, left }, product, stay, call.now)
  if (offer.total !== body.expectedTotal)
    throw new Problem('price-changed', {
      detail: 'The price has moved since it was shown. Look at the fresh offer and ask again with its total.',
      offer,
    })
  const asked = nightsBetween(stay.arrival, stay.departure)
  if (left.length !== asked.length) {
    const taken = new Set(left.map((row) => row.night))
    throw new Problem('sold-out', {
      detail: 'At least one night has just been sold to somebody else.',
      nights: asked.filter((night) => !taken.has(night)),
    })
  }
  const reference = newReference()
  const sold = {
    reference,
    property: property.content.property,
    status: 'confirmed' as const,
    stay,
    nightly: offer.nightly,
    taxes: offer.taxes,
    total: offer.total,
    currency: property.content.currency,
    cancellation: offer.cancellation,
  }
  // One batch, in this order: the version's hot row is locked last, and the receipt reads the version.
  const [, , ariVersion] = await Promise.all([
    insertReservation(tx, property.key, {
      ...sold,
      id: randomUUID(),
      guest: body.guest,
      requests: body.requests,
      channel: call.channel,
    }),
    appendAudit(tx, {
      organisation: property.key.organisation,
      actor: call.actor,
      action: 'reservation.booked',
      subject: reference,
      requestId: call.requestId,
      details: { roomType: stay.roomType, arrival: stay.arrival, departure: stay.departure, total: sold.total },
    }),
    bumpAriVersion(tx, property.key, availableCells(stay.roomType, left)),
    call.keep(sold, property.key),
  ])
  return { ...sold, ariVersion }
}

/** What else is free for the same dates and party, cheapest first. */
export async function alternativesTo(tx: Tx, property: CurrentProperty, stay: Stay, now: Instant): Promise<Offer[]> {
  const facts = await searchFacts(tx, property, stay.arrival, stay.departure)
  const { offers } = searchStay(facts, stay, dateAt(now, property.content.timeZone))
  return offers.sort((a, b) => a.total - b.total).slice(0, ALTERNATIVES_MAX)
}

/** The offer as it stands now, rooms left aside. Throws `restricted`. */
function quote(
  property: CurrentProperty,
  read: { rows: StayRows; left: readonly NightLeft[] },
  product: Product,
  stay: Stay,
  now: Instant,
): Offer {
  const facts = stayFacts(property, read.rows, stay)
  // The room that was just taken is the one that is offered.
  for (const { night, available } of read.left)
    writeAvailable(facts, product.roomTypeIndex, dayNumber(night) - facts.firstDay, available + 1)
  const arrivalDay = dayNumber(stay.arrival)
  const today = dateAt(now, property.content.timeZone)
  const indexed = indexedStay(facts, arrivalDay, dayNumber(stay.departure) - arrivalDay, today)
  const party = countParty(stay, property.content.childBands)
  const refusal = judgeRules(facts, product, indexed, party)
  if (refusal)
    throw new Problem('restricted', {
      detail: `This stay cannot be booked: ${refusal.reason}.`,
      reason: refusal.reason,
      nights: refusal.nights.map((index) => nightOf(facts.firstDay + index)),
    })
  return offerFor(facts, product, indexed, party, stay)
}

function productFor(content: PropertyContent, stay: Stay): Product {
  const ofType = productsOf(content).filter((it) => it.roomType.roomType === stay.roomType)
  if (!content.roomTypes.some((type) => type.roomType === stay.roomType))
    throw invalidRequest([{ pointer: '/stay/roomType', detail: `there is no room type ${stay.roomType} here` }])
  const product = ofType.find((it) => it.plan.ratePlan === stay.ratePlan)
  if (!product)
    throw invalidRequest([
      { pointer: '/stay/ratePlan', detail: `there is no rate plan ${stay.ratePlan} for ${stay.roomType}` },
    ])
  return product
}
