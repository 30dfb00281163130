/** Berghaus Silvretta outdoors: the house at dusk, the cabin at blue hour, breakfast above the clouds, views from rooms. */
import { lodge, mountains, snow, snowfield, spruce, wood } from '../alps.ts'
import { books, roundTable } from '../furniture.ts'
import { boards, ceramic, cloth, iron, timber } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { dice, layeredNoise, step } from '../noise.ts'
import type { Finish, Lamp, Material, Scene } from '../scene.ts'
import { type SkyLook, skyOf } from '../skies.ts'
import { bistroChair, bread, cup, fruitBowl, jug, lantern, plate, tumbler } from '../table-things.ts'
import { blend, type Rgb, rgb, towards, type Vec } from '../vectors.ts'

const EVENING: SkyLook = {
  zenith: rgb('#24408f', 0.5),
  horizon: rgb('#f3a98f', 0.75),
  sun: towards(-58, 2),
  halo: rgb('#ff9d6a', 0.7),
  haloWidth: 6,
  climb: 4.5,
  cloud: { colour: rgb('#ffb49a', 0.95), shaded: rgb('#5c6296', 0.5), cover: 0.5, seed: 12 },
}
const MORNING: SkyLook = {
  zenith: rgb('#2a68bf', 1.1),
  horizon: rgb('#dbe6f0', 1.2),
  sun: towards(-70, 26),
  halo: rgb('#ffe0b0', 0.7),
  cloud: { colour: rgb('#ffffff', 1.4), shaded: rgb('#dfe6f0', 1.1), cover: 0.42, seed: 9 },
}
const HEARTH: Rgb = rgb('#ffa64d', 1.5)
const PLAINLY: Partial<Finish> = { bloom: 0, vignette: 0 }

/** Dusk in the snow is blue: most of the sky is. */
const duskLight = (way: Vec): Rgb => blend([0.34, 0.3, 0.36], [0.2, 0.29, 0.56], Math.max(0, way[1]) ** 0.6)

const rolling = (x: number, z: number) =>
  1.6 * (layeredNoise(x * 0.03 + 3, 1, z * 0.03, 3) - 0.5) + 0.05 * Math.min(0, z) * 0.2

export async function alpineHero(): Promise<Scene> {
  const mesh = new Mesh()
  mountains(mesh, { below: 40 })
  const level = (x: number, z: number) => rolling(x, z) - 0.03 * Math.max(0, -z - 30)
  snowfield(mesh, level, [420, 460], 16)
  const at: Vec = [5.5, level(5.5, -24) + 0.2, -24]
  let lamps: Lamp[] = []
  mesh.placed({ at, turn: -24 }, () => {
    lamps = lodge(mesh, { width: 15.5, depth: 13, storeys: 2, glow: HEARTH, power: 0.9 })
  })
  lamps = lamps.map((lamp) => ({ ...lamp, at: turned(lamp.at, -24, at) }))
  // A path from the door, with lanterns in the snow.
  for (const [x, z] of [
    [-0.6, -12.2],
    [1.9, -13.4],
    [-2.4, -7.2],
    [-0.2, -6.6],
  ] as const)
    lamps.push(...lantern(mesh, [x, level(x, z) + 0.02, z], 0.62, 1.1))
  const clear = (x: number, z: number) => Math.hypot(x - 5.5, z + 24) > 15 && !(x > -9 && x < 13 && z > -22)
  wood(
    mesh,
    46,
    500,
    (a, b) => {
      const [x, z] = [-34 + 78 * a, -14 - 62 * b]
      return clear(x, z) && (x < -8 || x > 17 || z < -44) ? [x, level(x, z) - 0.3, z] : undefined
    },
    [8, 17],
    true,
  )
  wood(
    mesh,
    620,
    900,
    (a, b) => {
      const [x, z] = [(a - 0.5) * 520, -80 - 330 * b]
      return layeredNoise(x * 0.012, 5, z * 0.012, 2) > 0.47 ? [x, level(x, z) - 1, z] : undefined
    },
    [11, 22],
  )
  spruce(mesh, [-11.5, level(-11.5, -9) - 0.2, -9], 13.5, 77, true)
  spruce(mesh, [-8.4, level(-8.4, -14) - 0.2, -14], 9.5, 78, true)
  const sky = skyOf(EVENING)
  return {
    mesh,
    lamps,
    camera: { at: [-2.2, 2.5, 8], to: [-0.9, 2.5, -24], angle: 60, rise: 0.2 },
    sky,
    skyLight: duskLight,
    sun: { towards: towards(-112, 13), colour: [0.42, 0.22, 0.15], blur: 0.03 },
    ambient: [0.1, 0.11, 0.16],
    air: { reach: 9000, from: 60, colour: (way) => blend(sky([way[0], 0.04, way[2]]), rgb('#6f7fb0', 0.5), 0.5) },
    finish: { exposure: 1.25, bloom: 0.16, contrast: 1.05, saturation: 1.08 },
  }
}

