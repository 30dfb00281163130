/** From light to a picture: glow about bright places, a film's curve, corners a little darker, grain. */
import sharp from 'sharp'
import { hash3 } from './noise.ts'
import type { Finish, Texture } from './scene.ts'

export const PLAIN: Finish = {
  exposure: 1,
  bloom: 0.08,
  tint: [1, 1, 1],
  contrast: 1,
  saturation: 1,
  vignette: 0.25,
}
/** Barely to be seen; more costs bytes that the picture needs. */
const GRAIN = 0.006

/** Develops linear light, three numbers a pixel, into sRGB bytes. */
export function develop(light: Float32Array, width: number, height: number, finish: Finish): Buffer {
  const glow = bloomOf(light, width, height, finish.exposure)
  const bytes = Buffer.alloc(width * height * 3)
  const colour: [number, number, number] = [0, 0, 0]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3
      const [cx, cy] = [x / width - 0.5, (y / height - 0.5) * 0.8]
      const dark = 1 - finish.vignette * Math.min(1, (cx * cx + cy * cy) * 2.6)
      for (let c = 0; c < 3; c++) {
        const exposed = (light[at + c] as number) * finish.exposure
        const bled = exposed * (1 - finish.bloom) + (glow[at + c] as number) * finish.bloom
        colour[c] = film(bled * dark * (finish.tint[c] as number))
      }
      const grey = 0.25 * colour[0] + 0.65 * colour[1] + 0.1 * colour[2]
      const grain = (hash3(x, y, 1) + hash3(x, y, 2) - 1) * GRAIN
      for (let c = 0; c < 3; c++) {
        const saturated = grey + ((colour[c] as number) - grey) * finish.saturation
        const display = Math.max(0, saturated) ** (1 / 2.2)
        const contrasted = (display - 0.45) * finish.contrast + 0.45 + grain
        bytes[at + c] = Math.round(Math.max(0, Math.min(1, contrasted)) * 255)
      }
    }
  return bytes
}

/** Hable's filmic curve (2010), fitted to leave mid-tones where they are and to bend highlights softly. */
function film(light: number): number {
  const curve = (x: number) => (x * (0.22 * x + 0.03) + 0.002) / (x * (0.22 * x + 0.3) + 0.06) - 0.0333
  return Math.max(0, curve(light * 1.9) / curve(11.2))
}

/** Bright light spread over its surroundings: three widths of blur, on a quarter of the pixels. */
function bloomOf(light: Float32Array, width: number, height: number, exposure: number): Float32Array {
  const [w, h] = [Math.ceil(width / 4), Math.ceil(height / 4)]
  const small = new Float32Array(w * h * 3)
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let j = 0; j < 4; j++)
          for (let i = 0; i < 4; i++) {
            const at = (Math.min(height - 1, y * 4 + j) * width + Math.min(width - 1, x * 4 + i)) * 3 + c
            sum += Math.min(6, (light[at] as number) * exposure)
          }
        small[(y * w + x) * 3 + c] = sum / 16
      }
  const total = new Float32Array(small.length)
  let blurred: Float32Array = small
  for (const reach of [w / 120, w / 40, w / 14]) {
    blurred = boxBlur(boxBlur(blurred, w, h, reach), w, h, reach)
    for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (blurred[i] as number) / 3
  }
  const out = new Float32Array(light.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [fx, fy] = [
        Math.max(0, Math.min(w - 1.001, x / 4 - 0.375)),
        Math.max(0, Math.min(h - 1.001, y / 4 - 0.375)),
      ]
      const [ix, iy] = [Math.floor(fx), Math.floor(fy)]
      for (let c = 0; c < 3; c++) {
        const pick = (i: number, j: number) =>
          total[(Math.min(h - 1, iy + j) * w + Math.min(w - 1, ix + i)) * 3 + c] as number
        const top = pick(0, 0) + (pick(1, 0) - pick(0, 0)) * (fx - ix)
        const low = pick(0, 1) + (pick(1, 1) - pick(0, 1)) * (fx - ix)
        out[(y * width + x) * 3 + c] = top + (low - top) * (fy - iy)
      }
    }
  return out
}

function boxBlur(from: Float32Array, width: number, height: number, reach: number): Float32Array {
  const r = Math.max(1, Math.round(reach))
  const pass = (source: Float32Array, long: number, short: number, stepLong: number, stepShort: number) => {
    const to = new Float32Array(source.length)
    for (let s = 0; s < short; s++)
      for (let c = 0; c < 3; c++) {
        const read = (l: number) =>
          source[(Math.max(0, Math.min(long - 1, l)) * stepLong + s * stepShort) * 3 + c] as number
        let sum = 0
        for (let l = -r; l <= r; l++) sum += read(l)
        for (let l = 0; l < long; l++) {
          to[(l * stepLong + s * stepShort) * 3 + c] = sum / (2 * r + 1)
          sum += read(l + r + 1) - read(l - r)
        }
      }
    return to
  }
  return pass(pass(from, width, height, 1, width), height, width, width, 1)
}

/** An image as linear light, to be looked up by texture coordinates. */
export interface Picture {
  width: number
  height: number
  light: Float32Array
}

/** Reads a picture: a file's path, or the text of an SVG. */
export async function readPicture(source: string): Promise<Picture> {
  const input = source.trimStart().startsWith('<') ? Buffer.from(source) : source
  const { data, info } = await sharp(input).flatten().removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const light = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) light[i] = ((data[i] as number) / 255) ** 2.2
  return { width: info.width, height: info.height, light }
}

/** A texture that shows a picture over u and v from 0 to 1, repeated beyond; v runs up. `k` makes it brighter. */
export function pictureTexture(picture: Picture, k = 1, scaleU = 1, scaleV = 1): Texture {
  const { width, height, light } = picture
  return (at, out) => {
    const u = at.u * scaleU
    const v = at.v * scaleV
    const x = (u - Math.floor(u)) * width - 0.5
    const y = (1 - (v - Math.floor(v))) * height - 0.5
    const [ix, iy] = [Math.floor(x), Math.floor(y)]
    const [fx, fy] = [x - ix, y - iy]
    for (let c = 0; c < 3; c++) {
      const pick = (i: number, j: number) =>
        light[(((iy + j + height) % height) * width + ((ix + i + width) % width)) * 3 + c] as number
      const top = pick(0, 0) + (pick(1, 0) - pick(0, 0)) * fx
      const low = pick(0, 1) + (pick(1, 1) - pick(0, 1)) * fx
      out[c] = (top + (low - top) * fy) * k
    }
  }
}
