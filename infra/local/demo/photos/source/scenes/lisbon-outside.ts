/** Casa do Tejo outdoors: the terrace in late light, the roof at dusk, breakfast in the courtyard. */
import { pictureTexture, readPicture } from '../film.ts'
import { foliage, pottedTree, roundTable } from '../furniture.ts'
import { ceramic, cloth, iron, leaf, mottled, painted, timber } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { borderPattern, tilePattern } from '../paintings.ts'
import type { Lamp, Material, Scene } from '../scene.ts'
import { skyOf } from '../skies.ts'
import {
  bistroChair,
  bottle,
  bread,
  bulbs,
  candle,
  cup,
  daybed,
  fruitBowl,
  jug,
  lantern,
  plate,
  tablecloth,
  tarts,
  tumbler,
  wineGlass,
} from '../table-things.ts'
import { town } from '../town.ts'
import { blend, rgb, towards, type Vec } from '../vectors.ts'
import { AFTERNOON, DUSK, DUSK_LIGHT, WINDOW_GLOW } from './lisbon-views.ts'

const lime: Material = { colour: mottled(rgb('#f4efe4'), 0.07, 1.5) }
const clayPot: Material = { colour: mottled(rgb('#b5653c'), 0.2, 6) }
const coping: Material = { colour: mottled(rgb('#c49a78'), 0.12, 4) }

/** Square clay tiles, `size` metres, no two quite alike. */
function clayTiles(size: number, tones: readonly [string, string] = ['#b9714a', '#b49c84']): Material {
  const [tile, mortar] = [rgb(tones[0]), rgb(tones[1])]
  return {
    colour: (at, out) => {
      const [i, j] = [at.x / size, at.z / size]
      const joint = Math.min(i - Math.floor(i), j - Math.floor(j)) < 0.03
      const k = 0.82 + 0.3 * Math.abs(Math.sin(Math.floor(i) * 12.9 + Math.floor(j) * 78.2))
      for (let c = 0; c < 3; c++) out[c] = joint ? (mortar[c] as number) : (tile[c] as number) * k
    },
    gloss: { share: 0.02, blur: 0.5 },
  }
}

const lemons = (mesh: Mesh, at: Vec, height: number, crown: number, seed: number) =>
  mesh.placed({ at }, () =>
    pottedTree(mesh, { pot: clayPot, height, crown, leaves: 1100, seed, fruit: ceramic('#f2c72e'), green: '#4c7a33' }),
  )

/** A low wall and an iron rail along x. */
function railing(mesh: Mesh, z: number, half: number): void {
  mesh.box(lime, [0, 0.05, z], [2 * half, 0.4, 0.26], 0.02)
  mesh.box(coping, [0, 0.27, z], [2 * half, 0.06, 0.36], 0.012)
  mesh.box(iron, [0, 0.98, z], [2 * half, 0.035, 0.05], 0.008)
  mesh.box(iron, [0, 0.4, z], [2 * half, 0.02, 0.03], 0.004)
  for (let x = -half; x <= half; x += 0.14) mesh.rod(iron, [x, 0.3, z], [x, 0.97, z], 0.008, 0.008, 5)
}

