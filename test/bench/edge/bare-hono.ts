/** Bare Hono: one route that answers the same JSON each time, ready-made. What an edge without any work would do. */
import { Hono } from 'hono'

/** An app whose availability route answers JSON of so many bytes. */
export function bareHono(bytes: number): Hono {
  const shell = JSON.stringify({ answer: '' })
  const answer = JSON.stringify({ answer: 'x'.repeat(bytes - shell.length) })
  const app = new Hono()
  app.get('/health', (c) => c.text('ok'))
  app.get('/api/v1/properties/:property/availability', (c) =>
    c.body(answer, 200, { 'content-type': 'application/json' }),
  )
  return app
}
