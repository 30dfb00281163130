/** Rooms at Berghaus Silvretta by day: stone pine, the south balcony, the bunks. */
import { armchair, bed, books, pillow, sideTable, spread, tableLamp, vase } from '../furniture.ts'
import { boards, ceramic, cloth, iron, painted, plaster, striped, timber } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { layeredNoise } from '../noise.ts'
import { backdrop, casement, curtain, shell, wall } from '../room-parts.ts'
import type { Lamp, Material, Scene } from '../scene.ts'
import { bistroChair, cup, jug } from '../table-things.ts'
import { type Rgb, rgb, times, towards, type Vec } from '../vectors.ts'
import { viewOutside } from '../workshop.ts'

const PINE = '#c99a62'
const panels = {
  walls: boards(PINE, 0.19, 'y', 'x', 0.02),
  sides: boards(PINE, 0.19, 'y', 'z', 0.02),
  ceiling: boards('#c09058', 0.22, 'z', 'x', 0.02),
}
const larch = timber('#8d6038', 'x')

/** Red and white checks, as on the cushions of every Alpine bench. */
export function checked(hex: string, size = 0.045): Material {
  const red = rgb(hex)
  const white = rgb('#f1ece2')
  return {
    ...cloth('#ffffff', 0.6),
    colour: (at, out) => {
      const along = (value: number) => (value / size - Math.floor(value / size) < 0.5 ? 1 : 0)
      const t = (along(at.x) + along(at.y * 0.8 + at.z)) / 2
      for (let c = 0; c < 3; c++) out[c] = (white[c] as number) * (1 - t) + (red[c] as number) * t
    },
  }
}

/** A sheepskin thrown over something, at the origin. */
export function sheepskin(mesh: Mesh, length: number, width: number): void {
  const wool: Material = {
    colour: rgb('#efe8da'),
    relief: (x, y, z) => 0.03 * layeredNoise(x * 22, y * 22, z * 22, 3),
  }
  mesh.sheet(wool, 40, 40, (u, v) => {
    const [a, b] = [2 * u - 1, 2 * v - 1]
    const edge = 1 - 0.16 * layeredNoise(a * 2.2 + 4, b * 2.2, 1, 2) - 0.12 * Math.sin(Math.atan2(b, a) * 4)
    const round = Math.max(Math.abs(a), Math.abs(b)) / Math.max(0.001, Math.hypot(a, b))
    return [
      a * round * edge * (width / 2),
      0.035 * (1 - Math.hypot(a * round, b * round) ** 4) + 0.02 * layeredNoise(a * 5, 3, b * 5, 2),
      b * round * edge * (length / 2),
    ]
  })
}

export async function arve(): Promise<Scene> {
  const mesh = new Mesh()
  const room = shell(mesh, {
    size: [4.4, 2.55, 4.9],
    ...panels,
    floor: boards('#a9794a', 0.2, 'z', 'x', 0.05),
    thick: 0.4,
    left: [{ x: 0.85, y: 0.85, width: 1.2, height: 1.3 }],
  })
  mesh.placed({ at: [-0.26, 0.85, 2.05], turn: 90 }, () => casement(mesh, painted('#efe8da'), [1.2, 1.3], [2, 2]))
  for (const z of [0.62, 2.28])
    mesh.placed({ at: [0.1, 2.3, z], turn: 90 }, () => curtain(mesh, checked('#b0342c', 0.06), [0.36, 1.5], 3))
  mesh.rod(iron, [0.1, 2.32, 0.2], [0.1, 2.32, 2.4], 0.012)
  backdrop(mesh, await viewOutside('view/alpine-day', 2), [3, 1.25, 4], -62, 9, 14)
  // Beams and a bench rail.
  for (const z of [0.7, 2.2, 3.7]) mesh.box(timber('#a87a47', 'x'), [2.2, 2.48, z], [4.4, 0.16, 0.18], 0.015)
  mesh.placed({ at: [2.45, 0, 0.08] }, () =>
    bed(mesh, {
      width: 1.82,
      frame: timber('#b98a54', 'x'),
      headboard: { material: timber('#b07f4a', 'x'), height: 1.12 },
      linen: cloth('#f5f2ec'),
      throwOver: striped('#d9d2c3', '#7d2d2a', (u) => (Math.abs(((u * 22) % 1) - 0.5) < 0.14 ? 1 : 0)),
      cushions: [checked('#b0342c'), cloth('#8a857a', 0.7)],
    }),
  )
  const lamps = [1.2, 3.7].flatMap((x) => {
    mesh.placed({ at: [x, 0, 0.35] }, () => sideTable(mesh, timber('#b98a54', 'x'), [0.44, 0.54, 0.4]))
    return tableLamp(mesh, [x, 0.54, 0.3], { foot: timber('#7d5733', 'y'), height: 0.42, power: 0.3, bright: 1.5 })
  })
  mesh.placed({ at: [3.82, 0.54, 0.44] }, () => vase(mesh, '#e6dfcf', 0.12, 3, 33, '#5c6f48'))
  mesh.placed({ at: [1.1, 0.54, 0.45], turn: 15 }, () => books(mesh, ['#40564a', '#c9b48a']))
  mesh.placed({ at: [1.35, 0.012, 2.75], turn: 35 }, () => sheepskin(mesh, 1.2, 0.85))
  mesh.placed({ at: [0.62, 0, 1.45], turn: 72 }, () => armchair(mesh, cloth('#7f7a6e', 0.5), larch))
  return {
    mesh,
    lamps,
    room,
    camera: { at: [3.62, 1.4, 4.75], to: [1.85, 1.08, 0.2], angle: 61 },
    sky: () => [1.6, 2, 2.6],
    skyLight: () => [7, 7.8, 9],
    sun: { towards: towards(-96, 25), colour: [11, 8.8, 6], blur: 0.012 },
    ambient: [0.2, 0.15, 0.1],
    finish: { exposure: 1.1, bloom: 0.1, tint: [1, 1, 1], contrast: 1.05, saturation: 1 },
  }
}

