/** Stands between an edge and an origin: writes down what is asked, and holds answers on their way back. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface OriginProxy {
  url: string
  /** Method and path of each request, in order. */
  requests: string[]
  /** Request headers of each, as they came. */
  headers: Headers[]
  /**
   * Holds the next answer whose path matches once the origin has made it, until `release`. `reached` resolves when there is
   * one.
   */
  hold(path: RegExp): { reached: Promise<void>; release(): void }
  /** From now on nobody is connected through; undone by calling it with false. */
  cutOff(yes: boolean): void
  close(): Promise<void>
}

export async function originProxy(upstream: (request: Request) => Promise<Response> | Response): Promise<OriginProxy> {
  const requests: string[] = []
  const headers: Headers[] = []
  const holds: { path: RegExp; reached: () => void; released: Promise<void> }[] = []
  let isCut = false
  const server = createServer(async (incoming, outgoing) => {
    if (isCut) return void incoming.socket.destroy()
    const given = new Headers()
    for (const [name, value] of Object.entries(incoming.headers))
      if (typeof value === 'string' && name !== 'connection') given.set(name, value)
    const path = incoming.url ?? ''
    requests.push(`${incoming.method} ${path}`)
    headers.push(given)
    try {
      const body = await new Response(incoming as unknown as ReadableStream<Uint8Array>).arrayBuffer()
      given.delete('transfer-encoding')
      // An origin in this process would answer compressed, and one behind `fetch` has been unpacked on the way.
      given.delete('accept-encoding')
      const answer = await upstream(
        new Request(`http://origin.test${path}`, {
          method: incoming.method ?? 'GET',
          headers: given,
          ...(body.byteLength === 0 ? {} : { body }),
        }),
      )
      const bytes = new Uint8Array(await answer.arrayBuffer())
      const held = holds.findIndex((hold) => hold.path.test(path))
      const [hold] = held === -1 ? [] : holds.splice(held, 1)
      hold?.reached()
      await hold?.released
      const told = Object.fromEntries(answer.headers)
      delete told['content-encoding']
      outgoing.writeHead(answer.status, { ...told, 'content-length': bytes.byteLength }).end(bytes)
    } catch {
      outgoing.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    headers,
    hold(path) {
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      holds.push({ path, reached: reached.resolve, released: released.promise })
      return { reached: reached.promise, release: released.resolve }
    },
    cutOff(yes) {
      isCut = yes
      if (yes) server.closeAllConnections()
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
