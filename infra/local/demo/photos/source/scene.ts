/** What a picture is made of: surfaces, light and a camera. */
import type { Mesh } from './mesh.ts'
import type { Rgb, Vec } from './vectors.ts'

/** A point of a surface as a texture sees it. */
export interface Surface {
  x: number
  y: number
  z: number
  nx: number
  ny: number
  nz: number
  u: number
  v: number
}

/** Writes the colour of a point to `out`. */
export type Texture = (at: Surface, out: Float64Array) => void

export interface Material {
  colour: Rgb | Texture
  /** Light given off. Seen by the eye and in reflections; what it lights is done by `lights`. */
  glow?: Rgb | Texture
  /** Mirror-like share of light at right angles (0.04 for varnish), and how blurred: 0 a mirror, 1 matt. */
  gloss?: { share: number; blur: number }
  /** Height in metres that the surface seems to have, for creases and grain. */
  relief?: (x: number, y: number, z: number, u: number, v: number) => number
  /** Share of light that falls through and lights the other side: curtains, leaves, lampshades. */
  through?: number
  /** Share of rays stopped at all; less than 1 for voile. */
  cover?: number
  /** Share of light towards lamps and the sun that is stopped; `cover` where left out. */
  shade?: number
}

/** A small round light. `power` is the light it sends a surface one metre away that faces it. */
export interface Lamp {
  at: Vec
  radius: number
  power: Rgb
}

/** A window that sky light comes in by: a corner and two sides. The side it shines to is `side × up`. */
export interface Opening {
  corner: Vec
  side: Vec
  up: Vec
}

export interface Camera {
  at: Vec
  to: Vec
  /** Degrees from the left edge to the right. */
  angle: number
  /** Moves the picture up by so many of its heights without tilting the verticals. */
  rise?: number
}

export interface Finish {
  exposure: number
  /** How much bright places bleed into their surroundings, 0 to 1. */
  bloom: number
  /** Multiplies red, green, blue at the end. */
  tint: Rgb
  contrast: number
  saturation: number
  vignette: number
}

export interface Scene {
  mesh: Mesh
  camera: Camera
  /** Seen where nothing else is. */
  sky(direction: Vec): Rgb
  /** What the sky gives as light, where that is not what is seen; `sky` where left out. */
  skyLight?(direction: Vec): Rgb
  sun?: { towards: Vec; colour: Rgb; blur: number }
  lamps?: readonly Lamp[]
  /** Openings of a room, and the room's box: inside it sky light comes through the openings only. */
  room?: { openings: readonly Opening[]; from: Vec; to: Vec }
  /** Light that has gone round more corners than are followed. */
  ambient?: Rgb
  /** Air: how far one sees to a fall to 37 %, from what distance on, and its colour by direction. */
  air?: { reach: number; from: number; colour(direction: Vec): Rgb }
  finish?: Partial<Finish>
}
