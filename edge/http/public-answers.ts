/**
 * Questions answered from the snapshot, for anybody. What answers them is given the validated question and nothing else
 * of the request: no cookie, no credential and no header of a caller's can be in an answer, because none gets there.
 */
import type { Context, Hono } from 'hono'
import type { Confirmed } from '../../shared/ari/answers.ts'
import { Problem } from '../../shared/problems.ts'
import { parseParams, parseQuery } from '../../shared/routes/parse.ts'
import type { QueryOf, Route } from '../../shared/routes/route.ts'
import type { EdgeParts, EdgeVariables } from '../app.ts'
import { serverTiming } from '../ari/server-timing.ts'
import type { Found } from '../ari/store.ts'
import type { Begin } from './beginning.ts'
import { answerTag, isNamed } from './entity-tags.ts'
import { type AnswerHeaders, completeAnswer, completeHeaders, headersFrom } from './headers.ts'
import { keepAliveOf } from './keep-alive.ts'
import type { Question } from './known-questions.ts'

const VERSION = /^\d{1,15}$/

type EdgeContext = Context<{ Variables: EdgeVariables }>

/** Answers a validated question from a snapshot: with what is to be sent as JSON, or with its text. */
type Evaluate<R extends Route> = (confirmed: Confirmed, query: QueryOf<R>, now: number) => object | string

/**
 * Returns the function that binds a route of a property to what answers it. Where the snapshot is in memory nothing is
 * waited for.
 */
export function publicAnswers(app: Hono<{ Variables: EdgeVariables }>, parts: EdgeParts, begin: Begin) {
  return <R extends Route>(declaration: R, evaluate: Evaluate<R>): void => {
    const read = questionReader(declaration)
    const answered = { count: 0 }
    parts.answered.set(declaration.path, answered)

    /** By itself, and not in `answer`: what is kept for long would hold everything that is in scope there, snapshots too. */
    function questionOf(property: string, query: QueryOf<R>): Question {
      return { property, answered, text: (confirmed, now) => textOf(evaluate(confirmed, query, now)) }
    }

    function answer(c: EdgeContext, query: QueryOf<R>, began: number, found: Found): Response {
      answered.count++
      const now = parts.now()
      const tag = answerTag(found, now, parts.build)
      const foundAt = performance.now()
      const own = (timing: string) => headersFrom(tag, found.snapshot.version, timing)
      if (isNamed(c.req.header('if-none-match'), tag))
        return unchanged(c, found, own(serverTiming(found.hit, foundAt - began)))
      const text = textOf(evaluate(found, query, now))
      if (c.req.method === 'GET') parts.known.remember(c.req.url, questionOf(found.snapshot.content.property, query))
      const timing = serverTiming(found.hit, foundAt - began, performance.now() - foundAt)
      return completeAnswer(text, own(timing), c.get('requestId'), c.req.url.startsWith('https:'))
    }

    function look(c: EdgeContext): Response | Promise<Response> {
      const { property } = parseParams(declaration, { property: c.req.param('property') as string }) as {
        property: string
      }
      const query = read(c.req.url)
      const minVersion = minVersionOf(c)
      const began = performance.now()
      const held = parts.store.freshlyHeld(property, minVersion)
      if (held) return answer(c, query, began, held)
      return parts.store
        .confirmed(property, minVersion, keepAliveOf(c), c.req.header('traceparent'))
        .then((found) => answer(c, query, began, found))
    }

    app.get(declaration.path, (c): Response | Promise<Response> => {
      const counting = begin(c)
      return counting ? counting.then(() => look(c)) : look(c)
    })
  }
}

function textOf(answer: object | string): string {
  return typeof answer === 'string' ? answer : JSON.stringify(answer)
}

/** Most guests ask one of few questions, about many hotels. */
const QUESTIONS_MAX = 2_000
const QUESTION_LENGTH_MAX = 200

/**
 * Reads and validates the query of an address. What was valid once is remembered by its letters, as validating it costs
 * as much as a third of answering it. Throws `invalid-request`.
 */
function questionReader<R extends Route>(declaration: R): (address: string) => QueryOf<R> {
  const known = new Map<string, QueryOf<R>>()
  return (address) => {
    const mark = address.indexOf('?')
    const text = mark === -1 ? '' : address.slice(mark + 1)
    let query = known.get(text)
    if (query === undefined) {
      query = frozen(parseQuery(declaration, new URLSearchParams(text)) as QueryOf<R>)
      if (text.length <= QUESTION_LENGTH_MAX) {
        if (known.size >= QUESTIONS_MAX) known.clear()
        known.set(text, query)
      }
    }
    return query
  }
}

/** Nobody changes what everybody is answered by. */
function frozen<T>(query: T): T {
  for (const value of Object.values(query ?? {})) if (Array.isArray(value)) Object.freeze(value)
  return Object.freeze(query)
}

/** The caller has this answer; what has moved on since is said in a header, as the body is theirs. */
function unchanged(c: EdgeContext, { asOf }: Confirmed, own: AnswerHeaders): Response {
  const answer = new Response(null, { status: 304, headers: { ...own, 'x-ari-as-of': new Date(asOf).toISOString() } })
  completeHeaders(answer.headers, c)
  return answer
}

/** The lowest ARI version the caller may be shown, from the header. What is no version is refused: it was meant as one. */
function minVersionOf(c: Context): number | undefined {
  const text = c.req.header('x-ari-min-version')
  if (text === undefined) return undefined
  if (!VERSION.test(text))
    throw new Problem('invalid-request', {
      detail: 'x-ari-min-version: the whole number of an x-ari-version',
      errors: [{ pointer: 'x-ari-min-version', detail: 'write the whole number of an x-ari-version' }],
    })
  return Number(text)
}
