/** The two passes over a picture: soft light, coarse and smoothed; then every pixel with its texture, edges and sunlight. */
import type { Tracer } from './bvh.ts'
import { lensOf, mirrored } from './camera.ts'
import { colourOf, lightOf, newSeen, type Seen } from './light.ts'
import type { Scene } from './scene.ts'
import { dot, unit, type Vec } from './vectors.ts'

/** Numbers kept for each coarse pixel: light (3), its direction (3), reflection (3), their noise (2), normal (3), place (3), distance. */
export const LIGHT = 0
export const DIRECTION = 3
export const REFLECTION = 6
export const NOISE = 9
export const NORMAL = 11
export const PLACE = 14
export const DISTANCE = 17
export const COARSE = 18

export interface Sizes {
  width: number
  height: number
  /** Fine pixels to a coarse one, each way. */
  coarse: number
  /** Paths for each coarse pixel. */
  paths: number
  /** Samples for each fine pixel, a square number. */
  samples: number
}

export const coarseSize = ({ width, height, coarse }: Sizes) => ({
  width: Math.ceil(width / coarse),
  height: Math.ceil(height / coarse),
})

/** Soft light for one row of coarse pixels. */
export function gatherRow(scene: Scene, tracer: Tracer, sizes: Sizes, row: number, out: Float32Array): void {
  const { width, height } = coarseSize(sizes)
  const lens = lensOf(scene.camera, sizes.width / sizes.height)
  const light = lightOf(scene, tracer, (row + 1) * 2654435761)
  const [ox, oy, oz] = lens.at
  const seen = newSeen()
  const sum = new Float64Array(6)
  const one = new Float64Array(6)
  const back = new Float64Array(3)
  for (let column = 0; column < width; column++) {
    const at = (row * width + column) * COARSE
    const way = lens.ray((column + 0.5) / width, (row + 0.5) / height)
    if (!light.see(ox, oy, oz, way[0], way[1], way[2], seen)) {
      out[at + DISTANCE] = 1e9
      continue
    }
    sum.fill(0)
    let squares = 0
    const [shiftU, shiftV] = [light.random(), light.random()]
    const glows = seen.material.glow !== undefined && isBlack(seen.colour)
    const paths = glows ? 0 : sizes.paths
    for (let i = 0; i < paths; i++) {
      one.fill(0)
      // Steps that fill the square evenly (Roberts 2018, the R2 sequence), shifted for each pixel.
      light.addRest(seen, (shiftU + i * 0.7548776662466927) % 1, (shiftV + i * 0.5698402909980532) % 1, 1, one)
      const brightness = brightnessOf(one)
      squares += brightness * brightness
      for (let c = 0; c < 6; c++) sum[c] = (sum[c] as number) + (one[c] as number)
    }
    const n = Math.max(1, paths)
    const mean = brightnessOf(sum) / n
    for (let c = 0; c < 6; c++) out[at + c] = (sum[c] as number) / n
    out[at + NOISE] = Math.max(0, squares / n - mean * mean) / n
    out.set([seen.fx, seen.fy, seen.fz, seen.x, seen.y, seen.z, seen.distance], at + NORMAL)
    const { gloss } = seen.material
    if (!gloss) continue
    let shine = 0
    const reflections = Math.ceil(sizes.paths * (gloss.blur < 0.05 ? 0.25 : 0.75))
    sum.fill(0)
    for (let i = 0; i < reflections; i++) {
      // Anywhere in the coarse pixel, so that ripples average out.
      const to = lens.ray((column + light.random()) / width, (row + light.random()) / height)
      if (!light.see(ox, oy, oz, to[0], to[1], to[2], seen) || !seen.material.gloss) continue
      const [rx, ry, rz] = mirrored(to, relieved(seen))
      const spread = gloss.blur * gloss.blur
      const dx = rx + spread * (light.random() * 2 - 1)
      const dy = ry + spread * (light.random() * 2 - 1)
      const dz = rz + spread * (light.random() * 2 - 1)
      const [ux, uy, uz] = above([dx, dy, dz], seen)
      back.fill(0)
      light.addAlong(seen.x, seen.y, seen.z, ux, uy, uz, 1, back)
      const brightness = brightnessOf(back)
      shine += brightness * brightness
      for (let c = 0; c < 3; c++) sum[c] = (sum[c] as number) + (back[c] as number)
    }
    const middle = brightnessOf(sum) / reflections
    for (let c = 0; c < 3; c++) out[at + REFLECTION + c] = (sum[c] as number) / reflections
    out[at + NOISE + 1] = Math.max(0, shine / reflections - middle * middle) / reflections
  }
}

