/** A hillside of old houses above a wide river. The hill falls from the origin towards -z. */

import { foliage } from './furniture.ts'
import { leaf, mottled } from './materials.ts'
import type { Mesh } from './mesh.ts'
import { dice, hash3, layeredNoise, step } from './noise.ts'
import type { Material } from './scene.ts'
import { blend, type Rgb, rgb, type Vec } from './vectors.ts'

export const RIVER_LEVEL = -46

export interface TownLook {
  /** Share of windows with a light behind them. */
  lit: number
  glow: Rgb
  /** Houses nearer than this are left out: a terrace is there. */
  from?: number
  /** Lowers the town under a higher lookout. */
  drop?: number
}

const WALLS = [
  '#f3eee2',
  '#efe6d2',
  '#f0dfc4',
  '#e9c9a0',
  '#e8bfae',
  '#d9dfe2',
  '#f6f2ea',
  '#e6b98f',
  '#efe9dc',
  '#d8c2b4',
]

/** The ground under the houses. */
function groundAt(x: number, z: number): number {
  const down = step(5, 190, -z)
  return -5 - 39 * down + 5 * (layeredNoise(x * 0.012 + 4, 2, z * 0.012, 2) - 0.5) * (1 - down * 0.7) + x * 0.02
}

export function town(mesh: Mesh, look: TownLook): void {
  const { from = 14, drop = 0 } = look
  const roll = dice(421)
  mesh.placed({ at: [0, -drop, 0] }, () => {
    for (let z = -from; z > -196; z -= 8.2) {
      const reach = 40 - z * 0.95
      for (let x = -reach + roll() * 8; x < reach; ) {
        const w = 6 + roll() * 5
        const gap = roll() < 0.12 ? 4 + roll() * 4 : 0.2
        const seed = Math.floor(roll() * 1e6)
        const depth = 7.4 + roll() * 1.8
        const middle = x + w / 2
        const storeys = roll() < 0.25 ? 4 : roll() < 0.6 ? 3 : 2
        house(
          mesh,
          look,
          [middle, groundAt(middle, z) - 4, z + roll() * 3],
          [w, 4 + storeys * 2.9 - 0.8, depth],
          roll() * 22 - 11,
          seed,
        )
        if (gap > 3) tree(mesh, [x + w + gap / 2, groundAt(x + w, z) + 2, z], seed)
        x += w + gap
      }
    }
    church(mesh, [-46, groundAt(-46, -96) - 2, -96])
    pantheon(mesh, [-96, groundAt(-96, -150) - 2, -152])
    // Quay and river, and the other bank.
    const quay: Material = { colour: mottled(rgb('#b9a88f'), 0.2, 0.1) }
    mesh.quad(quay, [-900, RIVER_LEVEL + 1.5, -214], [1800, 0, 0], [0, 0, -22])
    mesh.quad(quay, [-900, RIVER_LEVEL - 3, -236], [1800, 0, 0], [0, 4.5, 0])
    mesh.quad(water, [-16000, RIVER_LEVEL, -200], [32000, 0, 0], [0, 0, -14000])
    const bank: Material = { colour: mottled(rgb('#7c7458'), 0.4, 0.004) }
    mesh.sheet(bank, 240, 8, (u, v) => {
      const x = (u - 0.5) * 11000
      const ridge = 30 + 90 * layeredNoise(x * 0.0011 + 7, 3, 1, 4)
      return [x, RIVER_LEVEL - 2 + ridge * Math.sin((v * Math.PI) / 2) * (v > 0 ? 1 : 0), -2900 - v * 700]
    })
    bridge(mesh)
    for (const [x, z, size] of [
      [60, -420, 1],
      [-150, -820, 1.3],
      [240, -640, 0.9],
      [-30, -1250, 1.6],
    ] as const)
      boat(mesh, x, z, size)
  })
}

