/** Where guests want to go: cities by their name without accents, countries by their code. Pure. */
import { Problem } from '../problems.ts'

/** More than this many names help nobody to find theirs. */
const NAMED_MAX = 100

export interface KnownDestination {
  /** What stands in addresses: `klosters-dorf` for a city, `CH` for a country. */
  destination: string
  kind: 'city' | 'country'
  /** As people write it. */
  name: string
  /** Hotels that are shown to the public. */
  properties: number
}

/** A city in a country, as addresses have it, and how many hotels are there. */
export interface Place {
  city: string
  country: string
  properties: number
}

/** Letters that are letters of their own and do not come apart into one and a mark. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
}

/**
 * A name as a part of an address: lower case, without accents, words joined by dashes. Letters of other scripts stay.
 * Empty where there is neither a letter nor a digit.
 */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßøłđðþæœı]/g, (letter) => PLAIN[letter] ?? letter)
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}

/** Every city and country there is a hotel in: cities by name, then countries. Cities of one name are one destination. */
export function destinationsIn(places: readonly Place[], countryName: (code: string) => string): KnownDestination[] {
  const cities = new Map<string, KnownDestination>()
  const countries = new Map<string, KnownDestination>()
  for (const { city, country, properties } of places) {
    addTo(cities, { destination: slugOf(city), kind: 'city', name: city, properties })
    addTo(countries, { destination: country, kind: 'country', name: countryName(country), properties })
  }
  const byCode = (a: KnownDestination, b: KnownDestination) => (a.destination < b.destination ? -1 : 1)
  cities.delete('')
  return [...[...cities.values()].sort(byCode), ...[...countries.values()].sort(byCode)]
}

function addTo(known: Map<string, KnownDestination>, more: KnownDestination): void {
  const { properties = 0, name = more.name } = known.get(more.destination) ?? {}
  known.set(more.destination, { ...more, name, properties: properties + more.properties })
}

/** The destination that somebody means: a country's code in capitals, a city however it is written, a country’s name. */
export function findDestination(known: readonly KnownDestination[], written: string): KnownDestination | undefined {
  const text = written.trim()
  const slug = slugOf(text)
  const country = (code: string) => known.find((it) => it.kind === 'country' && it.destination === code)
  if (/^[A-Z]{2}$/.test(text)) return country(text)
  return (
    known.find((it) => it.kind === 'city' && it.destination === slug) ??
    country(text.toUpperCase()) ??
    known.find((it) => it.kind === 'country' && slugOf(it.name) === slug)
  )
}

/** The places that a destination stands for. */
export function placesOf(places: readonly Place[], destination: string): Place[] {
  return places.filter(({ city, country }) => country === destination || slugOf(city) === destination)
}

/** What a guest is told who asks for a place without hotels. */
export function destinationNotFound(written: string, known: readonly KnownDestination[]): Problem {
  return new Problem('destination-not-found', {
    detail: `There are no hotels in ${written.trim().slice(0, 80)}. Take one of \`destinations\`; GET /api/v1/destinations lists all of them.`,
    destinations: known.slice(0, NAMED_MAX).map(({ destination }) => destination),
  })
}
