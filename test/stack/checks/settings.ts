/** REQUIREMENTS D6 and D7, and encryption between the parts, asked of the servers that run. */
import type { Check } from '../check.ts'
import { expectNone } from '../check.ts'
import { run } from '../shell.ts'
import type { Stack } from '../stack.ts'

async function memoryOf(stack: Stack, service: string): Promise<number> {
  const { id } = await stack.container(service)
  return Number(await run('docker', ['inspect', '--format', '{{.HostConfig.Memory}}', id]))
}

/** What differs between what is and what should be, in words. */
function differences(is: Readonly<Record<string, unknown>>, should: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(should)
    .filter(([name, value]) => String(is[name]) !== String(value))
    .map(([name, value]) => `${name} is ${is[name]}, not ${value}`)
}

export const postgres: Check = {
  name: 'postgres-settings',
  title: 'PostgreSQL runs with the settings of D6, computed from its memory; everybody comes in over TLS',
  async run({ stack }) {
    const rows = await stack.sql<{ name: string; setting: string; unit: string | null }>(
      'select name, setting, unit from pg_settings',
    )
    const units: Record<string, number> = { '8kB': 8192, kB: 1024, MB: 1_048_576, B: 1 }
    const bytes = (name: string): number => {
      const row = rows.find((it) => it.name === name)
      return Number(row?.setting) * (units[row?.unit ?? ''] ?? 1)
    }
    const text = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
    const memory = await memoryOf(stack, 'postgres')
    const share = bytes('shared_buffers') / memory
    const found = [
      ...differences(text, {
        checkpoint_completion_target: '0.9',
        ssl: 'on',
        wal_level: 'replica',
        data_checksums: 'on',
        log_min_duration_statement: '250',
        shared_preload_libraries: 'pg_stat_statements',
      }),
      ...differences(
        {
          work_mem: bytes('work_mem'),
          maintenance_work_mem: bytes('maintenance_work_mem'),
          wal_buffers: bytes('wal_buffers'),
        },
        { work_mem: 4 * 1_048_576, maintenance_work_mem: 64 * 1_048_576, wal_buffers: 16 * 1_048_576 },
      ),
      // To the megabyte.
      ...(Math.abs(share - 0.25) > 0.005
        ? [`shared_buffers is ${(share * 100).toFixed(1)} % of memory, not 25 %`]
        : []),
      ...(Number(text.server_version_num) < 170_000 ? [`the version is ${text.server_version}`] : []),
    ]
    const [state] = await stack.sql<{
      plain: number
      clients: number
      statements: number
      replicas: number
      weak: number
    }>(`
      select (select count(*) from pg_stat_ssl join pg_stat_activity using (pid) where client_addr is not null and not ssl) as plain,
        (select count(*) from pg_stat_ssl join pg_stat_activity using (pid) where client_addr is not null and ssl) as clients,
        (select count(*) from pg_stat_statements) as statements,
        (select count(*) from pg_stat_replication where state = 'streaming') as replicas,
        (select count(*) from pg_roles where rolname = 'stayzr_app' and (rolsuper or rolbypassrls or rolcreaterole)) as weak`)
    found.push(
      ...differences({ ...state }, { plain: 0, replicas: 1, weak: 0 }),
      ...((state?.clients ?? 0) === 0 ? ['nobody is connected over TLS'] : []),
      ...((state?.statements ?? 0) === 0 ? ['pg_stat_statements has counted nothing'] : []),
    )
    const open = await stack.sql<{ relname: string }>(`
      select c.relname
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not (c.relrowsecurity and c.relforcerowsecurity)`)
    found.push(...open.map(({ relname }) => `${relname} has no row-level security`))
    const plain = await stack
      .exec('pgbouncer', ['psql', 'host=postgres dbname=stayzr user=stayzr_app sslmode=disable', '-c', 'select 1'], {
        PGPASSWORD: stack.secret('app_password'),
      })
      .then(() => 'let in', String)
    if (!/no encryption|rejects connection/.test(plain)) found.push(`without TLS PostgreSQL said: ${plain.slice(-200)}`)
    expectNone(found, 'differs')
    return `shared_buffers ${Math.round(bytes('shared_buffers') / 1_048_576)} MB of ${Math.round(memory / 1_048_576)} MB, ${state?.clients} connections all over TLS, replica streams`
  },
}

