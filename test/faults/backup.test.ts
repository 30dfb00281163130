/**
 * Backup and recovery with the scripts that run in production: real bookings on a real origin, WAL archived to object storage
 * behind TLS, and the drill that must notice when what it restores is not right.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backupProgramsFolder } from '../support/backup-programs.ts'
import { type BackupRig, startBackupRig } from '../support/backup-rig.ts'

const programs = await backupProgramsFolder((line) => console.log(`Not tested here: backups. ${line}`))

/** Production's is 30. */
const archiveSeconds = 5
/** B1, as the drill has it where nothing else is said. */
const lossSecondsMax = 60

/** A drill is a restore of a thousand files, twice started and read through. */
const drillMs = 180_000

describe.skipIf(programs === undefined)('an installation that is backed up', () => {
  let rig: BackupRig
  let service: ReturnType<BackupRig['service']>
  beforeAll(async () => {
    rig = await startBackupRig({ programs: programs ?? '', archiveSeconds })
    for (let day = 1; day <= 8; day++) await rig.book(day)
    service = rig.service('run', { DRILL_HOURS: '0' })
    await until(
      () => metric(rig, 'stayzr_backup_age_seconds{repository="monthly"}') < 60,
      'both backups',
      service.output,
    )
  }, 120_000)
  afterAll(async () => {
    await service?.stop()
    await rig?.stop()
  })

  const drill = (args: readonly string[] = []) => rig.script('drill', ['--local', rig.directory, ...args])

  it('the service makes both first backups, encrypted, and nothing more is due that day', async () => {
    expect(metric(rig, 'stayzr_backup_last_ok{repository="daily"}')).toBe(1)
    expect(metric(rig, 'stayzr_wal_archive_on')).toBe(1)
    const [stanza] = JSON.parse(readFileSync(join(rig.directory, 'state/info.json'), 'utf8'))
    expect(stanza.repo.map((repository: { cipher: string }) => repository.cipher)).toEqual([
      'aes-256-cbc',
      'aes-256-cbc',
    ])
    const due = async (now: string) => (await rig.script('back-up', ['--dry-run'], { BACKUP_NOW: now })).output.trim()
    const day = 86_400_000
    expect(await due(new Date().toISOString())).toBe('')
    expect(await due(new Date(Date.now() + day).toISOString())).toMatch(/^1 diff/)
    expect(await due(new Date(Date.now() + 8 * day).toISOString())).toMatch(/^1 full/)
    expect(await due(new Date(Date.now() + 32 * day).toISOString())).toBe('1 full\n2 full')
  })

  it(
    'can be restored to a moment between two bookings, and to the end, losing no more than is not yet archived',
    async () => {
      await rig.book(20)
      await sleep(1_500)
      const moment = new Date().toISOString()
      await sleep(1_500)
      await rig.book(21)
      await until(() => metric(rig, 'stayzr_wal_archive_lag_seconds') === 0, 'WAL to be stored', service.output)
      await sleep((archiveSeconds + 3) * 1_000)
      const { status, output } = await drill(['--to', moment])
      expect(output).not.toContain('FAILED')
      expect(status).toBe(0)
      expect(output).toContain('at that moment: 402 nights, 9 reservations counted again')
      expect(output).toContain('at the end: 402 nights, 10 reservations counted again')
      expect(output).toMatch(/ARI versions above all given out: from 10\d{5} on/)
      const told = JSON.parse(readFileSync(join(rig.directory, 'state/drill.json'), 'utf8'))
      expect(told).toMatchObject({ ok: true, target: moment.replace('T', ' ').replace('Z', '000+00') })
      expect(told.measured.stayzr_drill_loss_seconds).toBeLessThanOrEqual(lossSecondsMax)
      await until(() => metric(rig, 'stayzr_drill_ok') === 1, 'the metrics of the drill', service.output)
    },
    drillMs,
  )

  it(
    'is found out where a reservation is gone, or a night is counted wrongly, and says what was found',
    async () => {
      const superuser = postgres(rig.superuserUrl, { max: 1, onnotice: () => {} })
      const reference = await rig.book(30)
      // The nights go first, since the reservation is what they refer to.
      await superuser`
        delete from reservation_night
        where reservation_id = (select reservation_id from reservation where reference = ${reference})`
      await superuser`delete from reservation where reference = ${reference}`
      await superuser`update room_type_night set sold = sold + 1 where night = current_date + 40 and room_type = 'DBL'`
      const [switched] = await superuser<{ file: string }[]>`select pg_walfile_name(pg_switch_wal()) as file`
      const stored = async () => {
        const [archiver] = await superuser<{ file: string }[]>`
          select coalesce(last_archived_wal, '') as file from pg_stat_archiver`
        return (archiver?.file ?? '') >= (switched?.file ?? '-')
      }
      await expect.poll(stored, { timeout: 60_000, message: 'WAL to be stored' }).toBe(true)
      await superuser.end()
      const { status, output } = await drill()
      expect(status).toBe(1)
      expect(output).toContain(`audit | ${reference}: booked, and not there`)
      expect(output).toContain(`receipt | ${reference}: acknowledged, and not there`)
      expect(output.match(/drift \| harbour-house DBL \d{4}-\d{2}-\d{2}: counter 1, reservations 0/g)).toHaveLength(2)
      expect(JSON.parse(readFileSync(join(rig.directory, 'state/drill.json'), 'utf8')).ok).toBe(false)
      await until(() => metric(rig, 'stayzr_drill_ok') === 0, 'the metrics of the drill', service.output)
      expect(metric(rig, 'stayzr_drill_age_seconds')).toBeLessThan(600)
    },
    drillMs,
  )

  it('refuses to restore over data', async () => {
    const { status, output } = await rig.script('restore', ['--data', rig.env.PGDATA ?? ''])
    expect({ status, output }).toMatchObject({ status: 1, output: expect.stringContaining('is not empty') })
  })
})

/** The value of a sample in the file for the collector; NaN where it is not there. */
function metric(rig: BackupRig, name: string): number {
  try {
    const text = readFileSync(join(rig.directory, 'state/backup.prom'), 'utf8')
    const line = text.split('\n').find((it) => it.startsWith(`${name} `))
    return Number(line?.slice(name.length + 1).replace('+Inf', 'Infinity') ?? Number.NaN)
  } catch {
    return Number.NaN
  }
}

async function until(holds: () => boolean, what: string, output: () => string): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 900) throw new Error(`waited in vain for ${what}:\n${output()}`)
    await sleep(100)
  }
}