const water: Material = {
  colour: rgb('#2a5a78', 0.75),
  gloss: { share: 0.03, blur: 0.06 },
  relief: (x, _y, z) =>
    0.5 * layeredNoise(x * 0.06, 1, z * 0.11, 3) +
    0.09 * layeredNoise(x * 0.5, 2, z * 0.9, 2) +
    2 * layeredNoise(x * 0.004, 5, z * 0.01, 2),
}

function house(mesh: Mesh, look: TownLook, at: Vec, [w, h, d]: Vec, turn: number, seed: number): void {
  const chance = (k: number) => hash3(seed, k, 5)
  const paint = rgb(WALLS[seed % WALLS.length] as string)
  const shutter = rgb(['#3d5f4c', '#f2efe6', '#7a3b2a', '#355a7a'][seed % 4] as string)
  const walls = (width: number, side: number) => facade(look, paint, shutter, width, h, seed + side * 7919)
  const tiles = roofTiles(seed)
  const [x, z] = [w / 2, d / 2]
  mesh.placed({ at, turn }, () => {
    mesh.face(walls(w, 0), [-x, 0, z], [x, 0, z], [x, h, z], [-x, h, z])
    mesh.face(walls(w, 1), [x, 0, -z], [-x, 0, -z], [-x, h, -z], [x, h, -z])
    mesh.face(walls(d, 2), [x, 0, z], [x, 0, -z], [x, h, -z], [x, h, z])
    mesh.face(walls(d, 3), [-x, 0, -z], [-x, 0, z], [-x, h, z], [-x, h, -z])
    const [ox, oz] = [x + 0.35, z + 0.35]
    const rise = Math.min(w, d) * (0.21 + 0.08 * chance(1))
    mesh.box({ colour: rgb('#efe8da') }, [0, h - 0.05, 0], [w + 0.3, 0.24, d + 0.3], 0)
    if (chance(2) < 0.45) {
      // Hipped.
      const inset = Math.min(ox, oz) * 0.95
      const a: Vec = w > d ? [-ox + inset, h + rise, 0] : [0, h + rise, oz - inset]
      const b: Vec = w > d ? [ox - inset, h + rise, 0] : [0, h + rise, -oz + inset]
      const [fl, fr, br, bl]: Vec[] = [
        [-ox, h, oz],
        [ox, h, oz],
        [ox, h, -oz],
        [-ox, h, -oz],
      ] as [Vec, Vec, Vec, Vec]
      if (w > d) {
        mesh.face(tiles, fl!, fr!, b, a)
        mesh.face(tiles, br!, bl!, a, b)
        mesh.face(tiles, fr!, br!, b)
        mesh.face(tiles, bl!, fl!, a)
      } else {
        mesh.face(tiles, fr!, br!, b, a)
        mesh.face(tiles, bl!, fl!, a, b)
        mesh.face(tiles, fl!, fr!, a)
        mesh.face(tiles, br!, bl!, b)
      }
    } else {
      const alongX = w > d || chance(3) < 0.4
      const gable = facade({ ...look, lit: 0 }, paint, shutter, 1, 1, -1)
      if (alongX) {
        mesh.face(tiles, [-ox, h, oz], [ox, h, oz], [ox, h + rise, 0], [-ox, h + rise, 0])
        mesh.face(tiles, [ox, h, -oz], [-ox, h, -oz], [-ox, h + rise, 0], [ox, h + rise, 0])
        for (const s of [x, -x])
          mesh.face(gable, [s, h, s > 0 ? z : -z], [s, h, s > 0 ? -z : z], [s, h + rise * 0.98, 0])
      } else {
        mesh.face(tiles, [ox, h, oz], [ox, h, -oz], [0, h + rise, -oz], [0, h + rise, oz])
        mesh.face(tiles, [-ox, h, -oz], [-ox, h, oz], [0, h + rise, oz], [0, h + rise, -oz])
        for (const s of [z, -z])
          mesh.face(gable, [s > 0 ? -x : x, h, s], [s > 0 ? x : -x, h, s], [0, h + rise * 0.98, s])
      }
    }
    if (chance(4) < 0.8)
      mesh.box(
        { colour: rgb('#e7dccb') },
        [x * (chance(5) - 0.5), h + rise, z * (chance(6) - 0.5)],
        [0.7, 1.7, 0.55],
        0,
      )
    if (chance(7) < 0.3) mesh.box({ colour: paint }, [x * 0.3, h + rise * 0.75, z * 0.45], [1.6, 1.5, 1.6], 0)
  })
}

