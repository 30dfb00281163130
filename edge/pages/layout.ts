/** The frame around every page: head, header, footer. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { PropertyContent } from '../../shared/domain/property.ts'
import { clockTime, countryName, hotelTime, todayIn } from './format.ts'
import type { GuestServices } from './guest-services.ts'

export type Html = ReturnType<typeof html>

/** What every page needs: where the facts come from and where the fingerprinted assets are. */
export interface Site {
  services: GuestServices
  /** From an asset's name to its address: `site.css` → `/assets/site.1a2b3c4d.css`. */
  assets: Record<string, string>
}

export interface PageFrame {
  title: string
  /** The hotel the page belongs to: its name stands in the header, its address in the footer. */
  hotel?: HotelFrame | undefined
  description?: string
}

export type HotelFrame = Pick<PropertyContent, 'property' | 'name' | 'address' | 'phone' | 'email'>

const STYLES = ['base.css', 'controls.css', 'hotel.css', 'search.css', 'calendar.css', 'booking.css'] as const
// The two files every page needs before its first line can be drawn as meant.
const FONTS = ['fonts/figtree-latin.woff2', 'fonts/brygada-1918-latin.woff2'] as const

/** A whole document. `title` comes first, then the hotel, as a browser's tab cuts at the end. */
export function page(site: Site, frame: PageFrame, main: Html): Html {
  const { hotel } = frame
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${frame.title}${hotel && !frame.title.includes(hotel.name) ? ` · ${hotel.name}` : ''}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="theme-color" content="#12343f">
${frame.description === undefined ? '' : html`<meta name="description" content="${frame.description}">`}
<link rel="icon" href="${assetAddress(site, 'mark.svg')}" type="image/svg+xml">
${FONTS.map(
  (font) => html`<link rel="preload" href="${assetAddress(site, font)}" as="font" type="font/woff2" crossorigin>`,
)}
${STYLES.map((style) => html`<link rel="stylesheet" href="${assetAddress(site, style)}">`)}
<script src="${assetAddress(site, 'site.js')}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="site-header">
<a class="wordmark" href="${hotel ? `/hotels/${hotel.property}` : '/'}"><img src="${assetAddress(site, 'mark.svg')}" alt="" width="28" height="28">
<span>${hotel ? hotel.name : 'Stayzr'}</span></a>
<nav aria-label="Site"><a href="/">Hotels</a><a href="/my-booking">My booking</a></nav>
</header>
<main id="main" tabindex="-1">
${main}
</main>
<footer class="site-footer">
${hotel ? hotelAddress(hotel) : html`<p>Book direct with the hotel: what you see is the whole price.</p>`}
<p class="quiet">Booked direct on Stayzr</p>
</footer>
</body>
</html>`
}

function hotelAddress(hotel: HotelFrame): Html {
  const { street, postalCode, city, country } = hotel.address
  return html`<address><strong>${hotel.name}</strong><br>
${street}, ${postalCode} ${city}, ${countryName(country)}<br>
<a href="tel:${hotel.phone.replace(/[^+\d]/g, '')}">${hotel.phone}</a> <a href="mailto:${hotel.email}">${hotel.email}</a></address>`
}

/** Where an asset is served; the plain name where no build has fingerprinted it. */
export function assetAddress(site: Site, name: string): string {
  return site.assets[name] ?? `/assets/${name}`
}

/** Says that an answer could not be confirmed for a while, and what that means for the guest. Nothing where it was. */
export function staleNotice(answer: { stale: boolean; asOf: string }, timeZone: string): Html | '' {
  if (!answer.stale) return ''
  const today = answer.asOf.slice(0, 10) === todayIn('UTC')
  const when = today ? clockTime(answer.asOf, timeZone) : hotelTime(answer.asOf, timeZone)
  return html`<p class="notice notice-stale" role="status">Prices and rooms were last confirmed at ${when}. We are
reconnecting to the hotel; you can look around, and booking opens again in a moment.</p>`
}

/**
 * Answers with a booking or a guest in them: stored nowhere, and their address told to nobody else. Not `no-referrer`:
 * browsers that do not say `Sec-Fetch-Site` would then send the page's own forms from the origin `null`.
 */
export function keepPrivate(c: Context): void {
  c.header('cache-control', 'private, no-store')
  c.header('referrer-policy', 'same-origin')
}