export async function maiensaess(): Promise<Scene> {
  const mesh = new Mesh()
  mountains(mesh, { below: 60 })
  const level = (x: number, z: number) => rolling(x, z) * 1.2 - 0.04 * Math.max(0, -z - 22)
  snowfield(mesh, level, [360, 420], 12)
  const at: Vec = [1.6, level(1.6, -13) + 0.1, -13]
  let lamps: Lamp[] = []
  mesh.placed({ at, turn: -28 }, () => {
    lamps = lodge(mesh, { width: 6.6, depth: 7.4, storeys: 1, glow: HEARTH, power: 0.9, lit: 1, stone: 1.1 })
  })
  lamps = lamps.map((lamp) => ({ ...lamp, at: turned(lamp.at, -28, at) }))
  // The tub, steaming, and the wood pile.
  const tub: Vec = [-3.9, level(-3.9, -8.6), -8.6]
  mesh.turned(
    boards('#8a5f3a', 0.16, 'y', 'x', 0.02),
    tub,
    [
      [0.85, -0.3],
      [0.95, 0.85],
      [0.88, 0.85],
      [0.86, 0.72],
    ],
    28,
  )
  mesh.turned(
    { colour: rgb('#2b4a55'), gloss: { share: 0.05, blur: 0.1 } },
    [tub[0], tub[1] + 0.72, tub[2]],
    [
      [0.87, 0],
      [0.001, 0.001],
    ],
    28,
  )
  lamps.push(
    ...lantern(mesh, [-2.6, level(-2.6, -8.2) + 0.02, -8.2], 0.6, 0.9),
    ...lantern(mesh, [-1.1, level(-1.1, -5.4) + 0.02, -5.4], 0.6, 0.9),
  )
  const roll = dice(61)
  for (let i = 0; i < 54; i++) {
    const [row, column] = [Math.floor(i / 14), i % 14]
    const p: Vec = [5.6 + column * 0.2 + roll() * 0.05, level(6.5, -10.4) + 0.15 + row * 0.19, -10.3 + roll() * 0.08]
    mesh.rod(timber('#a8794c', 'z'), p, [p[0], p[1], p[2] - 0.8], 0.09, 0.09, 9)
  }
  mesh.box(snow, [6.95, level(6.5, -10.4) + 1.02, -10.7], [3.1, 0.3, 1.0], 0.14)
  wood(
    mesh,
    40,
    1500,
    (a, b) => {
      const [x, z] = [-30 + 64 * a, -13 - 50 * b]
      return Math.hypot(x - 1.6, z + 13) > 8.5 && (x < -7 || x > 10 || z < -34) ? [x, level(x, z) - 0.3, z] : undefined
    },
    [8, 17],
    true,
  )
  wood(
    mesh,
    420,
    1900,
    (a, b) => {
      const [x, z] = [(a - 0.5) * 420, -70 - 300 * b]
      return layeredNoise(x * 0.012, 5, z * 0.012, 2) > 0.46 ? [x, level(x, z) - 1, z] : undefined
    },
    [11, 22],
  )
  const sky = nightSky(
    skyOf({
      ...EVENING,
      zenith: rgb('#1a2f78', 0.42),
      horizon: rgb('#8f9fcc', 0.55),
      halo: rgb('#ffb38a', 0.25),
      climb: 2.6,
    }),
  )
  return {
    mesh,
    lamps,
    camera: { at: [-1.4, 1.9, 1.5], to: [-0.3, 1.9, -13], angle: 60, rise: 0.14 },
    sky,
    skyLight: (way) => blend([0.16, 0.18, 0.27], [0.1, 0.16, 0.36], Math.max(0, way[1])),
    ambient: [0.05, 0.06, 0.1],
    air: { reach: 9000, from: 60, colour: (way) => blend(sky([way[0], 0.03, way[2]]), rgb('#4a5f9c', 0.45), 0.5) },
    finish: { exposure: 1.7, bloom: 0.18, contrast: 1.05, saturation: 1.05 },
  }
}

