/** What a stay costs, line by line, and what changing one's mind costs. */
import { html } from 'hono/html'
import type { Night } from '../../shared/domain/nights.ts'
import type { Instant } from '../../shared/domain/zone.ts'
import { exactMoney, hotelTime, money, shortDate } from './format.ts'
import type { Html } from './layout.ts'

export interface Priced {
  nightly: readonly { night: Night; amount: number }[]
  taxes: readonly { code: string; name: string; amount: number; included: boolean }[]
  total: number
}

export interface CancellationTerms {
  freeUntil: string | null
  penalty: number
}

/** Every night, every tax that is added, the total, and what is contained in it. */
export function priceTable(price: Priced, currency: string, caption: string): Html {
  const added = price.taxes.filter((tax) => !tax.included)
  const contained = price.taxes.filter((tax) => tax.included && tax.amount > 0)
  return html`<table class="prices">
<caption class="unseen">${caption}</caption>
<tbody>
${price.nightly.map(
  ({ night, amount }) =>
    html`<tr><th scope="row">${shortDate(night)}</th><td>${exactMoney(amount, currency)}</td></tr>
`,
)}${added.map(
  (tax) =>
    html`<tr><th scope="row">${tax.name}</th><td>${exactMoney(tax.amount, currency)}</td></tr>
`,
)}</tbody>
<tfoot>
<tr class="total"><th scope="row">Total</th><td>${exactMoney(price.total, currency)}</td></tr>
${contained.map(
  (tax) =>
    html`<tr class="contained"><th scope="row">of which ${tax.name}</th><td>${exactMoney(tax.amount, currency)}</td></tr>
`,
)}</tfoot>
</table>`
}

/** One line on taxes: that all are in the price, and which were added on top of the nights. */
export function taxSentence(price: Priced, currency: string): string {
  const added = price.taxes.filter((tax) => !tax.included && tax.amount > 0)
  if (added.length === 0) return 'all taxes included'
  return `including ${added.map((tax) => `${money(tax.amount, currency)} ${tax.name}`).join(', ')} and all other taxes`
}

/** What cancelling costs until when, in the hotel's time. `now` decides which part still matters. */
export function cancellationSentence(
  terms: CancellationTerms,
  stay: { total: number; currency: string; timeZone: string },
  now: Instant,
): string {
  const fee = feeText(terms.penalty, stay)
  if (terms.freeUntil !== null && Date.parse(terms.freeUntil) > now)
    return terms.penalty === 0
      ? 'Free to cancel'
      : `Free to cancel until ${hotelTime(terms.freeUntil, stay.timeZone)}; after that ${fee}`
  if (terms.penalty === 0) return 'Free to cancel'
  if (terms.penalty >= stay.total) return 'Not refundable: cancelling costs the whole stay'
  return `Cancelling costs ${fee}`
}

/** Whether the guest can still change their mind for nothing. */
export function isFreeToCancel(terms: CancellationTerms, now: Instant): boolean {
  return terms.penalty === 0 || (terms.freeUntil !== null && Date.parse(terms.freeUntil) > now)
}

function feeText(penalty: number, { total, currency }: { total: number; currency: string }): string {
  return penalty >= total ? `the whole stay, ${money(penalty, currency)}` : money(penalty, currency)
}
