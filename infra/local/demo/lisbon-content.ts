/** Casa do Tejo, a made-up hotel in Alfama: everything a guest may read about it. */
import type { PropertyContent, RatePlan, RoomType } from '../../../shared/domain/property.ts'
import { photoOf } from './demo-photos.ts'

const property = 'casa-do-tejo'
const photo = (shows: string, alt: string) => photoOf(property, shows, alt)

/** Nothing to pay below 3; from 3 to 12 a bed in the parents' room. From 13 guests count as adults. */
const childAmounts = (from3to12: number) => [0, from3to12]

const IN_EVERY_ROOM = ['Free Wi-Fi', 'Air conditioning', 'Rain shower', 'Espresso and tea', 'Safe', 'Hairdryer']

const roomTypes: RoomType[] = [
  {
    roomType: 'SNUG',
    name: 'Snug Single',
    description:
      'A cabin of a room under the eaves for one traveller, with a writing desk at the window and the bells of Santo Estêvão for a clock. Small, quiet, and the first to go in trade-fair week.',
    beds: 'One single bed (100 × 200 cm)',
    squareMetres: 12,
    amenities: [...IN_EVERY_ROOM, 'Writing desk', 'Courtyard side'],
    photos: [photo('snug', 'Narrow white room under a sloping ceiling, a single bed and a desk by the window')],
    occupancy: {
      base: 1,
      max: 1,
      maxAdults: 1,
      maxChildren: 0,
      singleUse: 0,
      extraAdult: 0,
      childAmounts: childAmounts(0),
    },
  },
  {
    roomType: 'AZULEJO',
    name: 'Azulejo Double',
    description:
      'Each of these rooms keeps a wall of the blue and white tiles found when the house was restored. Oak floor, linen from Guimarães, tall shutters on to the lane: cool in August, golden by four in the afternoon in January.',
    beds: 'One double bed (160 × 200 cm) or two singles',
    squareMetres: 19,
    amenities: [...IN_EVERY_ROOM, 'Tiled wall of about 1780', 'Twin beds on request'],
    photos: [photo('azulejo', 'Double bed against a wall of blue and white tiles, sun falling through shutters')],
    occupancy: {
      base: 2,
      max: 2,
      maxAdults: 2,
      maxChildren: 1,
      singleUse: -1500,
      extraAdult: 0,
      childAmounts: childAmounts(0),
    },
  },
  {
    roomType: 'RIVER',
    name: 'River Double',
    description:
      'Two tall windows over the roofs of Alfama, and behind them the Tejo, wide as a lake. Watch the Cacilhas ferries from the window seat; the light off the water does the rest.',
    beds: 'One king-size bed (180 × 200 cm)',
    squareMetres: 24,
    amenities: [...IN_EVERY_ROOM, 'River view', 'Window seat', 'Minibar with Portuguese wines'],
    photos: [photo('river', 'Bright room with two tall windows open on terracotta roofs and the river')],
    occupancy: {
      base: 2,
      max: 3,
      maxAdults: 2,
      maxChildren: 1,
      singleUse: -2000,
      extraAdult: 0,
      childAmounts: childAmounts(2500),
    },
  },
  {
    roomType: 'TERRACE',
    name: 'Terrace Double',
    description:
      'On the fourth floor, with a terrace of its own: two chairs, a lemon tree, room for breakfast. The bed faces the doors, so the first thing you see in the morning is sky.',
    beds: 'One king-size bed (180 × 200 cm), sofa bed',
    squareMetres: 28,
    amenities: [
      ...IN_EVERY_ROOM,
      'Private terrace (11 m²)',
      'River view',
      'Minibar with Portuguese wines',
      'Bathrobes',
    ],
    photos: [photo('terrace-room', 'Bedroom with doors open to a terrace with two chairs and a lemon tree')],
    occupancy: {
      base: 2,
      max: 3,
      maxAdults: 3,
      maxChildren: 1,
      singleUse: -2000,
      extraAdult: 4500,
      childAmounts: childAmounts(2500),
    },
  },
  {
    roomType: 'FAMILY',
    name: 'Family Loft',
    description:
      'Two floors in the old grain store: parents below, and up a proper staircase a gallery with two beds, a skylight and a box of wooden ships. There is a fridge, a table for four and a door between you and bedtime.',
    beds: 'One king-size bed (180 × 200 cm), two singles on the gallery',
    squareMetres: 38,
    amenities: [...IN_EVERY_ROOM, 'Gallery with stair gate', 'Fridge and kettle', 'Cot on request', 'Table for four'],
    photos: [photo('family', 'High room with timber beams, a large bed below and two beds on a gallery')],
    occupancy: {
      base: 2,
      max: 5,
      maxAdults: 4,
      maxChildren: 3,
      singleUse: 0,
      extraAdult: 4000,
      childAmounts: childAmounts(2000),
    },
  },
  {
    roomType: 'MIRANTE',
    name: 'Mirante Suite',
    description:
      'The lookout at the top of the house: a bedroom, a sitting room lined with tiles of sailing ships, a bath at the window, and the whole river from the bridge to the Sea of Straw. There are two.',
    beds: 'One king-size bed (200 × 200 cm), sofa bed',
    squareMetres: 46,
    amenities: [
      ...IN_EVERY_ROOM,
      'Freestanding bath',
      'Separate sitting room',
      'River view on two sides',
      'Record player',
      'Minibar included',
      'Bathrobes',
    ],
    photos: [photo('suite', 'Corner suite at dusk, lamps lit, the river and the bridge in the windows')],
    occupancy: {
      base: 2,
      max: 4,
      maxAdults: 3,
      maxChildren: 2,
      singleUse: 0,
      extraAdult: 6000,
      childAmounts: childAmounts(3000),
    },
  },
]

