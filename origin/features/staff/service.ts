import { randomUUID } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { Problem } from '../../../shared/problems.ts'
import type { Session } from '../../../shared/routes/auth.ts'
import type { Permission } from '../../../shared/routes/route.ts'
import type { FindStaff, StaffActor } from '../../platform/actors.ts'
import type { Database, OrganisationId } from '../../platform/database.ts'
import { newStaffToken, organisationOfStaffToken, tokenHash } from '../../platform/tokens.ts'
import {
  deleteSession,
  findApiKey,
  findOrganisationByCode,
  findSession,
  findStaffByEmail,
  insertApiKey,
  insertSession,
  insertStaff,
  readOrganisationCode,
} from './sql.ts'

/** A working day; who comes back next morning signs in again. */
export const SESSION_SECONDS = 12 * 3600

/** OWASP password storage cheat sheet: Argon2id, 19 MiB, two passes, one lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export interface Staff {
  find: FindStaff
  /** Checks a password and opens a session. Throws `sign-in-failed`, the same for every part that can be wrong. */
  signIn(credentials: {
    organization: string
    email: string
    password: string
  }): Promise<{ token: string; session: Session }>
  signOut(actor: StaffActor): Promise<void>
  session(actor: StaffActor): Promise<Session>
  /** For operators: a member of staff and an API key, unless they are there. */
  addStaff(organisation: OrganisationId, email: string, password: string, permissions: Permission[]): Promise<void>
  addApiKey(
    organisation: OrganisationId,
    token: string,
    name: string,
    permissions: readonly Permission[],
  ): Promise<void>
}

export function openStaff(database: Database): Staff {
  // Checked where there is no account, so that the time taken does not tell whether there is one.
  const nobody = hash('nobody', ARGON2)

  return {
    async find({ kind, token }) {
      const organisation = organisationOfStaffToken(kind === 'session' ? 'ss' : 'sk', token)
      if (organisation === undefined) return undefined
      const hashed = tokenHash(token)
      return await database.inOrganisation(organisation, async (tx): Promise<StaffActor | undefined> => {
        if (kind === 'api-key') {
          const key = await findApiKey(tx, organisation, hashed)
          if (!key) return undefined
          const name = `api-key:${key.name}`
          return { kind, organisation, name, label: key.name, permissions: key.permissions, tokenHash: hashed }
        }
        const staff = await findSession(tx, organisation, hashed)
        if (!staff) return undefined
        const name = `staff:${staff.id}`
        return {
          kind: 'staff',
          organisation,
          name,
          label: staff.email,
          permissions: staff.permissions,
          tokenHash: hashed,
        }
      })
    },

    async signIn({ organization, email, password }) {
      const organisation = await findOrganisationByCode(database, organization)
      const staff =
        organisation === undefined
          ? undefined
          : await database.inOrganisation(organisation, (tx) => findStaffByEmail(tx, organisation, email.toLowerCase()))
      const matches = await verify(staff?.passwordHash ?? (await nobody), password)
      if (organisation === undefined || !staff || !matches) throw new Problem('sign-in-failed')
      const token = newStaffToken('ss', organisation)
      await database.inOrganisation(organisation, (tx) =>
        insertSession(tx, organisation, { tokenHash: tokenHash(token), staffId: staff.id, seconds: SESSION_SECONDS }),
      )
      return { token, session: { organization, email: staff.email, permissions: staff.permissions } }
    },

    async signOut(actor) {
      await database.inOrganisation(actor.organisation, (tx) => deleteSession(tx, actor.organisation, actor.tokenHash))
    },

    async session(actor) {
      const organization = await database.inOrganisation(actor.organisation, (tx) =>
        readOrganisationCode(tx, actor.organisation),
      )
      return { organization, email: actor.label, permissions: [...actor.permissions] }
    },

    async addStaff(organisation, email, password, permissions) {
      const passwordHash = await hash(password, ARGON2)
      await database.inOrganisation(organisation, (tx) =>
        insertStaff(tx, organisation, { id: randomUUID(), email: email.toLowerCase(), passwordHash, permissions }),
      )
    },

    async addApiKey(organisation, token, name, permissions) {
      await database.inOrganisation(organisation, (tx) =>
        insertApiKey(tx, organisation, { tokenHash: tokenHash(token), name, permissions }),
      )
    },
  }
}
