import postgres from 'postgres'

/** Owns the tables and runs the migrations. */
export const ownerRole = 'stayzr_owner'

/** What the origin connects as: owns nothing, cannot bypass row-level security. */
export const runtimeRole = 'stayzr_app'

/** Looks up organisations by public codes for the runtime role; nobody logs in as it. See the migrations. */
export const directoryRole = 'stayzr_directory'

/** As infra/postgres/roles.sql has it. */
const runtimePatience = { statement_timeout: '10s', lock_timeout: '5s', idle_in_transaction_session_timeout: '15s' }

/** Runs `work` as the superuser on one connection and closes it. */
export async function asSuperuser<T>(superuserUrl: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Makes the roles, or gives the ones that are there these passwords. May be run at every start. */
export async function ensureRoles(
  superuserUrl: string,
  passwords: { ownerPassword: string; runtimePassword: string },
): Promise<void> {
  await asSuperuser(superuserUrl, async (sql) => {
    for (const [role, password] of [
      [ownerRole, passwords.ownerPassword],
      [runtimeRole, passwords.runtimePassword],
    ] as const) {
      const [existing] = await sql`select 1 from pg_roles where rolname = ${role}`
      if (!existing) await sql`create role ${sql(role)}`
      const attributes = 'login nosuperuser nobypassrls nocreatedb nocreaterole noreplication'
      // A utility statement takes no parameters, so the server itself quotes the password.
      const [statement] = await sql<{ text: string }[]>`
        select format('alter role %I with ' || ${attributes} || ' password %L', ${role}::text, ${password}::text) as text`
      if (statement) await sql.unsafe(statement.text)
    }
    // For what runs outside of transactions, which say the same themselves (origin/platform/database.ts).
    for (const [name, value] of Object.entries(runtimePatience))
      await sql.unsafe(`alter role ${runtimeRole} set ${name} = '${value}'`)
    const [directory] = await sql`select 1 from pg_roles where rolname = ${directoryRole}`
    if (!directory) await sql`create role ${sql(directoryRole)} nologin nosuperuser nobypassrls`
    // The owner hands its look-up functions over to the directory role, for which it has to be a member.
    await sql`grant ${sql(directoryRole)} to ${sql(ownerRole)}`
  })
}

/**
 * Makes the database unless it is there: owned by the owner role, open to the runtime role and to nobody else. A
 * `template` is copied, tables and rows included; nobody may be connected to it meanwhile.
 */
export async function ensureDatabase(superuserUrl: string, database: string, template?: string): Promise<void> {
  await asSuperuser(superuserUrl, async (sql) => {
    const [existing] = await sql`select 1 from pg_database where datname = ${database}`
    if (existing) return
    if (template === undefined) await sql`create database ${sql(database)} owner ${sql(ownerRole)}`
    else await sql`create database ${sql(database)} owner ${sql(ownerRole)} template ${sql(template)}`
    // Rights on a database are not copied from its template.
    await sql`revoke all on database ${sql(database)} from public`
    await sql`grant connect, temporary on database ${sql(database)} to ${sql(runtimeRole)}`
  })
}

/** Ends the connections to a database and deletes it. */
export async function dropDatabase(superuserUrl: string, database: string): Promise<void> {
  await asSuperuser(superuserUrl, async (sql) => {
    await sql`drop database if exists ${sql(database)} with (force)`
  })
}
