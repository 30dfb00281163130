/** Every page and every state of it: axe finds nothing, nothing overflows, what is pressed is large enough, no code is blocked. */
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { Problem } from '../../shared/problems.ts'
import { launchBrowser } from '../support/browser.ts'
import { type FakeGuestServices, fakeGuestServices } from './fake-guest-services.ts'
import { harbourContent, harbourHouse, quietWeek } from './harbour-house.ts'
import { type PagesServer, startPages } from './pages-server.ts'

const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const { monday, wednesday, thursday, friday } = quietWeek()
const hotel = '/hotels/harbour-house'
const stay = `arrival=${monday}&departure=${wednesday}&adults=2`
const book = `${hotel}/book?${stay}&roomType=DBL&ratePlan=BAR`

let browser: Browser
let services: FakeGuestServices
let server: PagesServer
beforeAll(async () => {
  browser = await launchBrowser()
  services = fakeGuestServices([harbourHouse(), ...neighbours()])
  server = await startPages(services)
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

/** In the same city: one in another currency, one that is full, and enough for a second page. */
function neighbours() {
  const content = (property: string, name: string, over = {}) => harbourContent({ property, name, ...over })
  const full = harbourHouse(content('full-house', 'Casa Cheia'))
  const more = Array.from({ length: 20 }, (_, i) => harbourHouse(content(`more-${i}`, `Casa ${i + 2}`)))
  return [
    harbourHouse(content('swiss-house', 'Auberge du Grand-Saint-Bernard et de la Poste', { currency: 'CHF' })),
    { ...full, available: full.available.map((row) => row.map(() => 0)) },
    ...more,
  ]
}

const goto = (path: string) => async (page: Page) => {
  await page.goto(path)
}
const sendGuest = async (page: Page) => {
  await page.goto(book)
  await page.getByLabel('First name').fill('Ana')
  await page.getByLabel('Last name').fill('Reis')
  await page.getByLabel('E-mail').fill('ana@example.test')
  await page.getByRole('button', { name: /^Book for/ }).click()
}
const refused = (problem: () => Problem, heading: string | RegExp) => async (page: Page) => {
  services.refuseNext('book', problem())
  await sendGuest(page)
  await page.getByRole('heading', { name: heading }).waitFor()
}
const confirmed = async (page: Page) => {
  await sendGuest(page)
  await page.getByRole('heading', { name: 'It’s booked, Ana' }).waitFor()
}
const offersOf = async () =>
  (
    await services.availability(undefined as never, 'harbour-house', {
      arrival: monday,
      departure: wednesday,
      adults: 2,
      childAges: [],
    })
  ).offers

const STATES: [string, (page: Page) => Promise<void>][] = [
  ['the hotels', goto('/')],
  ['the hotels of a city', goto(`/?destination=lisbon&${stay}`)],
  [
    'the hotels of a city, with the form unfolded',
    async (page) => {
      await page.goto(`/?destination=lisbon&${stay}`)
      await page.locator('summary').click()
    },
  ],
  ['their last page, by name', goto(`/?destination=lisbon&${stay}&sort=name&page=2`)],
  ['a page that is not there', goto(`/?destination=lisbon&${stay}&page=9`)],
  ['a city with nothing free', goto(`/?destination=lisbon&arrival=${friday}&departure=${addDays(friday, 1)}`)],
  ['a search for hotels with mistakes', goto('/?destination=&arrival=2027-02-30&adults=0&childAges=44')],
  ['a place without hotels', goto(`/?destination=atlantis&${stay}`)],
  [
    'hotels of which some are missing and stale',
    async (page) => {
      services.staleSince = new Date(Date.now() - 300_000).toISOString()
      services.missing = 3
      await page.goto(`/?destination=PT&${stay}`)
      services.staleSince = null
      services.missing = 0
    },
  ],
  ['a hotel', goto(hotel)],
  ['the calendar alone', goto(`${hotel}/search`)],
  ['a month with nothing free', goto(`${hotel}/search?month=2028-10`)],
  ['results', goto(`${hotel}/search?${stay}`)],
  [
    'results with everything unfolded',
    async (page) => {
      await page.goto(`${hotel}/search?arrival=${wednesday}&departure=${thursday}&adults=2&childAges=7`)
      for (const summary of await page.locator('summary').all()) await summary.click()
    },
  ],
  [
    'nothing free, with other dates',
    goto(`${hotel}/search?arrival=${friday}&departure=${addDays(friday, 1)}&adults=2`),
  ],
  ['nothing free', goto(`${hotel}/search?arrival=${friday}&departure=${friday.slice(0, 8)}28`)],
  ['a search with mistakes', goto(`${hotel}/search?arrival=2027-02-30&adults=0&childAges=44`)],
  [
    'confirmed while stale',
    async (page) => {
      services.staleSince = new Date(Date.now() - 300_000).toISOString()
      await page.goto(`${hotel}/search?${stay}`)
      services.staleSince = null
    },
  ],
  ['the booking form', goto(book)],
  [
    'the booking form with mistakes',
    async (page) => {
      await page.goto(book)
      await page.getByRole('button', { name: /^Book for/ }).click()
      await page.getByRole('alert').waitFor()
    },
  ],
  [
    'a changed price',
    async (page) => {
      const offer = (await offersOf())[2]
      await refused(() => new Problem('price-changed', { offer }), 'The price has changed')(page)
    },
  ],
  [
    'sold out meanwhile',
    async (page) => {
      const alternatives = await offersOf()
      await refused(() => new Problem('sold-out', { nights: [monday], alternatives }), 'Someone was quicker')(page)
    },
  ],
  ['bookings paused', refused(() => new Problem('origin-unavailable'), 'Bookings are paused for a moment')],
  ['the confirmation', confirmed],
  [
    'before cancelling',
    async (page) => {
      await confirmed(page)
      await page.getByRole('link', { name: 'Cancel this booking' }).click()
      await page.getByRole('button', { name: 'Cancel the booking' }).waitFor()
    },
  ],
  [
    'a cancelled booking',
    async (page) => {
      await confirmed(page)
      await page.getByRole('link', { name: 'Cancel this booking' }).click()
      await page.getByRole('button', { name: 'Cancel the booking' }).click()
      await page.getByRole('heading', { name: 'This booking is cancelled' }).waitFor()
    },
  ],
  ['looking up a booking', goto('/my-booking')],
  [
    'no such booking',
    async (page) => {
      await page.goto('/my-booking')
      await page.getByLabel('Booking reference').fill('0000000000')
      await page.getByLabel('Last name').fill('Reis')
      await page.getByRole('button').click()
      await page.getByRole('heading', { name: 'No booking found' }).waitFor()
    },
  ],
  [
    'a masked booking',
    async (page) => {
      await confirmed(page)
      const reference = new URL(page.url()).pathname.slice(-10)
      await page.context().clearCookies()
      await page.goto('/my-booking')
      await page.getByLabel('Booking reference').fill(reference)
      await page.getByLabel('Last name').fill('Reis')
      await page.getByRole('button').click()
      await page.getByRole('heading', { name: 'Your stay at Harbour House' }).waitFor()
    },
  ],
  ['nothing there', goto('/nothing')],
  [
    'a hotel that cannot be reached',
    async (page) => {
      services.refuseNext('property', new Problem('origin-unavailable'))
      await page.goto(hotel)
    },
  ],
]

describe.each([360, 1280])('%i pixels wide', (width) => {
  it.each(STATES)('%s', async (_, reach) => {
    const context = await browser.newContext({ baseURL: server.url, viewport: { width, height: 800 } })
    const page = await context.newPage()
    const blocked: string[] = []
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) blocked.push(message.text())
    })
    page.on('pageerror', (error) => blocked.push(String(error)))
    try {
      await reach(page)
      expect(await axeFindings(page)).toEqual([])
      expect(await tooSmall(page)).toEqual([])
      // WCAG 1.4.10: at 320 px, which is 1280 px enlarged four times, nothing scrolls sideways.
      for (const narrow of [width, 320]) {
        await page.setViewportSize({ width: narrow, height: 800 })
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
          `at ${narrow}`,
        ).toBeLessThanOrEqual(0)
      }
      expect(blocked).toEqual([])
    } finally {
      await context.close()
    }
  })
})

/** What axe finds, all its rules for WCAG up to 2.2 AA and its best practices. */
async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  return await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(context: unknown, options: unknown): Promise<Findings> } }).axe
    interface Findings {
      violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[]
    }
    const { violations } = await axe.run(document, { rules: { 'target-size': { enabled: true } } })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`),
    )
  })
}

/** What is pressed and measures less than 44 px either way. Links within running text are exempt, as in WCAG 2.5.8. */
async function tooSmall(page: Page): Promise<string[]> {
  return await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, input, select, textarea, summary, nav a, td a, .button')]
      .filter((element) => element.checkVisibility() && element.getAttribute('type') !== 'hidden')
      .flatMap((element) => {
        const { width, height } = element.getBoundingClientRect()
        return width >= 43.5 && height >= 43.5 ? [] : [`${element.outerHTML.slice(0, 120)} ${width}×${height}`]
      }),
  )
}