/** The terrace in the morning, the valley full of cloud. */
export async function morning(): Promise<Scene> {
  const mesh = new Mesh()
  mountains(mesh, { below: 380, wood: true })
  const cloud: Material = { colour: (at, out) => out.fill(0.5), glow: rgb('#dfe8f5', 0.5), through: 0.4 }
  mesh.sheet(cloud, 200, 200, (u, v) => {
    const z = -60 - 5200 * v ** 1.7
    const x = (u - 0.5) * (500 + 9500 * v)
    const puff = layeredNoise(x * 0.0045, 3, z * 0.0045, 5)
    return [x, -100 + 120 * puff * puff + 7 * layeredNoise(x * 0.02, 5, z * 0.02, 2), z]
  })
  const planks = boards('#9a7450', 0.15, 'x', 'z', 0.03)
  mesh.quad(planks, [-7, 0, 6], [14, 0, 0], [0, 0, -8.6])
  const rail = timber('#7d5233', 'x')
  mesh.box(rail, [0, 0.98, -2.4], [14, 0.1, 0.12], 0.02)
  mesh.box(rail, [0, 0.2, -2.4], [14, 0.07, 0.08], 0.01)
  mesh.box(snow, [0, 1.07, -2.4], [14, 0.12, 0.17], 0.055)
  for (let x = -7; x <= 7; x += 0.3) mesh.box(rail, [x, 0.58, -2.4], [0.05, 0.74, 0.035], 0.004)
  for (const x of [-4.2, -1.4, 1.4, 4.2]) mesh.box(rail, [x, 0.52, -2.4], [0.14, 1.04, 0.14], 0.012)
  mesh.placed({ at: [-0.3, 0, -0.35] }, () => {
    roundTable(mesh, timber('#b78a5a', 'x'), iron, 0.6, 0.74)
    bread(mesh, [-0.22, 0.74, -0.2])
    plate(mesh, [-0.28, 0.74, 0.26], 0.13)
    plate(mesh, [0.3, 0.74, 0.24], 0.13)
    cup(mesh, [-0.02, 0.74, 0.36])
    cup(mesh, [0.46, 0.74, 0.0])
    jug(mesh, [0.1, 0.74, -0.36], '#5f7f9a', 0.24)
    fruitBowl(mesh, [0.22, 0.74, -0.08], '#e9e2d4', ['#b8352c', '#d6a23a', '#7a9a45'], 0.15)
    tumbler(mesh, [-0.47, 0.74, 0.08], '#e8952d')
    tumbler(mesh, [0.08, 0.74, 0.18], '#e8952d')
    mesh.turned(
      ceramic('#c98a2b'),
      [-0.08, 0.74, 0.06],
      [
        [0.001, 0],
        [0.032, 0],
        [0.036, 0.06],
        [0.001, 0.06],
      ],
      20,
    )
  })
  for (const [x, z, turn] of [
    [-1.3, -0.2, 78],
    [0.7, -0.25, -78],
  ] as const)
    mesh.placed({ at: [x, 0, z], turn }, () => {
      bistroChair(mesh, iron, cloth('#8c2f2a', 0.4))
      mesh.placed({ at: [0, 0.9, -0.24], tilt: 8 }, () =>
        mesh.box(cloth('#ede6d8', 1.2), [0, -0.16, -0.01], [0.46, 0.42, 0.07], 0.03),
      )
    })
  mesh.placed({ at: [1.05, 0.0, -1.1] }, () => books(mesh, ['#3c5a4a', '#c9b68a']))
  for (const [x, y, z, h, s] of [
    [-11, -9, -16, 15, 3],
    [-15, -10, -22, 17, 4],
    [12, -10, -18, 16, 5],
    [16, -11, -27, 18, 6],
    [9.5, -12, -30, 15, 7],
    [-8, -13, -30, 14, 9],
  ] as const)
    spruce(mesh, [x, y, z], h, s, true)
  const sky = skyOf({ ...MORNING, sun: towards(64, 22) })
  return {
    mesh,
    camera: { at: [0, 1.9, 3.1], to: [0, 1.9, -10], angle: 58, rise: -0.03 },
    sky,
    sun: { towards: towards(64, 22), colour: [3, 2.5, 1.9], blur: 0.008 },
    ambient: [0.3, 0.34, 0.42],
    air: { reach: 7500, from: 60, colour: (way) => blend(sky([way[0], 0.04, way[2]]), rgb('#bcd0ea'), 0.5) },
    finish: { exposure: 0.95, bloom: 0.09, tint: [1.01, 1, 0.99], contrast: 1.05, saturation: 1.1 },
  }
}

