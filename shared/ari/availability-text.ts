/**
 * The answer to an availability question as JSON text, without the objects in between: the same to the letter as
 * `JSON.stringify` of `answerAvailability`, which tests hold it to. At the edge this is most of what an answer costs.
 */
import { freeUntil, penaltyOf } from '../domain/cancellation.ts'
import { dayNumber } from '../domain/nights.ts'
import { type CountedParty, countParty } from '../domain/party.ts'
import { nightlyAmount, occupancySupplement } from '../domain/pricing.ts'
import type { PropertyContent, RatePlan } from '../domain/property.ts'
import { checkStayDates } from '../domain/stay.ts'
import { TaxReckoner } from '../domain/taxes.ts'
import { dateAt, type Instant } from '../domain/zone.ts'
import type { getAvailability } from '../routes/availability.ts'
import type { QueryOf } from '../routes/route.ts'
import { type Confirmed, freshness } from './answers.ts'
import { evaluateStay, type IndexedStay, refusalFor, roomsLeft, SELLABLE } from './judge.ts'
import { nightlyAmounts } from './nightly.ts'
import { dateText, indexedStay } from './search.ts'
import { amountAt, type Product, type Snapshot } from './snapshot.ts'

type Question = QueryOf<typeof getAvailability>

/** What can be booked for a stay, as JSON. Throws `invalid-request` where the dates make no stay. */
export function availabilityText(confirmed: Confirmed, query: Question, now: Instant): string {
  const { snapshot } = confirmed
  const { content } = snapshot
  const today = dateAt(now, content.timeZone)
  checkStayDates(query, today, '?')
  const arrivalDay = dayNumber(query.arrival)
  const nights = dayNumber(query.departure) - arrivalDay
  const stay = indexedStay(snapshot, arrivalDay, nights, today)
  const { reasons } = evaluateStay(snapshot, stay, countParty(query, content.childBands))
  const writer = new OfferWriter(snapshot, query, stay)
  let offers = ''
  let unavailable = ''
  for (const product of snapshot.products) {
    const code = reasons[product.index] as number
    if (code === SELLABLE) offers += (offers === '' ? '' : ',') + writer.offer(product)
    else unavailable += (unavailable === '' ? '' : ',') + writer.refusal(product, code)
  }
  const { ariVersion, asOf, stale } = freshness(confirmed)
  return (
    `{"property":"${content.property}","arrival":"${query.arrival}","departure":"${query.departure}","nights":${nights},` +
    `"adults":${query.adults},"childAges":[${query.childAges.join(',')}],"currency":"${content.currency}",` +
    `"ariVersion":${ariVersion},"asOf":"${asOf}","stale":${stale},"offers":[${offers}],"unavailable":[${unavailable}]}`
  )
}

/** Pieces of text that are the same in every answer about a property. */
interface Pieces {
  products: readonly string[]
  taxes: readonly string[]
  /** By rate plan, then arrival day. Asking a zone for its offset costs more than the rest of an offer. */
  freeUntil: ReadonlyMap<RatePlan, Map<number, string>>
}
const piecesByContent = new WeakMap<PropertyContent, Pieces>()

function piecesOf({ content, products }: Snapshot): Pieces {
  let pieces = piecesByContent.get(content)
  if (!pieces) {
    pieces = {
      products: products.map(
        ({ roomType, plan }) =>
          `{"roomType":${JSON.stringify(roomType.roomType)},"ratePlan":${JSON.stringify(plan.ratePlan)},`,
      ),
      taxes: content.taxes.map(
        ({ code, name, included }) =>
          `{"code":${JSON.stringify(code)},"name":${JSON.stringify(name)},"included":${included},"amount":`,
      ),
      freeUntil: new Map(content.ratePlans.map((plan) => [plan, new Map()])),
    }
    piecesByContent.set(content, pieces)
  }
  return pieces
}

/** Writes the offers and refusals of one stay. Made for each question, so that what they share is worked out once. */
class OfferWriter {
  readonly #snapshot: Snapshot
  readonly #question: Question
  readonly #stay: IndexedStay
  readonly #pieces: Pieces
  readonly #nights: string[] = []
  readonly #plain: Float64Array
  readonly #party: CountedParty
  readonly #reckoner: TaxReckoner
  #type = -1
  #available = 0
  #supplement = 0

  constructor(snapshot: Snapshot, question: Question, stay: IndexedStay) {
    this.#snapshot = snapshot
    this.#question = question
    this.#stay = stay
    this.#pieces = piecesOf(snapshot)
    this.#party = countParty(question, snapshot.content.childBands)
    this.#reckoner = new TaxReckoner(snapshot.content.taxes, snapshot.content.taxRounding, {
      nights: stay.nights,
      adults: question.adults,
      childAges: question.childAges,
    })
    const inside = stay.first >= 0 && stay.first + stay.nights <= snapshot.nights
    this.#plain = inside ? nightlyAmounts(snapshot, stay.first, stay.nights) : new Float64Array()
    for (let night = stay.first; night < stay.first + stay.nights; night++)
      this.#nights.push(`{"night":"${dateText(snapshot.firstDay + night)}","amount":`)
  }

  offer(product: Product): string {
    const { content } = this.#snapshot
    const { roomType, plan } = product
    if (product.roomTypeIndex !== this.#type) {
      this.#type = product.roomTypeIndex
      this.#available = roomsLeft(this.#snapshot, product.roomTypeIndex, this.#stay)
      this.#supplement = occupancySupplement(roomType.occupancy, this.#party)
    }
    let nightly = ''
    let charge = 0
    let firstNight = 0
    for (let i = 0; i < this.#stay.nights; i++) {
      const amount = this.#amountOn(product, this.#stay.first + i)
      if (i === 0) firstNight = amount
      charge += amount
      nightly += `${i === 0 ? '' : ','}${this.#nights[i]}${amount}}`
    }
    const total = this.#reckoner.total(charge)
    let taxes = ''
    const { amounts } = this.#reckoner
    for (let i = 0; i < amounts.length; i++) taxes += `${i === 0 ? '' : ','}${this.#pieces.taxes[i]}${amounts[i]}}`
    return (
      `${this.#pieces.products[product.index]}"available":${this.#available},"nightly":[${nightly}],"taxes":[${taxes}],` +
      `"total":${total},"cancellation":{"freeUntil":${this.#freeUntilOf(plan)},` +
      `"penalty":${penaltyOf(plan.cancellation, { firstNight, total }, content.taxRounding)}}}`
    )
  }

  refusal(product: Product, code: number): string {
    const { reason, nights } = refusalFor(this.#snapshot, product, this.#stay, code)
    const dates = nights.map((night) => `"${dateText(this.#snapshot.firstDay + night)}"`)
    return `${this.#pieces.products[product.index]}"reason":"${reason}","nights":[${dates.join(',')}]}`
  }

  #amountOn(product: Product, night: number): number {
    if (this.#supplement === 0) return this.#plain[night * this.#snapshot.products.length + product.index] as number
    return nightlyAmount(amountAt(this.#snapshot, product, night), this.#supplement, product.plan.derived)
  }

  #freeUntilOf(plan: RatePlan): string {
    const known = this.#pieces.freeUntil.get(plan)
    const day = this.#snapshot.firstDay + this.#stay.first
    let text = known?.get(day)
    if (text === undefined) {
      const until = freeUntil(plan.cancellation, this.#question.arrival, this.#snapshot.content.timeZone)
      text = until === null ? 'null' : `"${until}"`
      known?.set(day, text)
    }
    return text
  }
}
