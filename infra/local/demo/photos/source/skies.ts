/** Skies: colour by direction, with clouds. */
import { layeredNoise, step } from './noise.ts'
import { blend, dot, type Rgb, unit, type Vec } from './vectors.ts'

export interface SkyLook {
  zenith: Rgb
  horizon: Rgb
  /** Where the sun is, and what it adds around itself. */
  sun: Vec
  halo: Rgb
  haloWidth?: number
  /** How soon above the horizon the zenith's colour takes over. */
  climb?: number
  cloud?: { colour: Rgb; shaded: Rgb; cover: number; scale?: number; seed?: number }
}

/** The sky in a direction. Below the horizon it goes on as the horizon. */
export function skyOf(look: SkyLook): (direction: Vec) => Rgb {
  const { haloWidth = 12, climb = 3.2 } = look
  const sun = unit(look.sun)
  return (way) => {
    const height = Math.max(0, way[1])
    let colour = blend(look.horizon, look.zenith, 1 - (1 - height) ** climb)
    const near = Math.max(0, dot(way, sun))
    const halo = near ** haloWidth * 0.6 + near ** (haloWidth * 12) * 1.4
    colour = [colour[0] + look.halo[0] * halo, colour[1] + look.halo[1] * halo, colour[2] + look.halo[2] * halo]
    if (look.cloud && way[1] > 0.01) {
      const { cover, scale = 1, seed = 1 } = look.cloud
      // Streaks on a plane high above, drawn out along x as cirrus is.
      const [x, z] = [way[0] / (way[1] + 0.12), way[2] / (way[1] + 0.12)]
      const bend = layeredNoise(x * 0.7 * scale, seed, z * 0.9 * scale, 3)
      const body = layeredNoise(x * 0.8 * scale + bend * 1.2, seed * 3, z * 2.4 * scale + bend, 5)
      const t = step(1 - cover, 1.25 - cover, body) * step(0.01, 0.1, way[1]) * 0.85
      const lit = blend(look.cloud.shaded, look.cloud.colour, Math.min(1, 0.35 + near ** 3))
      colour = blend(colour, lit, t)
    }
    return colour
  }
}