const everyRoom = roomTypes.map((it) => it.roomType)
const flexible = {
  freeUntilDays: 1,
  freeUntilTime: '18:00',
  penalty: 'first-night',
  penaltyPercent: 0,
} as const

const ratePlans: RatePlan[] = [
  {
    ratePlan: 'BAR',
    name: 'Flexible',
    description: 'Our best rate of the day. Cancel free of charge until six in the evening of the day before.',
    meal: 'room-only',
    roomTypes: everyRoom,
    derived: null,
    advanceMin: null,
    advanceMax: null,
    cancellation: flexible,
  },
  {
    ratePlan: 'ADVANCE',
    name: 'Advance purchase',
    description: 'Twelve per cent less for booking a week ahead and meaning it: this rate is not refunded.',
    meal: 'room-only',
    roomTypes: everyRoom,
    derived: {
      ratePlan: 'BAR',
      percentBasisPoints: -1200,
      amount: 0,
      rounding: 'half-up',
      increment: 50,
      inheritRestrictions: true,
    },
    advanceMin: 7,
    advanceMax: null,
    cancellation: { freeUntilDays: null, freeUntilTime: '18:00', penalty: 'full-stay', penaltyPercent: 0 },
  },
  {
    ratePlan: 'BREAKFAST',
    name: 'Flexible with breakfast',
    description:
      'With breakfast in the courtyard for everyone in the room, from half past seven until eleven: bread from the Mouraria, Azores cheese, fruit, eggs as you like them, pastéis de nata still warm.',
    meal: 'breakfast',
    roomTypes: everyRoom,
    derived: {
      ratePlan: 'BAR',
      percentBasisPoints: 600,
      amount: 1400,
      rounding: 'half-up',
      increment: 50,
      inheritRestrictions: true,
    },
    advanceMin: null,
    advanceMax: null,
    cancellation: flexible,
  },
  {
    ratePlan: 'WEEK',
    name: 'Seven nights and more',
    description:
      'Live here for a while: eighteen per cent less from seven nights, with laundry once a week. Free to cancel until two weeks before arrival, then half the stay.',
    meal: 'room-only',
    roomTypes: ['SNUG', 'AZULEJO', 'RIVER', 'TERRACE', 'FAMILY'],
    derived: {
      ratePlan: 'BAR',
      percentBasisPoints: -1800,
      amount: 0,
      rounding: 'half-up',
      increment: 50,
      inheritRestrictions: true,
    },
    advanceMin: null,
    advanceMax: null,
    cancellation: { freeUntilDays: 14, freeUntilTime: '18:00', penalty: 'percent', penaltyPercent: 50 },
  },
  {
    ratePlan: 'FADO',
    name: 'Fado nights',
    description:
      'Two or three nights from Thursday or Friday, breakfast each morning, and on one evening dinner for two with fado in a small house around the corner. Free to cancel until three days before.',
    meal: 'breakfast',
    roomTypes: ['AZULEJO', 'RIVER', 'TERRACE', 'MIRANTE'],
    derived: null,
    advanceMin: 2,
    advanceMax: 365,
    cancellation: { freeUntilDays: 3, freeUntilTime: '18:00', penalty: 'percent', penaltyPercent: 60 },
  },
]

