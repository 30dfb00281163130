/** Surfaces that more than one picture uses. */
import { layeredNoise, mix, noise, step } from './noise.ts'
import type { Material, Texture } from './scene.ts'
import { type Rgb, rgb } from './vectors.ts'

/** A colour that varies a little from place to place, as paint and stone do. */
export function mottled(colour: Rgb, amount: number, scale: number): Texture {
  return (at, out) => {
    const k = 1 + amount * (layeredNoise(at.x * scale, at.y * scale, at.z * scale, 3) - 0.5) * 2
    out[0] = colour[0] * k
    out[1] = colour[1] * k
    out[2] = colour[2] * k
  }
}

export function plaster(hex: string): Material {
  return {
    colour: mottled(rgb(hex), 0.03, 1.1),
    relief: (x, y, z) => 0.0012 * layeredNoise(x * 5, y * 5, z * 5, 3),
  }
}

export function painted(hex: string, share = 0.04): Material {
  return { colour: rgb(hex), gloss: { share, blur: 0.45 } }
}

/** Woven cloth, creased. */
export function cloth(hex: string, crease = 1): Material {
  return {
    colour: mottled(rgb(hex), 0.04, 60),
    relief: (x, y, z) =>
      crease * (0.012 * layeredNoise(x * 5 + 3, y * 4, z * 5, 3) + 0.003 * layeredNoise(x * 19, y * 15, z * 19, 2)),
  }
}

/** Striped cloth: bands across an axis of the texture. */
export function striped(base: string, band: string, across: (u: number, v: number) => number): Material {
  const [a, b] = [rgb(base), rgb(band)]
  const plain = cloth(base)
  return {
    ...plain,
    colour: (at, out) => {
      const t = across(at.u, at.v)
      for (let c = 0; c < 3; c++) out[c] = mix(a[c] as number, b[c] as number, t)
    },
  }
}

/** Floorboards or panelling: boards run along one axis, `width` metres broad, laid by the other axis. */
export function boards(
  hex: string,
  width: number,
  along: 'x' | 'y' | 'z',
  by: 'x' | 'y' | 'z',
  gloss = 0.035,
): Material {
  const colour = rgb(hex)
  const dark = colour.map((value, c) => value * [0.62, 0.52, 0.42][c]!) as unknown as Rgb
  const axis = (at: { x: number; y: number; z: number }, of: 'x' | 'y' | 'z') => at[of]
  return {
    colour: (at, out) => {
      const across = axis(at, by) / width
      const board = Math.floor(across)
      const shift = noise(board * 7.7, 3, 1) * 5
      const length = axis(at, along) / 1.9 + shift
      const piece = along === 'y' ? board * 13 : board * 13 + Math.floor(length) * 31
      const tone = 0.82 + 0.36 * noise(piece * 3.1, 8, 2)
      const along1 = axis(at, along) * 1.4 + piece * 11
      const grain = layeredNoise(along1, (axis(at, by) / width) * 3.2 + piece, 4, 3)
      const rings = 0.5 + 0.5 * Math.sin((grain * 9 + across * 2 + along1 * 0.3) * 6.28)
      const t = 0.15 + 0.4 * rings * grain
      const edge = Math.min(across - board, board + 1 - across) * width
      const joint = along === 'y' ? 1 : Math.min(length - Math.floor(length), Math.floor(length) + 1 - length) * 1.9
      const gap = 0.45 + 0.55 * step(0.0008, 0.004, Math.min(edge, joint))
      for (let c = 0; c < 3; c++) out[c] = mix(colour[c] as number, dark[c] as number, t) * tone * gap
    },
    gloss: { share: gloss, blur: 0.42 },
    relief: (x, y, z) => {
      const across = axis({ x, y, z }, by) / width
      const edge = Math.min(across - Math.floor(across), Math.ceil(across) - across) * width
      return 0.003 * step(0, 0.006, edge)
    },
  }
}

/** Sawn or turned wood without joints, grain along an axis. */
export function timber(hex: string, along: 'x' | 'y' | 'z' = 'y', gloss = 0.04): Material {
  const colour = rgb(hex)
  const stretch = { x: along === 'x' ? 1.2 : 14, y: along === 'y' ? 1.2 : 14, z: along === 'z' ? 1.2 : 14 }
  return {
    colour: (at, out) => {
      const grain = layeredNoise(at.x * stretch.x, at.y * stretch.y, at.z * stretch.z, 3)
      const k = 0.68 + 0.6 * grain
      for (let c = 0; c < 3; c++) out[c] = (colour[c] as number) * (k + c * 0.02 * (grain - 0.5))
    },
    gloss: { share: gloss, blur: 0.4 },
    relief: (x, y, z) => 0.002 * layeredNoise(x * stretch.x * 2, y * stretch.y * 2, z * stretch.z * 2, 2),
  }
}

export const brass: Material = { colour: rgb('#7a5a26', 0.5), gloss: { share: 0.55, blur: 0.3 } }
export const iron: Material = { colour: rgb('#1d1b1a'), gloss: { share: 0.05, blur: 0.4 } }
export const ceramic = (hex: string): Material => ({ colour: rgb(hex), gloss: { share: 0.05, blur: 0.15 } })
export const leaf = (hex: string): Material => ({
  colour: mottled(rgb(hex), 0.5, 9),
  through: 0.35,
  gloss: { share: 0.03, blur: 0.35 },
})
/** A lampshade that is lit from within. */
export const shade = (hex: string, k: number): Material => ({
  colour: rgb('#e9dcc4'),
  glow: rgb(hex, k),
  through: 0.5,
  shade: 0.72,
})
/** Something that only glows: a flame, a lit window, a picture of what lies outside. */
export const glowing = (glow: Rgb | Texture): Material => ({ colour: [0, 0, 0], glow, shade: 0 })
/** Sheer curtain. */
export const voile: Material = { colour: rgb('#f7f3ea'), through: 0.55, cover: 0.82, shade: 0.45 }
