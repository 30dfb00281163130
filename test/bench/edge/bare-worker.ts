/** Bare Hono on workerd. */
import { bareHono } from './bare-hono.ts'

let app: ReturnType<typeof bareHono> | undefined

export default {
  fetch(request: Request, bindings: { BYTES: string }): Response | Promise<Response> {
    app ??= bareHono(Number(bindings.BYTES))
    return app.fetch(request)
  },
}
