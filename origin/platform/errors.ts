/**
 * Unexpected errors, told to a Sentry-compatible server (Sentry, GlitchTip, Bugsink) by the envelope protocol
 * (develop.sentry.dev/sdk/data-model/envelopes). What leaves is the error's kind, code and stack, the route's template, and
 * the ids of request and trace. Messages stay here, as they may quote what a guest wrote; so do bodies, headers, addresses.
 *
 * No @sentry/node: it brings an OpenTelemetry of its own and hooks into every module, for what these lines do.
 */
import { currentContext } from './request-context.ts'
import { failureOf } from './tracing.ts'

/** One that comes with every request says nothing new after so many. */
const PER_MINUTE_MAX = 20
const SEND_MS = 5_000
const FRAMES_MAX = 30

export interface ErrorReporter {
  /** Never throws, and nobody waits for it. */
  report(error: unknown, where: { route: string | undefined; method: string }): void
  /** Resolves once what is on its way has arrived or failed. */
  close(): Promise<void>
}

export const unreported: ErrorReporter = { report: () => {}, close: async () => {} }

export interface ErrorReporterOptions {
  /** `https://key@host/project`, as readConfig() has checked it. */
  dsn: string
  environment: string
  release: string
  warn: (fields: object, message: string) => void
}

export function openErrorReporter(options: ErrorReporterOptions): ErrorReporter {
  const { url, key } = addressOf(options.dsn)
  const onTheirWay = new Set<Promise<void>>()
  let minute = 0
  let sentThisMinute = 0
  let silentUntil = 0

  async function send(body: string): Promise<void> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-sentry-envelope',
          'x-sentry-auth': `Sentry sentry_version=7, sentry_client=stayzr/${options.release}, sentry_key=${key}`,
        },
        body,
        signal: AbortSignal.timeout(SEND_MS),
      })
      await response.body?.cancel()
      // It says when it wants more.
      if (response.status === 429) silentUntil = Date.now() + 1_000 * Number(response.headers.get('retry-after') || 60)
      else if (!response.ok) options.warn({ status: response.status }, 'an error could not be reported')
    } catch (error) {
      options.warn({ err: error instanceof Error ? error.name : 'failed' }, 'an error could not be reported')
    }
  }

  return {
    report(error, where) {
      const now = Date.now()
      const thisMinute = Math.floor(now / 60_000)
      if (thisMinute !== minute) {
        minute = thisMinute
        sentThisMinute = 0
      }
      if (sentThisMinute >= PER_MINUTE_MAX || now < silentUntil) return
      sentThisMinute++
      const sending: Promise<void> = send(envelopeOf(error, where, options, now)).finally(() =>
        onTheirWay.delete(sending),
      )
      onTheirWay.add(sending)
    },
    async close() {
      await Promise.all(onTheirWay)
    },
  }
}

function addressOf(dsn: string): { url: string; key: string } {
  const url = new URL(dsn)
  const slash = url.pathname.lastIndexOf('/')
  const [before, project] = [url.pathname.slice(0, slash), url.pathname.slice(slash + 1)]
  return { url: `${url.origin}${before}/api/${project}/envelope/`, key: decodeURIComponent(url.username) }
}

/** One event, as three lines: the envelope's header, the item's, the item. */
function envelopeOf(
  error: unknown,
  where: { route: string | undefined; method: string },
  options: ErrorReporterOptions,
  now: number,
): string {
  const eventId = crypto.randomUUID().replaceAll('-', '')
  const context = currentContext()
  const kind = error instanceof Error ? error.name : typeof error
  const code = failureOf(error)
  const transaction = `${where.method} ${where.route ?? 'unmatched'}`
  const event = {
    event_id: eventId,
    timestamp: now / 1_000,
    platform: 'node',
    level: 'error',
    logger: 'origin',
    environment: options.environment,
    release: `stayzr@${options.release}`,
    transaction,
    tags: { code, ...(context === undefined ? {} : { request_id: context.requestId }) },
    ...(context?.traceId === undefined
      ? {}
      : { contexts: { trace: { trace_id: context.traceId, span_id: context.spanId ?? '0000000000000001' } } }),
    exception: { values: [{ type: kind, value: code, stacktrace: { frames: framesOf(error) } }] },
  }
  return [{ event_id: eventId, sent_at: new Date(now).toISOString() }, { type: 'event' }, event]
    .map((part) => JSON.stringify(part))
    .join('\n')
}

interface Frame {
  function: string
  filename: string
  lineno: number
  colno: number
  in_app: boolean
}

const FRAME = /^\s+at (?:(.+?) \()?(?:file:\/\/)?([^()\s]+):(\d+):(\d+)\)?$/

/** Where it happened, outermost first as the protocol has it. A stack begins with its message, which is left out. */
function framesOf(error: unknown): Frame[] {
  if (!(error instanceof Error) || error.stack === undefined) return []
  const { stack, message } = error
  const frames: Frame[] = []
  for (const line of stack.slice(stack.indexOf(message) + message.length).split('\n')) {
    const [, name, filename, lineno, colno] = FRAME.exec(line) ?? []
    if (filename === undefined) continue
    frames.push({
      function: name ?? '?',
      filename,
      lineno: Number(lineno),
      colno: Number(colno),
      in_app: !filename.includes('node_modules') && !filename.startsWith('node:'),
    })
  }
  return frames.slice(0, FRAMES_MAX).reverse()
}