export const pgbouncer: Check = {
  name: 'pgbouncer-settings',
  title: 'PgBouncer pools by transaction, with prepared statements, and takes nobody without TLS',
  async run({ stack }) {
    const ask = async (options: string, question: string): Promise<string> =>
      await stack.exec(
        'pgbouncer',
        [
          'psql',
          '--no-psqlrc',
          '--quiet',
          '--tuples-only',
          '--no-align',
          `host=localhost port=6432 user=stayzr_monitor ${options}`,
          '-c',
          question,
        ],
        { PGPASSWORD: stack.secret('monitor_password') },
      )
    const rows = (
      await ask('dbname=pgbouncer sslmode=verify-full sslrootcert=/run/secrets/tls_ca.crt', 'show config')
    ).split('\n')
    const config = Object.fromEntries(rows.map((row) => row.split('|')))
    const found = differences(config, {
      pool_mode: 'transaction',
      client_tls_sslmode: 'require',
      server_tls_sslmode: 'verify-full',
      auth_type: 'scram-sha-256',
    })
    if (!(Number(config.max_prepared_statements) > 0)) found.push('prepared statements are off')
    const plain = await ask('dbname=pgbouncer sslmode=disable', 'show version').then(() => 'let in', String)
    if (!/SSL required/i.test(plain)) found.push(`without TLS it said: ${plain.slice(-200)}`)
    expectNone(found, 'differs')
    return `pool ${config.default_pool_size} + ${config.reserve_pool_size}, ${config.max_prepared_statements} prepared statements each`
  },
}

export const redis: Check = {
  name: 'redis-settings',
  title: 'Redis runs with the settings of D7, with a password, over TLS, with a replica and three sentinels',
  async run({ stack }) {
    const ask = async (service: string, port: number, ...command: string[]): Promise<string> =>
      await stack.exec(
        service,
        [
          'redis-cli',
          '--tls',
          '--cacert',
          '/run/secrets/tls_ca.crt',
          '-h',
          'localhost',
          '-p',
          String(port),
          ...command,
        ],
        { REDISCLI_AUTH: stack.secret('redis_password') },
      )
    const setting = async (name: string): Promise<string> =>
      (await ask('redis', 6379, 'config', 'get', name)).trim().split('\n')[1]?.trim() ?? ''
    const memory = await memoryOf(stack, 'redis')
    const share = Number(await setting('maxmemory')) / memory
    const found = [
      ...differences(
        {
          'maxmemory-policy': await setting('maxmemory-policy'),
          appendonly: await setting('appendonly'),
          port: await setting('port'),
        },
        { 'maxmemory-policy': 'allkeys-lru', appendonly: 'yes', port: '0' },
      ),
      ...(Math.abs(share - 0.8) > 0.005 ? [`maxmemory is ${(share * 100).toFixed(1)} % of memory, not 80 %`] : []),
    ]
    const version = /redis_version:(\d+\.\d+\.\d+)/.exec(await ask('redis', 6379, 'info', 'server'))?.[1] ?? ''
    if (Number.parseInt(version, 10) < 7) found.push(`the version is ${version}`)
    const replication = await ask('redis', 6379, 'info', 'replication')
    if (!/connected_slaves:1|role:slave/.test(replication)) found.push('there is no replica')
    const quorum = await ask('sentinel-1', 26379, 'sentinel', 'ckquorum', 'stayzr')
    if (!quorum.startsWith('OK 3')) found.push(`the sentinels say: ${quorum.trim()}`)
    const stranger = await stack.exec('redis', [
      'redis-cli',
      '--tls',
      '--cacert',
      '/run/secrets/tls_ca.crt',
      '-h',
      'localhost',
      'ping',
    ])
    if (!stranger.includes('NOAUTH')) found.push(`without a password it said: ${stranger.trim()}`)
    expectNone(found, 'differs')
    return `Redis ${version}, maxmemory ${Math.round((share * memory) / 1_048_576)} MB of ${Math.round(memory / 1_048_576)} MB, ${quorum.trim().split('.')[0]}`
  },
}