/** One row of the picture, linear light, three numbers a pixel, with the coarse light at hand. */
export function paintRow(
  scene: Scene,
  tracer: Tracer,
  sizes: Sizes,
  row: number,
  coarse: Float32Array,
  out: Float32Array,
): void {
  const { width, height } = sizes
  const lens = lensOf(scene.camera, width / height)
  const light = lightOf(scene, tracer, (row + 7) * 2246822519)
  const side = Math.round(Math.sqrt(sizes.samples))
  const [ox, oy, oz] = lens.at
  const seen = newSeen()
  const soft = new Float64Array(9)
  const pixel = new Float64Array(3)
  const sunny = new Float64Array(3)
  const glow = new Float64Array(3)
  const look = lookUp(coarse, sizes)
  for (let column = 0; column < width; column++) {
    pixel.fill(0)
    for (let sample = 0; sample < side * side; sample++) {
      const u = (column + ((sample % side) + light.random()) / side) / width
      const v = (row + (Math.floor(sample / side) + light.random()) / side) / height
      const way = lens.ray(u, v)
      if (!light.see(ox, oy, oz, way[0], way[1], way[2], seen)) {
        addColour(pixel, scene.sky(way))
        continue
      }
      const normal = relieved(seen)
      look(u, v, seen, soft)
      sunny.fill(0)
      const { through = 0, gloss } = seen.material
      if (scene.sun) {
        light.addSun(seen, normal[0], normal[1], normal[2], 1 - through, sunny)
        if (through > 0) light.addSun(behind(seen), -normal[0], -normal[1], -normal[2], through, sunny)
      }
      const bent = leaning(soft, normal, seen)
      const shine = gloss ? fresnel(gloss.share, gloss.blur, -dot(way, normal)) : 0
      glow.fill(0)
      if (seen.material.glow) colourOf(seen.material.glow, seen, glow)
      const air = scene.air
      const clear = air ? Math.exp(-Math.max(0, seen.distance - air.from) / air.reach) : 1
      const haze = air && clear < 0.999 ? air.colour(way) : undefined
      for (let c = 0; c < 3; c++) {
        const lit = (seen.colour[c] as number) * ((soft[c] as number) * bent + (sunny[c] as number))
        const seenLight = lit * (1 - shine) + shine * (soft[REFLECTION + c] as number) + (glow[c] as number)
        pixel[c] = (pixel[c] as number) + seenLight * clear + (haze ? (haze[c] as number) * (1 - clear) : 0)
      }
    }
    for (let c = 0; c < 3; c++) out[(row * width + column) * 3 + c] = (pixel[c] as number) / (side * side)
  }
}

