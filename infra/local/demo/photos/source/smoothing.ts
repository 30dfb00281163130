/** Takes the noise out of the coarse light and leaves its shadows: à-trous wavelets (Dammertz 2010), edges kept. */
import { COARSE, coarseSize, DISTANCE, LIGHT, NOISE, NORMAL, PLACE, REFLECTION, type Sizes } from './passes.ts'

const PASSES = 5
const KERNEL = [1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16]

/** Smooths light, its direction and reflections in place. */
export function smooth(coarse: Float32Array, sizes: Sizes): void {
  const { width, height } = coarseSize(sizes)
  smoothSome(coarse, width, height, LIGHT, 6, NOISE, 2.5)
  smoothSome(coarse, width, height, REFLECTION, 3, NOISE + 1, 1.2)
}

function smoothSome(
  coarse: Float32Array,
  width: number,
  height: number,
  first: number,
  count: number,
  noiseAt: number,
  tolerance: number,
): void {
  let from = new Float32Array(width * height * (count + 1))
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < count; c++) from[i * (count + 1) + c] = coarse[i * COARSE + first + c] as number
    from[i * (count + 1) + count] = coarse[i * COARSE + noiseAt] as number
  }
  let to = new Float32Array(from.length)
  for (let pass = 0; pass < PASSES; pass++) {
    const gap = 2 ** pass
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) smoothPixel(coarse, from, to, width, height, x, y, gap, count, tolerance)
    ;[from, to] = [to, from]
  }
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < count; c++) coarse[i * COARSE + first + c] = from[i * (count + 1) + c] as number
}

function smoothPixel(
  coarse: Float32Array,
  from: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  gap: number,
  count: number,
  tolerance: number,
): void {
  const stride = count + 1
  const here = (y * width + x) * stride
  const guide = (y * width + x) * COARSE
  const distance = coarse[guide + DISTANCE] as number
  if (distance > 1e8) {
    for (let c = 0; c < stride; c++) to[here + c] = from[here + c] as number
    return
  }
  const mine = brightness(from, here)
  // The noise of one pixel is itself noisy: ask the neighbours too.
  let noise = 0
  let asked = 0
  for (let j = -1; j <= 1; j++)
    for (let i = -1; i <= 1; i++) {
      const [column, row] = [x + i, y + j]
      if (column < 0 || row < 0 || column >= width || row >= height) continue
      noise += from[(row * width + column) * stride + count] as number
      asked += 1
    }
  const allowed = tolerance * Math.sqrt(noise / asked) + 0.004 * mine + 1e-5
  let total = 0
  let noiseOut = 0
  for (let c = 0; c < stride; c++) to[here + c] = 0
  for (let j = -2; j <= 2; j++)
    for (let i = -2; i <= 2; i++) {
      const [column, row] = [x + i * gap, y + j * gap]
      if (column < 0 || row < 0 || column >= width || row >= height) continue
      const there = (row * width + column) * stride
      const other = (row * width + column) * COARSE
      if ((coarse[other + DISTANCE] as number) > 1e8) continue
      const facing = Math.max(
        0,
        (coarse[guide + NORMAL] as number) * (coarse[other + NORMAL] as number) +
          (coarse[guide + NORMAL + 1] as number) * (coarse[other + NORMAL + 1] as number) +
          (coarse[guide + NORMAL + 2] as number) * (coarse[other + NORMAL + 2] as number),
      )
      const off =
        Math.abs(
          ((coarse[guide + PLACE] as number) - (coarse[other + PLACE] as number)) * (coarse[guide + NORMAL] as number) +
            ((coarse[guide + PLACE + 1] as number) - (coarse[other + PLACE + 1] as number)) *
              (coarse[guide + NORMAL + 1] as number) +
            ((coarse[guide + PLACE + 2] as number) - (coarse[other + PLACE + 2] as number)) *
              (coarse[guide + NORMAL + 2] as number),
        ) / distance
      const difference = Math.abs(mine - brightness(from, there)) / allowed
      const weight =
        (KERNEL[i + 2] as number) * (KERNEL[j + 2] as number) * facing ** 24 * Math.exp(-off * 120 - difference)
      total += weight
      for (let c = 0; c < count; c++) to[here + c] = (to[here + c] as number) + weight * (from[there + c] as number)
      noiseOut += weight * weight * (from[there + count] as number)
    }
  for (let c = 0; c < count; c++) to[here + c] = (to[here + c] as number) / total
  to[here + count] = noiseOut / (total * total)
}

function brightness(of: Float32Array, at: number): number {
  return 0.3 * (of[at] as number) + 0.6 * (of[at + 1] as number) + 0.1 * (of[at + 2] as number)
}
