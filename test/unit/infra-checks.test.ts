import { describe, expect, it } from 'vitest'
import { type ComposeProject, composeBreaks } from '../../infra/checks/compose.ts'
import { dockerfileBreaks } from '../../infra/checks/dockerfiles.ts'
import { ruleBreaks } from '../../infra/checks/workflows.ts'

type Service = NonNullable<ComposeProject['services']>[string]

const right: Service = {
  image: 'example/app:1.0',
  restart: 'unless-stopped',
  healthcheck: {},
  mem_limit: '4294967296',
  cpus: 2,
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  logging: { options: { 'max-size': '10m' } },
}
const breaksOf = (service: Service, development = false): string[] =>
  composeBreaks({ services: { app: service } }, { development })

describe('composeBreaks()', () => {
  it('has nothing to say about a locked-down service', () => {
    expect(breaksOf(right)).toEqual([])
  })

  it.each<[string, Partial<Service>, string]>([
    ['a port', { ports: [{ published: '5432' }] }, 'publishes port 5432; only nginx may'],
    ['an image without a tag', { image: 'example/app' }, 'is not pinned by tag'],
    ['latest', { image: 'example/app:latest' }, 'is not pinned by tag'],
    ['no health check', { healthcheck: { disable: true } }, 'has no health check'],
    ['no memory limit', { mem_limit: undefined as never }, 'has no memory limit'],
    ['a root that can be written to', { read_only: false }, 'can write to its root'],
    ['capabilities', { cap_drop: [] }, 'keeps capabilities'],
    ['a log without end', { logging: {} }, 'grows without end'],
    ['a secret in the environment', { environment: { REDIS_PASSWORD: 'x' } }, 'is a secret in the environment'],
    [
      'a password in an address',
      { environment: { DATABASE_URL: 'postgres://a:b@c/d' } },
      'has a password in an address',
    ],
  ])('names %s', (_, change, sentence) => {
    expect(breaksOf({ ...right, ...change })).toEqual([expect.stringContaining(sentence)])
  })

  it('lets nginx be reached from outside, and a developer’s ports from the developer’s own machine', () => {
    const open = { ...right, ports: [{ published: '443' }] }
    expect(composeBreaks({ services: { nginx: open } }, { development: false })).toEqual([])
    expect(breaksOf({ ...right, ports: [{ published: '5432', host_ip: '127.0.0.1' }] }, true)).toEqual([])
    expect(breaksOf({ ...right, ports: [{ published: '5432' }] }, true)).toHaveLength(1)
  })

  it('lets a secret be named by its file', () => {
    expect(breaksOf({ ...right, environment: { REDIS_PASSWORD_FILE: '/run/secrets/redis_password' } })).toEqual([])
  })

  it('names a setting that the origin does not know', () => {
    const misspelt = { ...right, environment: { REQUEST_MAX: '1', REQUESTS_MAX: '1', REDIS_CA_FILE: '/ca' } }
    expect(breaksOf(misspelt)).toEqual(['app: the origin knows no setting REQUEST_MAX'])
  })

  it('keeps the network of data inside', () => {
    expect(composeBreaks({ networks: { data: {}, app: { internal: true } } }, { development: false })).toEqual([
      'network data reaches the outside (internal: true)',
    ])
  })
})

describe('dockerfileBreaks()', () => {
  it.each([
    ['FROM debian:trixie-slim AS base\nFROM base\nUSER 10001', []],
    ['FROM scratch\nUSER stayzr:stayzr', []],
    ['FROM debian\nUSER 10001', ['FROM debian: name the version, not whatever is newest']],
    ['FROM debian:trixie\nUSER 0', ['the last stage runs as root: say USER']],
    ['FROM debian:trixie AS a\nUSER 10001\nFROM debian:trixie', ['the last stage runs as root: say USER']],
  ])('%j', (source, breaks) => {
    expect(dockerfileBreaks(source)).toEqual(breaks)
  })
})

describe('ruleBreaks() of workflows', () => {
  const workflow = (uses: string, head = 'permissions: {}\nconcurrency: a'): string =>
    `on: push\n${head}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n      - uses: ${uses}\n`
  const commit = '3d3c42e5aac5ba805825da76410c181273ba90b1'

  it('takes an action that is pinned by commit, and says which version that is', () => {
    expect(ruleBreaks(workflow(`actions/checkout@${commit} # v7.0.1`))).toEqual([])
  })

  it.each(['actions/checkout@v7', 'actions/checkout@main', `actions/checkout@${commit}`])('refuses %s', (uses) => {
    expect(ruleBreaks(workflow(uses))).toEqual([expect.stringContaining('pin the action by commit')])
  })

  it('asks for permissions, concurrency and a time limit', () => {
    const bare = workflow(`actions/checkout@${commit} # v7.0.1`, '').replace('    timeout-minutes: 5\n', '')
    expect(ruleBreaks(bare)).toEqual([
      expect.stringContaining('permissions'),
      expect.stringContaining('concurrency'),
      expect.stringContaining('timeout-minutes'),
    ])
  })
})
