import { describe, expect, test } from 'vitest'
import { BringUp, layers } from '../../infra/local/bring-up.ts'
import { type Part, supervise } from '../../infra/local/supervise.ts'

type FakePart = Part & { name: string; end(reason?: Error): void; stopped: boolean }

function aPart(name = 'part', onStop: (name: string) => void = () => {}): FakePart {
  let end: (reason?: Error) => void = () => {}
  const ended = new Promise<Error | undefined>((resolve) => {
    end = resolve
  })
  const part: FakePart = {
    name,
    ended,
    end: (reason) => end(reason),
    stopped: false,
    async stop() {
      if (!part.stopped) onStop(name)
      part.stopped = true
      end()
    },
    force: () => void part.stop(),
  }
  return part
}

describe('supervise()', () => {
  test('starts a part again that ended by itself, and says why it had ended', async () => {
    const [first, second] = [aPart(), aPart()]
    const lines: string[] = []
    const back = Promise.withResolvers<void>()
    const log = (line: string): void => {
      lines.push(line)
      if (line.endsWith('is back.')) back.resolve()
    }
    const supervised = supervise({ name: 'Redis', first, restart: async () => second, log, pauseMs: 1 })
    first.end(new Error('Redis ended by SIGKILL.'))
    await back.promise
    expect(lines).toEqual(['Redis ended by SIGKILL. Starting it again in 0.001 s.', 'Redis is back.'])
    await supervised.stop()
    expect(second.stopped).toBe(true)
  })

  test('tries until it works, and says the same reason once', async () => {
    const lines: string[] = []
    const back = Promise.withResolvers<void>()
    const first = aPart()
    let tries = 0
    const supervised = supervise({
      name: 'PostgreSQL',
      first,
      async restart() {
        if (++tries < 4) throw new Error('The disk is full.')
        back.resolve()
        return aPart()
      },
      log: (line) => lines.push(line),
      pauseMs: 1,
    })
    first.end()
    await back.promise
    await supervised.stop()
    expect(lines.filter((line) => line.startsWith('The disk is full.'))).toHaveLength(1)
  })

  test('stop() while it is being started again also stops the new one', async () => {
    const starting = Promise.withResolvers<Part>()
    const asked = Promise.withResolvers<void>()
    const [first, second] = [aPart(), aPart()]
    const restart = async (): Promise<Part> => {
      asked.resolve()
      return await starting.promise
    }
    const supervised = supervise({ name: 'The edge', first, restart, log: () => {}, pauseMs: 1 })
    first.end()
    await asked.promise
    const stopped = supervised.stop()
    starting.resolve(second)
    await stopped
    expect(second.stopped).toBe(true)
  })

  test('stop() does not start it again', async () => {
    let restarts = 0
    const restart = async (): Promise<Part> => {
      restarts++
      return aPart()
    }
    const supervised = supervise({ name: 'The edge', first: aPart(), restart, log: () => {}, pauseMs: 1 })
    await supervised.stop()
    await supervised.ended
    expect(restarts).toBe(0)
  })
})

describe('BringUp', () => {
  const report = (): void => {}

  test('stops the highest layer first, whichever started first', async () => {
    const order: string[] = []
    const bringUp = new BringUp(report, () => {})
    for (const layer of ['edge', 'postgres', 'origin', 'redis'] as const) {
      await bringUp.part(
        layer,
        layers[layer],
        async () => aPart(layer, (name) => order.push(name)),
        () => '',
      )
    }
    await bringUp.stop()
    expect(order).toEqual(['edge', 'origin', 'redis', 'postgres'])
  })

  test('a step fails with the reason of a part that ended meanwhile', async () => {
    const bringUp = new BringUp(report, () => {})
    const postgres = await bringUp.part(
      'PostgreSQL',
      layers.postgres,
      async () => aPart(),
      () => '',
    )
    const step = bringUp.step('Migrations', () => new Promise<void>(() => {}))
    postgres.end(new Error('The disk is full.'))
    await expect(step).rejects.toThrow('The disk is full.')
  })

  test('a part that arrives after the order to stop is stopped as well', async () => {
    const bringUp = new BringUp(report, () => {})
    const starting = Promise.withResolvers<FakePart>()
    const arriving = bringUp.part(
      'Origin',
      layers.origin,
      () => starting.promise,
      () => '',
    )
    const part = aPart()
    await bringUp.stop()
    starting.resolve(part)
    await arriving
    expect(part.stopped).toBe(true)
  })

  test('no step begins after the order to stop', async () => {
    const bringUp = new BringUp(report, () => {})
    await bringUp.stop()
    await expect(bringUp.step('Migrations', async () => 1)).rejects.toThrow('Stopped before it had started.')
  })
})
