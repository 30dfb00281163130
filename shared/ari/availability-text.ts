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
import type { Confirmed } from './answers.ts'
import { evaluateStay, type IndexedStay, refusalFor, roomsLeft, SELLABLE } from './judge.ts'
import { isWorthKeeping, keepStay, keptStay } from './kept-stays.ts'
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
  const pieces = piecesOf(snapshot)
  const ages = query.childAges.join(',')
  const key = `${content.property} ${today} ${arrivalDay} ${nights} ${query.adults} ${ages}`
  const freshness = pieces.freshness(snapshot.version, confirmed)
  const said = keptStay(snapshot, key, stay.first, nights)
  if (said) return flat(said.before + freshness + said.after)
  const before =
    `{"property":"${content.property}","arrival":"${query.arrival}","departure":"${query.departure}","nights":${nights},` +
    `"adults":${query.adults},"childAges":[${ages}],"currency":"${content.currency}",`
  const after = offeredText(snapshot, pieces, query, stay)
  if (isWorthKeeping(key)) keepStay(snapshot, key, { before: flat(before), after: flat(after) })
  return flat(before + freshness + after)
}

/** All of an answer that depends on nothing but the nights of the stay, to its end. */
function offeredText(snapshot: Snapshot, pieces: Pieces, query: Question, stay: IndexedStay): string {
  const party = countParty(query, snapshot.content.childBands)
  const { reasons } = evaluateStay(snapshot, stay, party)
  const writer = new OfferWriter(snapshot, pieces, query, stay, party)
  let offers = ''
  let unavailable = ''
  for (const product of snapshot.products) {
    const code = reasons[product.index] as number
    if (code === SELLABLE) offers += (offers === '' ? pieces.first : pieces.next)[product.index] + writer.offer(product)
    else unavailable += (unavailable === '' ? pieces.first : pieces.next)[product.index] + writer.refusal(product, code)
  }
  return `"offers":[${offers}],"unavailable":[${unavailable}]}`
}

/**
 * The same text in one piece. Adding texts up makes a tree of pieces, and writing a tree to a socket takes three times as
 * long as asking it for a character first, which V8 answers by joining it.
 */
function flat(text: string): string {
  return text.charCodeAt(0) === 0 ? '' : text
}

/** Pieces of text that are the same in many answers about a property. */
class Pieces {
  /** How the entry of a product begins, at the head of a list and after another one. */
  readonly first: readonly string[]
  readonly next: readonly string[]
  /** How the line of a tax begins, up to its amount. */
  readonly taxes: readonly string[]
  readonly #timeZone: string
  /** By rate plan, then arrival day. Asking a zone for its offset costs more than the rest of an offer. */
  readonly #freeUntil = new Map<RatePlan, Map<number, string>>()
  #freshness = { version: -1, asOf: Number.NaN, stale: false, text: '' }

  constructor({ content, products }: Snapshot) {
    this.first = products.map(({ roomType, plan }) =>
      flat(`{"roomType":${JSON.stringify(roomType.roomType)},"ratePlan":${JSON.stringify(plan.ratePlan)},`),
    )
    this.next = this.first.map((text) => flat(`,${text}`))
    this.taxes = content.taxes.map(
      ({ code, name, included }) =>
        `{"code":${JSON.stringify(code)},"name":${JSON.stringify(name)},"included":${included},"amount":`,
    )
    this.#timeZone = content.timeZone
  }

  /** Between the question and the offers: how fresh they are. Most answers of a second have the same. */
  freshness(version: number, { asOf, stale }: Confirmed): string {
    const known = this.#freshness
    if (version !== known.version || asOf !== known.asOf || stale !== known.stale) {
      const text = `"ariVersion":${version},"asOf":"${new Date(asOf).toISOString()}","stale":${stale},`
      this.#freshness = { version, asOf, stale, text: flat(text) }
    }
    return this.#freshness.text
  }

  /** What stands between the total and the penalty: until when a stay at a plan can be cancelled for nothing. */
  freeUntil(plan: RatePlan, arrivalDay: number): string {
    let known = this.#freeUntil.get(plan)
    if (!known) {
      known = new Map()
      this.#freeUntil.set(plan, known)
    }
    let text = known.get(arrivalDay)
    if (text === undefined) {
      text = flat(
        `,"cancellation":{"freeUntil":${JSON.stringify(freeUntil(plan.cancellation, dateText(arrivalDay), this.#timeZone))},"penalty":`,
      )
      known.set(arrivalDay, text)
    }
    return text
  }
}

