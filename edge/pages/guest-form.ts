/** Who is coming: the fields of the booking form, read and judged by the same schema as the API's. */
import { html } from 'hono/html'
import * as z from 'zod/mini'
import { GuestDetails } from '../../shared/routes/reservations.ts'
import { type FieldErrors, inputField } from './form-parts.ts'
import type { Html } from './layout.ts'

export const GUEST_LABELS = {
  firstName: 'First name',
  lastName: 'Last name',
  email: 'E-mail',
  phone: 'Phone (optional)',
  requests: 'Anything we should know? (optional)',
} as const
type GuestField = keyof typeof GUEST_LABELS

/** Long enough for any wish, short enough to be read at the desk; the API's limit. */
const REQUESTS_MAX = 1000

export interface GuestReading {
  written: Record<GuestField, string>
  /** Undefined where something is wrong. */
  guest: z.output<typeof GuestDetails> | undefined
  requests: string | undefined
  errors: FieldErrors
}

/** An empty form. */
export const NO_GUEST: GuestReading = {
  written: { firstName: '', lastName: '', email: '', phone: '', requests: '' },
  guest: undefined,
  requests: undefined,
  errors: {},
}

const MISSING: Readonly<Record<string, string>> = {
  firstName: 'please write your first name',
  lastName: 'please write your last name',
  email: 'please write your e-mail address, so that the hotel can reach you',
}

/** Reads the guest from a sent form. What was written is kept as it was, for the form to show again. */
export function readGuest(form: URLSearchParams): GuestReading {
  const written = { ...NO_GUEST.written }
  for (const name of Object.keys(written) as GuestField[]) written[name] = form.get(name) ?? ''
  const { firstName, lastName, email, phone } = written
  const errors: Record<string, string> = {}
  const judged = z.safeParse(GuestDetails, {
    firstName,
    lastName,
    email,
    ...(phone.trim() === '' ? {} : { phone }),
  })
  if (!judged.success)
    for (const issue of judged.error.issues) {
      const name = String(issue.path[0])
      errors[name] ??= written[name as GuestField].trim() === '' ? (MISSING[name] ?? issue.message) : issue.message
    }
  // A text area sends CRLF, and a carriage return is a control character to the API.
  const requests = written.requests.replace(/\r\n?/g, '\n').replaceAll('\t', ' ').trim()
  if (requests.length > REQUESTS_MAX)
    errors.requests = `at most ${REQUESTS_MAX} characters; these are ${requests.length}`
  return {
    written,
    guest: judged.success && Object.keys(errors).length === 0 ? judged.data : undefined,
    requests: requests === '' ? undefined : requests,
    errors,
  }
}

/** The fields, with what was written and what is wrong with it. */
export function guestFields({ written, errors }: GuestReading): Html {
  const field = (
    name: GuestField,
    more: { hint?: string; rows?: number; attributes: Record<string, string | number | boolean> },
  ) => inputField({ name, label: GUEST_LABELS[name], value: written[name], error: errors[name], ...more })
  return html`<div class="field-pair">
${field('firstName', { attributes: { autocomplete: 'given-name', required: true, maxlength: 80 } })}
${field('lastName', { attributes: { autocomplete: 'family-name', required: true, maxlength: 80 } })}
</div>
${field('email', {
  hint: 'So that the hotel can reach you about this stay',
  attributes: { type: 'email', autocomplete: 'email', required: true, maxlength: 254 },
})}
${field('phone', {
  hint: 'In case something comes up on the day you arrive',
  attributes: { type: 'tel', autocomplete: 'tel', maxlength: 40 },
})}
${field('requests', { rows: 3, hint: 'Arrival time, a cot, twin beds: we will do what we can', attributes: { maxlength: REQUESTS_MAX } })}`
}
