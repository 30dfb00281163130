/** ARI as plain data, one array entry a night: what the database says, before it is packed. */
import type { Night } from '../domain/nights.ts'
import type { PropertyContent } from '../domain/property.ts'

export interface RestrictionCell {
  minStayArrival: number | null
  minStayThrough: number | null
  maxStay: number | null
  closedToArrival: boolean
  closedToDeparture: boolean
  closed: boolean
}

export interface AriFacts {
  content: PropertyContent
  version: number
  firstNight: Night
  nights: number
  /** Rooms left by room type (in the content's order), then night. */
  available: readonly (readonly number[])[]
  products: readonly {
    roomType: string
    ratePlan: string
    /** Minor units by night, null where there is no rate; null altogether for a derived plan. */
    amounts: readonly (number | null)[] | null
    restrictions: readonly RestrictionCell[]
  }[]
}
