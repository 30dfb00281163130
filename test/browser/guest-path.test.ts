/** A guest's whole way, by role and label: from the list of hotels to the cancelled booking, on a phone and on a desk. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../shared/domain/nights.ts'
import { launchBrowser } from '../support/browser.ts'
import { type FakeGuestServices, fakeGuestServices } from './fake-guest-services.ts'
import { harbourHouse, quietWeek } from './harbour-house.ts'
import { type PagesServer, startPages } from './pages-server.ts'
import { bookAndCancel } from './stay-journey.ts'

const { monday, wednesday, friday } = quietWeek()
const search = `/hotels/harbour-house/search?arrival=${monday}&departure=${wednesday}&adults=2`

let browser: Browser
let services: FakeGuestServices
let server: PagesServer
beforeAll(async () => {
  browser = await launchBrowser()
  services = fakeGuestServices([harbourHouse()])
  server = await startPages(services)
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

const open: Page[] = []
const aPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
  const context = await browser.newContext({ baseURL: server.url, ...options })
  const page = await context.newPage()
  open.push(page)
  return page
}
afterEach(async () => {
  for (const page of open.splice(0)) await page.context().close()
})

describe.each([
  ['on a phone', 360, true],
  ['on a phone without JavaScript', 360, false],
  ['on a desk', 1280, true],
  ['on a desk without JavaScript', 1280, false],
])('%s', (_, width, javaScriptEnabled) => {
  it('a guest finds a room, books it, and cancels', async () => {
    const page = await aPage({ viewport: { width, height: 800 }, javaScriptEnabled })
    await bookAndCancel(page, {
      hotel: 'Harbour House',
      room: 'Quay Double',
      plan: 'Flexible',
      arrival: monday,
      departure: wednesday,
    })
  })

  it('a form with mistakes says so first and keeps what was written', async () => {
    const page = await aPage({ viewport: { width, height: 800 }, javaScriptEnabled })
    await page.goto(search)
    await page.getByRole('link', { name: 'Book Quay Double, Flexible' }).click()
    await page.getByLabel('First name').fill('Ana')
    await page.getByLabel('E-mail').fill('ana@')
    await page.getByRole('button', { name: /^Book for/ }).click()
    const summary = page.getByRole('alert')
    await summary.waitFor()
    expect(await summary.getByRole('link').allInnerTexts()).toEqual([
      expect.stringMatching(/^Last name:/),
      expect.stringMatching(/^E-mail:/),
    ])
    expect(await summary.evaluate((element) => element === document.activeElement)).toBe(true)
    await summary.getByRole('link', { name: /^E-mail/ }).click()
    const email = page.getByRole('textbox', { name: 'E-mail' })
    expect(await email.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await email.getAttribute('aria-invalid')).toBe('true')
    expect(await page.getByLabel('First name').inputValue()).toBe('Ana')
  })
})

describe('the calendar', () => {
  it('leads by month and by length of stay to a day with its price', async () => {
    const page = await aPage()
    await page.goto('/hotels/harbour-house/search')
    await page
      .getByRole('navigation', { name: 'Length of stay' })
      .getByRole('link', { name: 'Prices for 3 nights' })
      .click()
    const title = monthTitle(monday)
    const months = page.getByRole('navigation', { name: 'Month' })
    for (let i = 0; i < 3 && !(await months.textContent())?.includes(title); i++)
      await months.getByRole('link').last().click()
    await page
      .getByRole('table', { name: title })
      .getByRole('link', { name: new RegExp(`^Monday ${Number(monday.slice(8))} .*3 nights: `) })
      .click()
    await page.getByRole('heading', { name: '3 nights at Harbour House' }).waitFor()
  })

  it('says of a dark window why it is dark', async () => {
    const page = await aPage()
    await page.goto(`/hotels/harbour-house/search?month=${monday.slice(0, 7)}&nights=1`)
    const table = page.getByRole('table', { name: monthTitle(monday) })
    await table
      .getByRole('cell', { name: /^Friday .*: sold out$/ })
      .first()
      .waitFor()
    await table
      .getByRole('cell', { name: /^Thursday .*: no arrivals on this day$/ })
      .first()
      .waitFor()
  })
})

describe('with JavaScript', () => {
  it('children are chosen by number and age', async () => {
    const page = await aPage()
    await page.goto('/hotels/harbour-house')
    await page.getByLabel('Arrival').fill(monday)
    await page.getByLabel('Departure').fill(wednesday)
    await page.getByLabel('Children').selectOption('2')
    await page.getByLabel('Age of child 1').selectOption('9')
    await page.getByLabel('Age of child 2').selectOption('0')
    await page.getByRole('button', { name: 'Show rooms' }).click()
    await page.getByText('2 adults, 2 children aged 9 and 0').first().waitFor()
    expect(new URL(page.url()).searchParams.get('childAges')).toBe('9,0')
  })

  it('a later arrival takes the departure along', async () => {
    const page = await aPage()
    await page.goto('/hotels/harbour-house')
    await page.getByLabel('Arrival').fill(monday)
    await page.getByLabel('Departure').fill(wednesday)
    await page.getByLabel('Arrival').fill(quietWeek().friday)
    expect((await page.getByLabel('Departure').inputValue()) > quietWeek().friday).toBe(true)
  })
})

describe('a booking', () => {
  it('sent by a double click is one booking', async () => {
    const page = await aPage()
    await page.goto(search)
    await page.getByRole('link', { name: 'Book Lighthouse Suite, Flexible' }).click()
    const before = services.bookings.size
    await page.getByLabel('First name').fill('Ana')
    await page.getByLabel('Last name').fill('Reis')
    await page.getByLabel('E-mail').fill('ana@example.test')
    await page.getByRole('button', { name: /^Book for/ }).dblclick()
    await page.getByRole('heading', { name: /booked, Ana/ }).waitFor()
    expect(services.bookings.size).toBe(before + 1)
  })

  it('opens in another browser with its private link alone', async () => {
    const page = await aPage()
    await page.goto(search)
    await page.getByRole('link', { name: 'Book Quay Double, Flexible' }).click()
    await page.getByLabel('First name').fill('Ana')
    await page.getByLabel('Last name').fill('Reis')
    await page.getByLabel('E-mail').fill('ana@example.test')
    await page.getByRole('button', { name: /^Book for/ }).click()
    const link = await page.getByRole('textbox', { name: 'Your private link' }).inputValue()
    const clean = page.url()

    const elsewhere = await aPage()
    expect((await elsewhere.goto(clean))?.status()).toBe(404)
    await elsewhere.goto(link)
    await elsewhere.getByText('Ana Reis').waitFor()
    expect(elsewhere.url()).toBe(clean)
  })

  it('is looked up by reference and name, masked', async () => {
    const page = await aPage()
    const [booking] = services.bookings.values()
    await page.goto('/')
    await page.getByRole('link', { name: 'My booking' }).click()
    await page.getByLabel('Booking reference').fill(booking?.reference ?? '')
    await page.getByLabel('Last name').fill('Reis')
    await page.getByRole('button', { name: 'Show my booking' }).click()
    await page.getByRole('heading', { name: 'Your stay at Harbour House' }).waitFor()
    expect(await page.getByText('Reis').count()).toBe(0)
    expect(new URL(page.url()).search).toBe('')
  })
})

describe('a hotel is found by city and dates', () => {
  it.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])('%s, and its rooms are a press away', async (_, javaScriptEnabled) => {
    const page = await aPage({ javaScriptEnabled, viewport: { width: 360, height: 740 } })
    await page.goto('/')
    await page.getByLabel('Where').selectOption('Lisbon')
    await page.getByLabel('Arrival').fill(monday)
    await page.getByLabel('Departure').fill(wednesday)
    await page.getByRole('button', { name: 'Show hotels' }).click()
    await page.getByRole('heading', { level: 1, name: 'Hotels in Lisbon' }).waitFor()
    const found = page.getByRole('article', { name: 'Harbour House' })
    await found.getByText('for 2 nights, all taxes included').waitFor()
    await found.getByRole('link', { name: 'Rooms at Harbour House' }).click()
    await page.getByRole('heading', { level: 1, name: '2 nights at Harbour House' }).waitFor()
    await page
      .getByRole('link', { name: /^Book Quay Double/ })
      .first()
      .waitFor()
  })

  it('and a full night leads to the nearest free one', async () => {
    const page = await aPage({ javaScriptEnabled: false })
    await page.goto(`/hotels/harbour-house/search?arrival=${friday}&departure=${addDays(friday, 1)}&adults=2`)
    const others = page.getByRole('region', { name: 'Free around your dates' })
    await others.getByRole('link').first().click()
    await page
      .getByRole('link', { name: /^Book Quay Double/ })
      .first()
      .waitFor()
    expect(new URL(page.url()).searchParams.get('arrival')).toBe(addDays(friday, 1))
  })
})

it('the keyboard reaches the content past the header', async () => {
  const page = await aPage()
  await page.goto('/hotels/harbour-house')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('arrival')
})

function monthTitle(night: string): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(Date.parse(night))
}
