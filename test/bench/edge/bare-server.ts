/** Bare Hono on Node: `BYTES=… PORT=… node test/bench/edge/bare-server.ts`. */
import process from 'node:process'
import { serve } from '@hono/node-server'
import { bareHono } from './bare-hono.ts'

const app = bareHono(Number(process.env.BYTES))
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT) })
process.on('SIGTERM', () => server.close(() => process.exit(0)))