function viewFrom(mesh: Mesh): void {
  mountains(mesh, { below: 40 })
  const level = (x: number, z: number) => rolling(x, z) - 6 - 0.1 * Math.max(0, -z)
  snowfield(mesh, level, [700, 520], 4)
  wood(
    mesh,
    60,
    2500,
    (a, b) => [(a - 0.5) * 120, level((a - 0.5) * 120, -34 - 60 * b) - 0.3, -34 - 60 * b],
    [9, 17],
    true,
  )
  wood(
    mesh,
    700,
    2900,
    (a, b) => {
      const [x, z] = [(a - 0.5) * 640, -100 - 360 * b]
      return layeredNoise(x * 0.012, 5, z * 0.012, 2) > 0.46 ? [x, level(x, z) - 1, z] : undefined
    },
    [11, 22],
  )
}

export async function alpineDay(): Promise<Scene> {
  const mesh = new Mesh()
  viewFrom(mesh)
  const sky = skyOf(MORNING)
  return {
    mesh,
    camera: { at: [0, 2, 0], to: [0, 2, -100], angle: 68, rise: 0.1 },
    sky,
    sun: { towards: MORNING.sun, colour: [2.9, 2.5, 2.0], blur: 0.008 },
    ambient: [0.3, 0.34, 0.42],
    air: { reach: 9000, from: 80, colour: (way) => blend(sky([way[0], 0.04, way[2]]), rgb('#a9c4e8'), 0.6) },
    finish: { ...PLAINLY, exposure: 0.8 },
  }
}

export async function alpineDusk(): Promise<Scene> {
  const mesh = new Mesh()
  viewFrom(mesh)
  const sky = skyOf(EVENING)
  return {
    mesh,
    camera: { at: [0, 2, 0], to: [0, 2, -100], angle: 68, rise: 0.1 },
    sky,
    skyLight: duskLight,
    // The last of the sun, on what stands highest.
    sun: { towards: towards(-112, 11), colour: [1.15, 0.5, 0.32], blur: 0.02 },
    ambient: [0.1, 0.11, 0.16],
    air: { reach: 9000, from: 80, colour: (way) => blend(sky([way[0], 0.04, way[2]]), rgb('#6f7fb0', 0.5), 0.5) },
    finish: { ...PLAINLY, exposure: 1.2 },
  }
}

/** Stars over a sky, more of them the higher one looks. */
export function nightSky(sky: (way: Vec) => Rgb): (way: Vec) => Rgb {
  return (way) => {
    const base = sky(way)
    if (way[1] < 0.06) return base
    const [x, y, z] = [way[0] * 160, way[1] * 160, way[2] * 160]
    const roll = dice(
      Math.imul(Math.floor(x), 73856093) ^ Math.imul(Math.floor(y), 19349663) ^ Math.imul(Math.floor(z), 83492791),
    )
    if (roll() > 0.035) return base
    const [dx, dy, dz] = [x - Math.floor(x) - 0.5, y - Math.floor(y) - 0.5, z - Math.floor(z) - 0.5]
    const k = step(0.3, 0, Math.hypot(dx, dy, dz)) * (0.25 + 1.4 * roll() ** 3) * step(0.06, 0.4, way[1])
    return [base[0] + k * 0.9, base[1] + k * 0.95, base[2] + k]
  }
}

function turned(at: Vec, degrees: number, by: Vec): Vec {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  return [at[0] * cos + at[2] * sin + by[0], at[1] + by[1], -at[0] * sin + at[2] * cos + by[2]]
}
