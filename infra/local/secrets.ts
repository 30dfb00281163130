import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { newStaffToken } from '../../origin/platform/tokens.ts'
import { DEMO_ORGANISATION_ID } from './demo/seed.ts'
import { StartError, writingTo } from './start-error.ts'

/** What a local system keeps to itself. Made once, so that links and logins of yesterday still work today. */
export type LocalSecrets = {
  /** `kid:base64`, shared by edge and origin. */
  edgeSigningKey: string
  /** Base64; signs guests' tokens. */
  guestTokenKey: string
  ownerPassword: string
  runtimePassword: string
  redisPassword: string
  staffPassword: string
  apiKey: string
}

const makers: { [Name in keyof LocalSecrets]: () => string } = {
  edgeSigningKey: () => `local:${randomBytes(32).toString('base64')}`,
  guestTokenKey: () => randomBytes(32).toString('base64'),
  ownerPassword: () => randomBytes(18).toString('base64url'),
  runtimePassword: () => randomBytes(18).toString('base64url'),
  redisPassword: () => randomBytes(18).toString('base64url'),
  // Typed by hand at the first login; letters and digits only.
  staffPassword: () => randomBytes(8).toString('hex'),
  apiKey: () => newStaffToken('sk', DEMO_ORGANISATION_ID),
}

/** Reads `directory/secrets.json`, makes what is missing in it, and keeps it readable by its owner only. */
export async function loadSecrets(directory: string): Promise<LocalSecrets> {
  const file = path.join(directory, 'secrets.json')
  const kept = readSecrets(file)
  const make = (name: keyof LocalSecrets): string => kept[name] ?? makers[name]()
  const secrets: LocalSecrets = {
    edgeSigningKey: make('edgeSigningKey'),
    guestTokenKey: make('guestTokenKey'),
    ownerPassword: make('ownerPassword'),
    runtimePassword: make('runtimePassword'),
    redisPassword: make('redisPassword'),
    staffPassword: make('staffPassword'),
    apiKey: make('apiKey'),
  }
  await writePrivateJson(file, secrets)
  return secrets
}

function readSecrets(file: string): Partial<Record<string, string>> {
  if (!fs.existsSync(file)) return {}
  try {
    const parsed: unknown = JSON.parse(fs.readFileSync(file, 'utf8'))
    if (!(parsed instanceof Object)) throw new SyntaxError('not an object')
    return Object.fromEntries(Object.entries(parsed).filter(([, value]) => typeof value === 'string'))
  } catch (cause) {
    throw new StartError(`${file} cannot be read as JSON: mend it, or remove it to have new secrets made.`, { cause })
  }
}

/** Writes a file that only its owner can read. Nobody ever sees half of it, and a full disk leaves the old one. */
export async function writePrivateJson(file: string, content: unknown): Promise<void> {
  await writingTo(path.dirname(file), () => {
    const aside = `${file}.${process.pid}`
    try {
      fs.writeFileSync(aside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
      fs.renameSync(aside, file)
    } finally {
      fs.rmSync(aside, { force: true })
    }
  })
}
