/** Finds what a ray hits: triangles in boxes in boxes. */

import type { Mesh } from './mesh.ts'
import { hash3 } from './noise.ts'

/** A hit's distance, where in its triangle, and which. */
export interface Hit {
  t: number
  u: number
  v: number
  triangle: number
}

export interface Tracer {
  /** Per triangle: normals of its corners (9 numbers), texture coordinates (6), material. */
  readonly normals: Float32Array
  readonly coordinates: Float32Array
  readonly materials: Uint16Array
  /** The first thing on the way, if any before `hit.t`, which it lowers. `covers` by material: share of rays stopped. */
  first(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, hit: Hit): boolean
  /** Whether anything stops the ray before `far`. */
  stopped(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, far: number): boolean
}

const LEAF_TRIANGLES = 4
const BINS = 12

/** Sorts a mesh into boxes by the surface area heuristic (Wald 2007, binned). */
export function prepare(mesh: Mesh): Tracer {
  const count = mesh.materialOf.length
  const order = new Uint32Array(count).map((_, i) => i)
  const bounds = new Float32Array(count * 6)
  const centre = new Float32Array(count * 3)
  for (let i = 0; i < count; i++)
    for (let k = 0; k < 3; k++) {
      const [a, b, c] = [mesh.positions[i * 9 + k], mesh.positions[i * 9 + 3 + k], mesh.positions[i * 9 + 6 + k]] as [
        number,
        number,
        number,
      ]
      bounds[i * 6 + k] = Math.min(a, b, c)
      bounds[i * 6 + 3 + k] = Math.max(a, b, c)
      centre[i * 3 + k] = (Math.min(a, b, c) + Math.max(a, b, c)) / 2
    }
  // A node: box (6), then first triangle or left child, then triangle count (0: inner).
  const boxes = new Float32Array(count * 2 * 6 + 12)
  const links = new Int32Array(count * 2 * 2 + 4)
  let nodes = 1
  split(0, 0, count)

  function split(node: number, from: number, to: number): void {
    const box = boundsOf(from, to)
    boxes.set(box, node * 6)
    const cut = to - from <= LEAF_TRIANGLES ? undefined : bestCut(from, to, box)
    if (cut === undefined) {
      links[node * 2] = from
      links[node * 2 + 1] = to - from
      return
    }
    let middle = from
    for (let i = from; i < to; i++) {
      const triangle = order[i] as number
      if ((centre[triangle * 3 + cut.axis] as number) < cut.at) {
        order[i] = order[middle] as number
        order[middle++] = triangle
      }
    }
    if (middle === from || middle === to) middle = (from + to) >> 1
    const left = nodes
    nodes += 2
    links[node * 2] = left
    links[node * 2 + 1] = 0
    split(left, from, middle)
    split(left + 1, middle, to)
  }

  function boundsOf(from: number, to: number): Float32Array {
    const box = new Float32Array([1e30, 1e30, 1e30, -1e30, -1e30, -1e30])
    for (let i = from; i < to; i++) grow(box, 0, order[i] as number)
    return box
  }

  function grow(box: Float32Array, at: number, triangle: number): void {
    for (let k = 0; k < 3; k++) {
      box[at + k] = Math.min(box[at + k] as number, bounds[triangle * 6 + k] as number)
      box[at + 3 + k] = Math.max(box[at + 3 + k] as number, bounds[triangle * 6 + 3 + k] as number)
    }
  }

  function bestCut(from: number, to: number, box: Float32Array): { axis: number; at: number } | undefined {
    let best: { axis: number; at: number } | undefined
    let cost = areaOf(box, 0) * (to - from)
    for (let axis = 0; axis < 3; axis++) {
      const low = box[axis] as number
      const width = (box[axis + 3] as number) - low
      if (width < 1e-6) continue
      const counts = new Uint32Array(BINS)
      const bins = new Float32Array(BINS * 6)
      for (let b = 0; b < BINS; b++) bins.set([1e30, 1e30, 1e30, -1e30, -1e30, -1e30], b * 6)
      for (let i = from; i < to; i++) {
        const triangle = order[i] as number
        const b = Math.min(BINS - 1, Math.floor((((centre[triangle * 3 + axis] as number) - low) / width) * BINS))
        counts[b] = (counts[b] as number) + 1
        grow(bins, b * 6, triangle)
      }
      for (let cut = 1; cut < BINS; cut++) {
        const [a, an] = joined(bins, counts, 0, cut)
        const [b, bn] = joined(bins, counts, cut, BINS)
        if (an === 0 || bn === 0) continue
        const here = areaOf(box, 0) * 0.5 + areaOf(a, 0) * an + areaOf(b, 0) * bn
        if (here < cost) {
          cost = here
          best = { axis, at: low + (width * cut) / BINS }
        }
      }
    }
    return best
  }

  const triangles = new Float32Array(count * 9)
  const normals = new Float32Array(count * 9)
  const coordinates = new Float32Array(count * 6)
  const materials = new Uint16Array(count)
  order.forEach((triangle, i) => {
    for (let k = 0; k < 3; k++) {
      const a = mesh.positions[triangle * 9 + k] as number
      triangles[i * 9 + k] = a
      triangles[i * 9 + 3 + k] = (mesh.positions[triangle * 9 + 3 + k] as number) - a
      triangles[i * 9 + 6 + k] = (mesh.positions[triangle * 9 + 6 + k] as number) - a
    }
    for (let k = 0; k < 9; k++) normals[i * 9 + k] = mesh.normals[triangle * 9 + k] as number
    for (let k = 0; k < 6; k++) coordinates[i * 6 + k] = mesh.coordinates[triangle * 6 + k] as number
    materials[i] = mesh.materialOf[triangle] as number
  })
  const cover = new Float32Array(mesh.materials.map((material) => material.cover ?? 1))
  const shade = new Float32Array(mesh.materials.map((material) => material.shade ?? material.cover ?? 1))
  const walk = walker(boxes, links, triangles, materials)
  const blind: Hit = { t: 0, u: 0, v: 0, triangle: -1 }
  return {
    normals,
    coordinates,
    materials,
    first: (ox, oy, oz, dx, dy, dz, hit) => walk(ox, oy, oz, dx, dy, dz, hit, cover, false),
    stopped: (ox, oy, oz, dx, dy, dz, far) => {
      blind.t = far
      return walk(ox, oy, oz, dx, dy, dz, blind, shade, true)
    },
  }
}

function areaOf(box: Float32Array, at: number): number {
  const [x, y, z] = [0, 1, 2].map((k) => (box[at + 3 + k] as number) - (box[at + k] as number)) as [
    number,
    number,
    number,
  ]
  return x * y + y * z + z * x
}

function joined(bins: Float32Array, counts: Uint32Array, from: number, to: number): [Float32Array, number] {
  const box = new Float32Array([1e30, 1e30, 1e30, -1e30, -1e30, -1e30])
  let count = 0
  for (let b = from; b < to; b++) {
    count += counts[b] as number
    for (let k = 0; k < 3; k++) {
      box[k] = Math.min(box[k] as number, bins[b * 6 + k] as number)
      box[k + 3] = Math.max(box[k + 3] as number, bins[b * 6 + 3 + k] as number)
    }
  }
  return [box, count]
}

function walker(boxes: Float32Array, links: Int32Array, triangles: Float32Array, materials: Uint16Array) {
  const stack = new Int32Array(128)
  const enters = new Float64Array(128)
  let thrown = 0

  /** Distance at which the ray enters a node's box, or infinity. */
  function enter(node: number, ox: number, oy: number, oz: number, ix: number, iy: number, iz: number, far: number) {
    const at = node * 6
    const ax = ((boxes[at] as number) - ox) * ix
    const bx = ((boxes[at + 3] as number) - ox) * ix
    const ay = ((boxes[at + 1] as number) - oy) * iy
    const by = ((boxes[at + 4] as number) - oy) * iy
    const az = ((boxes[at + 2] as number) - oz) * iz
    const bz = ((boxes[at + 5] as number) - oz) * iz
    const near = Math.max(ax < bx ? ax : bx, ay < by ? ay : by, az < bz ? az : bz)
    const out = Math.min(ax < bx ? bx : ax, ay < by ? by : ay, az < bz ? bz : az)
    return out >= near && out >= 0 && near < far ? near : Infinity
  }

  return (
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
    hit: Hit,
    cover: Float32Array,
    any: boolean,
  ): boolean => {
    const ix = 1 / (Math.abs(dx) < 1e-12 ? 1e-12 : dx)
    const iy = 1 / (Math.abs(dy) < 1e-12 ? 1e-12 : dy)
    const iz = 1 / (Math.abs(dz) < 1e-12 ? 1e-12 : dz)
    let found = false
    let top = 0
    stack[0] = 0
    enters[0] = enter(0, ox, oy, oz, ix, iy, iz, hit.t)
    while (top >= 0) {
      const node = stack[top] as number
      const near = enters[top--] as number
      if (near >= hit.t) continue
      const first = links[node * 2] as number
      const count = links[node * 2 + 1] as number
      if (count === 0) {
        const a = enter(first, ox, oy, oz, ix, iy, iz, hit.t)
        const b = enter(first + 1, ox, oy, oz, ix, iy, iz, hit.t)
        // The nearer child is looked at first, so it goes on the stack last.
        const aFirst = a <= b
        const [later, laterAt] = [aFirst ? b : a, aFirst ? first + 1 : first]
        const [sooner, soonerAt] = [aFirst ? a : b, aFirst ? first : first + 1]
        if (later < Infinity) {
          stack[++top] = laterAt
          enters[top] = later
        }
        if (sooner < Infinity) {
          stack[++top] = soonerAt
          enters[top] = sooner
        }
        continue
      }
      for (let i = first; i < first + count; i++) {
        // Möller and Trumbore 1997, both sides.
        const at = i * 9
        const e1x = triangles[at + 3] as number
        const e1y = triangles[at + 4] as number
        const e1z = triangles[at + 5] as number
        const e2x = triangles[at + 6] as number
        const e2y = triangles[at + 7] as number
        const e2z = triangles[at + 8] as number
        const px = dy * e2z - dz * e2y
        const py = dz * e2x - dx * e2z
        const pz = dx * e2y - dy * e2x
        const det = e1x * px + e1y * py + e1z * pz
        if (det > -1e-12 && det < 1e-12) continue
        const inverse = 1 / det
        const sx = ox - (triangles[at] as number)
        const sy = oy - (triangles[at + 1] as number)
        const sz = oz - (triangles[at + 2] as number)
        const u = (sx * px + sy * py + sz * pz) * inverse
        if (u < 0 || u > 1) continue
        const qx = sy * e1z - sz * e1y
        const qy = sz * e1x - sx * e1z
        const qz = sx * e1y - sy * e1x
        const v = (dx * qx + dy * qy + dz * qz) * inverse
        if (v < 0 || u + v > 1) continue
        const t = (e2x * qx + e2y * qy + e2z * qz) * inverse
        if (t < 1e-4 || t >= hit.t) continue
        const stops = cover[materials[i] as number] as number
        if (stops < 1 && hash3(i, thrown++, 3) >= stops) continue
        hit.t = t
        hit.u = u
        hit.v = v
        hit.triangle = i
        if (any) return true
        found = true
      }
    }
    return found
  }
}
