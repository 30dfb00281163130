/** Fields with their label, hint and error, joined so that a screen reader says all three. */
import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** What is wrong, by field name. */
export type FieldErrors = Readonly<Record<string, string>>

export interface Field {
  name: string
  label: string
  value: string
  hint?: string
  error?: string | undefined
  /** Anything else the input has: type, min, autocomplete. Names and values are escaped. */
  attributes?: Readonly<Record<string, string | number | boolean | undefined>>
}

/** A labelled input, or a text area where `rows` is given. */
export function inputField(field: Field & { rows?: number }): Html {
  const { name, value, rows } = field
  const attributes = attributesOf({ ...describedBy(field), ...field.attributes })
  const control =
    rows === undefined
      ? html`<input id="${name}" name="${name}" value="${value}"${attributes}>`
      : html`<textarea id="${name}" name="${name}" rows="${rows}"${attributes}>
${value}</textarea>`
  return wrapped(field, control)
}

/** A labelled choice. */
export function selectField(field: Field & { options: readonly { value: string; text: string }[] }): Html {
  const { name, value, options } = field
  return wrapped(
    field,
    html`<select id="${name}" name="${name}"${attributesOf({ ...describedBy(field), ...field.attributes })}>${options.map(
      (option) =>
        html`<option value="${option.value}"${option.value === value ? html` selected` : ''}>${option.text}</option>`,
    )}</select>`,
  )
}

/** What is wrong with a form, each line leading to its field. It takes the focus, so that it is read out first. */
export function errorSummary(errors: FieldErrors, labels: Readonly<Record<string, string>>): Html | '' {
  const wrong = Object.entries(errors)
  if (wrong.length === 0) return ''
  return html`<div class="notice notice-error" role="alert" tabindex="-1" autofocus>
<h2>${wrong.length === 1 ? 'One thing needs your attention' : 'A few things need your attention'}</h2>
<ul>${wrong.map(([name, text]) => html`<li><a href="#${name}">${labels[name] ?? name}: ${text}</a></li>`)}</ul>
</div>`
}

function wrapped({ name, label, hint, error }: Field, control: Html): Html {
  return html`<div class="field field-${name}${error ? ' is-wrong' : ''}">
<label for="${name}">${label}</label>
${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : ''}
${error ? html`<p class="error" id="${name}-error">${error}</p>` : ''}
${control}
</div>`
}

function describedBy({ name, hint, error }: Field): Record<string, string | undefined> {
  const ids = [hint ? `${name}-hint` : '', error ? `${name}-error` : ''].filter(Boolean).join(' ')
  return { 'aria-describedby': ids || undefined, 'aria-invalid': error ? 'true' : undefined }
}

function attributesOf(attributes: Readonly<Record<string, string | number | boolean | undefined>>): (Html | string)[] {
  return Object.entries(attributes).map(([name, value]) =>
    value === undefined || value === false ? '' : value === true ? html` ${name}` : html` ${name}="${value}"`,
  )
}
