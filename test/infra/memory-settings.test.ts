import { spawnSync } from 'node:child_process'
import * as path from 'node:path'
import { describe, expect, test } from 'vitest'

const megabyte = 1024 * 1024

/** What the program prints for a container with so many bytes. */
function settings(service: 'postgres' | 'redis', bytes: number | string) {
  const program = path.join(import.meta.dirname, '../../infra', service, 'memory-settings')
  const { status, stdout, stderr } = spawnSync('sh', [program, String(bytes)], { encoding: 'utf8' })
  return { status, lines: stdout.trim().split('\n'), said: stderr }
}

describe('PostgreSQL', () => {
  test.each([
    [256, 64, 192],
    [512, 128, 384],
    [1_000, 250, 750],
    [4_096, 1_024, 3_072],
    [65_536, 16_384, 49_152],
  ])('of %i MB takes %i MB for itself and counts on %i MB of cache', (memory, shared, cache) => {
    expect(settings('postgres', memory * megabyte).lines).toEqual([
      `shared_buffers = ${shared}MB`,
      `effective_cache_size = ${cache}MB`,
    ])
  })

  test('says so where memory is too little', () => {
    expect(settings('postgres', 256 * megabyte - 1)).toMatchObject({
      status: 1,
      said: 'memory-settings: 255 MB of memory are too little; give PostgreSQL 256 MB or more.\n',
    })
  })
})

describe('Redis', () => {
  test.each([64, 100, 512, 8_192])('of %i MB keeps 80 % of it', (memory) => {
    expect(settings('redis', memory * megabyte).lines).toEqual([`maxmemory ${Math.floor(memory * megabyte * 0.8)}`])
  })

  test('says so where memory is too little', () => {
    expect(settings('redis', 64 * megabyte - 1).said).toMatch(/^memory-settings: 63 MB of memory are too little/)
  })
})

test('neither takes what is no number of bytes', () => {
  for (const service of ['postgres', 'redis'] as const) {
    for (const bytes of ['4g', '-1', '1e9']) {
      expect(settings(service, bytes)).toMatchObject({
        status: 1,
        said: `memory-settings: ${bytes} is not a number of bytes.\n`,
      })
    }
  }
})

test('without a number both take what this machine or its limit has', () => {
  for (const service of ['postgres', 'redis'] as const) expect(settings(service, '')).toMatchObject({ status: 0 })
})
