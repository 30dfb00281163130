/** Beds, lamps and the things that stand about in a room. Each stands at the origin on y = 0, its front to +z. */
import { brass, ceramic, cloth, leaf, shade } from './materials.ts'
import type { Mesh } from './mesh.ts'
import { dice, layeredNoise, noise } from './noise.ts'
import type { Lamp, Material } from './scene.ts'
import { add, type Rgb, rgb, times, type Vec } from './vectors.ts'

/** A pillow lying flat, corners pinched; `seed` makes each its own. */
export function pillow(mesh: Mesh, material: Material, size: Vec, seed = 1): void {
  const [w, h, d] = [size[0] / 2, size[1], size[2] / 2]
  for (const side of [1, -1])
    mesh.sheet(material, 26, 20, (u, v) => {
      const [a, b] = [(2 * u - 1) * side, 2 * v - 1]
      const puff = (1 - Math.abs(a) ** 2.6) ** 0.55 * (1 - Math.abs(b) ** 2.6) ** 0.55
      const crease = 0.8 + 0.35 * layeredNoise(a * 1.6 + seed * 9, b * 1.6, seed, 3)
      const pinchX = 1 - 0.07 * (1 - b * b)
      const pinchZ = 1 - 0.1 * (1 - a * a)
      return [a * w * pinchX, side * (h / 2) * puff * crease, -b * d * pinchZ]
    })
}

/**
 * Cloth laid over a block: from z = 0 (its folded edge) to z = `length` and over the far end, hanging down on three sides.
 * The top is at y = 0.
 */
export function spread(
  mesh: Mesh,
  material: Material,
  width: number,
  length: number,
  drop: number,
  options: { loft?: number; seed?: number; foot?: boolean; ripple?: number; head?: number } = {},
): void {
  const { loft = 0.04, seed = 1, foot = true, ripple = 1, head = 0 } = options
  const bend = 0.06
  const reachX = width / 2 + drop
  const reachZ = length + (foot ? drop : 0)
  mesh.sheet(material, 96, 96, (u, v) => {
    const s = (2 * u - 1) * reachX
    const t = -head + v * (reachZ + head)
    const overX = Math.max(0, Math.abs(s) - width / 2)
    const overZ = Math.max(0, t - length)
    const over = Math.hypot(overX, overZ)
    const [wayX, wayZ] = over > 0 ? [(overX / over) * Math.sign(s), overZ / over] : [0, 0]
    const angle = Math.min(over / bend, Math.PI / 2)
    const out = bend * Math.sin(angle)
    const down = bend * (1 - Math.cos(angle)) + Math.max(0, over - (bend * Math.PI) / 2)
    const hang = Math.min(1, over / drop)
    const along = Math.abs(wayX) > Math.abs(wayZ) ? t : s
    const fold = ripple * hang * (0.035 * Math.sin(along * 11 + 5 * noise(along * 2, seed, 1)) + 0.02)
    const billow = loft * (layeredNoise(s * 2.1 + seed * 5, t * 2.1, seed, 4) - 0.3) * (1 - hang)
    return [
      Math.max(-width / 2, Math.min(width / 2, s)) + wayX * (out + fold),
      billow - down,
      Math.min(t, length) + wayZ * (out + fold),
    ]
  })
}

export interface BedLook {
  width: number
  length?: number
  frame: Material
  headboard?: { material: Material; height: number }
  linen?: Material
  throwOver?: Material
  cushions?: readonly Material[]
  height?: number
}

