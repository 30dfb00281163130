/** What lies outside Casa do Tejo's windows: roofs, river, the other bank; in the afternoon and at dusk. */
import { Mesh } from '../mesh.ts'
import type { Finish, Scene } from '../scene.ts'
import { type SkyLook, skyOf } from '../skies.ts'
import { town } from '../town.ts'
import { blend, type Rgb, rgb, towards, type Vec } from '../vectors.ts'

/** Late afternoon: the sun in the south-west, over the bridge. */
export const AFTERNOON: SkyLook = {
  zenith: rgb('#2f78c9', 1.15),
  horizon: rgb('#dfe4e6', 1.2),
  sun: towards(62, 24),
  halo: rgb('#ffd9a0', 0.9),
  cloud: { colour: rgb('#fff6e8', 1.5), shaded: rgb('#d9dde6', 1.1), cover: 0.47, seed: 4 },
}
/** A quarter of an hour after sunset. */
export const DUSK: SkyLook = {
  zenith: rgb('#3158b8', 0.6),
  horizon: rgb('#ffb58a', 0.85),
  sun: towards(52, 1),
  halo: rgb('#ff9a55', 0.7),
  haloWidth: 8,
  climb: 5.5,
  cloud: { colour: rgb('#ff9d84', 1.1), shaded: rgb('#6b5b8c', 0.6), cover: 0.55, seed: 6 },
}

/** Dusk gives less red than it shows: most of the sky is behind the beholder, and blue. */
export const DUSK_LIGHT = (way: Vec): Rgb => blend([0.5, 0.36, 0.36], [0.3, 0.36, 0.62], Math.max(0, way[1]))

export const WINDOW_GLOW: Rgb = rgb('#ff9a3d', 1.5)
/** Backdrops are developed plainly: the room they stand outside of gives them its own finish. */
const PLAINLY: Partial<Finish> = { bloom: 0, vignette: 0, exposure: 0.8 }

export async function lisbonAfternoon(): Promise<Scene> {
  const mesh = new Mesh()
  town(mesh, { lit: 0, glow: [0, 0, 0], from: 30 })
  const sky = skyOf(AFTERNOON)
  return {
    mesh,
    camera: { at: [0, 12, 0], to: [0, 12, -100], angle: 74, rise: -0.2 },
    sky,
    sun: { towards: AFTERNOON.sun, colour: [2.5, 2.05, 1.5], blur: 0.006 },
    ambient: [0.2, 0.2, 0.22],
    air: { reach: 4200, from: 40, colour: (way) => blend(sky([way[0], 0.02, way[2]]), rgb('#bcd0e6'), 0.4) },
    finish: PLAINLY,
  }
}

export async function lisbonDusk(): Promise<Scene> {
  const mesh = new Mesh()
  town(mesh, { lit: 0.4, glow: WINDOW_GLOW, from: 30 })
  const sky = skyOf(DUSK)
  return {
    mesh,
    camera: { at: [0, 12, 0], to: [0, 12, -100], angle: 74, rise: -0.2 },
    sky,
    skyLight: DUSK_LIGHT,
    ambient: [0.08, 0.07, 0.1],
    air: { reach: 4200, from: 60, colour: (way) => blend(sky([way[0], 0.02, way[2]]), rgb('#7d78a8', 0.6), 0.45) },
    finish: { ...PLAINLY, exposure: 1.2 },
  }
}
