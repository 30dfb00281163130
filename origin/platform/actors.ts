/** Who is calling, and whether a route lets them. */

import { Problem } from '../../shared/problems.ts'
import { SESSION_COOKIE } from '../../shared/routes/auth.ts'
import type { Access, Permission } from '../../shared/routes/route.ts'
import type { OrganisationId } from './database.ts'
import { referenceOfGuestToken } from './tokens.ts'

export interface StaffActor {
  kind: 'staff' | 'api-key'
  organisation: OrganisationId
  /** staff:<id> or api-key:<name>, as the audit names it. */
  name: string
  label: string
  permissions: readonly Permission[]
  /** Hash of the session, for signing out. */
  tokenHash: Buffer
}
export interface GuestActor {
  kind: 'guest'
  reference: string
}
export interface Anonymous {
  kind: 'anonymous'
}
export type Actor = StaffActor | GuestActor | Anonymous

export type Authenticate = (headers: Headers) => Promise<Actor>

/** Finds a session or API key; undefined where there is none or it has run out. */
export type FindStaff = (credential: { kind: 'session' | 'api-key'; token: string }) => Promise<StaffActor | undefined>

/**
 * Reads the credential a request carries: `Authorization: Bearer` with a guest token or an API key, else the session
 * cookie. One that is there but not valid is refused, not ignored: its sender believes to be somebody.
 */
export function authenticator(guestTokenKey: Uint8Array, findStaff: FindStaff): Authenticate {
  return async (headers) => {
    const authorization = headers.get('authorization')
    if (authorization !== null) {
      const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
      if (token?.startsWith('gt_')) {
        const reference = referenceOfGuestToken(guestTokenKey, token)
        if (reference !== undefined) return { kind: 'guest', reference }
      } else if (token?.startsWith('sk_')) {
        const staff = await findStaff({ kind: 'api-key', token })
        if (staff) return staff
      }
      throw new Problem('unauthenticated', { detail: 'The credential in the Authorization header is not valid.' })
    }
    const session = cookie(headers.get('cookie'), SESSION_COOKIE)
    if (session === undefined) return { kind: 'anonymous' }
    return (await findStaff({ kind: 'session', token: session })) ?? { kind: 'anonymous' }
  }
}

/** Throws `unauthenticated` or `forbidden` where the actor may not use a route. */
export function allow(access: Access, actor: Actor): void {
  switch (access.kind) {
    case 'public':
    case 'edge':
      return
    case 'guest-or-staff':
      if (actor.kind !== 'guest') requireStaff(actor, access.permission)
      return
    case 'staff':
      requireStaff(actor, access.permission)
  }
}

/**
 * A browser sends the session cookie by itself, so a write with it must come from our own pages. Browsers say where a
 * request comes from; what is not a browser has no cookie to be tricked out of.
 */
export function refuseCrossSite(method: string, actor: Actor, headers: Headers): void {
  if (actor.kind !== 'staff' || method === 'get') return
  const site = headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') throw new Problem('cross-site-request')
}

/** The actor as a member of staff or an API key. The route's access has been checked; this tells the type. */
export function asStaff(actor: Actor): StaffActor {
  if (actor.kind !== 'staff' && actor.kind !== 'api-key') throw new Problem('unauthenticated')
  return actor
}

/** How the audit and receipts name an actor. */
export function actorName(actor: Actor): string {
  if (actor.kind === 'guest') return `guest:${actor.reference}`
  return actor.kind === 'anonymous' ? 'guest' : actor.name
}

function requireStaff(actor: Actor, permission: Permission | undefined): void {
  if (actor.kind === 'anonymous') throw new Problem('unauthenticated')
  if (actor.kind === 'guest') throw new Problem('forbidden')
  if (permission !== undefined && !actor.permissions.includes(permission))
    throw new Problem('forbidden', { detail: `This needs the permission ${permission}.` })
}

function cookie(header: string | null, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name) return value
  }
  return undefined
}