/** A made bed, its head at z = 0. */
export function bed(mesh: Mesh, look: BedLook): void {
  const { width, length = 2.05, frame, headboard, height = 0.52 } = look
  const linen = look.linen ?? cloth('#f2efe9')
  mesh.box(frame, [0, 0.2, length / 2], [width + 0.06, 0.16, length + 0.06], 0.01)
  for (const x of [-1, 1])
    for (const z of [0.08, length - 0.05]) mesh.box(frame, [(x * width) / 2, 0.07, z], [0.07, 0.14, 0.07], 0.008)
  if (headboard)
    mesh.box(headboard.material, [0, headboard.height / 2, -0.035], [width + 0.12, headboard.height, 0.06], 0.02)
  mesh.box(linen, [0, height - 0.13, length / 2], [width, 0.24, length], 0.06)
  mesh.placed({ at: [0, height + 0.045, 0.78] }, () =>
    spread(mesh, linen, width + 0.05, length - 0.76, 0.32, { seed: 3, loft: 0.085 }),
  )
  // The duvet's turned edge.
  mesh.placed({ at: [0, height + 0.085, 0.7] }, () =>
    spread(mesh, linen, width + 0.07, 0.3, 0.26, { foot: false, seed: 8, loft: 0.05, ripple: 0.4 }),
  )
  if (look.throwOver)
    mesh.placed({ at: [0, height + 0.1, length - 0.66] }, () =>
      spread(mesh, look.throwOver as Material, width + 0.1, 0.52, 0.36, { foot: false, seed: 5, loft: 0.05 }),
    )
  const heads = width > 1.3 ? [-width / 4, width / 4] : [0]
  const each = Math.min(0.72, width / heads.length - 0.06)
  heads.forEach((x, i) => {
    mesh.placed({ at: [x, height + 0.24, 0.13], tilt: 66 }, () => pillow(mesh, linen, [each, 0.2, 0.48], 2 + i))
    mesh.placed({ at: [x * 1.04, height + 0.19, 0.34], tilt: 52, turn: i === 0 ? 3 : -4 }, () =>
      pillow(mesh, linen, [each * 0.96, 0.19, 0.46], 6 + i),
    )
  })
  const cushions = look.cushions ?? []
  cushions.forEach((material, i) => {
    const x = (i - (cushions.length - 1) / 2) * 0.42
    mesh.placed({ at: [x, height + 0.2, 0.53], tilt: 56, turn: 8 - i * 13 }, () =>
      pillow(mesh, material, [0.44, 0.17, 0.34], 11 + i),
    )
  })
}

/** A lamp with a cloth shade on a turned foot. Returns its light, placed like the lamp. */
export function tableLamp(
  mesh: Mesh,
  at: Vec,
  look: { foot?: Material; height?: number; glow?: string; power?: number; bright?: number } = {},
): Lamp[] {
  const { foot = brass, height = 0.46, glow = '#ffbf73', power = 0.5, bright = 2.2 } = look
  const h = height - 0.2
  mesh.turned(foot, at, [
    [0.001, 0],
    [0.075, 0],
    [0.078, 0.012],
    [0.03, 0.03],
    [0.035, h * 0.3],
    [0.05, h * 0.5],
    [0.02, h * 0.85],
    [0.008, h],
    [0.008, height - 0.06],
  ])
  mesh.turned(
    shade(glow, bright),
    add(at, [0, h, 0]),
    [
      [0.13, 0],
      [0.115, 0.07],
      [0.1, 0.14],
      [0.085, 0.2],
    ],
    32,
  )
  return [{ at: add(at, [0, h + 0.09, 0]), radius: 0.035, power: times(rgb(glow), power) as Rgb }]
}

/** A globe of opal glass on a wire, hung from `top`. */
export function pendant(mesh: Mesh, top: Vec, drop: number, wire: Material, glow: string, power: number): Lamp[] {
  const at = add(top, [0, -drop, 0])
  mesh.rod(wire, top, at, 0.006)
  mesh.turned(wire, add(at, [0, 0, 0]), [
    [0.02, 0.0],
    [0.03, 0.02],
    [0.012, 0.06],
  ])
  const middle = add(at, [0, -0.1, 0])
  mesh.ball(shade(glow, 2.6), middle, [0.11, 0.1, 0.11], 24)
  return [{ at: middle, radius: 0.05, power: times(rgb(glow), power) as Rgb }]
}

/** A small table on four legs. */
export function sideTable(mesh: Mesh, material: Material, [width, height, depth]: Vec): void {
  mesh.box(material, [0, height - 0.015, 0], [width, 0.03, depth], 0.008)
  mesh.box(material, [0, height - 0.1, 0], [width - 0.04, 0.12, depth - 0.04], 0.004)
  for (const x of [-1, 1])
    for (const z of [-1, 1])
      mesh.rod(
        material,
        [x * (width / 2 - 0.03), height - 0.1, z * (depth / 2 - 0.03)],
        [x * (width / 2 - 0.02), 0, z * (depth / 2 - 0.02)],
        0.018,
        0.011,
      )
}

