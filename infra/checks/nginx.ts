/** nginx's own test of our configuration, with certificates made for the moment. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { type Outcome, project, runCommand } from './check.ts'
import { runDebianProgram } from './debian-programs.ts'

const folder = path.join(project, 'infra/nginx')

export async function checkNginx(): Promise<Outcome> {
  if (!fs.existsSync(path.join(folder, 'nginx.conf'))) return { passed: true, output: 'there is nothing yet' }
  const place = fs.mkdtempSync(path.join(tmpdir(), 'stayzr-nginx-'))
  try {
    return await testConfiguration(place)
  } finally {
    fs.rmSync(place, { recursive: true, force: true })
  }
}

async function testConfiguration(place: string): Promise<Outcome> {
  const secrets = path.join(place, 'secrets')
  const made = await runCommand('infra/compose/make-secrets', ['--directory', secrets])
  if (!made.passed) return made
  // With everything that is left out by default, so that all of it is read.
  const rendered = await runCommand('infra/nginx/stayzr-nginx', ['--render'], {
    env: {
      RUN: place,
      SECRETS: secrets,
      TEMPLATES: folder,
      ACME: place,
      ACCESS_LOG: path.join(place, 'access.log'),
      RESOLVER: '127.0.0.1',
      EDGE_SERVER_NAME: 'guests.example.test',
      TRUSTED_PROXIES: '192.0.2.0/24',
    },
  })
  if (!rendered.passed) return rendered
  return runDebianProgram('nginx', ['-t', '-q', '-p', place, '-c', path.join(place, 'nginx.conf')])
}
