import { createServer } from 'node:net'
import { StartError, systemErrorCode } from './start-error.ts'

/** A loopback port that was free a moment ago. Another process may take it before you do: be ready to ask again. */
export async function freePort(): Promise<number> {
  return await listenOnce(0)
}

/** Throws a {@link StartError} that names `what` and `flag` (how to choose another) if the loopback port is taken. */
export async function requireFreePort(port: number, what: string, flag: string): Promise<void> {
  try {
    await listenOnce(port)
  } catch (error) {
    if (systemErrorCode(error) === 'EADDRINUSE') {
      throw new StartError(
        `Port ${port} for ${what} is taken by another program: stop that program, or choose another port with ${flag}.`,
        { cause: error },
      )
    }
    if (systemErrorCode(error) === 'EACCES') {
      throw new StartError(
        `Port ${port} for ${what} is reserved to the administrator: choose one above 1023 with ${flag}.`,
        {
          cause: error,
        },
      )
    }
    throw error
  }
}

async function listenOnce(port: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}
