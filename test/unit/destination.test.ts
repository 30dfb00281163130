import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import type { Confirmed } from '../../shared/ari/answers.ts'
import { cheapestOf } from '../../shared/ari/cheapest.ts'
import { searchDestination } from '../../shared/ari/destination.ts'
import { encodeSnapshot, openSnapshot } from '../../shared/ari/snapshot.ts'
import { destinationsIn, findDestination, type Place, placesOf, slugOf } from '../../shared/domain/destinations.ts'
import { parseQuery } from '../../shared/routes/parse.ts'
import type { QueryOf } from '../../shared/routes/route.ts'
import { searchProperties } from '../../shared/routes/search.ts'
import { aRatePlan } from '../support/builders.ts'
import { Oracle } from '../support/oracle.ts'
import { factsOf, randomHotel, randomStay } from '../support/oracle-arbitraries.ts'
import { destinationLines } from '../support/oracle-search.ts'
import { aHouse, leave, price, snapshotOf } from './support/house.ts'

const TODAY = '2027-03-20'
const NOON = Date.parse(`${TODAY}T12:00:00Z`)
const lisbon = { destination: 'lisboa', kind: 'city' as const, name: 'Lisboa', properties: 3 }
type Query = QueryOf<typeof searchProperties>
const aQuery = (over: Partial<Query> = {}): Query => ({
  destination: 'lisboa',
  arrival: '2027-03-24',
  departure: '2027-03-26',
  adults: 2,
  childAges: [],
  sort: 'price',
  page: 1,
  pageSize: 20,
  ...over,
})
const fresh = (snapshot: Confirmed['snapshot']): Confirmed => ({ snapshot, asOf: NOON - 500, stale: false })

/** A hotel of the destination, with one price for two nights and two guests. */
function hotel(code: string, over: { name?: string; currency?: string; rate?: number; left?: number } = {}): Confirmed {
  const { name = code, currency = 'EUR', ...rest } = over
  const content = { property: code, name, currency, taxes: [] }
  return fresh(snapshotOf(aHouse({ content, firstNight: TODAY, ...rest })))
}

const BOUND_MS = 2_000
function search(hotels: readonly Confirmed[], over: Partial<Query> = {}, missing = 0) {
  const running = searchDestination(aQuery(over), NOON)
  for (const it of hotels) running.add(it)
  return running.answer(lisbon, missing, NOON - BOUND_MS)
}
const codes = (answer: { results: { property: string }[] }) => answer.results.map((it) => it.property)