export async function balkon(): Promise<Scene> {
  const mesh = new Mesh()
  const white = plaster('#f1ece2')
  const room = shell(mesh, {
    size: [4.8, 2.6, 5.4],
    walls: white,
    floor: boards('#a9794a', 0.2, 'z', 'x', 0.05),
    ceiling: panels.ceiling,
    thick: 0.35,
    back: [
      { x: 0.55, y: 0, width: 2.6, height: 2.3 },
      { x: 3.5, y: 0.85, width: 0.95, height: 1.4 },
    ],
  })
  mesh.placed({ at: [3.5, 0.85, -0.22] }, () => casement(mesh, larch, [0.95, 1.4], [2, 2]))
  // A frame for the open balcony door, its wing folded in.
  for (const x of [0.6, 3.1]) mesh.box(larch, [x, 1.15, -0.2], [0.1, 2.3, 0.1], 0.01)
  mesh.box(larch, [1.85, 2.25, -0.2], [2.6, 0.1, 0.1], 0.01)
  for (const z of [0.9, 2.6, 4.3]) mesh.box(timber('#8d6038', 'x'), [2.4, 2.5, z], [4.8, 0.18, 0.2], 0.015)
  for (const x of [0.16, 3.12])
    mesh.placed({ at: [x, 2.42, 0.12] }, () => curtain(mesh, cloth('#d8cfbd', 0.5), [0.34, 2.38], 3))
  // Balcony.
  mesh.quad(boards('#94683f', 0.14, 'x', 'z', 0.02), [-2, -0.03, -0.3], [9, 0, 0], [0, 0, -1.9])
  const rail = timber('#7a5031', 'x')
  mesh.box(rail, [2.4, 0.98, -2.1], [9, 0.09, 0.13], 0.02)
  mesh.box(rail, [2.4, 0.16, -2.1], [9, 0.07, 0.06], 0.01)
  for (let x = -2; x < 6.6; x += 0.24) mesh.box(rail, [x, 0.56, -2.1], [0.1, 0.76, 0.03], 0.004)
  mesh.box({ colour: rgb('#eef2f7') }, [2.4, 1.06, -2.1], [9, 0.09, 0.17], 0.04)
  backdrop(mesh, await viewOutside('view/alpine-day', 2), [1.9, 1.9, 5], 0, 20, 27)
  mesh.placed({ at: [1.35, -0.03, -1.25], turn: 38 }, () => {
    bistroChair(mesh, larch, cloth('#8c2f2a', 0.4))
    mesh.placed({ at: [0, 0.5, 0] }, () => sheepskin(mesh, 0.62, 0.5))
  })
  mesh.placed({ at: [2.45, -0.03, -1.3], turn: -34 }, () => bistroChair(mesh, larch, cloth('#8c2f2a', 0.4)))
  mesh.placed({ at: [1.9, -0.03, -1.5] }, () => sideTable(mesh, larch, [0.45, 0.55, 0.45]))
  cup(mesh, [1.82, 0.52, -1.42])
  jug(mesh, [2.0, 0.52, -1.58], '#5f7f9a', 0.18)
  mesh.placed({ at: [4.72, 0, 2.55], turn: -90 }, () =>
    bed(mesh, {
      width: 1.82,
      frame: larch,
      headboard: { material: timber('#a3743f', 'z'), height: 1.15 },
      linen: cloth('#f5f2ec'),
      throwOver: striped('#ece5d6', '#3f5c55', (u) => (Math.abs(((u * 14) % 1) - 0.5) < 0.2 ? 1 : 0)),
      cushions: [cloth('#3f5c55', 0.7), cloth('#c7a266', 0.7)],
    }),
  )
  mesh.placed({ at: [4.5, 0, 1.3], turn: -90 }, () => sideTable(mesh, larch, [0.44, 0.54, 0.4]))
  const lamps = tableLamp(mesh, [4.52, 0.54, 1.3], { foot: ceramic('#3f5c55'), power: 0.2, bright: 1.2 })
  mesh.placed({ at: [0.72, 0, 1.75], turn: 122 }, () => armchair(mesh, cloth('#a89a80', 0.5), larch))
  mesh.placed({ at: [1.9, 0.012, 2.6], turn: 80 }, () => sheepskin(mesh, 1.7, 1.15))
  return {
    mesh,
    lamps,
    room,
    camera: { at: [1.6, 1.42, 5.2], to: [2.2, 1.2, 0], angle: 62 },
    sky: () => [1.6, 2, 2.6],
    skyLight: (way) => (way[1] > 0 ? [3.6, 4.2, 5.2] : [3.2, 3.2, 3.4]),
    sun: { towards: towards(-30, 34), colour: [7.5, 6.3, 4.7], blur: 0.012 },
    ambient: [0.26, 0.23, 0.2],
    finish: { exposure: 1.1, bloom: 0.1, tint: [1.01, 1, 0.98], contrast: 1.05, saturation: 1.05 },
  }
}

