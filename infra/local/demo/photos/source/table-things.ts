/** What stands on tables and terraces. Each stands at the origin on y = 0. */
import { ceramic, cloth, glowing, iron } from './materials.ts'
import type { Mesh } from './mesh.ts'
import { dice } from './noise.ts'
import type { Lamp, Material } from './scene.ts'
import { add, type Rgb, rgb, times, type Vec } from './vectors.ts'

const china = ceramic('#f4f1ea')

export function plate(mesh: Mesh, at: Vec, radius = 0.12, material = china): void {
  mesh.turned(
    material,
    at,
    [
      [0.001, 0.004],
      [radius * 0.6, 0.004],
      [radius, 0.018],
      [radius * 0.98, 0.022],
      [radius * 0.6, 0.01],
      [0.001, 0.009],
    ],
    32,
  )
}

export function cup(mesh: Mesh, at: Vec, drink = '#3a2114', material = china): void {
  plate(mesh, at, 0.07, material)
  mesh.turned(
    material,
    add(at, [0, 0.01, 0]),
    [
      [0.001, 0],
      [0.025, 0],
      [0.042, 0.06],
      [0.04, 0.06],
      [0.036, 0.05],
    ],
    24,
  )
  mesh.turned(
    { colour: rgb(drink), gloss: { share: 0.03, blur: 0.1 } },
    add(at, [0, 0.055, 0]),
    [
      [0.037, 0],
      [0.001, 0.001],
    ],
    20,
  )
}

/** A tumbler of something coloured; glass itself is left to the highlight. */
export function tumbler(mesh: Mesh, at: Vec, drink: string): void {
  const liquid: Material = { colour: rgb(drink), through: 0.4, gloss: { share: 0.05, blur: 0.08 } }
  mesh.turned(
    liquid,
    at,
    [
      [0.001, 0.004],
      [0.028, 0.004],
      [0.033, 0.09],
      [0.001, 0.09],
    ],
    24,
  )
  mesh.turned(
    { colour: rgb('#e8eef0'), cover: 0.22, gloss: { share: 0.2, blur: 0.05 } },
    at,
    [
      [0.03, 0],
      [0.036, 0.12],
    ],
    24,
  )
}

/** A stemmed glass a third full. */
export function wineGlass(mesh: Mesh, at: Vec, wine: string): void {
  const glass: Material = { colour: rgb('#dfe6ea'), cover: 0.25, gloss: { share: 0.25, blur: 0.05 } }
  mesh.turned(
    glass,
    at,
    [
      [0.034, 0],
      [0.034, 0.004],
      [0.005, 0.01],
      [0.005, 0.09],
      [0.02, 0.1],
      [0.04, 0.14],
      [0.038, 0.19],
      [0.033, 0.22],
    ],
    24,
  )
  mesh.turned(
    { colour: rgb(wine), through: 0.3, gloss: { share: 0.06, blur: 0.06 } },
    add(at, [0, 0.098, 0]),
    [
      [0.001, 0],
      [0.017, 0.004],
      [0.036, 0.04],
      [0.001, 0.041],
    ],
    24,
  )
}

export function bottle(mesh: Mesh, at: Vec, hex: string): void {
  mesh.turned(
    { colour: rgb(hex), gloss: { share: 0.08, blur: 0.1 } },
    at,
    [
      [0.001, 0],
      [0.037, 0],
      [0.038, 0.19],
      [0.03, 0.22],
      [0.014, 0.25],
      [0.013, 0.31],
      [0.001, 0.31],
    ],
    24,
  )
  mesh.turned(
    { colour: rgb('#efe6d0') },
    add(at, [0, 0.06, 0]),
    [
      [0.0385, 0],
      [0.0385, 0.09],
    ],
    24,
  )
}

/** A jug or carafe. */
export function jug(mesh: Mesh, at: Vec, hex: string, height = 0.22): void {
  const r = height * 0.32
  mesh.turned(
    ceramic(hex),
    at,
    [
      [0.001, 0],
      [r * 0.8, 0],
      [r, height * 0.35],
      [r * 0.6, height * 0.75],
      [r * 0.72, height],
      [r * 0.66, height * 0.98],
      [r * 0.5, height * 0.75],
    ],
    28,
  )
}

/** A round loaf, cut into at one side, on a board. */
export function bread(mesh: Mesh, at: Vec): void {
  mesh.box({ colour: rgb('#8a6238') }, add(at, [0, 0.012, 0]), [0.36, 0.024, 0.22], 0.01)
  mesh.ball({ colour: rgb('#a8692f') }, add(at, [-0.05, 0.06, 0]), [0.11, 0.065, 0.085], 24)
  for (let i = 0; i < 3; i++)
    mesh.placed({ at: add(at, [0.09 + i * 0.025, 0.065, 0]), turn: 0 }, () =>
      mesh.box({ colour: rgb('#e9d3a8') }, [0, 0, 0], [0.014, 0.085, 0.12], 0.007),
    )
}