/** A round table on one foot. */
export function roundTable(mesh: Mesh, top: Material, foot: Material, radius: number, height = 0.74): void {
  mesh.turned(
    top,
    [0, height - 0.03, 0],
    [
      [0.001, 0],
      [radius - 0.01, 0],
      [radius, 0.012],
      [radius - 0.005, 0.03],
      [0.001, 0.03],
    ],
    48,
  )
  mesh.turned(
    foot,
    [0, 0, 0],
    [
      [0.001, 0],
      [0.22, 0],
      [0.22, 0.015],
      [0.04, 0.04],
      [0.03, height - 0.05],
    ],
    24,
  )
}

/** An easy wooden chair with a cushion. */
export function chair(mesh: Mesh, frame: Material, seat: Material): void {
  for (const x of [-0.21, 0.21]) {
    mesh.rod(frame, [x, 0, 0.2], [x, 0.44, 0.2], 0.014, 0.018)
    mesh.rod(frame, [x * 1.05, 0, -0.24], [x, 0.45, -0.2], 0.014, 0.018)
    mesh.rod(frame, [x, 0.45, -0.2], [x, 0.86, -0.27], 0.018, 0.014)
  }
  for (const y of [0.62, 0.72, 0.83]) mesh.box(frame, [0, y, -0.22 - (y - 0.45) * 0.15], [0.42, 0.05, 0.018], 0.006)
  mesh.box(frame, [0, 0.43, 0], [0.46, 0.03, 0.44], 0.01)
  mesh.box(seat, [0, 0.465, 0], [0.43, 0.05, 0.42], 0.024)
}

/** A deep armchair. */
export function armchair(mesh: Mesh, material: Material, wood: Material): void {
  for (const x of [-0.32, 0.32])
    for (const z of [-0.3, 0.3]) mesh.rod(wood, [x, 0.2, z], [x * 1.05, 0, z * 1.05], 0.022, 0.014)
  mesh.box(material, [0, 0.26, 0], [0.74, 0.16, 0.7], 0.05)
  mesh.box(material, [0, 0.4, 0.04], [0.54, 0.16, 0.6], 0.07)
  for (const x of [-0.34, 0.34]) mesh.box(material, [x, 0.42, 0], [0.14, 0.34, 0.68], 0.06)
  mesh.placed({ at: [0, 0.58, -0.29], tilt: -12 }, () => mesh.box(material, [0, 0, 0], [0.74, 0.62, 0.16], 0.07))
}

/** Leaves in a cloud about a point, as on a small tree or a bush. */
export function foliage(
  mesh: Mesh,
  material: Material,
  middle: Vec,
  size: Vec,
  leaves: number,
  seed: number,
  length = 0.09,
) {
  const roll = dice(seed)
  for (let i = 0; i < leaves; i++) {
    const [a, b] = [roll() * 2 * Math.PI, Math.acos(2 * roll() - 1)]
    const r = 0.55 + 0.45 * Math.cbrt(roll())
    const way: Vec = [Math.sin(b) * Math.cos(a), Math.cos(b), Math.sin(b) * Math.sin(a)]
    const at: Vec = add(middle, [way[0] * size[0] * r, way[1] * size[1] * r, way[2] * size[2] * r])
    const l = length * (0.7 + 0.6 * roll())
    mesh.placed({ at, turn: roll() * 360, tilt: roll() * 110 - 35 }, () => {
      mesh.sheet(material, 2, 4, (u, v) => {
        const wide = Math.sin(Math.PI * (0.06 + 0.9 * v)) * l * 0.24
        return [(2 * u - 1) * wide, -v * v * l * 0.22 + Math.abs(2 * u - 1) * wide * 0.3, v * l]
      })
    })
  }
}