describe('searchDestination()', () => {
  test('has the oracle’s line for every hotel, in the oracle’s order, page by page', () => {
    const names = fc.constantFrom('alma', 'boa vista', 'casa')
    const currencies = fc.constantFrom('EUR', 'CHF', 'USD')
    const hotels = fc.array(fc.tuple(randomHotel(TODAY), names, currencies), { minLength: 1, maxLength: 6 })
    const sorts = fc.constantFrom('price' as const, 'name' as const)
    fc.assert(
      fc.property(hotels, randomStay(TODAY), sorts, fc.integer({ min: 1, max: 4 }), (given, stay, sort, pageSize) => {
        const randoms = given.map(([random, name, currency], i) => {
          Object.assign(random.hotel.content, { property: `house-${i}`, name, currency })
          return random
        })
        const lines = destinationLines(
          randoms.map((random) => new Oracle(random.hotel)),
          stay,
          sort,
          NOON,
        )
        const pages = Math.ceil(lines.length / pageSize)
        const found = Array.from({ length: pages }, (_, i) => {
          const query = aQuery({ ...stay, childAges: [...stay.childAges], sort, page: i + 1, pageSize })
          const running = searchDestination(query, NOON)
          for (const random of randoms) running.add(fresh(openSnapshot(encodeSnapshot(factsOf(random)))))
          return running.answer(lisbon, 0, NOON - BOUND_MS)
        })
        expect(found[0]).toMatchObject({ pages, total: lines.length })
        expect(found[0]?.bookable).toBe(lines.filter((line) => line.total !== null).length)
        expect(
          found
            .flatMap((answer) => answer.results)
            .map(({ property, name, currency, total, roomType, ratePlan, reason }) => ({
              property,
              name,
              currency,
              total,
              roomType,
              ratePlan,
              reason,
            })),
        ).toEqual(lines)
      }),
      { numRuns: 60 },
    )
  })

  test('never compares amounts of two currencies: one after the other, the one of most hotels first', () => {
    const hotels = [
      hotel('cheap-franc', { currency: 'CHF', rate: 1_000 }),
      hotel('euro-two', { rate: 9_000 }),
      hotel('euro-one', { rate: 8_000 }),
      hotel('dear-franc', { currency: 'CHF', rate: 99_000 }),
      hotel('euro-three', { rate: 10_000 }),
      hotel('full-dollar', { currency: 'USD', left: 0 }),
    ]
    const answer = search(hotels)
    expect(codes(answer)).toEqual(['euro-one', 'euro-two', 'euro-three', 'cheap-franc', 'dear-franc', 'full-dollar'])
    expect(answer.currencies).toEqual(['EUR', 'CHF'])
  })

  test('has what is sold out at the end, also by name, with the nearest to selling first', () => {
    const far = snapshotOf(aHouse({ content: { property: 'far', name: 'A far one' }, firstNight: '2028-01-01' }))
    const full = hotel('full', { name: 'B is full', left: 0 })
    const answer = search([fresh(far), full, hotel('z', { name: 'Ähre' }), hotel('y', { name: 'zoo' })], {
      sort: 'name',
    })
    expect(answer.results.map(({ name, reason }) => [name, reason])).toEqual([
      ['Ähre', null],
      ['zoo', null],
      ['B is full', 'sold-out'],
      ['A far one', 'outside-horizon'],
    ])
  })

  test('says of each hotel its version and freshness, and of the whole the oldest', () => {
    const old = { ...hotel('old', { rate: 9_000 }), asOf: NOON - 90_000, stale: true }
    const answer = search([hotel('new'), old])
    expect(answer).toMatchObject({ stale: true, asOf: new Date(NOON - 90_000).toISOString() })
    expect(answer.results.map(({ property, stale, asOf }) => [property, stale, Date.parse(asOf)])).toEqual([
      ['old', true, NOON - 90_000],
      ['new', false, NOON - 500],
    ])
  })

  test('says how many hotels were left out, and is what its route declares', () => {
    const answer = search([hotel('a'), hotel('b', { left: 0 })], {}, 4)
    expect(answer).toMatchObject({
      incomplete: true,
      missing: 4,
      total: 2,
      bookable: 1,
      destination: 'lisboa',
      nights: 2,
    })
    expect(search([hotel('a')])).toMatchObject({ incomplete: false, missing: 0 })
    expect(z.safeParse(searchProperties.responses[200], answer).data).toEqual(answer)
  })

  test('has an empty page after the last', () => {
    const answer = search([hotel('a'), hotel('b')], { page: 3, pageSize: 1 })
    expect(answer).toMatchObject({ results: [], page: 3, pages: 2, total: 2 })
  })

  test('takes today from each hotel’s own clocks, and refuses what is past at all of them', () => {
    const at = Date.parse(`${TODAY}T23:30:00Z`)
    const ask = (arrival: string) => {
      const running = searchDestination(aQuery({ arrival, departure: '2027-03-23' }), at)
      for (const timeZone of ['America/New_York', 'Asia/Kolkata'])
        running.add(
          fresh(
            snapshotOf(aHouse({ content: { property: timeZone, timeZone }, firstNight: '2027-03-01', nights: 40 })),
          ),
        )
      return running.answer(lisbon, 0, NOON - BOUND_MS)
    }
    expect(ask(TODAY).results.map(({ property, reason }) => [property, reason])).toEqual([
      ['America/New_York', null],
      ['Asia/Kolkata', 'outside-horizon'],
    ])
    expect(() => ask('2027-03-19')).toThrow(/^\?arrival/)
    expect(() => ask('2027-03-23')).toThrow(/^\?departure/)
  })

  test('marks what has become stale while others were looked at, unless a later head confirms it', () => {
    const running = searchDestination(aQuery(), NOON)
    for (const it of [hotel('moved'), hotel('same'), hotel('unasked')]) running.add(it)
    const heads = [
      { property: 'moved', version: 2 },
      { property: 'same', version: 1 },
      { property: 'never-looked-at', version: 1 },
    ]
    expect(running.confirm(heads, NOON + 2_900)).toEqual([heads[0]])
    const answer = running.answer(lisbon, 0, NOON + 3_000 - BOUND_MS)
    expect(answer.results.map(({ property, stale }) => [property, stale])).toEqual([
      ['moved', true],
      ['same', false],
      ['unasked', true],
    ])
    expect(answer).toMatchObject({ stale: true, asOf: new Date(NOON - 500).toISOString() })
  })

  test('looks at a hotel anew: the later line replaces the earlier', () => {
    const running = searchDestination(aQuery(), NOON)
    running.add(hotel('a', { rate: 9_000 }))
    running.add(hotel('a', { left: 0 }))
    expect(running.answer(lisbon, 0, NOON - BOUND_MS)).toMatchObject({ total: 1, results: [{ reason: 'sold-out' }] })
  })

  test('keeps no hotel beside its line: a change after it was added is not in the answer', () => {
    const house = aHouse({ firstNight: TODAY })
    const confirmed = fresh(snapshotOf(house))
    const running = searchDestination(aQuery(), NOON)
    running.add(confirmed)
    leave(house, 'DBL', '2027-03-24', 0)
    confirmed.snapshot.version = 99
    expect(running.answer(lisbon, 0, NOON - BOUND_MS).results[0]).toMatchObject({ ariVersion: 1, reason: null })
  })
})

