/** Berghaus Silvretta, a made-up lodge above Klosters: everything a guest may read about it. */
import type { PropertyContent, RatePlan, RoomType } from '../../../shared/domain/property.ts'
import { photoOf } from './demo-photos.ts'

const property = 'berghaus-silvretta'
const photo = (shows: string, alt: string) => photoOf(property, shows, alt)

/** By age band: to 5, 6 to 11, 12 to 15 years; Rappen a night with breakfast. */
const childAmounts = (from6: number, from12: number) => [0, from6, from12]

const IN_EVERY_ROOM = ['Free Wi-Fi', 'Boot and ski room', 'Wood-fired sauna', 'Wool blankets', 'Spring water carafe']

const roomTypes: RoomType[] = [
  {
    roomType: 'KAMMER',
    name: 'Attic Chamber',
    description:
      'Under the ridge, with a skylight over the pillow: in the season of shooting stars these three rooms are asked for first. The shower is across the landing and is yours alone.',
    beds: 'One single bed (120 × 200 cm)',
    squareMetres: 11,
    amenities: [...IN_EVERY_ROOM, 'Own shower across the landing', 'Skylight'],
    photos: [photo('kammer', 'Attic chamber panelled in wood, stars in the skylight above a narrow bed')],
    occupancy: {
      base: 1,
      max: 1,
      maxAdults: 1,
      maxChildren: 0,
      singleUse: 0,
      extraAdult: 0,
      childAmounts: childAmounts(0, 0),
    },
  },
  {
    roomType: 'ARVE',
    name: 'Stone Pine Double',
    description:
      'Lined from floor to ceiling with stone pine from the Vereina valley, a wood that smells of resin for thirty years and is said to slow the heart. Ours were panelled in 2019, so there is a good way to go.',
    beds: 'One double bed (180 × 200 cm) or two singles',
    squareMetres: 20,
    amenities: [...IN_EVERY_ROOM, 'Shower', 'Reading lamps', 'Forest side'],
    photos: [photo('arve', 'Double room lined with pale pine, white bedding, morning sun on the wall')],
    occupancy: {
      base: 2,
      max: 3,
      maxAdults: 2,
      maxChildren: 1,
      singleUse: -4500,
      extraAdult: 0,
      childAmounts: childAmounts(2500, 4000),
    },
  },
  {
    roomType: 'BALKON',
    name: 'South Balcony Double',
    description:
      'A balcony the width of the room, a bench against the warm wall, and the Silvretta range from end to end. At breakfast time the sun is on the peaks; at eleven it is on you.',
    beds: 'One king-size bed (180 × 200 cm)',
    squareMetres: 24,
    amenities: [...IN_EVERY_ROOM, 'South balcony', 'Bath or shower', 'Mountain view', 'Binoculars'],
    photos: [photo('balkon', 'Room open to a timber balcony, snow-covered peaks in the sun')],
    occupancy: {
      base: 2,
      max: 3,
      maxAdults: 3,
      maxChildren: 1,
      singleUse: -4500,
      extraAdult: 7000,
      childAmounts: childAmounts(2500, 4000),
    },
  },
  {
    roomType: 'FAMILIE',
    name: 'Family Room with Bunks',
    description:
      'A double bed for the grown-ups and, behind a curtain, two bunks built into the wall like berths, each with a porthole, a lamp and a shelf for treasure.',
    beds: 'One double bed (180 × 200 cm), two bunks (90 × 190 cm)',
    squareMetres: 31,
    amenities: [...IN_EVERY_ROOM, 'Bath', 'Board games', 'Sledges in the shed', 'Cot on request'],
    photos: [photo('familie', 'Timber bunks with glowing lamps set into the wall of a family room')],
    occupancy: {
      base: 2,
      max: 5,
      maxAdults: 4,
      maxChildren: 3,
      singleUse: 0,
      extraAdult: 6000,
      childAmounts: childAmounts(2000, 3500),
    },
  },
  {
    roomType: 'GRAT',
    name: 'Ridge Suite',
    description:
      'Two rooms at the gable with a soapstone stove between them, laid and ready to light. A window seat long enough to lie on, and the best of the evening: the last red on the Silvrettahorn.',
    beds: 'One king-size bed (200 × 200 cm), sofa bed',
    squareMetres: 42,
    amenities: [...IN_EVERY_ROOM, 'Soapstone stove', 'Freestanding bath', 'Mountain view', 'Window seat', 'Bathrobes'],
    photos: [photo('grat', 'Suite with a fire in a soapstone stove, dusk on the peaks in the gable window')],
    occupancy: {
      base: 2,
      max: 4,
      maxAdults: 3,
      maxChildren: 2,
      singleUse: 0,
      extraAdult: 8000,
      childAmounts: childAmounts(3000, 5000),
    },
  },
  {
    roomType: 'MAIENSAESS',
    name: 'Maiensäss Cabin',
    description:
      'A shepherd’s cabin of 1868, two hundred steps from the house: kitchen, stove, four beds, a wooden tub under the sky. Breakfast comes in a basket. In the ski season it is let by the week, from Saturday to Saturday.',
    beds: 'One double bed (180 × 200 cm), two singles in the loft',
    squareMetres: 54,
    amenities: [
      ...IN_EVERY_ROOM,
      'Kitchen',
      'Wood stove',
      'Outdoor hot tub',
      'Parking at the cabin',
      'Breakfast basket',
    ],
    photos: [photo('maiensaess', 'Small log cabin in deep snow at blue hour, its windows lit')],
    occupancy: {
      base: 4,
      max: 6,
      maxAdults: 4,
      maxChildren: 4,
      singleUse: 0,
      extraAdult: 0,
      childAmounts: childAmounts(0, 0),
    },
  },
]