/** A potted tree with a bare stem; `fruit` hangs among its leaves. */
export function pottedTree(
  mesh: Mesh,
  look: {
    pot: Material
    height: number
    crown: number
    leaves: number
    seed: number
    fruit?: Material
    green?: string
  },
): void {
  const { pot, height, crown, leaves, seed, fruit } = look
  const r = crown * 0.55
  mesh.turned(
    pot,
    [0, 0, 0],
    [
      [0.001, 0],
      [r * 0.62, 0],
      [r * 0.85, r * 1.05],
      [r * 0.95, r * 1.05],
      [r * 0.95, r * 1.2],
      [r * 0.84, r * 1.2],
      [r * 0.8, r * 1.1],
      [0.001, r * 1.08],
    ],
    28,
  )
  const trunk: Material = { colour: rgb('#5d4a38') }
  mesh.rod(trunk, [0, r, 0], [0.02, height - crown * 0.5, 0.01], 0.022, 0.014)
  const middle: Vec = [0.02, height - crown * 0.35, 0.01]
  for (let i = 0; i < 5; i++)
    mesh.rod(
      trunk,
      [0.02, height - crown, 0.01],
      add(middle, [Math.cos(i * 1.26) * crown * 0.5, crown * 0.3, Math.sin(i * 1.26) * crown * 0.5]),
      0.012,
      0.004,
    )
  foliage(mesh, leaf(look.green ?? '#3f6b2c'), middle, [crown, crown * 0.85, crown], leaves, seed)
  if (!fruit) return
  const roll = dice(seed + 9)
  for (let i = 0; i < 11; i++) {
    const a = roll() * 2 * Math.PI
    mesh.ball(
      fruit,
      add(middle, [Math.cos(a) * crown * 0.86, crown * (roll() * 1.1 - 0.65), Math.sin(a) * crown * 0.86]),
      [0.032, 0.038, 0.032],
      14,
    )
  }
}

/** A vase with a few stems of leaves. */
export function vase(mesh: Mesh, hex: string, height: number, stems: number, seed: number, green = '#5f7a4a'): void {
  const r = height * 0.3
  mesh.turned(
    ceramic(hex),
    [0, 0, 0],
    [
      [0.001, 0],
      [r * 0.6, 0],
      [r, height * 0.4],
      [r * 0.85, height * 0.7],
      [r * 0.4, height * 0.92],
      [r * 0.5, height],
      [r * 0.36, height * 0.97],
    ],
    28,
  )
  const roll = dice(seed)
  for (let i = 0; i < stems; i++) {
    const a = roll() * 2 * Math.PI
    const lean = 0.35 + roll() * 0.4
    const tip: Vec = [Math.cos(a) * lean * height, height * (1.7 + roll() * 0.7), Math.sin(a) * lean * height]
    mesh.rod({ colour: rgb('#4b5a34') }, [0, height * 0.9, 0], tip, 0.004, 0.002, 5)
    foliage(mesh, leaf(green), times(tip, 0.93), [height * 0.2, height * 0.42, height * 0.2], 16, seed * 7 + i, 0.075)
  }
}

/** Books lying on one another. */
export function books(mesh: Mesh, colours: readonly string[]): void {
  let y = 0
  colours.forEach((hex, i) => {
    const [w, h, d] = [0.21 - i * 0.012, 0.022 + (i % 2) * 0.01, 0.15 - i * 0.01]
    mesh.placed({ at: [0, y + h / 2, 0], turn: (i % 2 === 0 ? 1 : -1) * (4 + i * 5) }, () => {
      mesh.box({ colour: rgb(hex) }, [0, 0, 0], [w, h, d], 0.003)
      mesh.box({ colour: rgb('#efe7d6') }, [0.004, 0, 0.004], [w - 0.003, h * 0.75, d], 0.001)
    })
    y += h
  })
}

/** A framed picture flat against the plane z = 0, its middle at the origin. */
export function framed(
  mesh: Mesh,
  frame: Material,
  art: Material,
  [width, height]: readonly [number, number],
  mat = 0.06,
): void {
  mesh.box(frame, [0, 0, 0.012], [width + 0.03, height + 0.03, 0.024], 0.004)
  mesh.quad({ colour: rgb('#f1ece0') }, [-width / 2, -height / 2, 0.026], [width, 0, 0], [0, height, 0])
  mesh.quad(art, [-width / 2 + mat, -height / 2 + mat, 0.027], [width - 2 * mat, 0, 0], [0, height - 2 * mat, 0])
}
