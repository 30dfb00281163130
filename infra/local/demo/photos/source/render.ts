/**
 * Draws the demo hotels' photos. `node render.ts` draws them all into ../<property>/ and lists them in ../photos.json;
 * with names it draws those. `--draft` draws small and coarse, to a PNG in the temporary folder.
 */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { Worker } from 'node:worker_threads'
import sharp, { type Sharp } from 'sharp'
import { develop, PLAIN } from './film.ts'
import { COARSE, coarseSize, type Sizes } from './passes.ts'
import { makeScene, PICTURES, type PictureName, type PicturePlan } from './pictures.ts'
import { smooth } from './smoothing.ts'
import { workshop, workshopFile } from './workshop.ts'

const THREADS = 2
/** No photo may weigh more. */
const BYTES_MAX = 60 * 1024
const photos = path.join(import.meta.dirname, '..')

const names = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const draft = process.argv.includes('--draft')
fs.mkdirSync(workshop, { recursive: true })
for (const name of Object.keys(PICTURES) as PictureName[])
  if (names.length === 0 || names.includes(name)) await draw(name, PICTURES[name])

async function draw(name: PictureName, plan: PicturePlan): Promise<void> {
  const began = performance.now()
  const sizes = sizesFor(plan)
  const { width, height } = sizes
  const light = await trace(name, sizes)
  const { finish } = await makeScene(name)
  const bytes = develop(light, width, height, { ...PLAIN, ...finish })
  const image = () => sharp(bytes, { raw: { width, height, channels: 3 } })
  const png = workshopFile(name, draft)
  await image().png().toFile(png)
  let written = png
  if (!draft && plan.property) written = await publish(plan.property, name, image())
  console.log(`${name}: ${written}, ${Math.round((performance.now() - began) / 1000)} s`)
}

function sizesFor(plan: PicturePlan): Sizes {
  const { width, height } = plan
  const { paths = 40, coarse = 2, samples = 9 } = plan
  if (!draft) return { width, height, coarse, paths, samples }
  return { width: Math.round(width / 2), height: Math.round(height / 2), coarse: 2, paths: 16, samples: 4 }
}

/** Shares the rows among threads, twice: soft light, then the picture. */
async function trace(name: PictureName, sizes: Sizes): Promise<Float32Array> {
  const small = coarseSize(sizes)
  const coarse = new Float32Array(new SharedArrayBuffer(small.width * small.height * COARSE * 4))
  const light = new Float32Array(new SharedArrayBuffer(sizes.width * sizes.height * 3 * 4))
  const next = new Int32Array(new SharedArrayBuffer(8))
  const workers = Array.from(
    { length: THREADS },
    () => new Worker(new URL('./worker.ts', import.meta.url), { workerData: { name, sizes, coarse, light, next } }),
  )
  const all = (pass: 'gather' | 'paint') =>
    Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            worker.once('error', reject)
            worker.once('message', () => resolve())
            worker.postMessage(pass)
          }),
      ),
    )
  await all('gather')
  smooth(coarse, sizes)
  await all('paint')
  await Promise.all(workers.map((worker) => worker.terminate()))
  return light
}

/** Writes the picture as the best WebP that is small enough, named after its content, in place of the one before. */
async function publish(property: string, name: string, image: Sharp): Promise<string> {
  const shows = name.split('/')[1] as string
  let webp = Buffer.alloc(0)
  for (let quality = 88; quality >= 40; quality -= 4) {
    webp = await image.clone().webp({ quality, effort: 6, smartSubsample: true }).toBuffer()
    if (webp.length <= BYTES_MAX - 2048) break
  }
  const { width, height } = await sharp(webp).metadata()
  const listFile = path.join(photos, 'photos.json')
  const list = JSON.parse(fs.existsSync(listFile) ? fs.readFileSync(listFile, 'utf8') : '{}')
  const folder = path.join(photos, property)
  fs.mkdirSync(folder, { recursive: true })
  const old = list[property]?.[shows]
  if (old) fs.rmSync(path.join(folder, old.photo), { force: true })
  const photo = `${shows}-${createHash('sha256').update(webp).digest('hex').slice(0, 8)}.webp`
  fs.writeFileSync(path.join(folder, photo), webp)
  list[property] = { ...list[property], [shows]: { photo, width, height } }
  fs.writeFileSync(listFile, `${JSON.stringify(list, null, 2)}\n`)
  return `${property}/${photo}, ${Math.round(webp.length / 1024)} KB`
}
