/** Money, dates and counts as a guest reads them. English; formatters are kept, making one costs more than using it. */
import { dayNumber, type Night, weekday } from '../../shared/domain/nights.ts'
import { dateAt } from '../../shared/domain/zone.ts'

const formatters = new Map<string, Intl.NumberFormat>()
const clocks = new Map<string, Intl.DateTimeFormat>()

function currencyFormatter(currency: string, style: 'short' | 'exact' | 'whole'): Intl.NumberFormat {
  const key = `${currency} ${style}`
  let formatter = formatters.get(key)
  if (!formatter) {
    formatter = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      ...(style === 'short' ? { trailingZeroDisplay: 'stripIfInteger' as const } : {}),
      ...(style === 'whole' ? { maximumFractionDigits: 0 } : {}),
    })
    formatters.set(key, formatter)
  }
  return formatter
}

/** Minor units in one major unit: 100 cents, 1 yen. */
function minorIn(currency: string): number {
  return 10 ** (currencyFormatter(currency, 'exact').resolvedOptions().maximumFractionDigits ?? 2)
}

/** `€240`, `€240.50`, `CHF 1,240`: decimals only where there are any. `minor` is in minor units. */
export function money(minor: number, currency: string): string {
  return currencyFormatter(currency, 'short').format(minor / minorIn(currency))
}

/** `€240.00`: always with decimals, so that columns line up. */
export function exactMoney(minor: number, currency: string): string {
  return currencyFormatter(currency, 'exact').format(minor / minorIn(currency))
}

/** `240`, without currency and rounded to whole units: for a calendar's small cells, which also say the exact amount. */
export function wholeAmount(minor: number, currency: string): string {
  return currencyFormatter(currency, 'whole')
    .formatToParts(minor / minorIn(currency))
    .filter((part) => part.type === 'integer' || part.type === 'group' || part.type === 'minusSign')
    .map((part) => part.value)
    .join('')
}

/** The currency as guests know it: `€` or `CHF`. */
export function currencySign(currency: string): string {
  return (
    currencyFormatter(currency, 'whole')
      .formatToParts(0)
      .find((part) => part.type === 'currency')?.value ?? currency
  )
}

// Written out: making the formatters that know them takes a new worker longer than its first answer.
/** Monday to Sunday. */
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
export const WEEKDAYS_SHORT = WEEKDAYS.map((name) => name.slice(0, 3))
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const MONTHS_SHORT = MONTHS.map((name) => name.slice(0, 3))

const weekdayOf = (night: Night) => weekday(dayNumber(night))
const monthOf = (night: Night) => Number(night.slice(5, 7)) - 1
const dayOf = (night: Night) => Number(night.slice(8, 10))

/** `Tue 12 Jan` */
export function shortDate(night: Night): string {
  return `${WEEKDAYS_SHORT[weekdayOf(night)]} ${dayOf(night)} ${MONTHS_SHORT[monthOf(night)]}`
}

/** `Tue 12 Jan 2027` */
export function date(night: Night): string {
  return `${shortDate(night)} ${night.slice(0, 4)}`
}

/** `Fri 11 to Sun 13 Dec 2026`: what the two dates share is said once. */
export function dateSpan(from: Night, to: Night): string {
  if (from.slice(0, 4) !== to.slice(0, 4)) return `${date(from)} to ${date(to)}`
  if (from.slice(0, 7) !== to.slice(0, 7)) return `${shortDate(from)} to ${date(to)}`
  return `${WEEKDAYS_SHORT[weekdayOf(from)]} ${dayOf(from)} to ${date(to)}`
}

/** `Tuesday 12 January 2027` */
export function longDate(night: Night): string {
  return `${WEEKDAYS[weekdayOf(night)]} ${dayOf(night)} ${MONTHS[monthOf(night)]} ${night.slice(0, 4)}`
}

/** `January 2027`; takes any date of the month, or `YYYY-MM`. */
export function monthTitle(month: string): string {
  return `${MONTHS[monthOf(month)]} ${month.slice(0, 4)}`
}

/** Some nights in a sentence: all of them up to three, else the first and how many more. */
export function nightList(nights: readonly Night[]): string {
  const [first = '', second, third] = nights
  if (second === undefined) return first === '' ? '' : shortDate(first)
  if (third === undefined) return `${shortDate(first)} and ${shortDate(second)}`
  if (nights.length === 3) return `${shortDate(first)}, ${shortDate(second)} and ${shortDate(third)}`
  return `${shortDate(first)} and ${nights.length - 1} more nights`
}

/** `18:00 on Mon 11 Jan 2027, Lisbon time`: an instant as the hotel's clocks show it. */
export function hotelTime(instant: string, timeZone: string): string {
  return `${clockTime(instant, timeZone)} on ${date(dateAt(Date.parse(instant), timeZone))}, ${placeOf(timeZone)} time`
}

/** `18:00` at an instant, in a zone. */
export function clockTime(instant: string, timeZone: string): string {
  let clock = clocks.get(timeZone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    clocks.set(timeZone, clock)
  }
  return clock.format(Date.parse(instant))
}

/** `Lisbon` for Europe/Lisbon: how a guest would name the zone. */
function placeOf(timeZone: string): string {
  return (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' ')
}

/** `1 night`, `3 nights`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/** `2 adults, 3 children aged 9, 6 and 4` */
export function partyText(party: { adults: number; childAges: readonly number[] }): string {
  const { adults, childAges } = party
  if (childAges.length === 0) return count(adults, 'adult')
  const ages = `aged ${childAges.join(', ').replace(/, (\d+)$/, ' and $1')}`
  return `${count(adults, 'adult')}, ${count(childAges.length, 'child', 'children')} ${ages}`
}

let regions: Intl.DisplayNames | undefined

/** `Portugal` for PT; the code itself where it is no country. */
export function countryName(code: string): string {
  regions ??= new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' })
  return regions.of(code) ?? code
}

/** The date `months` months from the first of a month, `YYYY-MM` to `YYYY-MM`. */
export function addMonths(month: string, months: number): string {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + months
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`
}

/** Today's date at a place. */
export function todayIn(timeZone: string): Night {
  return dateAt(Date.now(), timeZone)
}
