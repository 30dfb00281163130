/** Builds shapes out of triangles. */
import type { Material } from './scene.ts'
import { add, cross, sub, times, unit, type Vec } from './vectors.ts'

/** Turns by degrees about the upright axis, then moves. */
export interface Place {
  at?: Vec
  turn?: number
  scale?: number
  /** Degrees about the x axis, before the turn. */
  tilt?: number
}

type Point = { at: Vec; normal: Vec; u: number; v: number }

/** Triangles with smooth normals, texture coordinates and a material each. */
export class Mesh {
  readonly positions: number[] = []
  readonly normals: number[] = []
  readonly coordinates: number[] = []
  readonly materialOf: number[] = []
  readonly materials: Material[] = []
  private readonly known = new Map<Material, number>()
  private places: ((point: Vec, isDirection: boolean) => Vec)[] = []

  /** Draws what `draw` draws, turned and moved. */
  placed(place: Place, draw: () => void): void {
    const { at = [0, 0, 0], turn = 0, scale = 1, tilt = 0 } = place
    const [sin, cos] = [Math.sin((turn * Math.PI) / 180), Math.cos((turn * Math.PI) / 180)]
    const [sinTilt, cosTilt] = [Math.sin((tilt * Math.PI) / 180), Math.cos((tilt * Math.PI) / 180)]
    this.places.push((p, isDirection) => {
      const y = p[1] * cosTilt - p[2] * sinTilt
      const z = p[1] * sinTilt + p[2] * cosTilt
      const turned: Vec = [p[0] * cos + z * sin, y, -p[0] * sin + z * cos]
      return isDirection ? turned : add(times(turned, scale), at)
    })
    draw()
    this.places.pop()
  }

  triangle(material: Material, a: Point, b: Point, c: Point): void {
    let index = this.known.get(material)
    if (index === undefined) {
      index = this.materials.push(material) - 1
      this.known.set(material, index)
    }
    this.materialOf.push(index)
    for (const point of [a, b, c]) {
      let { at, normal } = point
      for (let i = this.places.length - 1; i >= 0; i--) {
        const place = this.places[i] as (point: Vec, isDirection: boolean) => Vec
        at = place(at, false)
        normal = place(normal, true)
      }
      this.positions.push(...at)
      this.normals.push(...normal)
      this.coordinates.push(point.u, point.v)
    }
  }

  /** A flat four-cornered face; its front shows the corners against the clock. Texture runs 0 to 1, or in metres. */
  quad(material: Material, corner: Vec, side: Vec, up: Vec, metres = false): void {
    const normal = unit(cross(side, up))
    const [w, h] = metres ? [Math.hypot(...side), Math.hypot(...up)] : [1, 1]
    const a = { at: corner, normal, u: 0, v: 0 }
    const b = { at: add(corner, side), normal, u: w, v: 0 }
    const c = { at: add(add(corner, side), up), normal, u: w, v: h }
    const d = { at: add(corner, up), normal, u: 0, v: h }
    this.triangle(material, a, b, c)
    this.triangle(material, a, c, d)
  }

  /** Any flat convex face, corners against the clock. */
  face(material: Material, ...corners: Vec[]): void {
    const [first, second, third] = corners as [Vec, Vec, Vec]
    const side = unit(sub(second, first))
    const normal = unit(cross(side, sub(third, first)))
    const up = cross(normal, side)
    const points = corners.map((at) => {
      const [x, y, z] = sub(at, first)
      return {
        at,
        normal,
        u: x * side[0] + y * side[1] + z * side[2],
        v: x * up[0] + y * up[1] + z * up[2],
      }
    })
    for (let i = 1; i + 1 < points.length; i++)
      this.triangle(material, points[0] as Point, points[i] as Point, points[i + 1] as Point)
  }

