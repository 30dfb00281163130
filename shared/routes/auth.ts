/** Staff sessions. */
import * as z from 'zod/mini'
import { Email, PropertyCode } from '../domain/values.ts'
import { anyone, PERMISSIONS, route, staff } from './route.ts'

/** Holds the session; the browser sends it to this host only, out of reach of scripts. */
export const SESSION_COOKIE = '__Host-stayzr-session'

export const Session = z.object({
  organization: z.string(),
  email: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
})
export type Session = z.infer<typeof Session>

export const login = route({
  method: 'post',
  path: '/api/v1/auth/login',
  summary: 'Sign in as staff; sets the session cookie',
  access: anyone,
  cache: 'never',
  rateLimit: 'sign-in',
  body: z.strictObject({
    organization: PropertyCode,
    email: Email,
    password: z.string().check(z.minLength(1), z.maxLength(200)),
  }),
  responses: { 200: Session },
  problems: ['sign-in-failed', 'cross-site-request'],
})

export const logout = route({
  method: 'post',
  path: '/api/v1/auth/logout',
  summary: 'End the session',
  access: staff(),
  cache: 'never',
  rateLimit: 'staff',
  responses: { 200: z.object({ signedOut: z.boolean() }) },
  problems: [],
})

export const whoAmI = route({
  method: 'get',
  path: '/api/v1/auth/session',
  summary: 'Who is signed in and what they may do',
  access: staff(),
  cache: 'never',
  rateLimit: 'staff',
  query: z.strictObject({}),
  responses: { 200: Session },
  problems: [],
})