/** Round fruit heaped in a bowl. */
export function fruitBowl(mesh: Mesh, at: Vec, bowl: string, fruit: readonly string[], radius = 0.15): void {
  mesh.turned(
    ceramic(bowl),
    at,
    [
      [0.001, 0],
      [radius * 0.45, 0],
      [radius, radius * 0.5],
      [radius * 0.96, radius * 0.52],
      [radius * 0.4, 0.03],
      [0.001, 0.025],
    ],
    32,
  )
  const roll = dice(31)
  for (let i = 0; i < 9; i++) {
    const a = i * 2.4
    const out = (i < 6 ? 0.58 : 0.2) * radius
    const r = radius * (0.24 + 0.05 * roll())
    mesh.ball(
      { colour: rgb(fruit[i % fruit.length] as string), gloss: { share: 0.03, blur: 0.3 } },
      add(at, [Math.cos(a) * out, radius * (i < 6 ? 0.42 : 0.68), Math.sin(a) * out]),
      [r, r, r],
      16,
    )
  }
}

/** Custard tarts on a plate. */
export function tarts(mesh: Mesh, at: Vec, count = 5): void {
  plate(mesh, at, 0.14)
  for (let i = 0; i < count; i++) {
    const a = (i / (count - 1)) * 2 * Math.PI
    const p = i === count - 1 ? at : add(at, [Math.cos(a) * 0.078, 0, Math.sin(a) * 0.078])
    mesh.turned(
      { colour: rgb('#c98f4a') },
      add(p, [0, 0.012, 0]),
      [
        [0.026, 0],
        [0.037, 0.022],
        [0.034, 0.022],
      ],
      18,
    )
    mesh.turned(
      { colour: (s, out) => out.set(rgb(Math.sin(s.x * 160) * Math.sin(s.z * 140) > 0.45 ? '#6a3a14' : '#eab541')) },
      add(p, [0, 0.031, 0]),
      [
        [0.034, 0],
        [0.001, 0.004],
      ],
      18,
    )
  }
}

/** A candle in a lantern or a glass. */
export function candle(mesh: Mesh, at: Vec, power = 0.05): Lamp[] {
  mesh.turned(
    { colour: rgb('#f1e6cf'), glow: rgb('#ffb061', 0.5) },
    at,
    [
      [0.001, 0],
      [0.03, 0],
      [0.03, 0.08],
      [0.001, 0.078],
    ],
    18,
  )
  mesh.ball(glowing(rgb('#ffd08a', 9)), add(at, [0, 0.1, 0]), [0.008, 0.02, 0.008], 10)
  return [{ at: add(at, [0, 0.11, 0]), radius: 0.02, power: times(rgb('#ffa24d'), power) as Rgb }]
}

/** An iron lantern with a candle, standing. */
export function lantern(mesh: Mesh, at: Vec, height = 0.4, power = 0.14): Lamp[] {
  const r = height * 0.24
  for (const x of [-r, r])
    for (const z of [-r, r]) mesh.rod(iron, add(at, [x, 0, z]), add(at, [x, height * 0.75, z]), 0.007)
  mesh.box(iron, add(at, [0, 0.01, 0]), [2 * r + 0.03, 0.02, 2 * r + 0.03], 0.002)
  mesh.turned(
    iron,
    add(at, [0, height * 0.75, 0]),
    [
      [r * 1.5, 0],
      [r * 0.4, height * 0.18],
      [0.01, height * 0.25],
    ],
    4,
  )
  mesh.turned(
    { colour: rgb('#f1e6cf'), glow: rgb('#ffb061', 0.6) },
    add(at, [0, 0.02, 0]),
    [
      [0.001, 0],
      [r * 0.5, 0],
      [r * 0.5, height * 0.3],
      [0.001, height * 0.3],
    ],
    16,
  )
  mesh.ball(glowing(rgb('#ffc879', 10)), add(at, [0, height * 0.4, 0]), [0.012, 0.03, 0.012], 10)
  return [{ at: add(at, [0, height * 0.42, 0]), radius: 0.03, power: times(rgb('#ffa24d'), power) as Rgb }]
}

/** A string of bulbs that sags between two points. */
export function bulbs(mesh: Mesh, from: Vec, to: Vec, count: number, sag: number, power: number): Lamp[] {
  const point = (t: number): Vec => [
    from[0] + (to[0] - from[0]) * t,
    from[1] + (to[1] - from[1]) * t - sag * 4 * t * (1 - t),
    from[2] + (to[2] - from[2]) * t,
  ]
  const n = 24
  for (let i = 0; i < n; i++) mesh.rod(iron, point(i / n), point((i + 1) / n), 0.005, 0.005, 5)
  return Array.from({ length: count }, (_, i) => {
    const at = add(point((i + 0.5) / count), [0, -0.07, 0])
    mesh.rod(iron, add(at, [0, 0.07, 0]), add(at, [0, 0.03, 0]), 0.014, 0.014, 8)
    mesh.ball(glowing(rgb('#ffc477', 7)), at, [0.03, 0.036, 0.03], 14)
    return { at, radius: 0.03, power: times(rgb('#ffab57'), power) as Rgb }
  })
}

