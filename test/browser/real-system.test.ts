/** The same way through the real system: edge in workerd, origin on Node, PostgreSQL. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { updateAri } from '../../shared/routes/ari.ts'
import { createProperty } from '../../shared/routes/properties.ts'
import { pathFor } from '../../shared/routes/route.ts'
import { launchBrowser } from '../support/browser.ts'
import { aProperty, flatRates } from '../support/builders.ts'
import { edgeProcess, type OriginProcess, originProcess } from '../support/installation.ts'
import { addOrganisation } from '../support/origin.ts'
import { freshDatabase } from '../support/servers.ts'
import { harbourContent, quietWeek } from './harbour-house.ts'
import { bookAndCancel } from './stay-journey.ts'

const { monday, wednesday } = quietWeek()
const database = await freshDatabase()
let browser: Browser
let origin: OriginProcess
let edge: { url: string; stop(): Promise<void> }
/** Browsers keep `__Host-` cookies of plain HTTP on this name only. */
let baseURL: string

beforeAll(async () => {
  browser = await launchBrowser()
  origin = await originProcess(database.runtimeUrl)
  edge = await edgeProcess('workerd', { url: origin.service.url, signingKey: origin.signingKey })
  baseURL = edge.url.replace('127.0.0.1', 'localhost')
  const { apiKey } = await addOrganisation(database, 'harbour')
  const { property: _, ...content } = harbourContent({ photos: [] })
  const definition = aProperty('harbour-house', { rooms: { SGL: 2, DBL: 4, STE: 1 }, content })
  for (const type of definition.content.roomTypes) type.photos = []
  const send = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(edge.url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify(body),
    })
    expect(answer.ok, await answer.clone().text()).toBe(true)
  }
  await send('POST', createProperty.path, definition)
  await send('PUT', pathFor(updateAri.path, { property: 'harbour-house' }), { changes: flatRates(definition) })
})
afterAll(async () => {
  await browser?.close()
  await edge?.stop()
  await origin?.service.stop()
})

it.each([
  ['on a phone', 360, true],
  ['on a phone without JavaScript', 360, false],
  ['on a desk', 1280, true],
])('a guest finds a room, books it, and cancels %s', async (_, width, javaScriptEnabled) => {
  const context = await browser.newContext({ baseURL, viewport: { width, height: 800 }, javaScriptEnabled })
  try {
    const stay = {
      hotel: 'Harbour House',
      room: 'Quay Double',
      plan: 'Flexible',
      arrival: monday,
      departure: wednesday,
    }
    await bookAndCancel(await context.newPage(), stay)
  } finally {
    await context.close()
  }
})

it('who books the last suite sees at once that it is gone, and who had it open is told', async () => {
  const quick = await browser.newContext({ baseURL })
  const slow = await browser.newContext({ baseURL })
  try {
    const pages = [await slow.newPage(), await quick.newPage()]
    const search = `/hotels/harbour-house/search?arrival=${monday}&departure=${wednesday}&adults=2`
    for (const page of pages) {
      await page.goto(search)
      await page.getByRole('article', { name: 'Lighthouse Suite' }).getByText('Only 1 left').waitFor()
      await page.getByRole('link', { name: 'Book Lighthouse Suite, Flexible' }).click()
      await page.getByLabel('First name').fill('Ana')
      await page.getByLabel('Last name').fill('Reis')
      await page.getByLabel('E-mail').fill('ana@example.test')
    }
    const [slowPage, quickPage] = pages
    if (!slowPage || !quickPage) throw new Error('two guests')
    await quickPage.getByRole('button', { name: /^Book for/ }).click()
    await quickPage.getByRole('heading', { name: 'It’s booked, Ana' }).waitFor()
    await quickPage.goto(search)
    await quickPage.getByRole('heading', { name: 'Not for these dates' }).waitFor()
    expect(await quickPage.getByRole('article', { name: 'Lighthouse Suite' }).count()).toBe(0)

    await slowPage.getByRole('button', { name: /^Book for/ }).click()
    await slowPage.getByRole('heading', { name: 'Someone was quicker' }).waitFor()
    await slowPage.getByText(/Sold out on Mon/).waitFor()
    await slowPage.getByRole('link', { name: 'Quay Double Flexible' }).click()
    await slowPage.getByRole('heading', { name: 'Book your stay' }).waitFor()
  } finally {
    await quick.close()
    await slow.close()
  }
})

it.each(['node', 'deno'] as const)('the pages from %s are those from workerd, to the letter', async (runtime) => {
  const other = await edgeProcess(runtime, { url: origin.service.url, signingKey: origin.signingKey })
  try {
    const search = `/hotels/harbour-house/search?arrival=${monday}&departure=${wednesday}&adults=2&childAges=7,4`
    for (const path of ['/', '/hotels/harbour-house', search, '/my-booking', '/nothing']) {
      const [here, there] = await Promise.all([fetch(edge.url + path), fetch(other.url + path)])
      expect(there.status, path).toBe(here.status)
      expect(await there.text(), path).toBe(await here.text())
    }
  } finally {
    await other.stop()
  }
})
