/** Snow mountains, a wood and a timber lodge. The valley opens from the origin towards -z. */
import { boards, glowing, iron, painted, timber } from './materials.ts'
import type { Mesh } from './mesh.ts'
import { dice, layeredNoise, step } from './noise.ts'
import type { Lamp, Material } from './scene.ts'
import { type Rgb, rgb, times, type Vec } from './vectors.ts'

/** Summits: x, z, height above the valley, breadth. */
const SUMMITS = [
  [-2600, -4200, 1500, 2300],
  [-900, -5200, 1950, 2500],
  [500, -4700, 1650, 1900],
  [1900, -5000, 1850, 2300],
  [3600, -4300, 1450, 2300],
  [-4300, -5200, 1500, 2600],
  [-2000, -2500, 620, 1500],
  [2300, -2600, 700, 1500],
] as const

function mountainAt(x: number, z: number): number {
  const bendX = x + 700 * (layeredNoise(x * 0.0007, 1, z * 0.0007, 3) - 0.5)
  const bendZ = z + 700 * (layeredNoise(x * 0.0007, 9, z * 0.0007, 3) - 0.5)
  let height = 0
  for (const [sx, sz, top, broad] of SUMMITS) {
    const far = Math.hypot(bendX - sx, (bendZ - sz) * 1.1) / broad
    if (far < 1) height = Math.max(height, top * (1 - far) ** 1.25)
  }
  // Ridges: noise folded over, so that its creases point up.
  let ridges = 0
  let strength = 0.55
  let scale = 0.0011
  for (let i = 0; i < 5; i++) {
    ridges += strength * (1 - Math.abs(2 * layeredNoise(x * scale + i * 9, 4, z * scale, 2) - 1))
    strength *= 0.5
    scale *= 2.1
  }
  return height * (0.55 + 0.75 * ridges) + 90 * ridges - 60
}

export interface AlpsLook {
  /** What the snow is tinted by where it is old or wind-packed. */
  snow?: string
  /** Height of the valley's floor below the beholder. */
  below?: number
  wood?: boolean
  seed?: number
}

const rock = rgb('#5d564f')

export function mountains(mesh: Mesh, look: AlpsLook = {}): void {
  const { below = 60, wood = true } = look
  const white = rgb(look.snow ?? '#f2f5fa')
  const pine = rgb('#2f3d33')
  const flank: Material = {
    colour: (at, out) => {
      const rough = layeredNoise(at.x * 0.011, at.y * 0.011, at.z * 0.011, 4)
      const steep = step(0.5, 0.66, at.ny * 0.72 + rough * 0.38)
      const trees = wood
        ? step(0.44, 0.56, layeredNoise(at.x * 0.004, 7, at.z * 0.004, 4)) * step(420, 240, at.y + rough * 120)
        : 0
      for (let c = 0; c < 3; c++) {
        const ground = (rock[c] as number) * (0.7 + 0.5 * rough) * (1 - steep) + (white[c] as number) * steep
        out[c] = ground * (1 - trees) + (pine[c] as number) * (0.6 + 0.9 * rough) * trees
      }
    },
    relief: (x, y, z) => 16 * layeredNoise(x * 0.012, y * 0.012, z * 0.012, 4),
  }
  const [across, along] = [330, 210]
  mesh.sheet(flank, across, along, (u, v) => {
    const z = -420 - 6400 * v ** 1.15
    const x = (u - 0.5) * (2600 + 10500 * v)
    return [x, mountainAt(x, z) * step(-350, -1500, z) - below, z]
  })
}

/** A meadow under snow around the beholder, with hollows; `level` gives its height at a point. */
export function snowfield(
  mesh: Mesh,
  level: (x: number, z: number) => number,
  [width, depth]: readonly [number, number],
  near = 12,
): void {
  mesh.sheet(snow, 220, 180, (u, v) => {
    const t = v ** 1.8
    const x = (u - 0.5) * width * (0.12 + 0.88 * t)
    const z = near - t * depth
    return [x, level(x, z) + 0.12 * layeredNoise(x * 0.5, 2, z * 0.5, 3), z]
  })
}

