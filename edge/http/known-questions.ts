/**
 * Questions that were answered before, known by their address letter for letter. Everything in an address was checked when
 * it was asked first; what is left is what two requests for it differ in: method, headers, and how often their sender asks.
 * Whatever is out of the ordinary there goes the whole way (edge/app.ts), which refuses it or knows what to do. Only what
 * memory holds is answered here, and nothing is waited for: with routing and reading left out, as fast as it gets.
 */
import type { Confirmed } from '../../shared/ari/answers.ts'
import { dateAt } from '../../shared/domain/zone.ts'
import type { EdgeOptions } from '../app.ts'
import { serverTiming } from '../ari/server-timing.ts'
import type { AriStore, Found } from '../ari/store.ts'
import { answerTag } from './entity-tags.ts'
import { completeAnswer, headersFrom } from './headers.ts'

export interface Question {
  property: string
  /** Questions of its kind that were answered. */
  answered: { count: number }
  /** Gives the same for the same version, freshness, and date at the hotel. */
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
  tag: string
  bytes: Uint8Array<ArrayBuffer>
}

/** Some 1,000 answers of a house of 5 room types × 4 rate plans. */
const BYTES_MAX = 8_000_000
const QUESTIONS_MAX = 5_000
const ADDRESS_LENGTH_MAX = 400

const encoder = new TextEncoder()

export function openKnownQuestions(
  { allowCall, clientAddress, build }: Pick<EdgeOptions, 'allowCall' | 'clientAddress' | 'build'>,
  store: AriStore,
  now: () => number,
): KnownQuestions {
  /** From the address; who was asked for or worked out last stands last. */
  const questions = new Map<string, Known>()
  let bytes = 0

  function forget(known: Known): void {
    if (questions.delete(known.address)) bytes -= known.last?.bytes.byteLength ?? 0
  }

  function makeRoom(): void {
    for (const known of questions.values()) {
      if (bytes <= BYTES_MAX && questions.size <= QUESTIONS_MAX) return
      forget(known)
    }
  }

  /** Undefined where there is no answer any more: the arrival has become yesterday. */
  function lastAnswer(known: Known, found: Found): Last | undefined {
    const { snapshot, asOf } = found
    const at = now()
    const today = dateAt(at, snapshot.content.timeZone)
    const { last } = known
    if (last?.version === snapshot.version && last.asOf === asOf && last.today === today) return last
    forget(known)
    try {
      known.last = {
        version: snapshot.version,
        asOf,
        today,
        tag: answerTag(found, at, build),
        bytes: encoder.encode(known.text(found, at)),
      }
    } catch {
      return undefined
    }
    questions.set(known.address, known)
    bytes += known.last.bytes.byteLength
    makeRoom()
    return known.last
  }

  function answerFrom(known: Known, found: Found, began: number): Response | undefined {
    const foundAt = performance.now()
    const last = lastAnswer(known, found)
    if (!last) return undefined
    known.answered.count++
    const timing = serverTiming(found.hit, foundAt - began, performance.now() - foundAt)
    return completeAnswer(last.bytes, headersFrom(last.tag, last.version, timing), crypto.randomUUID(), known.secure)
  }

  return {
    remember(address, question) {
      if (address.length > ADDRESS_LENGTH_MAX || questions.has(address)) return
      const { host, protocol } = new URL(address)
      questions.set(address, { ...question, address, host, secure: protocol === 'https:' })
      makeRoom()
    },
    answer(request, env) {
      const known = questions.get(request.url)
      if (!known || request.method !== 'GET' || !isPlain(request.headers, known.host)) return undefined
      const began = performance.now()
      const found = store.freshlyHeld(known.property, undefined)
      if (!found) return undefined
      // Who is refused is told so by the whole way, which counts once more.
      const allowed = allowCall?.('read', clientAddress(request, env)) ?? true
      if (typeof allowed === 'boolean') return allowed ? answerFrom(known, found, began) : undefined
      return allowed.then((it) => (it ? answerFrom(known, found, began) : undefined))
    },
    held: () => ({ questions: questions.size, bytes }),
  }
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
