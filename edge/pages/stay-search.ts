/** The dates and the party a guest asks for: read from the address, judged, and the form that asks for them. */
import { html } from 'hono/html'
import { addDays, dayNumber, isNight, type Night } from '../../shared/domain/nights.ts'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { ADULTS_MAX, CHILD_AGE_MAX, CHILDREN_MAX, STAY_NIGHTS_MAX } from '../../shared/domain/values.ts'
import { type FieldError, Problem } from '../../shared/problems.ts'
import { errorSummary, type FieldErrors, inputField, selectField } from './form-parts.ts'
import { count, date } from './format.ts'
import type { Html } from './layout.ts'

/** A stay that can be asked about: all fields are valid on their own and together. */
export interface StayWish {
  arrival: Night
  departure: Night
  adults: number
  childAges: number[]
}

export interface StayReading {
  /** As it stands in the address, for the form to show again. */
  written: { arrival: string; departure: string; adults: string; childAges: string }
  /** Undefined where no dates were given or something is wrong. */
  stay: StayWish | undefined
  /** The party on its own: needed for prices by day, where there are no dates yet. */
  party: { adults: number; childAges: number[] }
  errors: FieldErrors
}

const ADULTS_USUALLY = 2
/** How the fields are called, for a summary of what is wrong with them. */
export const STAY_LABELS = {
  arrival: 'Arrival',
  departure: 'Departure',
  adults: 'Adults',
  childAges: 'Children',
} as const

/** Reads a stay from an address. Nothing given at all is no mistake; half of it is. */
export function readStay(search: URLSearchParams, today: Night): StayReading {
  const written = {
    arrival: (search.get('arrival') ?? '').trim(),
    departure: (search.get('departure') ?? '').trim(),
    adults: (search.get('adults') ?? String(ADULTS_USUALLY)).trim(),
    childAges: (search.get('childAges') ?? '').trim(),
  }
  const errors: Record<string, string> = {}
  if (written.arrival !== '' || written.departure !== '') judgeDates(written, today, errors)
  const adults = readAdults(written.adults, errors)
  const childAges = readChildAges(written.childAges, errors)
  const party = { adults, childAges }
  const complete = written.arrival !== '' && Object.keys(errors).length === 0
  return {
    written,
    stay: complete ? { arrival: written.arrival, departure: written.departure, ...party } : undefined,
    party,
    errors,
  }
}

function judgeDates(
  { arrival, departure }: { arrival: string; departure: string },
  today: Night,
  errors: Record<string, string>,
): void {
  if (arrival === '') errors.arrival = 'choose the day you arrive'
  else if (!isNight(arrival)) errors.arrival = 'this is no date; write it as 2027-05-28'
  else if (arrival < today) errors.arrival = `this day is past; today at the hotel is ${date(today)}`
  if (departure === '') errors.departure = 'choose the day you leave'
  else if (!isNight(departure)) errors.departure = 'this is no date; write it as 2027-05-30'
  if (!isNight(arrival) || !isNight(departure)) return
  const nights = dayNumber(departure) - dayNumber(arrival)
  if (nights < 1) errors.departure = 'you leave on a later day than you arrive'
  else if (nights > STAY_NIGHTS_MAX)
    errors.departure = `stays of up to ${STAY_NIGHTS_MAX} nights can be booked here, this is ${nights}; please call the hotel`
}

function readAdults(text: string, errors: Record<string, string>): number {
  const adults = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (adults >= 1 && adults <= ADULTS_MAX) return adults
  errors.adults = adults > ADULTS_MAX ? `at most ${ADULTS_MAX} adults; please call the hotel` : 'at least one adult'
  return ADULTS_USUALLY
}

function readChildAges(text: string, errors: Record<string, string>): number[] {
  const ages = text.split(/[\s,;]+/).filter((part) => part !== '')
  if (ages.length > CHILDREN_MAX) errors.childAges = `at most ${CHILDREN_MAX} children; please call the hotel`
  else if (ages.some((age) => !/^\d{1,2}$/.test(age) || Number(age) > CHILD_AGE_MAX))
    errors.childAges = `write each child's age in whole years up to ${CHILD_AGE_MAX}, such as 7, 4`
  else return ages.map(Number)
  return []
}

/** A stay as part of an address. */
export function stayQuery(stay: StayWish): URLSearchParams {
  const { arrival, departure } = stay
  return new URLSearchParams({ arrival, departure, ...partyQuery(stay) })
}

/** A party as part of an address. */
export function partyQuery(party: { adults: number; childAges: readonly number[] }): Record<string, string> {
  const { adults, childAges } = party
  return { adults: String(adults), ...(childAges.length > 0 ? { childAges: childAges.join(',') } : {}) }
}

/** The address of a property's search, for a stay. */
export function searchAddress(property: string, stay: StayWish): string {
  return `/hotels/${property}/search?${stayQuery(stay)}`
}

/** The form that asks for dates and party. Without JavaScript it is complete; `site.js` only makes it quicker. */
export function staySearchForm(content: PropertyContent, reading: StayReading, today: Night): Html {
  const most = Math.max(4, ...content.roomTypes.map((type) => type.occupancy.maxAdults))
  return html`${errorSummary(reading.errors, STAY_LABELS)}
<form class="stay-search" action="/hotels/${content.property}/search" method="get" novalidate data-stay-search>
${stayFields(reading, today, most)}
<button class="button" type="submit">Show rooms</button>
</form>`
}

/** The fields for dates and party, for a form of class `stay-search`. `most`: adults to choose from, at least. */
export function stayFields({ written, errors, party }: StayReading, today: Night, most: number): Html {
  const adults = Array.from({ length: Math.max(most, party.adults) }, (_, i) => ({
    value: String(i + 1),
    text: count(i + 1, 'adult'),
  }))
  const dates = { type: 'date', max: addDays(today, 730 + STAY_NIGHTS_MAX) }
  return html`${inputField({
    name: 'arrival',
    label: STAY_LABELS.arrival,
    value: written.arrival,
    error: errors.arrival,
    attributes: { ...dates, min: today },
  })}
${inputField({
  name: 'departure',
  label: STAY_LABELS.departure,
  value: written.departure,
  error: errors.departure,
  attributes: { ...dates, min: addDays(today, 1) },
})}
${selectField({ name: 'adults', label: STAY_LABELS.adults, value: String(party.adults), error: errors.adults, options: adults })}
${inputField({
  name: 'childAges',
  label: STAY_LABELS.childAges,
  value: written.childAges,
  error: errors.childAges,
  hint: 'Ages, such as 7, 4',
  attributes: { inputmode: 'text', autocomplete: 'off', maxlength: 80 },
})}`
}

/** A refused question as errors beside the form's fields. Anything else is not the guest's mistake and goes on. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof Problem) || error.slug !== 'invalid-request') throw error
  const errors: Record<string, string> = {}
  for (const { pointer, detail } of (error.extensions.errors ?? []) as FieldError[])
    errors[pointer.replace(/^[?/]/, '')] = detail
  if (Object.keys(errors).length === 0) throw error
  return errors
}
