/** What a demo hotel is made of. Everything follows from the day it is made, so two runs on one day agree. */
import type { Night } from '../../../shared/domain/nights.ts'
import type { PropertyDefinition } from '../../../shared/domain/property.ts'
import type { AriChange } from '../../../shared/routes/ari.ts'
import type { GuestDetails, Stay } from '../../../shared/routes/reservations.ts'

/** How many nights a demo hotel has on sale, the first of them today. */
export const DEMO_NIGHTS = 730

/** A booking made in advance, in the shape `createReservation` takes. Amounts in minor units. */
export interface DemoStay {
  stay: Stay
  expectedTotal: number
  guest: GuestDetails
  requests?: string
}

export interface DemoProperty {
  definition: PropertyDefinition
  /** Rates, restrictions and inventory of every night, for a property that has none yet. No two touch the same field. */
  changes: AriChange[]
  /** Bookable one after the other in this order, on the day the property is made. */
  demand: DemoStay[]
}

/** Makes a demo hotel for the day it opens its books, a date in the hotel's own zone. */
export type MakeDemoProperty = (today: Night) => DemoProperty
