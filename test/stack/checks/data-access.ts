/** Each role gets in where it belongs, and nowhere else; PgBouncer under more clients and statements than it has places for. */
import type { Check } from '../check.ts'
import { expectNone } from '../check.ts'
import type { Stack } from '../stack.ts'

const direct = 'host=postgres port=5432'
const pooled = 'host=pgbouncer port=6432'
const verified = 'sslmode=verify-full sslrootcert=/run/secrets/tls_ca.crt'

/** Who, with whose password, by which way, does what; refused with what, or let do it where nothing is said. */
const cases: readonly { role: string; secret: string; way: string; does: string; refused?: RegExp }[] = [
  { role: 'stayzr_app', secret: 'app_password', way: pooled, does: 'select 1' },
  {
    role: 'stayzr_app',
    secret: 'app_password',
    way: direct,
    does: 'create table mine ()',
    refused: /permission denied for schema/,
  },
  {
    role: 'stayzr_app',
    secret: 'app_password',
    way: direct,
    does: 'delete from audit',
    refused: /permission denied for table/,
  },
  {
    role: 'stayzr_app',
    secret: 'app_password',
    way: direct,
    does: "select pgbouncer.get_auth('stayzr_app')",
    refused: /permission denied/,
  },
  {
    role: 'stayzr_app',
    secret: 'app_password',
    way: direct,
    does: 'select rolpassword from pg_authid',
    refused: /permission denied/,
  },
  {
    role: 'stayzr_app',
    secret: 'owner_password',
    way: direct,
    does: 'select 1',
    refused: /password authentication failed/,
  },
  { role: 'stayzr_owner', secret: 'owner_password', way: direct, does: 'select 1' },
  {
    role: 'stayzr_owner',
    secret: 'owner_password',
    way: pooled,
    does: 'select 1',
    refused: /no such user|authentication failed/,
  },
  { role: 'stayzr_monitor', secret: 'monitor_password', way: direct, does: 'select count(*) from pg_stat_statements' },
  {
    role: 'stayzr_monitor',
    secret: 'monitor_password',
    way: direct,
    does: 'select * from reservation',
    refused: /permission denied/,
  },
  { role: 'stayzr_monitor', secret: 'monitor_password', way: `${pooled} dbname=pgbouncer`, does: 'show pools' },
  {
    role: 'stayzr_monitor',
    secret: 'monitor_password',
    way: `${pooled} dbname=pgbouncer`,
    does: 'pause',
    refused: /admin access needed/,
  },
  {
    role: 'stayzr_pgbouncer',
    secret: 'pgbouncer_password',
    way: direct,
    does: "select pgbouncer.get_auth('stayzr_app')",
  },
  {
    role: 'stayzr_pgbouncer',
    secret: 'pgbouncer_password',
    way: direct,
    does: 'select * from reservation',
    refused: /permission denied/,
  },
  {
    role: 'stayzr_replication',
    secret: 'replication_password',
    way: direct,
    does: 'select 1',
    refused: /rejects connection/,
  },
  { role: 'postgres', secret: 'postgres_password', way: direct, does: 'select 1', refused: /rejects connection/ },
  {
    role: 'postgres',
    secret: 'postgres_password',
    way: pooled,
    does: 'select 1',
    refused: /no such user|authentication failed/,
  },
]

async function attempt(stack: Stack, one: (typeof cases)[number]): Promise<string | undefined> {
  const options = ['--no-psqlrc', '--quiet', '--tuples-only', `dbname=stayzr ${one.way} user=${one.role} ${verified}`]
  const said = await stack
    .exec('pgbouncer', ['psql', ...options, '--command', one.does], { PGPASSWORD: stack.secret(one.secret) })
    .then(() => undefined, String)
  const what = `${one.role} by "${one.way}": ${one.does}`
  if (one.refused === undefined) return said === undefined ? undefined : `${what} said ${said.slice(-150)}`
  if (said === undefined) return `${what} was let through`
  return one.refused.test(said) ? undefined : `${what} was refused otherwise: ${said.slice(-150)}`
}

export const dataAccess: Check = {
  name: 'data-access',
  title: 'Each role of PostgreSQL gets in where it belongs, and nowhere else',
  async run({ stack }) {
    const found = (await Promise.all(cases.map((one) => attempt(stack, one)))).filter((it) => it !== undefined)
    const given = await stack.sql<{ name: string }>(`
      select wanted as name
      from unnest(array['postgres', 'stayzr_owner', 'stayzr_replication', 'stayzr_pgbouncer', 'stayzr_app', 'stayzr_monitor']) wanted
      where exists (select from pgbouncer.get_auth(wanted))
      order by wanted`)
    const verifiers = given.map(({ name }) => name).join()
    if (verifiers !== 'stayzr_app,stayzr_monitor') found.push(`PgBouncer is given verifiers of ${verifiers}`)
    const [kept] = await stack.sql<{ statements: number }>(
      `select count(*) as statements from pg_stat_statements where query ~* '^\\s*alter role.*password'`,
    )
    if (kept?.statements !== 0) found.push(`${kept?.statements} statements with passwords are in pg_stat_statements`)
    expectNone(found, 'wrong')
    const refused = cases.filter((one) => one.refused !== undefined).length
    return `${cases.length - refused} let do what they are for, ${refused} refused`
  },
}

const clients = 60
const turns = 1
/** More than PgBouncer keeps for a connection (max_prepared_statements), so that it has to give some up. */
const statements = 250

export const preparedStatements: Check = {
  name: 'prepared-statements',
  title:
    'More clients than connections, with more prepared statements than are kept: every answer comes, from few connections',
  async run({ stack }) {
    const script = Array.from({ length: statements }, (_, number) => `select ${number} + :client_id;`).join('\n')
    const program = `printf '%s\\n' "$SCRIPT" >/tmp/script.sql && exec pgbench --no-vacuum --protocol=prepared --client=${clients} --transactions=${turns} --file=/tmp/script.sql`
    const said = await stack
      .exec('postgres', ['sh', '-c', program], {
        SCRIPT: script,
        PGHOST: 'pgbouncer',
        PGPORT: '6432',
        PGDATABASE: 'stayzr',
        PGUSER: 'stayzr_app',
        PGPASSWORD: stack.secret('app_password'),
        PGSSLMODE: 'verify-full',
        PGSSLROOTCERT: '/run/secrets/tls_ca.crt',
      })
      // It says each thing that fails for each client.
      .catch((error: unknown) => String(error).slice(-400))
    const [server] = await stack.sql<{ connections: number }>(
      `select count(*) as connections from pg_stat_activity where usename = 'stayzr_app'`,
    )
    const done = `number of transactions actually processed: ${clients * turns}/${clients * turns}`
    expectNone(
      [
        ...(said.includes(done) && said.includes('number of failed transactions: 0') ? [] : [said.trim().slice(-400)]),
        ...((server?.connections ?? 0) > 60 ? [`${server?.connections} connections to PostgreSQL`] : []),
      ],
      'not every answer came',
    )
    return `${clients * turns * statements} answers to ${clients} clients, ${server?.connections} connections to PostgreSQL`
  },
}
