/**
 * Questions that were answered before, known by their address letter for letter. Everything in an address was checked when
 * it was asked first; what is left is what two requests for it differ in: method, headers, and how often their sender asks.
 * Whatever is out of the ordinary there goes the whole way (edge/app.ts), which refuses it or knows what to do. Only what
 * memory holds freshly is answered here: with routing and reading left out, as fast as it gets.
 */
import type { Confirmed } from '../../shared/ari/answers.ts'
import { dateAt } from '../../shared/domain/zone.ts'
import type { EdgeOptions } from '../app.ts'
import { serverTiming } from '../ari/server-timing.ts'
import type { AriStore, Found } from '../ari/store.ts'
import { answerTag } from './entity-tags.ts'
import { type AnswerHeaders, completeAnswer, headersFrom, IS_WORKERD } from './headers.ts'

/** What was asked, read and validated. Kept for long, so nothing in it may hold a snapshot. */
export interface Question {
  property: string
  /** Questions of its kind that were answered. */
  answered: { count: number }
  /** Gives the same for the same version, freshness, and date at the hotel, but for the instant after `"asOf":`. */
  text(confirmed: Confirmed, now: number): string
}

export interface KnownQuestions {
  /** To be called with what was asked of an address by a plain GET, and answered 200. */
  remember(address: string, question: Question): void
  /** The answer to a known question; undefined where the request has to go the whole way. */
  answer(request: Request, env: unknown): Response | Promise<Response | undefined> | undefined
  /** What memory holds now. */
  held(): { questions: number; bytes: number }
}

/** A question with its last answer: most of those of one second are the same. */
interface Known extends Question {
  address: string
  host: string
  secure: boolean
  last?: Last
}

/** What it said depends on these, as what is held freshly is never stale. */
interface Last {
  version: number
  asOf: number
  today: string
  headers: AnswerHeaders
  bytes: Uint8Array<ArrayBuffer>
  /** Where the instant stands in them. */
  asOfAt: number
}

/** A sixteenth of an isolate; some 900 questions to a house of 5 room types × 4 rate plans, with their answers. */
const BYTES_MAX = 8_000_000
/** What a question weighs without an answer: address, query, place in the map. */
const QUESTION_BYTES = 1_000
/** Four times as long as any that our own pages ask. */
const ADDRESS_LENGTH_MAX = 400

const encoder = new TextEncoder()
const AS_OF = '"asOf":"'

/** Empty, for one edge. Holds 8 MB at most; those go first that were remembered, worked out anew or confirmed longest ago. */
export function openKnownQuestions(
  { allowCall, clientAddress, build }: Pick<EdgeOptions, 'allowCall' | 'clientAddress' | 'build'>,
  store: AriStore,
  now: () => number,
): KnownQuestions {
  const questions = new Map<string, Known>()
  let bytes = 0

  function keep(known: Known): void {
    questions.set(known.address, known)
    bytes += bytesOf(known)
    for (const oldest of questions.values()) {
      if (bytes <= BYTES_MAX) break
      forget(oldest)
    }
  }

  /** Its place may be another's by now: while a counter was asked, it may have been forgotten and remembered anew. */
  function forget(known: Known): void {
    if (questions.get(known.address) !== known) return
    questions.delete(known.address)
    bytes -= bytesOf(known)
  }

  /** Throws where there is no answer any more: the arrival has become yesterday. */
  function lastAnswer(known: Known, found: Found): Last {
    const { snapshot, asOf } = found
    const at = now()
    const today = dateAt(at, snapshot.content.timeZone)
    const { last } = known
    if (last?.version === snapshot.version && last.today === today) {
      if (last.asOf !== asOf) confirm(known, last, asOf)
      return last
    }
    const tag = answerTag(found, at, build)
    const text = known.text(found, at)
    const bytes = encoder.encode(text)
    const asOfAt = encoder.encode(text.slice(0, text.indexOf(AS_OF) + AS_OF.length)).byteLength
    forget(known)
    // Looking it up here takes less than the clock tells.
    const headers = headersFrom(tag, snapshot.version, serverTiming(found.hit, 0, 0))
    known.last = { version: snapshot.version, asOf, today, headers, bytes, asOfAt }
    keep(known)
    return known.last
  }

  /** Known to be true a while longer: once a second for each hotel, and nothing but the instant moves. */
  function confirm(known: Known, last: Last, asOf: number): void {
    // Written over where answers have a copy (8 KB anew for each question and second cost a twentieth); elsewhere one
    // under way may be sent from these very bytes.
    if (!IS_WORKERD) last.bytes = last.bytes.slice()
    encoder.encodeInto(new Date(asOf).toISOString(), last.bytes.subarray(last.asOfAt))
    last.asOf = asOf
    questions.delete(known.address)
    questions.set(known.address, known)
  }

  function answerNow(known: Known): Response | undefined {
    const found = store.freshlyHeld(known.property, undefined)
    if (!found) return undefined
    let last: Last
    try {
      last = lastAnswer(known, found)
    } catch {
      // Whatever it is, the whole way meets it too, and knows how to say it.
      forget(known)
      return undefined
    }
    known.answered.count++
    return completeAnswer(last.bytes, last.headers, crypto.randomUUID(), known.secure)
  }

  return {
    remember(address, question) {
      if (address.length > ADDRESS_LENGTH_MAX || questions.has(address)) return
      const [scheme = '', , host = ''] = address.split('/', 3)
      keep({ ...question, address, host, secure: scheme === 'https:' })
    },
    answer(request, env) {
      const known = questions.get(request.url)
      if (!known || request.method !== 'GET' || !isPlain(request.headers, known.host)) return undefined
      if (!store.holdsFreshly(known.property)) return undefined
      // Who is refused is told so by the whole way, which asks once more. Answered is only with what is held afterwards.
      const allowed = allowCall?.('read', clientAddress(request, env)) ?? true
      if (typeof allowed === 'boolean') return allowed ? answerNow(known) : undefined
      return allowed.then((it) => (it ? answerNow(known) : undefined))
    },
    held: () => ({ questions: questions.size, bytes }),
  }
}

function bytesOf({ last }: Known): number {
  return QUESTION_BYTES + (last?.bytes.byteLength ?? 0)
}

/** Whether nothing in the headers could make for another answer than the address alone. */
function isPlain(headers: Headers, host: string): boolean {
  const asked = headers.get('host')
  return (
    (asked === null || asked === host) &&
    headers.get('if-none-match') === null &&
    headers.get('x-ari-min-version') === null &&
    headers.get('content-length') === null &&
    headers.get('transfer-encoding') === null
  )
}