/** The picture of the house: a terrace with a laid table, the roofs and the river below. */
export async function lisbonHero(): Promise<Scene> {
  const mesh = new Mesh()
  town(mesh, { lit: 0, glow: [0, 0, 0], from: 20, drop: 7 })
  mesh.quad(clayTiles(0.32), [-9, 0, 6], [18, 0, 0], [0, 0, -9.4])
  railing(mesh, -3.5, 9)
  mesh.placed({ at: [-1.35, 0, -1.15] }, () => {
    roundTable(mesh, painted('#efece4'), iron, 0.48, 0.73)
    jug(mesh, [0.12, 0.73, -0.16], '#f1ede3', 0.2)
    tarts(mesh, [-0.18, 0.73, 0.08])
    cup(mesh, [0.22, 0.73, 0.16])
    wineGlass(mesh, [-0.06, 0.73, -0.24], '#e2b85c')
    wineGlass(mesh, [0.3, 0.73, -0.1], '#e2b85c')
  })
  mesh.placed({ at: [-2.12, 0, -0.95], turn: 66 }, () => bistroChair(mesh, iron, cloth('#d3a047', 0.4)))
  mesh.placed({ at: [-0.66, 0, -1.62], turn: -52 }, () => bistroChair(mesh, iron, cloth('#d3a047', 0.4)))
  lemons(mesh, [-3.35, 0, -2.55], 2.25, 0.62, 5)
  lemons(mesh, [3.75, 0, -2.7], 1.75, 0.5, 9)
  // Bougainvillea over the wall, from the left and in a long trough on the right.
  for (const [x, y, size, hex, seed] of [
    [-4.6, 1.0, 0.75, '#b0337a', 3],
    [-4.0, 0.6, 0.5, '#54773c', 31],
    [1.9, 0.66, 0.4, '#b0337a', 6],
    [2.4, 0.64, 0.4, '#5d7f43', 7],
    [2.9, 0.7, 0.42, '#b0337a', 12],
  ] as const)
    foliage(mesh, leaf(hex), [x, y, -3.42], [size * 1.1, size * 0.7, size * 0.55], Math.round(900 * size), seed, 0.075)
  mesh.box(clayPot, [2.4, 0.42, -3.4], [1.7, 0.24, 0.28], 0.02)
  mesh.placed({ at: [2.35, 0, 0.9], turn: -150 }, () =>
    daybed(mesh, timber('#9a7048', 'x'), cloth('#efe8da', 0.6), [cloth('#2f4f86', 0.6), cloth('#d3a047', 0.6)], 1.7),
  )
  const sky = skyOf({
    ...AFTERNOON,
    sun: towards(46, 16),
    halo: rgb('#ffc47a', 1.1),
    horizon: rgb('#f6dcb8', 1.1),
    climb: 6,
  })
  return {
    mesh,
    camera: { at: [0.1, 2.05, 3.6], to: [-0.1, 2.05, -10], angle: 66, rise: -0.1 },
    sky,
    sun: { towards: towards(46, 16), colour: [3.8, 2.7, 1.55], blur: 0.008 },
    ambient: [0.22, 0.22, 0.26],
    air: { reach: 5200, from: 30, colour: (way) => blend(sky([way[0], 0.02, way[2]]), rgb('#c6cfe0'), 0.25) },
    finish: { exposure: 1.06, bloom: 0.1, tint: [1.02, 1, 0.97], contrast: 1.06, saturation: 1.12 },
  }
}

export async function roofTerrace(): Promise<Scene> {
  const mesh = new Mesh()
  town(mesh, { lit: 0.42, glow: WINDOW_GLOW, from: 20, drop: 7 })
  const planks = timber('#8a6545', 'x')
  mesh.quad(clayTiles(0.3, ['#8f5a40', '#6e5c50']), [-7, 0, 6], [14, 0, 0], [0, 0, -9])
  railing(mesh, -3.1, 7)
  mesh.placed({ at: [-2.3, 0, -1.3], turn: 68 }, () =>
    daybed(
      mesh,
      planks,
      cloth('#e9e1d2', 0.6),
      [cloth('#b5532f', 0.6), cloth('#2f4f86', 0.6), cloth('#d3a047', 0.6)],
      2.2,
    ),
  )
  mesh.placed({ at: [1.9, 0, -1.75], turn: -30 }, () =>
    daybed(mesh, planks, cloth('#e9e1d2', 0.6), [cloth('#2f4f86', 0.6), cloth('#b5532f', 0.6)], 1.8),
  )
  const lamps: Lamp[] = []
  mesh.placed({ at: [0, 0, 0] }, () => {
    mesh.box(planks, [-0.2, 0.36, -1.1], [1.15, 0.05, 0.65], 0.012)
    for (const x of [-0.68, 0.28]) for (const z of [-1.35, -0.85]) mesh.rod(planks, [x, 0.36, z], [x, 0, z], 0.03)
    bottle(mesh, [-0.42, 0.385, -1.2], '#2c3d22')
    wineGlass(mesh, [-0.2, 0.385, -1.02], '#7a1730')
    wineGlass(mesh, [0.02, 0.385, -1.24], '#7a1730')
    plate(mesh, [-0.52, 0.385, -0.96], 0.11)
    for (let i = 0; i < 9; i++)
      mesh.ball(
        { colour: rgb('#5d6b2c'), gloss: { share: 0.04, blur: 0.2 } },
        [-0.52 + 0.05 * Math.cos(i * 2.4) * (i / 9 + 0.3), 0.41, -0.96 + 0.05 * Math.sin(i * 2.4) * (i / 9 + 0.3)],
        [0.013, 0.011, 0.013],
        10,
      )
    lamps.push(...candle(mesh, [0.2, 0.385, -1.02], 0.22))
  })
  lamps.push(
    ...lantern(mesh, [0.72, 0, -0.75], 0.46, 0.3),
    ...lantern(mesh, [1.0, 0, -1.0], 0.34, 0.22),
    ...lantern(mesh, [-0.9, 0.3, -3.05], 0.4, 0.25),
    ...lantern(mesh, [1.0, 0.3, -3.05], 0.4, 0.25),
  )
  for (const x of [-3.6, 3.6]) mesh.rod(planks, [x, 0, -2.9], [x, 2.75, -2.9], 0.045)
  lamps.push(...bulbs(mesh, [-3.6, 2.7, -2.9], [3.6, 2.7, -2.9], 11, 0.42, 0.2))
  lamps.push(
    ...bulbs(mesh, [-3.6, 2.7, -2.9], [-4.2, 3.0, 3.5], 6, 0.3, 0.16),
    ...bulbs(mesh, [3.6, 2.7, -2.9], [4.2, 3.0, 3.5], 6, 0.3, 0.16),
  )
  mesh.placed({ at: [3.15, 0, -2.3] }, () =>
    pottedTree(mesh, { pot: clayPot, height: 1.55, crown: 0.5, leaves: 800, seed: 23, green: '#55703c' }),
  )
  mesh.placed({ at: [-3.3, 0, -2.3] }, () =>
    pottedTree(mesh, {
      pot: clayPot,
      height: 1.3,
      crown: 0.42,
      leaves: 700,
      seed: 29,
      fruit: ceramic('#e8862a'),
      green: '#4c7a33',
    }),
  )
  const sky = skyOf(DUSK)
  return {
    mesh,
    lamps,
    camera: { at: [0.15, 1.85, 3.1], to: [0.05, 1.85, -10], angle: 66, rise: -0.06 },
    sky,
    skyLight: DUSK_LIGHT,
    ambient: [0.05, 0.045, 0.06],
    air: { reach: 4200, from: 40, colour: (way) => blend(sky([way[0], 0.02, way[2]]), rgb('#7d78a8', 0.6), 0.45) },
    finish: { exposure: 1.15, bloom: 0.16, contrast: 1.06, saturation: 1.1 },
  }
}

