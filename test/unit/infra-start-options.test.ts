import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readOptions } from '../../infra/local/options.ts'
import { loadSecrets } from '../../infra/local/secrets.ts'

describe('readOptions()', () => {
  test('starts on the usual ports and keeps the data', () => {
    expect(readOptions([])).toEqual({ edgePort: 8787, originPort: 3000, dev: false, reset: false, help: false })
  })

  test('takes ports, --dev and --reset', () => {
    expect(readOptions(['--dev', '--reset', '--edge-port', '9001', '--origin-port=9002'])).toEqual({
      edgePort: 9001,
      originPort: 9002,
      dev: true,
      reset: true,
      help: false,
    })
  })

  test.each([
    [['--edge-port', '0'], '--edge-port takes a port from 1 to 65535, not "0".'],
    [['--origin-port', '65536'], '--origin-port takes a port from 1 to 65535, not "65536".'],
    [['--origin-port', 'three'], '--origin-port takes a port from 1 to 65535, not "three".'],
    [['--edge-port', '3000'], 'Edge and origin cannot both listen on port 3000.'],
    [['--verbose'], 'Unknown option \'--verbose\': see "npm start -- --help".'],
  ])('%j is refused with a sentence', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence)
  })
})

describe('loadSecrets()', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'stayzr-secrets-'))
  })

  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  test('makes them once and keeps them where only their owner can read them', async () => {
    const secrets = await loadSecrets(directory)
    expect(await loadSecrets(directory)).toEqual(secrets)
    expect(statSync(join(directory, 'secrets.json')).mode & 0o777).toBe(0o600)
  })

  test('makes what an older file lacks and keeps the rest', async () => {
    writeFileSync(join(directory, 'secrets.json'), '{ "staffPassword": "kept" }')
    const secrets = await loadSecrets(directory)
    expect(secrets.staffPassword).toBe('kept')
    expect(Object.values(secrets).every((secret) => secret.length >= 4)).toBe(true)
    expect(JSON.parse(readFileSync(join(directory, 'secrets.json'), 'utf8'))).toEqual(secrets)
  })

  test('a damaged file is named rather than replaced', async () => {
    writeFileSync(join(directory, 'secrets.json'), '{ "staffPassword": ')
    await expect(loadSecrets(directory)).rejects.toThrow('secrets.json cannot be read as JSON')
  })
})