/** A garden chair of bent iron with a cushion. */
export function bistroChair(mesh: Mesh, frame: Material, seat: Material): void {
  for (const x of [-0.18, 0.18]) {
    mesh.rod(frame, [x, 0, 0.2], [x * 0.95, 0.45, 0.16], 0.01)
    mesh.rod(frame, [x * 1.1, 0, -0.22], [x, 0.45, -0.17], 0.01)
    mesh.rod(frame, [x, 0.45, -0.17], [x, 0.84, -0.23], 0.01)
  }
  for (let i = 0; i < 8; i++) {
    const [a, b] = [(i / 8) * Math.PI, ((i + 1) / 8) * Math.PI]
    const arc = (t: number): Vec => [Math.cos(t) * 0.18, 0.84 + Math.sin(t) * 0.09, -0.23 - Math.sin(t) * 0.012]
    mesh.rod(frame, arc(a), arc(b), 0.01)
  }
  for (const x of [-0.09, 0, 0.09]) mesh.rod(frame, [x, 0.47, -0.18], [x, 0.9, -0.24], 0.006)
  mesh.turned(
    frame,
    [0, 0.44, 0],
    [
      [0.001, 0],
      [0.2, 0],
      [0.205, 0.012],
      [0.001, 0.016],
    ],
    28,
  )
  mesh.turned(
    seat,
    [0, 0.456, 0],
    [
      [0.001, 0],
      [0.17, 0],
      [0.195, 0.015],
      [0.19, 0.035],
      [0.12, 0.046],
      [0.001, 0.048],
    ],
    28,
  )
}

/** A low sofa of cushions on a wooden or masonry base. */
export function daybed(
  mesh: Mesh,
  base: Material,
  seat: Material,
  cushions: readonly Material[],
  length: number,
): void {
  mesh.box(base, [0, 0.15, 0], [length, 0.3, 0.82], 0.01)
  const n = Math.max(1, Math.round(length / 0.9))
  for (let i = 0; i < n; i++) {
    const x = ((i + 0.5) / n - 0.5) * length
    mesh.box(seat, [x, 0.38, 0.03], [length / n - 0.012, 0.18, 0.78], 0.055)
    mesh.placed({ at: [x, 0.62, -0.3], tilt: -14 }, () =>
      mesh.box(seat, [0, 0, 0], [length / n - 0.02, 0.42, 0.16], 0.065),
    )
  }
  cushions.forEach((material, i) => {
    const x = ((i + 0.5) / cushions.length - 0.5) * (length - 0.3)
    mesh.placed({ at: [x, 0.62, -0.14], tilt: -20, turn: 12 - i * 9 }, () =>
      mesh.box(material, [0, 0, 0], [0.42, 0.4, 0.14], 0.068),
    )
  })
}

/** A bath on its own, rounded, with a tap. */
export function bathtub(mesh: Mesh, material: Material, tap: Material): void {
  const ring =
    (r: number, y: number) =>
    (a: number): Vec => [Math.cos(a) * 0.82 * r, y, Math.sin(a) * 0.38 * r * (0.92 + 0.08 * r)]
  const rings = [
    ring(0.05, 0.03),
    ring(0.72, 0.03),
    ring(0.8, 0.1),
    ring(0.92, 0.4),
    ring(1.02, 0.6),
    ring(1.03, 0.62),
    ring(0.98, 0.62),
    ring(0.88, 0.42),
    ring(0.7, 0.18),
    ring(0.05, 0.15),
  ]
  mesh.sheet(material, 40, rings.length - 1, (u, v) =>
    (rings[Math.round(v * (rings.length - 1))] as (a: number) => Vec)(-u * 2 * Math.PI),
  )
  mesh.rod(tap, [1.0, 0, 0], [1.0, 0.85, 0], 0.014)
  mesh.rod(tap, [1.0, 0.85, 0], [0.78, 0.83, 0], 0.012)
}

/** A cloth over a round table, falling in folds. */
export function tablecloth(mesh: Mesh, hex: string, radius: number, top: number, drop: number): void {
  mesh.sheet(cloth(hex, 0.5), 96, 14, (u, v) => {
    const a = -u * 2 * Math.PI
    if (v < 0.5) return [Math.cos(a) * radius * v * 2, top, Math.sin(a) * radius * v * 2]
    const t = (v - 0.5) * 2
    const r = radius + 0.015 + t * (0.03 + 0.03 * Math.sin(a * 9))
    return [Math.cos(a) * r, top - t * drop, Math.sin(a) * r]
  })
}