describe('cheapestOf()', () => {
  const included = (code: string) => ({ kind: 'percent' as const, code, name: code, basisPoints: 100, included: true })
  const added = { kind: 'percent' as const, code: 'ADD', name: 'Added', basisPoints: 10_000, included: false }
  /** One night in a double at one rate and in a suite at another, included taxes of one percent each rounded up. */
  const cheapest = (taxes: number, double: number, suite: number) => {
    const codes = Array.from({ length: taxes }, (_, i) => included(`TAX${i}`))
    const content = { taxes: [...codes, added], taxRounding: 'up' as const, ratePlans: [aRatePlan('BAR')] }
    const house = aHouse({ content, firstNight: TODAY })
    price(house, ['DBL', 'BAR'], TODAY, double)
    price(house, ['STE', 'BAR'], TODAY, suite)
    const stay = { arrival: TODAY, departure: '2027-03-21', adults: 2, childAges: [] }
    const { roomType, total } = cheapestOf(snapshotOf(house), stay, TODAY)
    return [roomType, total]
  }

  test('takes the lowest total, which need not be the lowest charge', () => {
    // Of 1.03 each of three taxes is 0.01, of 1.04 it is 0.02: the added tax is on 1.00 or on 0.98.
    expect(cheapest(3, 103, 104)).toEqual(['STE', 202])
  })

  test('takes the first of two at the same total', () => {
    expect(cheapest(2, 103, 102)).toEqual(['DBL', 202])
    expect(cheapest(2, 102, 103)).toEqual(['DBL', 202])
  })
})

describe('the query of a search', () => {
  const ask = (text: string) => parseQuery(searchProperties, new URLSearchParams(text)) as Query
  const dates = 'destination=Lisboa&arrival=2027-03-24&departure=2027-03-26&adults=2'

  test('is by price, the first page of 20', () => {
    expect(ask(dates)).toMatchObject({ sort: 'price', page: 1, pageSize: 20, childAges: [] })
  })

  test.each([
    ['?destination', dates.replace('Lisboa', '')],
    ['?destination', dates.replace('Lisboa', '---')],
    ['?destination', dates.replace('Lisboa', 'x'.repeat(81))],
    ['?destination', dates.replace('destination=Lisboa&', '')],
    ['?sort', `${dates}&sort=stars`],
    ['?page', `${dates}&page=0`],
    ['?page', `${dates}&page=501`],
    ['?pageSize', `${dates}&pageSize=101`],
    ['?arrival', dates.replace('03-24', '02-30')],
    ['?adults', dates.replace('adults=2', 'adults=0')],
    ['?property', `${dates}&property=x`],
    ['?sort', `${dates}&sort=price&sort=name`],
  ])('is refused with a mistake in %s: %s', (pointer, text) => {
    expect(() => ask(text)).toThrow(new RegExp(`^\\${pointer}`))
  })
})

describe('slugOf()', () => {
  test.each([
    ['Lisboa', 'lisboa'],
    ['Klosters Dorf', 'klosters-dorf'],
    ['São Paulo', 'sao-paulo'],
    ['Łódź', 'lodz'],
    ['Gießen', 'giessen'],
    ['Tromsø', 'tromso'],
    ["Saint-Jean-d'Angély", 'saint-jean-d-angely'],
    ['  L’Aquila  ', 'l-aquila'],
    ['İzmir', 'izmir'],
    ['京都', '京都'],
    ['<script>', 'script'],
    ['---', ''],
  ])('writes %s as %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug)
  })

  test('changes nothing more the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(slugOf(slugOf(name))).toBe(slugOf(name))
      }),
    )
  })
})

describe('destinations', () => {
  const places: Place[] = [
    { city: 'Lisboa', country: 'PT', properties: 2 },
    { city: 'Córdoba', country: 'ES', properties: 3 },
    { city: 'Cordoba', country: 'AR', properties: 1 },
    { city: 'Au', country: 'CH', properties: 1 },
    { city: 'Sydney', country: 'AU', properties: 4 },
    { city: '!', country: 'PT', properties: 1 },
  ]
  const named = (code: string) => ({ PT: 'Portugal', ES: 'Spain' })[code] ?? code
  const known = destinationsIn(places, named)

  test('are cities, those of one name together, and countries, with their hotels counted', () => {
    expect(known.map(({ destination, properties }) => [destination, properties])).toEqual([
      ['au', 1],
      ['cordoba', 4],
      ['lisboa', 2],
      ['sydney', 4],
      ['AR', 1],
      ['AU', 4],
      ['CH', 1],
      ['ES', 3],
      ['PT', 3],
    ])
  })

  test.each([
    ['lisboa', 'lisboa'],
    [' LISBOA', 'lisboa'],
    ['CÓRDOBA', 'cordoba'],
    ['PT', 'PT'],
    ['pt', 'PT'],
    ['portugal', 'PT'],
    ['AU', 'AU'],
    ['au', 'au'],
    ['Atlantis', undefined],
    ['XX', undefined],
    ['__proto__', undefined],
  ])('are found by %s: %s', (written, destination) => {
    expect(findDestination(known, written)?.destination).toBe(destination)
  })

  test('stand for the places that were counted in them', () => {
    for (const { destination, properties } of known) {
      const counted = placesOf(places, destination).reduce((sum, place) => sum + place.properties, 0)
      expect(counted, destination).toBe(properties)
    }
  })
})