export const lisbonContent: PropertyContent = {
  property,
  name: 'Casa do Tejo',
  tagline: 'Forty-two rooms above the roofs of Alfama, and the river at the end of every lane',
  description: `A merchant built this house in 1762, on what the earthquake had left of an older one, and put the counting room at the top so that he could see his ships come in. The counting room is a suite now. The courtyard still has its orange tree, the stairs still lean a little to the left, and the tiles on the walls are the ones he ordered: hunting scenes on the first floor, sailing ships on the third.

We are a small team, most of us from the quarter. We will tell you which tram to leave to the others, where the sardines are worth the smoke, and at what hour the light comes round to the terrace. In the evening there is wine by the glass in the courtyard and, on Thursdays, somebody who sings.

Santa Apolónia station is nine minutes down the hill; the castle is eleven up. The lane is too narrow for cars, so we fetch your luggage from the square with a handcart.`,
  address: { street: 'Escadinhas da Boa Maré 12', postalCode: '1100-901', city: 'Lisboa', country: 'PT' },
  phone: '+351 20 555 01 42',
  email: 'ola@casadotejo.example',
  timeZone: 'Europe/Lisbon',
  currency: 'EUR',
  checkInFrom: '15:00',
  checkOutUntil: '12:00',
  policies: [
    {
      title: 'Arriving late',
      text: 'The door is staffed until midnight. After that, ring: the night porter lives across the courtyard.',
    },
    {
      title: 'Children',
      text: 'Up to 2 years free, with a cot on request. From 3 to 12 a bed in your room at the price shown. From 13 guests count as adults.',
    },
    {
      title: 'City tax',
      text: 'Lisbon asks EUR 4.00 a person and night from 13 years, for the first seven nights. It is part of the total you see here.',
    },
    {
      title: 'Getting upstairs',
      text: 'A lift serves the first to the third floor; the fourth and the suites are another nineteen steps up. Two Azulejo Doubles on the first floor have a level entrance and a roll-in shower: please ask for one when booking.',
    },
    { title: 'Pets', text: 'One small dog a room is welcome, free of charge, outside the breakfast courtyard.' },
    { title: 'Smoking', text: 'On the roof terrace only, ashtrays and a view provided.' },
  ],
  photos: [
    photo('hero', 'Terrace above the terracotta roofs of Alfama and the wide river in late light'),
    photo('courtyard', 'Breakfast table under an orange tree in a tiled courtyard'),
    photo('roof-terrace', 'Roof terrace at dusk with lanterns, the river and the red bridge far away'),
  ],
  childBands: [
    { code: 'INFANT', minAge: 0, maxAge: 2 },
    { code: 'CHILD', minAge: 3, maxAge: 12 },
  ],
  taxes: [
    { kind: 'percent', code: 'IVA', name: 'VAT (IVA) 6 %', basisPoints: 600, included: true },
    {
      kind: 'person-night',
      code: 'CITYTAX',
      name: 'Lisbon city tax',
      amount: 400,
      minAge: 13,
      maxNights: 7,
      included: false,
    },
  ],
  taxRounding: 'half-up',
  roomTypes,
  ratePlans,
}