  /** A box from its middle, with edges rounded by `round` metres (0: sharp). */
  box(material: Material, middle: Vec, size: Vec, round = 0.004): void {
    const half: Vec = [size[0] / 2, size[1] / 2, size[2] / 2]
    const r = Math.min(round, half[0] * 0.98, half[1] * 0.98, half[2] * 0.98)
    const bends = r > 0.02 ? 4 : r > 0 ? 2 : 0
    for (const axis of [0, 1, 2] as const)
      for (const sign of [-1, 1]) {
        const [p, q] = sign > 0 ? [(axis + 1) % 3, (axis + 2) % 3] : [(axis + 2) % 3, (axis + 1) % 3]
        const us = stops(half[p] as number, r, bends)
        const vs = stops(half[q] as number, r, bends)
        this.patch(material, us.length - 1, vs.length - 1, (i, j) => {
          const on = [0, 0, 0]
          on[axis] = sign * half[axis]
          on[p as number] = us[i] as number
          on[q as number] = vs[j] as number
          const core = on.map((value, k) => Math.max(r - (half[k] as number), Math.min((half[k] as number) - r, value)))
          const out = on.map((value, k) => value - (core[k] as number))
          const length = Math.hypot(...out) || 1
          const normal: Vec =
            r === 0
              ? [axis === 0 ? sign : 0, axis === 1 ? sign : 0, axis === 2 ? sign : 0]
              : [(out[0] as number) / length, (out[1] as number) / length, (out[2] as number) / length]
          const at = core.map((value, k) => value + (normal[k] as number) * r + (middle[k] as number))
          return { at: at as unknown as Vec, normal, u: us[i] as number, v: vs[j] as number }
        })
      }
  }

  /** A curved sheet given point by point over 0 to 1 both ways; its front is `along u × along v`. */
  sheet(material: Material, across: number, along: number, at: (u: number, v: number) => Vec, metres = false): void {
    const points = Array.from({ length: (across + 1) * (along + 1) }, (_, k) => {
      const i = k % (across + 1)
      const j = Math.floor(k / (across + 1))
      return at(i / across, j / along)
    })
    const pick = (i: number, j: number) =>
      points[Math.max(0, Math.min(along, j)) * (across + 1) + Math.max(0, Math.min(across, i))] as Vec
    this.patch(material, across, along, (i, j) => ({
      at: pick(i, j),
      normal: unit(cross(sub(pick(i + 1, j), pick(i - 1, j)), sub(pick(i, j + 1), pick(i, j - 1)))),
      u: metres ? pick(i, j)[0] : i / across,
      v: metres ? pick(i, j)[2] : j / along,
    }))
  }

  /** A turned shape: radius and height from the bottom up, about the upright axis through `at`. */
  turned(
    material: Material,
    at: Vec,
    profile: readonly (readonly [radius: number, height: number])[],
    sides = 24,
  ): void {
    const n = profile.length - 1
    this.sheet(material, sides, n, (u, v) => {
      const [radius, height] = profile[Math.round(v * n)] as readonly [number, number]
      const angle = -u * 2 * Math.PI
      return [at[0] + Math.cos(angle) * radius, at[1] + height, at[2] + Math.sin(angle) * radius]
    })
  }

  /** A ball, or an egg where `size` differs by axis. */
  ball(material: Material, middle: Vec, size: Vec, sides = 16): void {
    this.sheet(material, sides, sides / 2, (u, v) => {
      const [a, b] = [-u * 2 * Math.PI, (v - 0.5) * Math.PI * 0.998]
      return [
        middle[0] + Math.cos(a) * Math.cos(b) * size[0],
        middle[1] + Math.sin(b) * size[1],
        middle[2] + Math.sin(a) * Math.cos(b) * size[2],
      ]
    })
  }

  /** A rod from one point to another, as thick as `from` and `to` say (radius). */
  rod(material: Material, a: Vec, b: Vec, from: number, to = from, sides = 10): void {
    const axis = unit(sub(b, a))
    const side = unit(cross(Math.abs(axis[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0], axis))
    const other = cross(axis, side)
    this.sheet(material, sides, 1, (u, v) => {
      const angle = u * 2 * Math.PI
      const r = from + (to - from) * v
      const out = add(times(side, Math.cos(angle) * r), times(other, Math.sin(angle) * r))
      return add(add(a, times(sub(b, a), v)), out)
    })
  }

  private patch(material: Material, across: number, along: number, point: (i: number, j: number) => Point): void {
    for (let j = 0; j < along; j++)
      for (let i = 0; i < across; i++) {
        const [a, b, c, d] = [point(i, j), point(i + 1, j), point(i + 1, j + 1), point(i, j + 1)]
        this.triangle(material, a, b, c)
        this.triangle(material, a, c, d)
      }
  }
}

/** Where a rounded face is cut: its two ends bend in `bends` steps. */
function stops(half: number, r: number, bends: number): number[] {
  if (bends === 0) return [-half, half]
  const curve = Array.from({ length: bends + 1 }, (_, i) => half - r + r * Math.tan((i / bends) * (Math.PI / 4)))
  return [...curve.toReversed().map((value) => -value), ...curve]
}