/** Coarse light at a point of the picture, from those neighbours that lie on the same surface. */
function lookUp(coarse: Float32Array, sizes: Sizes) {
  const { width, height } = coarseSize(sizes)
  return (u: number, v: number, at: Seen, out: Float64Array): void => {
    const x = u * width - 0.5
    const y = v * height - 0.5
    const left = Math.floor(x)
    const top = Math.floor(y)
    out.fill(0)
    let total = 0
    for (let reach = 0; reach < 2 && total < 1e-3; reach++)
      for (let j = -reach; j <= 1 + reach; j++)
        for (let i = -reach; i <= 1 + reach; i++) {
          const column = Math.max(0, Math.min(width - 1, left + i))
          const row = Math.max(0, Math.min(height - 1, top + j))
          const from = (row * width + column) * COARSE
          const distance = coarse[from + DISTANCE] as number
          if (distance > 1e8) continue
          const facing =
            (coarse[from + NORMAL] as number) * at.fx +
            (coarse[from + NORMAL + 1] as number) * at.fy +
            (coarse[from + NORMAL + 2] as number) * at.fz
          const off =
            Math.abs(
              ((coarse[from + PLACE] as number) - at.x) * at.fx +
                ((coarse[from + PLACE + 1] as number) - at.y) * at.fy +
                ((coarse[from + PLACE + 2] as number) - at.z) * at.fz,
            ) / at.distance
          const nearness = Math.max(0.02, 1 - Math.abs(x - column)) * Math.max(0.02, 1 - Math.abs(y - row))
          const weight = nearness * (Math.max(0, facing) ** 8 / (1 + (off * 200) ** 2) + 1e-5)
          total += weight
          for (let c = 0; c < 9; c++) out[c] = (out[c] as number) + (coarse[from + c] as number) * weight
        }
    if (total > 0) for (let c = 0; c < 9; c++) out[c] = (out[c] as number) / total
  }
}

/** How much more or less soft light a normal with relief catches than the plain surface does. */
function leaning(soft: Float64Array, normal: Vec, at: Seen): number {
  if (!at.material.relief) return 1
  const [x, y, z] = [soft[DIRECTION] as number, soft[DIRECTION + 1] as number, soft[DIRECTION + 2] as number]
  const length = Math.hypot(x, y, z)
  if (length < 1e-9) return 1
  const plain = (x * at.fx + y * at.fy + z * at.fz) / length
  const bent = (x * normal[0] + y * normal[1] + z * normal[2]) / length
  return Math.max(0.45, Math.min(1.7, (0.35 + bent) / (0.35 + plain)))
}

/** The normal with the material's relief. */
function relieved(at: Seen): Vec {
  const { relief } = at.material
  if (!relief) return [at.fx, at.fy, at.fz]
  const e = 0.002 + at.distance * 0.0006
  const here = relief(at.x, at.y, at.z, at.u, at.v)
  const slope: Vec = [
    (relief(at.x + e, at.y, at.z, at.u, at.v) - here) / e,
    (relief(at.x, at.y + e, at.z, at.u, at.v) - here) / e,
    (relief(at.x, at.y, at.z + e, at.u, at.v) - here) / e,
  ]
  const along = slope[0] * at.fx + slope[1] * at.fy + slope[2] * at.fz
  return unit([at.fx - slope[0] + along * at.fx, at.fy - slope[1] + along * at.fy, at.fz - slope[2] + along * at.fz])
}

/** Schlick's approximation, weaker where the surface is matt. */
function fresnel(share: number, blur: number, cos: number): number {
  return share + (1 - share) * Math.max(0, 1 - blur) * (1 - Math.max(0, Math.min(1, cos))) ** 5
}

/** A direction kept above the surface it leaves. */
function above(way: Vec, at: Seen): Vec {
  const height = way[0] * at.fx + way[1] * at.fy + way[2] * at.fz
  const lift = height < 0.02 ? 0.02 - height : 0
  return unit([way[0] + at.fx * lift, way[1] + at.fy * lift, way[2] + at.fz * lift])
}

const back = newSeen()
function behind(at: Seen): Seen {
  const off = 5e-4 + at.distance * 2e-6
  back.x = at.x - at.fx * off
  back.y = at.y - at.fy * off
  back.z = at.z - at.fz * off
  return back
}

const isBlack = (colour: Float64Array) => (colour[0] as number) + (colour[1] as number) + (colour[2] as number) < 0.003

const brightnessOf = (light: Float64Array) =>
  0.3 * (light[0] as number) + 0.6 * (light[1] as number) + 0.1 * (light[2] as number)

function addColour(pixel: Float64Array, colour: readonly [number, number, number]): void {
  for (let c = 0; c < 3; c++) pixel[c] = (pixel[c] as number) + (colour[c] as number)
}