const everyRoom = roomTypes.map((it) => it.roomType)
const withoutCabin = everyRoom.filter((it) => it !== 'MAIENSAESS')
const flexible = { freeUntilDays: 7, freeUntilTime: '12:00', penalty: 'percent', penaltyPercent: 80 } as const

const ratePlans: RatePlan[] = [
  {
    ratePlan: 'BAR',
    name: 'Bed and breakfast',
    description:
      'With our breakfast: rye bread from the wood oven, Prättigau cheese, honey from below the house. Free to cancel until noon a week before arrival.',
    meal: 'breakfast',
    roomTypes: everyRoom,
    derived: null,
    advanceMin: null,
    advanceMax: null,
    cancellation: flexible,
  },
  {
    ratePlan: 'HALBPENSION',
    name: 'Half board',
    description:
      'Breakfast, and in the evening four courses in the panelled Stube: capuns, game in autumn, always something without meat. Free to cancel until noon a week before arrival.',
    meal: 'half-board',
    roomTypes: withoutCabin,
    derived: {
      ratePlan: 'BAR',
      percentBasisPoints: 2400,
      amount: 2000,
      rounding: 'half-up',
      increment: 100,
      inheritRestrictions: true,
    },
    advanceMin: null,
    advanceMax: null,
    cancellation: flexible,
  },
  {
    ratePlan: 'FRUEH',
    name: 'Early bird',
    description: 'Twelve per cent less for booking 45 days ahead. Paid with the booking, not refunded.',
    meal: 'breakfast',
    roomTypes: withoutCabin,
    derived: {
      ratePlan: 'BAR',
      percentBasisPoints: -1200,
      amount: 0,
      rounding: 'half-up',
      // Five Rappen, the smallest Swiss coin.
      increment: 5,
      inheritRestrictions: true,
    },
    advanceMin: 45,
    advanceMax: null,
    cancellation: { freeUntilDays: null, freeUntilTime: '12:00', penalty: 'full-stay', penaltyPercent: 0 },
  },
  {
    ratePlan: 'SKIWOCHE',
    name: 'Snow week',
    description:
      'Five nights or more between January and March: nine per cent less, one sauna evening kept for you, and a guide’s tip for each morning on the slate by the door.',
    meal: 'breakfast',
    roomTypes: withoutCabin,
    derived: {
      ratePlan: 'BAR',
      percentBasisPoints: -900,
      amount: 0,
      rounding: 'half-up',
      increment: 5,
      inheritRestrictions: true,
    },
    advanceMin: null,
    advanceMax: null,
    cancellation: { freeUntilDays: 30, freeUntilTime: '12:00', penalty: 'percent', penaltyPercent: 50 },
  },
]

