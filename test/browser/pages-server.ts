/** The guest pages on a port of this machine, over fake services: what a browser test needs and nothing more. */
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { GuestServices } from '../../edge/pages/guest-services.ts'
import { guestPages } from '../../edge/pages/pages.ts'
import { buildAssets } from '../../infra/local/build-assets.ts'

const project = path.join(import.meta.dirname, '../..')
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface PagesServer {
  /** `http://localhost:…`: the one plain origin on which browsers accept `__Host-` cookies. */
  url: string
  stop(): Promise<void>
}

/** Serves the pages, their assets as the build leaves them, and a picture for every photo. */
export async function startPages(services: GuestServices): Promise<PagesServer> {
  const target = fs.mkdtempSync(path.join(os.tmpdir(), 'stayzr-pages-'))
  const { manifest } = buildAssets({ source: path.join(project, 'edge/assets'), target })
  const app = new Hono()
  app.get('/assets/*', (c) => {
    const file = path.join(target, path.normalize(c.req.path))
    if (!fs.existsSync(file)) return c.notFound()
    return c.body(fs.readFileSync(file), 200, {
      'content-type': MEDIA_TYPES[path.extname(file)] ?? 'application/octet-stream',
    })
  })
  app.get('/api/v1/properties/:property/photos/:photo', (c) =>
    c.body(picture(`${c.req.param('property')}/${c.req.param('photo')}`), 200, { 'content-type': 'image/svg+xml' }),
  )
  app.route('/', guestPages(services, manifest))
  return await new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({
        url: `http://localhost:${port}`,
        stop: async () => {
          await new Promise((closed) => {
            server.close(closed)
            if ('closeAllConnections' in server) server.closeAllConnections()
          })
          fs.rmSync(target, { recursive: true, force: true })
        },
      }),
    )
  })
}

/** An evening sky over roofs, a little different for each name. */
function picture(name: string): string {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7)
  const hue = seed % 360
  const roofs = Array.from({ length: 9 }, (_, i) => {
    const height = 140 + ((seed * (i + 3)) % 170)
    return `<path d="M${i * 110} 640V${640 - height}l55 -40 55 40V640z" fill="hsl(${(hue + 180) % 360} 25% ${18 + ((seed + i * 5) % 14)}%)"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="640"><defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl(${hue} 45% 62%)"/><stop offset="1" stop-color="hsl(${(hue + 40) % 360} 70% 84%)"/></linearGradient></defs><rect width="960" height="640" fill="url(#sky)"/>${roofs.join('')}</svg>`
}
