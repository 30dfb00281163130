import { describe, expect, test } from 'vitest'
import { statementName } from '../../origin/platform/database-watch.ts'
import { isTraceKept, otlpBody, type Span } from '../../shared/otlp.ts'
import { newTraceId } from '../../shared/trace.ts'

const span: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentId: '00f067aa0ba902b7',
  name: 'select property',
  kind: 'client',
  startMs: 1_700_000_000_123.456,
  endMs: 1_700_000_000_124,
  attributes: { text: 'a', whole: 3, part: 0.5, yes: true },
}

describe('otlpBody()', () => {
  test('writes a span as the protocol has it in JSON', () => {
    const [resource] = JSON.parse(otlpBody({ service: 'origin', version: '1' }, [span])).resourceSpans
    expect(resource.resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'origin' } },
      { key: 'service.version', value: { stringValue: '1' } },
    ])
    expect(resource.scopeSpans[0].spans).toEqual([
      {
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentId,
        name: 'select property',
        kind: 3,
        startTimeUnixNano: '1700000000123456000',
        endTimeUnixNano: '1700000000124000000',
        attributes: [
          { key: 'text', value: { stringValue: 'a' } },
          { key: 'whole', value: { intValue: '3' } },
          { key: 'part', value: { doubleValue: 0.5 } },
          { key: 'yes', value: { boolValue: true } },
        ],
        status: {},
      },
    ])
  })

  test('marks what failed, and names no parent where there is none', () => {
    const [written] = JSON.parse(
      otlpBody({ service: 'origin', version: '1' }, [{ ...span, parentId: undefined, failed: '40001' }]),
    ).resourceSpans[0].scopeSpans[0].spans
    expect(written.status).toEqual({ code: 2, message: '40001' })
    expect('parentSpanId' in written).toBe(false)
  })
})

describe('isTraceKept()', () => {
  test('keeps the share that was asked for, and of a greater share all of a smaller one', () => {
    const ids = Array.from({ length: 4_000 }, newTraceId)
    const few = ids.filter((id) => isTraceKept(id, 0.1))
    expect(few.length).toBeGreaterThan(250)
    expect(few.length).toBeLessThan(550)
    expect(few.every((id) => isTraceKept(id, 0.2))).toBe(true)
    expect(ids.every((id) => isTraceKept(id, 1))).toBe(true)
    expect(ids.some((id) => isTraceKept(id, 0))).toBe(false)
  })
})

describe('statementName()', () => {
  const cases: [string, string][] = [
    ['select a from property where b = ', 'select property'],
    [
      '\n  with locked as materialized (\n select night from room_type_night for update)\n update room_type_night as n set',
      'update room_type_night',
    ],
    ['with stored as ( insert into reservation (a) values (', 'insert reservation'],
    ['delete from receipt where', 'delete receipt'],
    ["select set_config('app.org_id', ", 'select set_config'],
    ['select pg_try_advisory_xact_lock(', 'select pg_try_advisory_xact_lock'],
    ['with change as ( select a from outbox ) select b from change', 'select outbox'],
    ['select org_id from property_by_code(', 'select property_by_code'],
    ['commit', 'commit'],
  ]
  test.each(cases)('%s is named %s', (text, name) => {
    expect(statementName([text, ''])).toBe(name)
  })
})