export async function courtyard(): Promise<Scene> {
  const mesh = new Mesh()
  const tiled: Material = {
    colour: pictureTexture(await readPicture(tilePattern()), 1, 1 / 0.3, 1 / 0.3),
    gloss: { share: 0.045, blur: 0.22 },
  }
  const border: Material = {
    ...tiled,
    colour: pictureTexture(await readPicture(borderPattern()), 1, 1 / 0.16, 1 / 0.16),
  }
  const stone: Material = { colour: mottled(rgb('#d9cbb0'), 0.1, 2.5) }
  const slabs: Material = {
    colour: (at, out) => {
      const [i, j] = [Math.floor(at.x / 0.5), Math.floor(at.z / 0.5)]
      const dark = (i + j) % 2 === 0
      out.set(rgb(dark ? '#8d8778' : '#e4dccb', 0.9 + 0.16 * Math.abs(Math.sin(i * 3.3 + j * 7.1))))
    },
    gloss: { share: 0.03, blur: 0.4 },
  }
  mesh.quad(slabs, [-6, 0, 7], [12, 0, 0], [0, 0, -13])
  const side = (from: Vec, turn: number, length: number, arches: readonly number[]) =>
    mesh.placed({ at: from, turn }, () => {
      mesh.quad(tiled, [0, 0, 0], [length, 0, 0], [0, 1.35, 0], true)
      mesh.quad(border, [0, 1.35, 0.003], [length, 0, 0], [0, 0.16, 0], true)
      mesh.box(stone, [length / 2, 1.54, 0.02], [length, 0.06, 0.07], 0.01)
      mesh.quad(lime, [0, 1.51, 0], [length, 0, 0], [0, 6.5, 0], true)
      for (const x of arches) {
        // A doorway with a round head, dark inside, in a stone frame.
        const dark: Material = { colour: rgb('#3a2d22') }
        const door = painted('#3f6158')
        const rim = (r: number, z: number): Vec[] => [
          [x - r, 0, z],
          [x + r, 0, z],
          ...Array.from(
            { length: 13 },
            (_, k): Vec => [x + r * Math.cos((k / 12) * Math.PI), 2 + r * Math.sin((k / 12) * Math.PI), z],
          ),
        ]
        mesh.face(stone, ...rim(0.85, 0.07))
        mesh.face(dark, ...rim(0.68, 0.085))
        mesh.box(door, [x - 0.68, 1.05, 0.3], [0.05, 2.05, 0.6], 0.01)
      }
      for (let x = 1.1; x < length - 0.5; x += 2.2) {
        mesh.box(stone, [x, 4.25, 0.03], [1.15, 1.75, 0.06], 0.01)
        mesh.box({ colour: rgb('#4d5a5c'), gloss: { share: 0.05, blur: 0.1 } }, [x, 4.25, 0.05], [0.9, 1.5, 0.04], 0)
        for (const s of [-1, 1]) mesh.box(painted('#3f6158'), [x + s * 0.7, 4.25, 0.08], [0.46, 1.55, 0.04], 0.008)
        for (let k = -4; k <= 4; k++)
          mesh.rod(iron, [x + k * 0.13, 3.3, 0.36], [x + k * 0.13, 3.95, 0.36], 0.008, 0.008, 5)
        mesh.box(iron, [x, 3.96, 0.36], [1.2, 0.03, 0.03], 0.004)
        mesh.box(stone, [x, 3.28, 0.2], [1.25, 0.06, 0.4], 0.01)
        foliage(
          mesh,
          leaf(x % 4 < 2 ? '#c8452f' : '#54773c'),
          [x, 3.55, 0.36],
          [0.5, 0.2, 0.14],
          150,
          Math.round(x * 10),
          0.07,
        )
      }
    })
  side([-4.4, 0, -3.6], 0, 8.8, [2.2, 6.9])
  side([-4.4, 0, 7], 90, 10.6, [7.2])
  side([4.4, 0, -3.6], -90, 10.6, [3.2])
  // The orange tree in its round bed.
  mesh.turned(
    stone,
    [1.75, 0, -1.6],
    [
      [0.95, 0],
      [0.95, 0.42],
      [0.72, 0.42],
      [0.72, 0.36],
      [0.001, 0.36],
    ],
    36,
  )
  const bark: Material = { colour: mottled(rgb('#5d4a38'), 0.3, 12) }
  mesh.rod(bark, [1.75, 0.3, -1.6], [1.65, 2.3, -1.55], 0.11, 0.07)
  const crown: Vec = [1.6, 3.25, -1.5]
  for (const [dx, dz] of [
    [1, 0.3],
    [-0.9, 0.5],
    [0.2, -0.9],
    [-0.3, 1],
  ] as const)
    mesh.rod(bark, [1.65, 2.2, -1.55], [crown[0] + dx, 3.3, crown[2] + dz], 0.05, 0.02)
  foliage(mesh, leaf('#3f6b2c'), crown, [1.65, 1.05, 1.5], 5200, 77, 0.13)
  for (let i = 0; i < 46; i++) {
    const a = i * 2.39996
    const r = Math.sqrt((i + 0.5) / 46)
    mesh.ball(
      ceramic('#ef8a23'),
      [
        crown[0] + Math.cos(a) * 1.62 * r,
        crown[1] - 0.98 * Math.sqrt(1 - r * r * 0.8) + 0.1,
        crown[2] + Math.sin(a) * 1.45 * r,
      ],
      [0.055, 0.055, 0.055],
      14,
    )
  }
  mesh.placed({ at: [-0.55, 0, 1.35] }, () => {
    tablecloth(mesh, '#f5f2ea', 0.58, 0.745, 0.3)
    mesh.rod(iron, [0, 0, 0], [0, 0.74, 0], 0.03)
    mesh.turned(
      iron,
      [0, 0, 0],
      [
        [0.001, 0],
        [0.26, 0],
        [0.26, 0.02],
        [0.03, 0.05],
      ],
      24,
    )
    plate(mesh, [-0.3, 0.748, 0.24], 0.13)
    plate(mesh, [0.28, 0.748, 0.26], 0.13)
    cup(mesh, [-0.05, 0.748, 0.36])
    cup(mesh, [0.46, 0.748, 0.02])
    tarts(mesh, [0.02, 0.748, 0.02])
    bread(mesh, [-0.28, 0.748, -0.18])
    fruitBowl(mesh, [0.2, 0.748, -0.28], '#2f5590', ['#ef8a23', '#f2b43a', '#d9482f'], 0.16)
    jug(mesh, [-0.02, 0.748, -0.42], '#e8eef2', 0.24)
    tumbler(mesh, [-0.46, 0.748, 0.06], '#f29a2e')
    tumbler(mesh, [0.1, 0.748, 0.28], '#f29a2e')
  })
  for (const [x, z, turn] of [
    [-1.45, 1.6, 72],
    [0.35, 1.75, -75],
    [-0.75, 0.45, 8],
  ] as const)
    mesh.placed({ at: [x, 0, z], turn }, () => bistroChair(mesh, iron, cloth('#2f5590', 0.4)))
  lemons(mesh, [-3.5, 0, -2.6], 1.7, 0.5, 51)
  mesh.placed({ at: [-3.7, 0, 0.4] }, () =>
    pottedTree(mesh, { pot: ceramic('#2f5590'), height: 1.3, crown: 0.42, leaves: 700, seed: 55, green: '#5f7f4a' }),
  )
  const sky = skyOf({ ...AFTERNOON, sun: towards(128, 52) })
  return {
    mesh,
    camera: { at: [-0.2, 1.6, 5.5], to: [0.1, 1.6, -5], angle: 58, rise: -0.02 },
    sky,
    sun: { towards: towards(128, 52), colour: [3.6, 3.05, 2.3], blur: 0.01 },
    ambient: [0.28, 0.25, 0.22],
    finish: { exposure: 1.0, bloom: 0.08, tint: [1.02, 1, 0.97], contrast: 1.05, saturation: 1.1 },
  }
}
