import { describe, expect, it, test } from 'vitest'
import { continueTrace, readTraceparent } from '../../shared/trace.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parentId = '00f067aa0ba902b7'
const given = `00-${traceId}-${parentId}-01`

describe('readTraceparent()', () => {
  test.each([
    [given, { traceId, parentId, sampled: true }],
    [`00-${traceId}-${parentId}-00`, { traceId, parentId, sampled: false }],
    [`00-${traceId}-${parentId}-02`, { traceId, parentId, sampled: false }],
    [`cc-${traceId}-${parentId}-01-what-comes-later`, { traceId, parentId, sampled: true }],
  ])('reads %s', (header, trace) => {
    expect(readTraceparent(header)).toEqual(trace)
  })

  test.each([
    undefined,
    null,
    '',
    `ff-${traceId}-${parentId}-01`,
    `00-${traceId}-${parentId}-01-more`,
    `00-${traceId}-${parentId}-01-`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${parentId}`,
    `00-${traceId}-${parentId}-1`,
    ` ${given}`,
    `${given}, ${given}`,
    `${given}\n`,
    `cc-${traceId}-${parentId}-01-${'x'.repeat(300)}`,
  ])('refuses %j', (header) => {
    expect(readTraceparent(header)).toBeUndefined()
  })
})

describe('continueTrace()', () => {
  it('keeps the trace and makes a new parent', () => {
    const next = readTraceparent(continueTrace(given))
    expect(next).toMatchObject({ traceId, sampled: true })
    expect(next?.parentId).not.toBe(parentId)
  })

  it('keeps the decision not to sample', () => {
    expect(readTraceparent(continueTrace(given.replace(/01$/, '00')))?.sampled).toBe(false)
  })

  it('begins a trace of its own where none came that can be believed', () => {
    const made = [continueTrace(undefined), continueTrace('00-x'), continueTrace(undefined)].map(readTraceparent)
    expect(new Set(made.map((trace) => trace?.traceId)).size).toBe(3)
  })
})