export const alpineContent: PropertyContent = {
  property,
  name: 'Berghaus Silvretta',
  tagline: 'Twenty-four rooms where the road ends, and a fire that is already lit',
  description: `At 1,640 metres the road stops at our door, and what goes on from there is a forest track, a stream and four summits over three thousand metres. The house was built in 1912 for people who came to breathe. They still do; some of them now carry skis.

In winter you clip in at the ski room and run through the wood to the valley lift in four minutes; the last metres home are uphill, which is what the sauna is for. Cross-country tracks and snowshoe paths leave from the terrace. In summer it is cows, blueberries and the long way over the pass to the Engadine.

There are no televisions. There is a library, a piano that is tuned every November while we are closed, and dinner at seven in a Stube that has not changed since the first guest complained that it was too warm.`,
  address: { street: 'Arvenboden 3', postalCode: '7252', city: 'Klosters Dorf', country: 'CH' },
  phone: '+41 81 000 00 24',
  email: 'grueezi@berghaus-silvretta.example',
  timeZone: 'Europe/Zurich',
  currency: 'CHF',
  checkInFrom: '15:30',
  checkOutUntil: '10:30',
  policies: [
    {
      title: 'Getting here',
      text: 'Bus 232 from Klosters station stops at the barrier; we meet every bus until eight in the evening. By car you need winter tyres from November to April, and in heavy snow chains.',
    },
    {
      title: 'Children',
      text: 'Up to 5 years free in the parents’ room. From 6 to 15 at the price shown. From 16 guests count as adults.',
    },
    {
      title: 'Guest tax',
      text: 'The valley asks CHF 3.50 a person and night from 12 years. It is part of the total you see here, and the guest card gives you buses and trains in the valley free.',
    },
    {
      title: 'Cabin weeks',
      text: 'In the ski season the Maiensäss Cabin is let from Saturday to Saturday. At other times it is yours from two nights.',
    },
    {
      title: 'When we are closed',
      text: 'In November, and for about a month after Easter or the end of the ski season. The path to the house stays open; the kettle does not.',
    },
    {
      title: 'Pets',
      text: 'Dogs are welcome in the Stone Pine Doubles and the cabin for CHF 18 a night, paid at the house.',
    },
    {
      title: 'Steps',
      text: 'The house has no lift. Two Stone Pine Doubles are on the ground floor without a step; please tell us if you need one.',
    },
  ],
  photos: [
    photo('hero', 'Timber lodge in deep snow at dusk, every window lit, peaks behind'),
    photo('stube', 'Panelled dining room with lamps over laid tables and a tiled stove'),
    photo('morning', 'Breakfast on the terrace with the valley under a sea of cloud'),
  ],
  childBands: [
    { code: 'SMALL', minAge: 0, maxAge: 5 },
    { code: 'CHILD', minAge: 6, maxAge: 11 },
    { code: 'TEEN', minAge: 12, maxAge: 15 },
  ],
  taxes: [
    { kind: 'percent', code: 'MWST', name: 'VAT (MWST) 3.8 %', basisPoints: 380, included: true },
    {
      kind: 'person-night',
      code: 'KURTAXE',
      name: 'Guest tax (Kurtaxe)',
      amount: 350,
      minAge: 12,
      maxNights: 999,
      included: false,
    },
  ],
  taxRounding: 'half-up',
  roomTypes,
  ratePlans,
}