export const snow: Material = {
  colour: (at, out) => {
    const k = 0.95 + 0.06 * layeredNoise(at.x * 3, at.y * 3, at.z * 3, 2)
    out[0] = 0.86 * k
    out[1] = 0.89 * k
    out[2] = 0.93 * k
  },
  relief: (x, y, z) =>
    0.02 * layeredNoise(x * 2.2, y * 2.2, z * 2.2, 3) + 0.004 * layeredNoise(x * 17, y * 17, z * 17, 2),
}

const needles: Material = {
  colour: (at, out) => {
    const laden = step(0.34, 0.62, at.ny * 0.9 + 0.9 * (layeredNoise(at.x * 2.6, at.y * 2.6, at.z * 2.6, 3) - 0.42))
    const k = 0.6 + 0.8 * layeredNoise(at.x * 6, at.y * 6, at.z * 6, 2)
    out[0] = 0.022 * k * (1 - laden) + 0.8 * laden
    out[1] = 0.042 * k * (1 - laden) + 0.84 * laden
    out[2] = 0.03 * k * (1 - laden) + 0.9 * laden
  },
}
const bark: Material = { colour: rgb('#3b2c22') }

/** A spruce with snow on its boughs. */
export function spruce(mesh: Mesh, at: Vec, height: number, seed: number, fine = false): void {
  const roll = dice(seed)
  const tiers = fine ? 11 : 6
  const sides = fine ? 22 : 12
  const broad = height * (0.19 + 0.05 * roll())
  mesh.rod(bark, at, [at[0], at[1] + height * 0.3, at[2]], height * 0.018, height * 0.012, 6)
  for (let i = 0; i < tiers; i++) {
    const t = i / tiers
    const base = height * (0.1 + 0.82 * t)
    const tip = base + (height * 1.5) / tiers
    const r = broad * (1 - t) ** 0.85 + height * 0.012
    const turn = roll() * 6
    mesh.sheet(needles, sides, 2, (u, v) => {
      const a = -u * 2 * Math.PI + turn
      const jag = 1 - 0.28 * (Math.round(u * sides) % 2) - 0.12 * Math.sin(a * 3 + seed)
      const radius = v === 0 ? r * jag : v < 0.9 ? r * 0.5 * (0.9 + 0.1 * jag) : 0.01
      const y = v === 0 ? base - height * 0.03 * jag : v < 0.9 ? base + (tip - base) * 0.42 : tip
      return [at[0] + Math.cos(a) * radius, at[1] + y, at[2] + Math.sin(a) * radius]
    })
  }
}

/** Spruces scattered over an area, thinned where `open` says so. */
export function wood(
  mesh: Mesh,
  count: number,
  seed: number,
  place: (a: number, b: number) => Vec | undefined,
  tall: readonly [number, number],
  fine = false,
): void {
  const roll = dice(seed)
  for (let i = 0; i < count; i++) {
    const at = place(roll(), roll())
    const height = tall[0] + (tall[1] - tall[0]) * roll()
    if (at) spruce(mesh, at, height, seed + i, fine)
  }
}

export interface LodgeLook {
  width: number
  depth: number
  /** Storeys of timber over the stone ground floor. */
  storeys: number
  glow: Rgb
  /** How strongly its windows light the snow. */
  power: number
  /** Share of windows that are lit. */
  lit?: number
  stone?: number
}