/** Painted wall with rows of windows in stone surrounds. */
function facade(look: TownLook, paint: Rgb, shutter: Rgb, width: number, height: number, seed: number): Material {
  const columns = Math.max(1, Math.round(width / 2.4))
  const cell = width / columns
  const rows = Math.max(1, Math.round(height / 2.9))
  const stone = rgb('#f4efe4')
  const glass = rgb('#37454c')
  const kind = (u: number, v: number): number => {
    if (seed < 0) return 0
    const [i, j] = [Math.floor(u / cell), Math.floor(v / 2.9)]
    const [x, y] = [Math.abs(u / cell - i - 0.5) * cell, v / 2.9 - j]
    if (j >= rows || x > 0.68 || y < 0.18 || y > 0.84) return 0
    if (x > 0.52 || y < 0.24 || y > 0.78) return 1
    const r = hash3(seed, i + 9, j + 9)
    if (r < look.lit) return 4
    if (r > 0.72) return 3
    return Math.abs(x) < 0.05 || Math.abs(y - 0.6) < 0.02 ? 1 : 2
  }
  return {
    colour: (at, out) => {
      const part = kind(at.u, at.v)
      const worn = 0.86 + 0.26 * layeredNoise(at.x * 0.5, at.y * 0.22, at.z * 0.5, 3)
      const colour = part === 0 ? paint : part === 1 ? stone : part === 3 ? shutter : glass
      for (let c = 0; c < 3; c++) out[c] = (colour[c] as number) * (part === 0 ? worn : 1) * (part === 4 ? 0.3 : 1)
    },
    ...(look.lit > 0 && seed >= 0
      ? {
          glow: (at, out) => {
            const on =
              kind(at.u, at.v) === 4 ? 0.6 + 0.8 * hash3(seed, Math.floor(at.u / cell), Math.floor(at.v / 2.9)) : 0
            for (let c = 0; c < 3; c++) out[c] = (look.glow[c] as number) * on
          },
        }
      : {}),
  }
}

function roofTiles(seed: number): Material {
  const base = blend(rgb('#b5623c'), rgb('#c98a5e'), hash3(seed, 1, 1))
  const aged = blend(base, rgb('#7d5a48'), 0.55)
  return {
    colour: (at, out) => {
      const patch = layeredNoise(at.x * 0.9, at.y * 0.9, at.z * 0.9, 3)
      const rib = 0.9 + 0.12 * Math.sin(at.u * 2 * Math.PI * 3.3)
      const row = 0.96 + 0.04 * Math.sin(at.v * 2 * Math.PI * 2.2)
      const t = step(0.42, 0.72, patch)
      for (let c = 0; c < 3; c++) out[c] = ((base[c] as number) * (1 - t) + (aged[c] as number) * t) * rib * row
    },
  }
}

function tree(mesh: Mesh, at: Vec, seed: number): void {
  const green = ['#4c5f35', '#3d5a33', '#5d6b3c'][seed % 3] as string
  if (seed % 3 === 0) foliage(mesh, leaf('#38502f'), [at[0], at[1] + 4, at[2]], [1, 5.5, 1], 420, seed, 0.6)
  else foliage(mesh, leaf(green), [at[0], at[1] + 4.5, at[2]], [2.8, 2.4, 2.8], 700, seed, 0.5)
}

const limewash: Material = { colour: mottled(rgb('#f5f0e5'), 0.08, 0.2) }
const trim: Material = { colour: rgb('#d8cbb2') }