const piecesByContent = new WeakMap<PropertyContent, Pieces>()

function piecesOf(snapshot: Snapshot): Pieces {
  let pieces = piecesByContent.get(snapshot.content)
  if (!pieces) {
    pieces = new Pieces(snapshot)
    piecesByContent.set(snapshot.content, pieces)
  }
  return pieces
}

/**
 * Writes the offers and refusals of one stay, each from behind its codes. Made for each question: what its offers share is
 * written once, in as few and as long pieces as there can be.
 */
class OfferWriter {
  readonly #snapshot: Snapshot
  readonly #pieces: Pieces
  readonly #stay: IndexedStay
  readonly #party: CountedParty
  readonly #reckoner: TaxReckoner
  readonly #plain: Int32Array | undefined
  /** What stands before the amount of each night. */
  readonly #nights: string[] = []
  /** What stands between the last night and the total: a piece before each tax that depends on the charge, and the rest. */
  readonly #taxes: string[] = []
  /** The tax whose amount follows each piece but the last. */
  readonly #charged: number[] = []
  readonly #arrivalDay: number
  #type = -1
  #available = ''
  #supplement = 0

  constructor(snapshot: Snapshot, pieces: Pieces, question: Question, stay: IndexedStay, party: CountedParty) {
    const { taxes, taxRounding } = snapshot.content
    this.#snapshot = snapshot
    this.#pieces = pieces
    this.#stay = stay
    this.#party = party
    this.#arrivalDay = snapshot.firstDay + stay.first
    this.#reckoner = new TaxReckoner(taxes, taxRounding, {
      nights: stay.nights,
      adults: question.adults,
      childAges: question.childAges,
    })
    const inside = stay.first >= 0 && stay.first + stay.nights <= snapshot.nights
    this.#plain = inside ? nightlyAmounts(snapshot, stay.first, stay.nights) : undefined
    for (let i = 0; i < stay.nights; i++)
      this.#nights.push(flat(`${i === 0 ? '"nightly":[' : '},'}{"night":"${dateText(this.#arrivalDay + i)}","amount":`))
    let piece = '}],"taxes":['
    for (let i = 0; i < taxes.length; i++) {
      piece += `${i === 0 ? '' : ','}${pieces.taxes[i]}`
      if (taxes[i]?.kind === 'percent') {
        this.#taxes.push(flat(piece))
        this.#charged.push(i)
        piece = '}'
      } else piece += `${this.#reckoner.amounts[i]}}`
    }
    this.#taxes.push(flat(`${piece}],"total":`))
  }

  offer(product: Product): string {
    const { nights, first } = this.#stay
    const { roomType, plan } = product
    if (product.roomTypeIndex !== this.#type) {
      this.#type = product.roomTypeIndex
      this.#available = flat(`"available":${roomsLeft(this.#snapshot, product.roomTypeIndex, this.#stay)},`)
      this.#supplement = occupancySupplement(roomType.occupancy, this.#party)
    }
    let text = this.#available
    let charge = 0
    let firstNight = 0
    for (let i = 0; i < nights; i++) {
      const amount = this.#amountOn(product, first + i)
      if (i === 0) firstNight = amount
      charge += amount
      text += (this.#nights[i] as string) + amount
    }
    const total = this.#reckoner.total(charge)
    for (let i = 0; i < this.#charged.length; i++)
      text += (this.#taxes[i] as string) + (this.#reckoner.amounts[this.#charged[i] as number] as number)
    text += (this.#taxes[this.#charged.length] as string) + total
    const penalty = penaltyOf(plan.cancellation, { firstNight, total }, this.#snapshot.content.taxRounding)
    return `${text}${this.#pieces.freeUntil(plan, this.#arrivalDay)}${penalty}}}`
  }

  refusal(product: Product, code: number): string {
    const { reason, nights } = refusalFor(this.#snapshot, product, this.#stay, code)
    const dates = nights.map((night) => `"${dateText(this.#snapshot.firstDay + night)}"`)
    return `"reason":"${reason}","nights":[${dates.join(',')}]}`
  }

  #amountOn(product: Product, night: number): number {
    if (this.#plain && this.#supplement === 0)
      return this.#plain[night * this.#snapshot.products.length + product.index] as number
    return nightlyAmount(amountAt(this.#snapshot, product, night), this.#supplement, product.plan.derived)
  }
}
