/** Walls with openings, windows and curtains. */
import type { Mesh } from './mesh.ts'
import { noise } from './noise.ts'
import type { Material, Opening } from './scene.ts'
import type { Vec } from './vectors.ts'

export interface Hole {
  x: number
  y: number
  width: number
  height: number
}

/**
 * A wall from `from` along +x (turn it by `turn` degrees), with its front to +z and openings cut through its thickness.
 * `coat` may give a part of the wall, by height, another material.
 */
export function wall(
  mesh: Mesh,
  material: Material,
  from: Vec,
  turn: number,
  [length, height, depth]: Vec,
  holes: readonly Hole[] = [],
  coat?: { material: Material; upTo: number },
  reveal = material,
): void {
  mesh.placed({ at: from, turn }, () => {
    const xs = cuts([0, length, ...holes.flatMap((it) => [it.x, it.x + it.width])])
    const ys = cuts([0, height, ...(coat ? [coat.upTo] : []), ...holes.flatMap((it) => [it.y, it.y + it.height])])
    for (let i = 0; i + 1 < xs.length; i++)
      for (let j = 0; j + 1 < ys.length; j++) {
        const [x, y, w, h] = [xs[i]!, ys[j]!, xs[i + 1]! - xs[i]!, ys[j + 1]! - ys[j]!]
        const inHole = holes.some(
          (it) => x + w / 2 > it.x && x + w / 2 < it.x + it.width && y + h / 2 > it.y && y + h / 2 < it.y + it.height,
        )
        if (inHole) continue
        mesh.quad(coat && y + h / 2 < coat.upTo ? coat.material : material, [x, y, 0], [w, 0, 0], [0, h, 0], true)
        mesh.quad(material, [x + w, y, -depth], [-w, 0, 0], [0, h, 0], true)
      }
    for (const { x, y, width, height: h } of holes) {
      mesh.quad(reveal, [x, y, 0], [0, h, 0], [0, 0, -depth])
      mesh.quad(reveal, [x + width, y, -depth], [0, h, 0], [0, 0, depth])
      mesh.quad(reveal, [x, y, -depth], [width, 0, 0], [0, 0, depth])
      mesh.quad(reveal, [x, y + h, 0], [width, 0, 0], [0, 0, -depth])
    }
  })
}

function cuts(values: number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

/** Frame and bars of a window in the plane z = 0, its lower left corner at the origin. */
export function casement(
  mesh: Mesh,
  material: Material,
  [width, height]: readonly [number, number],
  panes: readonly [number, number],
  bar = 0.05,
): void {
  const piece = (x: number, y: number, w: number, h: number, d: number) =>
    mesh.box(material, [x, y, 0], [w, h, d], 0.006)
  for (const x of [bar / 2, width - bar / 2]) piece(x, height / 2, bar, height, 0.06)
  for (const y of [bar / 2, height - bar / 2]) piece(width / 2, y, width, bar, 0.06)
  for (let i = 1; i < panes[0]; i++)
    piece((width * i) / panes[0], height / 2, bar * (panes[0] === 2 ? 1.3 : 0.6), height, 0.05)
  for (let j = 1; j < panes[1]; j++) piece(width / 2, (height * j) / panes[1], width, bar * 0.55, 0.04)
}

/** A curtain that hangs along +x from its upper left corner, in folds. */
export function curtain(mesh: Mesh, material: Material, [width, drop]: readonly [number, number], folds: number): void {
  mesh.sheet(material, folds * 10, 14, (u, v) => {
    const gather = 0.55 + 0.45 * v
    const wave = Math.sin(u * folds * 2 * Math.PI + 1.4 * noise(u * 3, v * 2, 5))
    return [u * width, -drop * v, wave * 0.045 * gather + 0.03 * noise(u * 7, v * 3, 2)]
  })
}

/** A skirting or moulding along the foot of a wall. */
export function skirting(mesh: Mesh, material: Material, from: Vec, to: Vec, height = 0.12): void {
  const middle: Vec = [(from[0] + to[0]) / 2, from[1] + height / 2, (from[2] + to[2]) / 2]
  mesh.box(material, middle, [Math.abs(to[0] - from[0]) || 0.024, height, Math.abs(to[2] - from[2]) || 0.024], 0.006)
}

/** An opening of a room's wall, by where it begins along x (back wall) or z (side walls). */
export interface Gap extends Hole {
  /** Sky light comes in; true where left out. */
  sky?: boolean
}

export interface Shell {
  /** Breadth, height, depth in metres: x from 0, y from 0, z from 0 (the back) to the camera. */
  size: Vec
  walls: Material
  /** The left and right walls, where they differ: boards run by another axis. */
  sides?: Material
  floor: Material
  ceiling?: Material
  /** How thick the walls are. */
  thick?: number
  back?: readonly Gap[]
  left?: readonly Gap[]
  right?: readonly Gap[]
  coat?: { material: Material; upTo: number }
}

/** Six sides of a room. Returns its openings and box for the scene's `room`. */
export function shell(mesh: Mesh, look: Shell): { openings: Opening[]; from: Vec; to: Vec } {
  const {
    size,
    walls,
    sides = walls,
    floor,
    ceiling = walls,
    thick = 0.35,
    back = [],
    left = [],
    right = [],
    coat,
  } = look
  const [w, h, d] = size
  mesh.quad(floor, [0, 0, d], [w, 0, 0], [0, 0, -d], true)
  mesh.quad(ceiling, [0, h, 0], [w, 0, 0], [0, 0, d], true)
  wall(mesh, walls, [0, 0, 0], 0, [w, h, thick], back, coat)
  wall(
    mesh,
    sides,
    [0, 0, d],
    90,
    [d, h, thick],
    left.map((gap) => ({ ...gap, x: d - gap.x - gap.width })),
    coat,
  )
  wall(mesh, sides, [w, 0, 0], -90, [d, h, thick], right, coat)
  wall(mesh, walls, [w, 0, d], 180, [w, h, thick], [], coat)
  const lets = (gap: Gap) => gap.sky !== false
  const half = thick / 2
  return {
    openings: [
      ...back
        .filter(lets)
        .map(
          ({ x, y, width, height }): Opening => ({ corner: [x, y, -half], side: [width, 0, 0], up: [0, height, 0] }),
        ),
      ...left.filter(lets).map(
        ({ x, y, width, height }): Opening => ({
          corner: [-half, y, x + width],
          side: [0, 0, -width],
          up: [0, height, 0],
        }),
      ),
      ...right
        .filter(lets)
        .map(
          ({ x, y, width, height }): Opening => ({ corner: [w + half, y, x], side: [0, 0, width], up: [0, height, 0] }),
        ),
    ],
    from: [-half, -0.1, -half],
    to: [w + half, h + 0.1, d + 0.1],
  }
}

/** A picture of what lies outside, standing upright before a camera at `eye` that looks along `bearing` (0: -z). */
export function backdrop(
  mesh: Mesh,
  view: Material,
  eye: Vec,
  bearing: number,
  distance: number,
  width: number,
  aspect = 1.5,
): void {
  mesh.placed({ at: eye, turn: -bearing }, () => {
    const height = width / aspect
    mesh.quad(view, [-width / 2, -height / 2, -distance], [width, 0, 0], [0, height, 0])
  })
}