function church(mesh: Mesh, at: Vec): void {
  mesh.placed({ at, turn: 24 }, () => {
    mesh.box(limewash, [0, 9, 0], [16, 18, 30], 0)
    const tiles = roofTiles(8)
    mesh.face(tiles, [8.5, 18, 15.5], [8.5, 18, -15.5], [0, 22, -15.5], [0, 22, 15.5])
    mesh.face(tiles, [-8.5, 18, -15.5], [-8.5, 18, 15.5], [0, 22, 15.5], [0, 22, -15.5])
    mesh.face(limewash, [-8, 18, 15.1], [8, 18, 15.1], [0, 22.6, 15.1])
    for (const x of [-9.5, 9.5]) {
      mesh.box(limewash, [x, 12, 13], [5, 24, 5], 0)
      mesh.box(trim, [x, 24, 13], [5.6, 0.7, 5.6], 0)
      for (const z of [10.45, 15.55]) mesh.box({ colour: rgb('#4a4a48') }, [x, 20.5, z], [1.5, 3, 0.1], 0)
      mesh.turned(
        trim,
        [x, 24.3, 13],
        [
          [2.5, 0],
          [2.2, 1.4],
          [1.2, 2.6],
          [0.5, 3.2],
          [0.5, 4.2],
          [0.05, 5.2],
        ],
        14,
      )
    }
  })
}

function pantheon(mesh: Mesh, at: Vec): void {
  mesh.placed({ at, turn: 18 }, () => {
    mesh.box(limewash, [0, 10, 0], [30, 20, 30], 1)
    mesh.box(trim, [0, 20, 0], [31, 1, 31], 0)
    mesh.turned(
      limewash,
      [0, 20.5, 0],
      [
        [9, 0],
        [9, 6],
        [9.6, 6.2],
        [9.6, 7],
        [8.8, 7.2],
        [8.4, 10],
        [7, 13],
        [4.6, 15.4],
        [2, 16.6],
        [1.6, 17],
        [1.5, 19.4],
        [0.2, 21.6],
      ],
      32,
    )
  })
}

/** A suspension bridge far off to the west. */
function bridge(mesh: Mesh): void {
  const red: Material = { colour: rgb('#9c4a3c') }
  const [z, y] = [-3000, RIVER_LEVEL]
  const towers = [1350, 2370]
  mesh.box(red, [1860, y + 71, z], [3000, 9, 22], 0)
  for (const x of towers) {
    for (const side of [-11, 11]) mesh.box(red, [x, y + 95, z + side], [9, 190, 6], 0)
    for (const h of [110, 150, 186]) mesh.box(red, [x, y + h, z], [8, 6, 22], 0)
  }
  const cable = (from: number, to: number, low: number, high: (t: number) => number) => {
    const n = 24
    for (let i = 0; i < n; i++) {
      const p = (t: number): Vec => [from + (to - from) * t, low + high(t), z]
      mesh.rod(red, p(i / n), p((i + 1) / n), 2.2, 2.2, 5)
      mesh.rod(red, p((i + 0.5) / n), [p((i + 0.5) / n)[0], y + 72, z], 0.7, 0.7, 4)
    }
  }
  cable(1350, 2370, y + 82, (t) => 106 * (2 * t - 1) ** 2)
  cable(600, 1350, y + 78, (t) => 110 * t * t)
  cable(2370, 3200, y + 78, (t) => 110 * (1 - t) * (1 - t))
}

/** A ferry with its wake. */
function boat(mesh: Mesh, x: number, z: number, size: number): void {
  mesh.placed({ at: [x, RIVER_LEVEL, z], turn: 12, scale: size }, () => {
    mesh.box({ colour: rgb('#e9e4d8') }, [0, 1.8, 0], [26, 3.4, 6], 1)
    mesh.box({ colour: rgb('#d77a2d') }, [0, 0.6, 0], [26.4, 1.2, 6.4], 0.5)
    mesh.box({ colour: rgb('#f4f1ea') }, [-2, 4.6, 0], [15, 2.4, 5], 0.4)
    const wake: Material = { colour: rgb('#c9d3d6') }
    for (const side of [-1, 1])
      mesh.face(wake, [-14, 0.05, side], [-90, 0.05, side * 7], [-90, 0.05, side * 8.4], [-14, 0.05, side * 1.8])
  })
}
