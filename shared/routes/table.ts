/** The route table: every route there is. What is not listed here does not exist, at the edge and at the origin alike. */
import { ariDelta, ariHead, ariVersion, updateAri } from './ari.ts'
import { login, logout, whoAmI } from './auth.ts'
import { getAvailability, getCalendar, getFlexibleDates, getSeveralRooms } from './availability.ts'
import { openapiDocument } from './documents.ts'
import { createProperty, getPhoto, getProperty, listProperties, putPhoto } from './properties.ts'
import { cancelReservation, createReservation, getReservation } from './reservations.ts'
import type { Route } from './route.ts'
import { ariHeads, listDestinations, searchProperties } from './search.ts'

export const routes = {
  listProperties,
  getProperty,
  getPhoto,
  putPhoto,
  createProperty,
  getAvailability,
  getCalendar,
  getFlexibleDates,
  getSeveralRooms,
  searchProperties,
  listDestinations,
  createReservation,
  getReservation,
  cancelReservation,
  updateAri,
  ariHead,
  ariHeads,
  ariVersion,
  ariDelta,
  login,
  logout,
  whoAmI,
  openapiDocument,
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes
