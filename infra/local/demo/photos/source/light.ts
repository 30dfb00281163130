/** How much light arrives where: paths followed from surface to surface (Kajiya 1986), lamps and windows aimed at. */
import type { Hit, Tracer } from './bvh.ts'
import type { Lamp, Material, Opening, Scene, Surface } from './scene.ts'
import { cross, type Rgb, type Vec } from './vectors.ts'

/** Corners that light is followed around before `ambient` stands for the rest. */
const CORNERS_MAX = 2
/** Single paths brighter than this are noise, not light. */
const PATH_MAX = 5

/** A point that a ray has met: where, its colour, which way it faces (towards the ray). */
export interface Seen extends Surface {
  material: Material
  /** Which way it faces before relief. */
  fx: number
  fy: number
  fz: number
  distance: number
  colour: Float64Array
}

export interface Light {
  /** What a ray meets, or undefined. The same object every time for the same `into`. */
  see(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, into: Seen): boolean
  /** Adds sunlight on a point with a normal to `out`, times `k`. */
  addSun(at: Surface, nx: number, ny: number, nz: number, k: number, out: Float64Array): void
  /**
   * Adds one sample of all other light on a point to `out` (times `k`), and its direction, weighted by brightness, to
   * `out[3]` to `out[5]`. `u` and `v` from 0 to 1 choose the direction.
   */
  addRest(at: Seen, u: number, v: number, k: number, out: Float64Array): void
  /** Adds what comes back along a ray to `out`. */
  addAlong(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, k: number, out: Float64Array): void
  random(): number
}

export function newSeen(): Seen {
  return {
    x: 0,
    y: 0,
    z: 0,
    nx: 0,
    ny: 0,
    nz: 0,
    fx: 0,
    fy: 0,
    fz: 0,
    u: 0,
    v: 0,
    distance: 0,
    material: { colour: [0, 0, 0] },
    colour: new Float64Array(3),
  }
}

/** Colour of a constant or a texture. */
export function colourOf(colour: Material['colour'], at: Surface, out: Float64Array): void {
  if (typeof colour === 'function') colour(at, out)
  else out.set(colour)
}

export function lightOf(scene: Scene, tracer: Tracer, seed: number): Light {
  const { sun, lamps = [], room, ambient = [0, 0, 0] as Rgb } = scene
  const skyLight = scene.skyLight ?? scene.sky
  const openings = (room?.openings ?? []).map(measured)
  const hit: Hit = { t: 0, u: 0, v: 0, triangle: 0 }
  const chances = new Float64Array(lamps.length)
  const near = newSeen()
  const glow = new Float64Array(3)
  let state = seed | 1

  function random(): number {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4294967296
  }

  const isInside = (x: number, y: number, z: number) =>
    room !== undefined &&
    x > room.from[0] &&
    x < room.to[0] &&
    y > room.from[1] &&
    y < room.to[1] &&
    z > room.from[2] &&
    z < room.to[2]

  function see(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, into: Seen): boolean {
    hit.t = 1e9
    if (!tracer.first(ox, oy, oz, dx, dy, dz, hit)) return false
    const { normals, coordinates } = tracer
    const i = hit.triangle
    const [u, v] = [hit.u, hit.v]
    const w = 1 - u - v
    const normal = (k: number) =>
      (normals[i * 9 + k] as number) * w +
      (normals[i * 9 + 3 + k] as number) * u +
      (normals[i * 9 + 6 + k] as number) * v
    let [nx, ny, nz] = [normal(0), normal(1), normal(2)]
    const length = (nx * dx + ny * dy + nz * dz > 0 ? -1 : 1) / Math.sqrt(nx * nx + ny * ny + nz * nz)
    nx *= length
    ny *= length
    nz *= length
    into.fx = into.nx = nx
    into.fy = into.ny = ny
    into.fz = into.nz = nz
    into.u =
      (coordinates[i * 6] as number) * w +
      (coordinates[i * 6 + 2] as number) * u +
      (coordinates[i * 6 + 4] as number) * v
    into.v =
      (coordinates[i * 6 + 1] as number) * w +
      (coordinates[i * 6 + 3] as number) * u +
      (coordinates[i * 6 + 5] as number) * v
    into.distance = hit.t
    // Off the surface by a hair, or the next ray meets it again.
    const off = 2e-4 + hit.t * 1e-6
    into.x = ox + dx * hit.t + nx * off
    into.y = oy + dy * hit.t + ny * off
    into.z = oz + dz * hit.t + nz * off
    into.material = scene.mesh.materials[tracer.materials[i] as number] as Material
    colourOf(into.material.colour, into, into.colour)
    return true
  }

  function addSun(at: Surface, nx: number, ny: number, nz: number, k: number, out: Float64Array): void {
    if (!sun) return
    const spread = sun.blur * Math.sqrt(random())
    const turn = random() * 2 * Math.PI
    const [sx, sy, sz] = sun.towards
    // Any two directions across the sun's will do: its disc is small.
    const dx = sx + spread * Math.cos(turn) * (1 - Math.abs(sx))
    const dy = sy + spread * Math.sin(turn) * (1 - Math.abs(sy))
    const dz = sz + spread * Math.sin(turn + 2) * (1 - Math.abs(sz))
    const cos = nx * dx + ny * dy + nz * dz
    if (cos <= 0 || tracer.stopped(at.x, at.y, at.z, dx, dy, dz, 1e6)) return
    out[0] = (out[0] as number) + sun.colour[0] * cos * k
    out[1] = (out[1] as number) + sun.colour[1] * cos * k
    out[2] = (out[2] as number) + sun.colour[2] * cos * k
  }

  function addAimed(
    at: Surface,
    nx: number,
    ny: number,
    nz: number,
    kr: number,
    kg: number,
    kb: number,
    out: Float64Array,
  ) {
    const sky = openings.length > 0 && isInside(at.x, at.y, at.z)
    if (lamps.length > 0) addLamp(at, nx, ny, nz, kr, kg, kb, out)
    if (sky) addOpening(at, nx, ny, nz, kr, kg, kb, out)
  }

  function addLamp(
    at: Surface,
    nx: number,
    ny: number,
    nz: number,
    kr: number,
    kg: number,
    kb: number,
    out: Float64Array,
  ) {
    let sum = 0
    for (let i = 0; i < lamps.length; i++) {
      const { at: lampAt, power } = lamps[i] as Lamp
      const dx = lampAt[0] - at.x
      const dy = lampAt[1] - at.y
      const dz = lampAt[2] - at.z
      const square = dx * dx + dy * dy + dz * dz
      const faces = Math.max(0.05, (nx * dx + ny * dy + nz * dz) / Math.sqrt(square))
      sum += ((power[0] + power[1] + power[2]) * faces) / (square + 0.01)
      chances[i] = sum
    }
    const wanted = random() * sum
    let chosen = 0
    while (chosen < lamps.length - 1 && (chances[chosen] as number) < wanted) chosen++
    const chance = ((chances[chosen] as number) - (chosen > 0 ? (chances[chosen - 1] as number) : 0)) / sum
    const { at: lampAt, radius, power } = lamps[chosen] as Lamp
    const a = random() * 2 * Math.PI
    const b = 2 * random() - 1
    const c = Math.sqrt(1 - b * b)
    let dx = lampAt[0] + radius * c * Math.cos(a) - at.x
    let dy = lampAt[1] + radius * b - at.y
    let dz = lampAt[2] + radius * c * Math.sin(a) - at.z
    const square = dx * dx + dy * dy + dz * dz
    const distance = Math.sqrt(square)
    dx /= distance
    dy /= distance
    dz /= distance
    const cos = nx * dx + ny * dy + nz * dz
    if (cos <= 0 || tracer.stopped(at.x, at.y, at.z, dx, dy, dz, distance - 1e-3)) return
    deposit(out, dx, dy, dz, power, cos / ((square + radius * radius) * chance), kr, kg, kb)
  }

  function addOpening(
    at: Surface,
    nx: number,
    ny: number,
    nz: number,
    kr: number,
    kg: number,
    kb: number,
    out: Float64Array,
  ) {
    const opening = openings[Math.floor(random() * openings.length)] as MeasuredOpening
    const { corner, side, up, inward, area } = opening
    const [u, v] = [random(), random()]
    let dx = corner[0] + side[0] * u + up[0] * v - at.x
    let dy = corner[1] + side[1] * u + up[1] * v - at.y
    let dz = corner[2] + side[2] * u + up[2] * v - at.z
    const square = dx * dx + dy * dy + dz * dz
    const distance = Math.sqrt(square)
    dx /= distance
    dy /= distance
    dz /= distance
    const cos = nx * dx + ny * dy + nz * dz
    const out2 = -(inward[0] * dx + inward[1] * dy + inward[2] * dz)
    if (cos <= 0 || out2 <= 0 || tracer.stopped(at.x, at.y, at.z, dx, dy, dz, distance - 1e-3)) return
    const k = (cos * out2 * area * openings.length) / (Math.PI * Math.max(square, 0.02))
    deposit(out, dx, dy, dz, skyLight([dx, dy, dz]), k, kr, kg, kb)
  }

  function addRest(at: Seen, u: number, v: number, k: number, out: Float64Array): void {
    const through = at.material.through ?? 0
    const side = through > 0 && random() < through ? -1 : 1
    const [nx, ny, nz] = [at.fx * side, at.fy * side, at.fz * side]
    if (side < 0) nudge(at, -1)
    addAimed(at, nx, ny, nz, k, k, k, out)
    path.fill(0)
    follow(at, nx, ny, nz, u, v)
    const brightness = Math.min(
      1,
      PATH_MAX / (1e-9 + Math.max(path[0] as number, path[1] as number, path[2] as number)),
    )
    deposit(out, wayOut[0] as number, wayOut[1] as number, wayOut[2] as number, path3, k * brightness, 1, 1, 1)
    if (side < 0) nudge(at, 1)
  }

  const path = new Float64Array(3)
  const path3 = path as unknown as Rgb
  const wayOut = new Float64Array(3)
  const bounce = new Float64Array(3)

  /** Follows light from a surface into the open; adds what it meets to `path`, and its first direction to `wayOut`. */
  function follow(from: Surface, nx: number, ny: number, nz: number, u: number, v: number): void {
    scatter(nx, ny, nz, u, v)
    wayOut.set(bounce)
    walkOn(from.x, from.y, from.z, bounce[0] as number, bounce[1] as number, bounce[2] as number, false)
  }

  function walkOn(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, forEye: boolean): void {
    let [tr, tg, tb] = [1, 1, 1]
    let eye = forEye
    for (let corner = 0; ; corner++) {
      if (!see(ox, oy, oz, dx, dy, dz, near)) {
        if (!eye && isInside(ox, oy, oz)) return
        const [r, g, b] = eye ? scene.sky([dx, dy, dz]) : skyLight([dx, dy, dz])
        path[0] = (path[0] as number) + tr * r
        path[1] = (path[1] as number) + tg * g
        path[2] = (path[2] as number) + tb * b
        return
      }
      const { material, colour } = near
      if (material.glow) {
        if (eye) {
          colourOf(material.glow, near, glow)
          path[0] = (path[0] as number) + tr * (glow[0] as number)
          path[1] = (path[1] as number) + tg * (glow[1] as number)
          path[2] = (path[2] as number) + tb * (glow[2] as number)
        }
      }
      tr *= colour[0] as number
      tg *= colour[1] as number
      tb *= colour[2] as number
      if (tr + tg + tb < 0.004) return
      const side = material.through && random() < material.through ? -1 : 1
      if (side < 0) nudge(near, -1)
      const [nx, ny, nz] = [near.nx * side, near.ny * side, near.nz * side]
      if (sun) {
        lit.fill(0)
        addSun(near, nx, ny, nz, 1, lit)
        path[0] = (path[0] as number) + tr * (lit[0] as number)
        path[1] = (path[1] as number) + tg * (lit[1] as number)
        path[2] = (path[2] as number) + tb * (lit[2] as number)
      }
      aimed.fill(0)
      // Further on, a lamp or a window, not both: half the rays for a little noise.
      const sky = openings.length > 0 && isInside(near.x, near.y, near.z)
      const lamp = lamps.length > 0 && (!sky || random() < 0.5)
      const k = sky && lamps.length > 0 ? 2 : 1
      if (lamp) addLamp(near, nx, ny, nz, k, k, k, aimed)
      else if (sky) addOpening(near, nx, ny, nz, k, k, k, aimed)
      path[0] = (path[0] as number) + tr * (aimed[0] as number)
      path[1] = (path[1] as number) + tg * (aimed[1] as number)
      path[2] = (path[2] as number) + tb * (aimed[2] as number)
      if (corner + 1 >= CORNERS_MAX) {
        path[0] = (path[0] as number) + tr * ambient[0]
        path[1] = (path[1] as number) + tg * ambient[1]
        path[2] = (path[2] as number) + tb * ambient[2]
        return
      }
      scatter(nx, ny, nz, random(), random())
      ;[ox, oy, oz] = [near.x, near.y, near.z]
      ;[dx, dy, dz] = [bounce[0] as number, bounce[1] as number, bounce[2] as number]
      eye = false
    }
  }
  const lit = new Float64Array(3)
  const aimed = new Float64Array(6)

  function addAlong(
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
    k: number,
    out: Float64Array,
  ) {
    path.fill(0)
    walkOn(ox, oy, oz, dx, dy, dz, true)
    const brightness = Math.min(
      1,
      PATH_MAX / (1e-9 + Math.max(path[0] as number, path[1] as number, path[2] as number)),
    )
    for (let c = 0; c < 3; c++) out[c] = (out[c] as number) + (path[c] as number) * k * brightness
  }

  /** A direction about a normal, likelier the straighter (cosine), to `bounce`. */
  function scatter(nx: number, ny: number, nz: number, u: number, v: number): void {
    const z = 2 * u - 1
    const r = Math.sqrt(Math.max(0, 1 - z * z))
    const a = 2 * Math.PI * v
    const x = nx + r * Math.cos(a)
    const y = ny + r * Math.sin(a)
    const w = nz + z
    const k = 1 / (Math.sqrt(x * x + y * y + w * w) || 1)
    bounce[0] = x * k
    bounce[1] = y * k
    bounce[2] = w * k
  }

  return { see, addSun, addRest, addAlong, random }
}

/** Moves a point to the other side of its surface, or back. */
function nudge(at: Seen, side: 1 | -1): void {
  const off = side * (5e-4 + at.distance * 2e-6)
  at.x += at.fx * off
  at.y += at.fy * off
  at.z += at.fz * off
}

function deposit(
  out: Float64Array,
  dx: number,
  dy: number,
  dz: number,
  light: Rgb,
  k: number,
  kr: number,
  kg: number,
  kb: number,
): void {
  const [r, g, b] = [light[0] * k * kr, light[1] * k * kg, light[2] * k * kb]
  out[0] = (out[0] as number) + r
  out[1] = (out[1] as number) + g
  out[2] = (out[2] as number) + b
  const brightness = 0.3 * r + 0.6 * g + 0.1 * b
  out[3] = (out[3] as number) + dx * brightness
  out[4] = (out[4] as number) + dy * brightness
  out[5] = (out[5] as number) + dz * brightness
}

interface MeasuredOpening extends Opening {
  inward: Vec
  area: number
}

function measured(opening: Opening): MeasuredOpening {
  const across = cross(opening.side, opening.up)
  const area = Math.hypot(...across)
  return { ...opening, area, inward: [across[0] / area, across[1] / area, across[2] / area] }
}
