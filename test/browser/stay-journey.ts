import type { Page } from 'playwright-core'
import { expect } from 'vitest'

export interface Journey {
  hotel: string
  room: string
  plan: string
  arrival: string
  departure: string
}

/**
 * Walks from the list of hotels to the cancelled booking, as a guest would, and gives the reference. Needs no JavaScript,
 * and free rooms for two.
 */
export async function bookAndCancel(page: Page, journey: Journey): Promise<string> {
  await page.goto('/')
  await page.getByRole('link', { name: journey.hotel }).first().click()
  await page.getByRole('heading', { level: 1, name: journey.hotel }).waitFor()
  await page.getByLabel('Arrival').fill(journey.arrival)
  await page.getByLabel('Departure').fill(journey.departure)
  await page.getByRole('button', { name: 'Show rooms' }).click()

  await page.getByRole('heading', { level: 1, name: `at ${journey.hotel}` }).waitFor()
  const room = page.getByRole('article', { name: journey.room })
  await room.getByText('Price by night').first().click()
  await room.getByRole('table').first().getByRole('row', { name: 'Total' }).waitFor()
  await room.getByRole('link', { name: new RegExp(`^Book ${journey.room}, ${journey.plan},`) }).click()

  await page.getByRole('heading', { name: 'Book your stay' }).waitFor()
  await page.getByLabel('First name').fill('Ana')
  await page.getByLabel('Last name').fill('Reis')
  await page.getByLabel('E-mail').fill('ana@example.test')
  await page.getByLabel('Anything we should know?').fill('We arrive late.\nPlease leave the light on.')
  await page.getByRole('button', { name: /^Book for/ }).click()

  await page.getByRole('heading', { name: 'It’s booked, Ana' }).waitFor()
  const reference = new URL(page.url()).pathname.slice(-10)
  const card = page.getByRole('region', { name: journey.room })
  await card.getByText(reference).waitFor()
  await card.getByText('Confirmed').waitFor()
  await card.getByText('Please leave the light on.').waitFor()

  await page.getByRole('link', { name: 'Cancel this booking' }).click()
  await page.getByText('Cancelling now costs').waitFor()
  await page.getByRole('button', { name: 'Cancel the booking' }).click()
  await page.getByRole('heading', { name: 'This booking is cancelled' }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`/bookings/${reference}`)
  return reference
}
