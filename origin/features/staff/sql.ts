import type { Permission } from '../../../shared/routes/route.ts'
import type { Database, OrganisationId, Tx } from '../../platform/database.ts'

/** Finds an organisation by its public code. */
export async function findOrganisationByCode(database: Database, code: string): Promise<OrganisationId | undefined> {
  const [row] = await database.directory<{ organisation: OrganisationId }[]>`
    select org_id as organisation
    from organisation_by_code(${code})`
  return row?.organisation
}

/** The public code of this transaction's organisation. */
export async function readOrganisationCode(tx: Tx, organisation: OrganisationId): Promise<string> {
  const [row] = await tx<{ code: string }[]>`
    select code
    from organisation
    where org_id = ${organisation}`
  return row?.code ?? ''
}

export interface StaffRow {
  id: string
  email: string
  passwordHash: string
  permissions: Permission[]
}

/** A member of staff by e-mail, in lower case. */
export async function findStaffByEmail(
  tx: Tx,
  organisation: OrganisationId,
  email: string,
): Promise<StaffRow | undefined> {
  const [row] = await tx<StaffRow[]>`
    select staff_id as id, email, password_hash as "passwordHash", to_json(permissions) as permissions
    from staff_account
    where org_id = ${organisation} and email = ${email}`
  return row
}

/** Stores a session that runs out after so many seconds. */
export async function insertSession(
  tx: Tx,
  organisation: OrganisationId,
  session: { tokenHash: Buffer; staffId: string; seconds: number },
): Promise<void> {
  await tx`
    insert into staff_session (org_id, token_hash, staff_id, expires_at)
    values (${organisation}, ${session.tokenHash}, ${session.staffId}, now() + ${session.seconds} * interval '1 second')`
}

/** Who a live session belongs to. */
export async function findSession(
  tx: Tx,
  organisation: OrganisationId,
  tokenHash: Buffer,
): Promise<{ id: string; email: string; permissions: Permission[] } | undefined> {
  const [row] = await tx<{ id: string; email: string; permissions: Permission[] }[]>`
    select a.staff_id as id, a.email, to_json(a.permissions) as permissions
    from staff_session s
    join staff_account a on a.org_id = s.org_id and a.staff_id = s.staff_id
    where s.org_id = ${organisation} and s.token_hash = ${tokenHash} and s.expires_at > now()`
  return row
}

/** Ends a session. */
export async function deleteSession(tx: Tx, organisation: OrganisationId, tokenHash: Buffer): Promise<void> {
  await tx`
    delete from staff_session
    where org_id = ${organisation} and token_hash = ${tokenHash}`
}

/** An API key's name and permissions. */
export async function findApiKey(
  tx: Tx,
  organisation: OrganisationId,
  tokenHash: Buffer,
): Promise<{ name: string; permissions: Permission[] } | undefined> {
  const [row] = await tx<{ name: string; permissions: Permission[] }[]>`
    select name, to_json(permissions) as permissions
    from api_key
    where org_id = ${organisation} and token_hash = ${tokenHash}`
  return row
}

/** Stores a member of staff unless the e-mail is there. */
export async function insertStaff(tx: Tx, organisation: OrganisationId, staff: StaffRow): Promise<void> {
  await tx`
    insert into staff_account (org_id, staff_id, email, password_hash, permissions)
    values (${organisation}, ${staff.id}, ${staff.email}, ${staff.passwordHash}, ${`{${staff.permissions.join(',')}}`}::text[])
    on conflict (org_id, email) do nothing`
}

/** Stores an API key unless it is there. */
export async function insertApiKey(
  tx: Tx,
  organisation: OrganisationId,
  key: { tokenHash: Buffer; name: string; permissions: readonly Permission[] },
): Promise<void> {
  await tx`
    insert into api_key (org_id, token_hash, name, permissions)
    values (${organisation}, ${key.tokenHash}, ${key.name}, ${`{${key.permissions.join(',')}}`}::text[])
    on conflict (org_id, token_hash) do nothing`
}
