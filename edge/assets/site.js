// Makes the forms quicker. Every page works without it: nothing here adds what cannot be done otherwise.
const DAY_MS = 86_400_000
// More than that in one room is a call to the hotel.
const CHILDREN_MOST = 6

/** Leaving follows arriving: a moved arrival takes the departure along, as many nights later as before. */
function keepDatesInOrder(form) {
  const arrival = form.elements.namedItem('arrival')
  const departure = form.elements.namedItem('departure')
  if (!arrival || !departure) return
  const dayText = (milliseconds) => new Date(milliseconds).toISOString().slice(0, 10)
  let nights = Math.max(1, Math.round((departure.valueAsNumber - arrival.valueAsNumber) / DAY_MS) || 2)
  arrival.addEventListener('change', () => {
    const day = arrival.valueAsNumber
    if (Number.isNaN(day)) return
    departure.min = dayText(day + DAY_MS)
    if (!(departure.valueAsNumber > day)) departure.value = dayText(day + nights * DAY_MS)
  })
  departure.addEventListener('change', () => {
    const chosen = Math.round((departure.valueAsNumber - arrival.valueAsNumber) / DAY_MS)
    if (chosen > 0) nights = chosen
  })
}

/** The children's ages as choices instead of a line to write; the line stays, hidden, and is what is sent. */
function offerChildAges(form) {
  const line = form.elements.namedItem('childAges')
  const field = line?.closest('.field')
  if (!field || field.classList.contains('is-wrong')) return
  const ages = line.value.split(/[\s,;]+/).filter(Boolean)
  const label = field.querySelector('label')
  const number = choice('children', Math.max(CHILDREN_MOST, ages.length), (i) => (i === 0 ? 'None' : String(i)))
  const row = document.createElement('fieldset')
  row.className = 'child-ages'
  number.value = String(ages.length)
  label.htmlFor = number.id
  field.querySelector('.hint')?.remove()
  line.type = 'hidden'
  line.removeAttribute('id')
  line.removeAttribute('aria-describedby')
  field.append(number)
  field.after(row)

  const write = () => {
    line.value = [...row.querySelectorAll('select')].map((select) => select.value).join(',')
  }
  const draw = () => {
    const kept = [...row.querySelectorAll('select')].map((select) => select.value)
    const known = kept.length > 0 ? kept : ages
    row.replaceChildren()
    row.hidden = number.value === '0'
    const legend = document.createElement('legend')
    legend.textContent = 'Age on arrival'
    row.append(legend)
    for (let i = 0; i < Number(number.value); i++) {
      const select = choice(`child-${i + 1}`, 17, (age) => (age === 0 ? 'Under 1' : String(age)))
      select.value = known[i] ?? '8'
      select.setAttribute('aria-label', `Age of child ${i + 1}`)
      select.addEventListener('change', write)
      row.append(select)
    }
    write()
  }
  number.addEventListener('change', draw)
  draw()
}

/** A select from 0 to `most`. It has no name: only the line is sent. */
function choice(id, most, textOf) {
  const select = document.createElement('select')
  select.id = id
  for (let i = 0; i <= most; i++) select.append(new Option(textOf(i), String(i)))
  return select
}

/** A button beside the private link, where the browser lets pages copy. */
function offerCopying(holder) {
  const input = holder.querySelector('input')
  if (!input || !navigator.clipboard) return
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button button-quiet'
  button.textContent = 'Copy'
  const said = document.createElement('span')
  said.className = 'unseen'
  said.setAttribute('role', 'status')
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(input.value)
    button.textContent = 'Copied'
    said.textContent = 'The private link is copied'
  })
  holder.append(button, said)
}

for (const form of document.querySelectorAll('[data-stay-search]')) {
  keepDatesInOrder(form)
  offerChildAges(form)
}
for (const holder of document.querySelectorAll('.copy')) offerCopying(holder)