export async function familie(): Promise<Scene> {
  const mesh = new Mesh()
  const room = shell(mesh, {
    size: [5, 2.6, 5.2],
    ...panels,
    floor: boards('#a3744a', 0.2, 'z', 'x', 0.05),
    thick: 0.4,
    left: [{ x: 2.3, y: 0.85, width: 1.25, height: 1.35 }],
  })
  mesh.placed({ at: [-0.26, 0.85, 3.55], turn: 90 }, () => casement(mesh, painted('#efe8da'), [1.25, 1.35], [2, 2]))
  // Berths: a panelled front with two openings, and behind it mattresses, lamps and portholes.
  const front = 1.15
  const berths = [0.42, 1.5]
  const inside = boards('#d3a66d', 0.14, 'x', 'y', 0.02)
  wall(
    mesh,
    boards('#b98a54', 0.16, 'x', 'y', 0.02),
    [0.25, 0, front],
    0,
    [2.35, 2.6, 0.07],
    berths.map((y) => ({ x: 0.18, y, width: 1.95, height: 0.82 })),
  )
  mesh.box(panels.sides, [2.6, 1.3, front / 2], [0.06, 2.6, front], 0.004)
  const lamps: Lamp[] = []
  berths.forEach((y, i) => {
    mesh.box(inside, [1.42, y - 0.03, 0.55], [2.3, 0.06, 1.1], 0.004)
    mesh.box(cloth('#f3efe6'), [1.42, y + 0.07, 0.6], [1.95, 0.14, 0.9], 0.05)
    mesh.placed({ at: [1.72, y + 0.17, 0.62], turn: 90 }, () =>
      spread(mesh, cloth(i === 0 ? '#3f6a78' : '#b5532f', 0.8), 0.92, 0.6, 0.1, {
        loft: 0.07,
        seed: 2 + i,
        foot: true,
        head: 0.75,
      }),
    )
    mesh.placed({ at: [0.68, y + 0.2, 0.6], turn: 88, tilt: 12 }, () =>
      pillow(mesh, cloth('#f6f3ec'), [0.66, 0.17, 0.44], 4 + i),
    )
    const lamp: Vec = [0.42, y + 0.6, 0.28]
    mesh.ball({ colour: rgb('#efe0c4'), glow: rgb('#ffc070', 3), shade: 0 }, lamp, [0.055, 0.055, 0.055], 16)
    lamps.push({ at: lamp, radius: 0.06, power: times(rgb('#ffb15e'), 0.34) as Rgb })
    mesh.box(larch, [1.95, y + 0.58, 0.14], [0.7, 0.025, 0.2], 0.004)
    mesh.placed({ at: [1.75 + i * 0.1, y + 0.593, 0.15] }, () =>
      books(mesh, i === 0 ? ['#7d2f2a', '#d9c79a'] : ['#40564a', '#c98a2b', '#2f4d63']),
    )
    // A porthole: brass ring, sky behind.
    mesh.placed({ at: [1.3, y + 0.47, 0.03], tilt: 90 }, () => {
      mesh.turned(
        { colour: [0, 0, 0], glow: rgb('#a9c8ee', 1.1) },
        [0, 0, 0],
        [
          [0.15, 0],
          [0.001, 0.002],
        ],
        28,
      )
      mesh.turned(
        { colour: rgb('#7a5a26', 0.6), gloss: { share: 0.5, blur: 0.3 } },
        [0, 0, 0],
        [
          [0.15, 0],
          [0.19, 0],
          [0.19, 0.03],
          [0.15, 0.03],
          [0.15, 0],
        ],
        32,
      )
    })
  })
  // The ladder.
  for (const x of [2.0, 2.38]) mesh.rod(larch, [x, 0, front + 0.42], [x, 2.0, front + 0.06], 0.026)
  for (let k = 1; k < 7; k++)
    mesh.rod(larch, [2.0, k * 0.27, front + 0.42 - k * 0.05], [2.38, k * 0.27, front + 0.42 - k * 0.05], 0.018)
  mesh.placed({ at: [0.3, 2.34, front + 0.1] }, () => curtain(mesh, checked('#3f6a78', 0.07), [0.34, 2.28], 3))
  mesh.placed({ at: [4.92, 0, 2.45], turn: -90 }, () =>
    bed(mesh, {
      width: 1.82,
      frame: timber('#b98a54', 'z'),
      headboard: { material: timber('#b07f4a', 'z'), height: 1.1 },
      linen: cloth('#f5f2ec'),
      throwOver: striped('#e6dcc7', '#b5532f', (u) => (Math.abs(((u * 16) % 1) - 0.5) < 0.18 ? 1 : 0)),
      cushions: [checked('#3f6a78'), cloth('#b5532f', 0.7)],
    }),
  )
  mesh.placed({ at: [4.7, 0, 1.2], turn: -90 }, () => sideTable(mesh, timber('#b98a54', 'z'), [0.42, 0.54, 0.4]))
  lamps.push(
    ...tableLamp(mesh, [4.72, 0.54, 1.2], { foot: timber('#7d5733', 'y'), height: 0.44, power: 0.5, bright: 2 }),
  )
  mesh.placed({ at: [1.7, 0.012, 2.65], turn: 70 }, () => sheepskin(mesh, 1.5, 1.05))
  // Wooden animals on parade.
  for (const [x, z, s] of [
    [1.35, 2.35, 1],
    [1.6, 2.3, 0.8],
    [1.82, 2.36, 0.65],
  ] as const)
    mesh.placed({ at: [x, 0.05, z], turn: 20, scale: s }, () => {
      const w = timber('#c08a4e', 'x')
      mesh.box(w, [0, 0.1, 0], [0.15, 0.08, 0.06], 0.028)
      mesh.box(w, [0.09, 0.15, 0], [0.07, 0.07, 0.05], 0.024)
      for (const [lx, lz] of [
        [-0.05, -0.02],
        [-0.05, 0.02],
        [0.05, -0.02],
        [0.05, 0.02],
      ] as const)
        mesh.rod(w, [lx, 0.07, lz], [lx, 0, lz], 0.012)
    })
  return {
    mesh,
    lamps,
    room,
    camera: { at: [2.75, 1.42, 5.05], to: [2.3, 1.2, 0.6], angle: 64 },
    sky: () => [2.2, 2.6, 3.1],
    skyLight: () => [5, 5.8, 7],
    sun: { towards: towards(-118, 28), colour: [8, 6.6, 4.6], blur: 0.012 },
    ambient: [0.16, 0.12, 0.08],
    finish: { exposure: 1.35, bloom: 0.12, contrast: 1.04, saturation: 1 },
  }
}
