/** Puts the demo hotels into the compose stack of a developer's machine, and says how to sign in. May be run again. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newStaffToken } from '../../origin/platform/tokens.ts'
import { DEMO_ORGANISATION_ID, seedDemo } from '../local/demo/seed.ts'

const secret = (name: string): string => readFileSync(join('/run/secrets', name), 'utf8').trim()

/** Encrypted, and the server's certificate verified against the authorities Node knows (NODE_EXTRA_CA_CERTS). */
const encrypted = (address: string): string => `${address}?sslmode=verify-full`

// The S3 client reads these by itself.
process.env.AWS_ACCESS_KEY_ID = secret('storage_access_key')
process.env.AWS_SECRET_ACCESS_KEY = secret('storage_secret_key')

const staffPassword = randomBytes(12).toString('base64url')
const apiKey = newStaffToken('sk', DEMO_ORGANISATION_ID)
const demo = await seedDemo({
  ownerUrl: encrypted(secret('migration_database_url')),
  runtimeUrl: encrypted(secret('database_url')),
  storageUrl: process.env.STORAGE_URL ?? '',
  staffPassword,
  apiKey,
  log: (line) => console.log(line),
})
console.log(`${demo.properties.join(' and ')} are there.
Sign in to ${demo.organization} as ${demo.staffEmail} with ${staffPassword}; API key ${apiKey}. Both are new with each run of this.`)