/** A gabled house of timber on stone, its gable to +z, snow on the roof, windows lit. Returns the windows' light. */
export function lodge(mesh: Mesh, look: LodgeLook): Lamp[] {
  const { width: w, depth: d, storeys, glow, power, lit = 0.85, stone = 2.7 } = look
  const lamps: Lamp[] = []
  const logs = boards('#7a4d2c', 0.24, 'x', 'y', 0.02)
  const logsSide = boards('#744829', 0.24, 'z', 'y', 0.02)
  const dark = timber('#4a2f1d', 'x')
  const masonry: Material = {
    colour: (at, out) => {
      const k = 0.75 + 0.5 * layeredNoise(at.x * 2.3, at.y * 3.4, at.z * 2.3, 2)
      out.set(rgb('#a8a096', k))
    },
    relief: (x, y, z) => 0.05 * layeredNoise(x * 2.3, y * 3.4, z * 2.3, 2),
  }
  const storey = 2.75
  const h = stone + storeys * storey
  const rise = w * 0.235
  const [x, z] = [w / 2, d / 2]
  mesh.box(masonry, [0, stone / 2 - 0.5, 0], [w, stone + 1, d], 0.03)
  mesh.box(dark, [0, stone, 0], [w + 0.24, 0.22, d + 0.24], 0.02)
  mesh.face(logs, [-x, stone, z], [x, stone, z], [x, h, z], [0, h + rise, z], [-x, h, z])
  mesh.face(logs, [x, stone, -z], [-x, stone, -z], [-x, h, -z], [0, h + rise, -z], [x, h, -z])
  for (const s of [-1, 1])
    mesh.face(logsSide, [s * x, stone, s * z], [s * x, stone, -s * z], [s * x, h, -s * z], [s * x, h, s * z])
  // Two slabs of roof, and the snow on them.
  const over = w * 0.13
  const slope = (Math.atan2(rise, x) * 180) / Math.PI
  const run = Math.hypot(x + over, ((x + over) * rise) / x)
  for (const s of [-1, 1])
    mesh.placed({ at: [0, h + rise + 0.1, 0], turn: s * 90 }, () =>
      mesh.placed({ tilt: slope }, () => {
        mesh.box(dark, [0, 0, run / 2], [d + 3, 0.22, run], 0.02)
        mesh.box(snow, [0, 0.36, run / 2 - 0.05], [d + 2.9, 0.55, run + 0.12], 0.24)
        for (let i = -4; i <= 4; i++)
          mesh.box(dark, [i * ((d + 2.6) / 8), -0.18, run / 2], [0.16, 0.2, run - 0.1], 0.01)
      }),
    )
  const pane = (px: number, py: number, front: number, pw: number, ph: number, on: boolean, side = 0) =>
    mesh.placed(side === 0 ? { at: [px, py, front] } : { at: [side * (x + 0.02), py, px], turn: side * 90 }, () => {
      mesh.quad(
        on ? windowLight(glow) : { colour: rgb('#232a33'), gloss: { share: 0.1, blur: 0.1 } },
        [-pw / 2, -ph / 2, 0.02],
        [pw, 0, 0],
        [0, ph, 0],
      )
      const frame = painted('#efe7d8')
      mesh.box(frame, [0, 0, 0.05], [0.05, ph, 0.05], 0.004)
      mesh.box(frame, [0, ph * 0.12, 0.05], [pw, 0.05, 0.05], 0.004)
      for (const s of [-1, 1]) {
        mesh.box(frame, [(s * pw) / 2, 0, 0.05], [0.09, ph + 0.1, 0.07], 0.006)
        mesh.box(frame, [0, (s * ph) / 2, 0.05], [pw + 0.1, 0.09, 0.07], 0.006)
        mesh.box(painted('#5c2f22'), [s * (pw / 2 + 0.33), 0, 0.04], [0.5, ph + 0.06, 0.05], 0.008)
      }
      if (on) lamps.push(placedLamp(side, px, py, front, x, times(glow, power * pw * ph) as Rgb))
    })
  const roll = dice(Math.round(w * 100 + d))
  const columns = Math.max(2, Math.round(w / 3.1))
  for (let j = 0; j <= storeys; j++) {
    const gable = j === storeys
    const wide = gable ? Math.max(1, columns - 2) : columns
    for (let i = 0; i < wide; i++) {
      if (gable && storeys > 1 && wide === 1 && w < 7) continue
      const px = ((i + 0.5) / wide - 0.5) * (gable ? w * 0.46 : w * 0.94)
      const py = (gable ? h + rise * 0.25 : stone + j * storey) + (gable ? 0.15 : storey * 0.52)
      pane(px, py, z, 1.02, gable ? 1.15 : 1.4, roll() < lit)
    }
    if (gable) continue
    for (const side of [-1, 1])
      for (let k = 0; k < Math.round(d / 3.4); k++) {
        const pz = ((k + 0.5) / Math.round(d / 3.4) - 0.5) * d * 0.92
        pane(side > 0 ? -pz : pz, stone + j * storey + storey * 0.52, 0, 1.02, 1.4, roll() < lit, side)
      }
  }
  // Ground floor: the door and broad windows of the Stube.
  if (stone > 2) {
    for (const px of [-w * 0.32, w * 0.3]) pane(px, stone * 0.52, z, 1.5, 1.25, true)
    mesh.box(timber('#5c3a22', 'y'), [-0.4, 1.08, z + 0.06], [1.2, 2.16, 0.14], 0.02)
    mesh.ball(glowing(times(glow, 5) as Rgb), [0.55, 2.0, z + 0.3], [0.1, 0.13, 0.1], 14)
    lamps.push({ at: [0.55, 2.0, z + 0.5], radius: 0.1, power: times(glow, power * 2.4) as Rgb })
  }
  // Balconies across the gable.
  for (let j = 0; j < storeys; j++) {
    const y = stone + j * storey + 0.06
    mesh.box(dark, [0, y, z + 0.72], [w * 0.96, 0.14, 1.45], 0.02)
    for (let i = 0; i <= Math.round(w / 0.17); i++) {
      const px = (i / Math.round(w / 0.17) - 0.5) * w * 0.95
      mesh.box(dark, [px, y + 0.5, z + 1.4], [0.11, 0.86, 0.035], 0)
    }
    mesh.box(dark, [0, y + 0.98, z + 1.4], [w * 0.97, 0.09, 0.14], 0.02)
    mesh.box(snow, [0, y + 1.08, z + 1.4], [w * 0.97, 0.13, 0.2], 0.06)
    for (const px of [-w * 0.47, 0, w * 0.47])
      mesh.box(dark, [px, y - storey / 2 + 0.1, z + 1.38], [0.17, storey, 0.17], 0.02)
  }
  // Chimney.
  mesh.box(masonry, [w * 0.2, h + rise * 0.92, -d * 0.14], [0.95, 2.3, 0.95], 0.03)
  mesh.box(snow, [w * 0.2, h + rise * 0.92 + 1.26, -d * 0.14], [1.15, 0.3, 1.15], 0.13)
  mesh.rod(iron, [w * 0.2, h + rise * 0.92 + 1.3, -d * 0.14], [w * 0.2, h + rise * 0.92 + 1.7, -d * 0.14], 0.12)
  return lamps
}

/** A lit window: brighter low down, where the lamps stand, curtains at its sides. */
function windowLight(glow: Rgb): Material {
  return glowing((at, out) => {
    const curtain = step(0.34, 0.46, Math.abs(at.u - 0.5))
    const k = (1.5 - 0.7 * at.v) * (1 - 0.55 * curtain)
    for (let c = 0; c < 3; c++) out[c] = (glow[c] as number) * k * 1.15
  })
}

function placedLamp(side: number, px: number, py: number, front: number, x: number, power: Rgb): Lamp {
  const at: Vec = side === 0 ? [px, py, front + 0.5] : [side * (x + 0.5), py, side > 0 ? -px : px]
  return { at, radius: 0.25, power }
}
