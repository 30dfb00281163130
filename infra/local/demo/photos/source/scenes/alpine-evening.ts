/** Berghaus Silvretta after dark: stars over the attic, fire in the suite, dinner in the Stube. */
import { armchair, bed, books, pendant, sideTable, tableLamp, vase } from '../furniture.ts'
import { boards, brass, ceramic, cloth, glowing, iron, plaster, striped, timber } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { dice, hash3, layeredNoise, step } from '../noise.ts'
import { backdrop, casement, shell } from '../room-parts.ts'
import type { Lamp, Material, Scene } from '../scene.ts'
import { bottle, bread, candle, plate, wineGlass } from '../table-things.ts'
import { type Rgb, rgb, times, type Vec } from '../vectors.ts'
import { viewOutside } from '../workshop.ts'
import { checked, sheepskin } from './alpine-rooms.ts'

const larch = timber('#8d6038', 'x')
const old = {
  walls: boards('#9a6a3c', 0.2, 'y', 'x', 0.025),
  sides: boards('#9a6a3c', 0.2, 'y', 'z', 0.025),
  ceiling: boards('#7f5530', 0.24, 'z', 'x', 0.025),
}

/** Night behind a pane: stars of several sizes, and the band of the Milky Way. */
const starry: Material = glowing((at, out) => {
  const [x, y] = [at.u, at.v]
  const band = step(0.32, 0, Math.abs(x * 0.8 - y + 0.12 + 0.3 * (layeredNoise(x * 3, y * 3, 2, 3) - 0.5)))
  const dust = band * layeredNoise(x * 7, y * 7, 5, 4)
  let k = 0
  for (const [cells, share] of [
    [26, 0.16],
    [60, 0.12 + 0.3 * band],
  ] as const) {
    const [i, j] = [Math.floor(x * cells), Math.floor(y * cells)]
    if (hash3(i, j, cells) > share) continue
    const [cx, cy] = [0.3 + 0.4 * hash3(i, j, 2), 0.3 + 0.4 * hash3(i, j, 3)]
    const far = Math.hypot(x * cells - i - cx, y * cells - j - cy)
    k += step(cells === 26 ? 0.11 : 0.2, 0, far) * (0.5 + 3 * hash3(i, j, 4) ** 2)
  }
  out[0] = 0.02 + 0.1 * dust + k
  out[1] = 0.035 + 0.11 * dust + k
  out[2] = 0.11 + 0.18 * dust + 1.1 * k
})

export async function kammer(): Promise<Scene> {
  const mesh = new Mesh()
  const w = 3.1
  const depth = 4.6
  const [knee, ridge] = [1.05, 2.75]
  mesh.quad(boards('#a3744a', 0.18, 'z', 'x', 0.05), [0, 0, depth], [w, 0, 0], [0, 0, -depth])
  mesh.face(
    boards('#b98550', 0.17, 'y', 'x', 0.02),
    [0, 0, 0],
    [w, 0, 0],
    [w, knee, 0],
    [w / 2, ridge, 0],
    [0, knee, 0],
  )
  const side = boards('#b98550', 0.17, 'z', 'y', 0.02)
  mesh.face(side, [0, 0, depth], [0, 0, 0], [0, knee, 0], [0, knee, depth])
  mesh.face(side, [w, 0, 0], [w, 0, depth], [w, knee, depth], [w, knee, 0])
  mesh.face(side, [0, 0, depth], [0, ridge, depth], [w, ridge, depth], [w, 0, depth])
  // The slopes; in the left one a skylight, its frame proud of the boards.
  mesh.face(side, [0, knee, depth], [0, knee, 0], [w / 2, ridge, 0], [w / 2, ridge, depth])
  mesh.face(side, [w, knee, 0], [w, knee, depth], [w / 2, ridge, depth], [w / 2, ridge, 0])
  const slope = (Math.atan2(ridge - knee, w / 2) * 180) / Math.PI
  mesh.placed({ at: [w / 4 - 0.02, (knee + ridge) / 2 - 0.02, 1.25], turn: 90 }, () =>
    mesh.placed({ tilt: slope }, () => {
      const [pw, ph] = [1.45, 1.3]
      mesh.quad(starry, [-pw / 2, -0.02, -ph / 2], [pw, 0, 0], [0, 0, ph])
      mesh.quad(starry, [-pw / 2, -0.02, -ph / 2], [0, 0, ph], [pw, 0, 0])
      for (const x of [-pw / 2, 0, pw / 2])
        mesh.box(larch, [x, -0.03, 0], [x === 0 ? 0.04 : 0.09, 0.09, ph + 0.09], 0.008)
      for (const z of [-ph / 2, ph / 2]) mesh.box(larch, [0, -0.03, z], [pw + 0.09, 0.09, 0.09], 0.008)
    }),
  )
  for (const z of [0.1, 2.35, 3.9])
    for (const s of [-1, 1])
      mesh.rod(timber('#7a5030', 'y'), [w / 2 + s * (w / 2 - 0.03), knee, z], [w / 2, ridge - 0.05, z], 0.075, 0.075, 6)
  mesh.box(timber('#7a5030', 'z'), [w / 2, ridge - 0.1, depth / 2], [0.18, 0.2, depth], 0.015)
  mesh.placed({ at: [1.2, 0, 0.1] }, () =>
    bed(mesh, {
      width: 1.25,
      length: 2.05,
      frame: larch,
      headboard: { material: timber('#8d6038', 'x'), height: 0.98 },
      linen: cloth('#f3eee4'),
      throwOver: striped('#46586e', '#c9b68a', (u) => (Math.abs(((u * 12) % 1) - 0.5) < 0.12 ? 1 : 0)),
      cushions: [checked('#b0342c')],
    }),
  )
  mesh.placed({ at: [2.3, 0, 0.4] }, () => sideTable(mesh, larch, [0.5, 0.54, 0.42]))
  const lamps = tableLamp(mesh, [2.3, 0.54, 0.34], {
    foot: timber('#6b4526', 'y'),
    height: 0.46,
    power: 0.85,
    bright: 2.8,
  })
  mesh.placed({ at: [2.14, 0.54, 0.5], turn: 22 }, () => books(mesh, ['#40564a', '#c9b48a', '#7d2f2a']))
  mesh.placed({ at: [2.35, 0.012, 1.75], turn: 12 }, () => sheepskin(mesh, 1.25, 0.8))
  mesh.placed({ at: [2.72, 0, 2.6], turn: -68 }, () => armchair(mesh, cloth('#6f5a48', 0.5), larch))
  return {
    mesh,
    lamps: [
      ...lamps,
      { at: [0.75, 1.8, 1.3], radius: 0.4, power: [0.04, 0.06, 0.13] },
      { at: [2.6, 2.0, 4.3], radius: 0.2, power: times(rgb('#ffb86b'), 0.5) as Rgb },
    ],
    camera: { at: [2.35, 1.42, 4.45], to: [1.25, 1.28, 0.3], angle: 60, rise: 0.05 },
    sky: () => [0.02, 0.03, 0.08],
    room: { openings: [], from: [-1, -1, -1], to: [5, 5, 6] },
    ambient: [0.1, 0.065, 0.035],
    finish: { exposure: 1.6, bloom: 0.14, contrast: 1.05, saturation: 0.98 },
  }
}

/** Flames behind a pane, and embers. */
const flames: Material = glowing((at, out) => {
  const tongue = layeredNoise(at.u * 5, at.v * 2.2, 3, 3)
  const k = step(0.95, 0.15, at.v + 0.7 * (0.5 - tongue) + 1.1 * Math.abs(at.u - 0.5) ** 1.5)
  out[0] = 0.1 + 6 * k
  out[1] = 0.03 + 2.6 * k * k
  out[2] = 0.01 + 0.5 * k * k * k
})

export async function grat(): Promise<Scene> {
  const mesh = new Mesh()
  const room = shell(mesh, {
    size: [6, 3.3, 5.8],
    walls: plaster('#e6dccb'),
    sides: old.sides,
    floor: boards('#8d623c', 0.2, 'z', 'x', 0.05),
    ceiling: old.ceiling,
    thick: 0.4,
    back: [{ x: 0.75, y: 0.45, width: 2.9, height: 2.45 }],
  })
  const frame = timber('#6b4526', 'x')
  mesh.placed({ at: [0.75, 0.45, -0.25] }, () => casement(mesh, frame, [2.9, 2.45], [3, 1], 0.08))
  mesh.box(cloth('#7d6a55', 0.5), [2.2, 0.5, -0.08], [2.86, 0.12, 0.5], 0.05)
  backdrop(mesh, await viewOutside('view/alpine-dusk', 1.05), [2.3, 1.7, 5], 0, 14, 17)
  for (const x of [1.15, 3.2])
    mesh.placed({ at: [x, 0.68, -0.16], tilt: -22 }, () =>
      mesh.box(x < 2 ? checked('#b0342c') : cloth('#c7a266', 0.7), [0, 0.08, 0], [0.46, 0.4, 0.14], 0.065),
    )
  for (const z of [0.7, 2.4, 4.1]) mesh.box(timber('#6f4828', 'x'), [3, 3.17, z], [6, 0.24, 0.22], 0.02)
  // The stove of soapstone, its door alight.
  const soapstone: Material = {
    colour: (at, out) => out.set(rgb('#8b8f8a', 0.75 + 0.4 * layeredNoise(at.x * 5, at.y * 5, at.z * 5, 4))),
    gloss: { share: 0.04, blur: 0.35 },
  }
  const stove: Vec = [4.35, 0, 0.55]
  mesh.box(soapstone, [stove[0], 0.14, stove[2]], [1.0, 0.28, 0.86], 0.02)
  mesh.box(soapstone, [stove[0], 1.0, stove[2]], [0.84, 1.5, 0.7], 0.03)
  mesh.box(soapstone, [stove[0], 1.8, stove[2]], [0.96, 0.12, 0.82], 0.02)
  mesh.rod(iron, [stove[0], 1.85, stove[2]], [stove[0], 3.3, stove[2]], 0.08)
  mesh.box(iron, [stove[0], 0.82, stove[2] + 0.355], [0.6, 0.66, 0.04], 0.01)
  mesh.quad(flames, [stove[0] - 0.24, 0.56, stove[2] + 0.385], [0.48, 0, 0], [0, 0.5, 0])
  const lamps: Lamp[] = [
    { at: [stove[0], 0.7, stove[2] + 0.55], radius: 0.12, power: times(rgb('#ff8a3a'), 0.95) as Rgb },
  ]
  const roll = dice(5)
  for (let i = 0; i < 22; i++) {
    const p: Vec = [5.15 + (i % 5) * 0.15 + roll() * 0.03, 0.09 + Math.floor(i / 5) * 0.14, 0.62]
    mesh.rod(timber('#a8794c', 'z'), p, [p[0], p[1], 0.2], 0.068, 0.068, 9)
  }
  mesh.placed({ at: [3.1, 0, 1.75], turn: 128 }, () => armchair(mesh, cloth('#7a3d30', 0.5), frame))
  mesh.placed({ at: [3.95, 0, 2.25], turn: 205 }, () => armchair(mesh, cloth('#5c5244', 0.5), frame))
  mesh.placed({ at: [3.78, 0, 1.45] }, () => sideTable(mesh, frame, [0.42, 0.45, 0.42]))
  bottle(mesh, [3.7, 0.45, 1.4], '#2a2f1d')
  wineGlass(mesh, [3.88, 0.45, 1.5], '#6d1528')
  mesh.placed({ at: [3.25, 0.012, 2.75], turn: 60 }, () => sheepskin(mesh, 1.7, 1.2))
  mesh.placed({ at: [0.08, 0, 3.1], turn: 90 }, () =>
    bed(mesh, {
      width: 2,
      length: 2.1,
      frame,
      headboard: { material: timber('#8d6038', 'z'), height: 1.2 },
      linen: cloth('#f3eee4'),
      throwOver: cloth('#6b3a2f', 0.7),
      cushions: [cloth('#c7a266', 0.7), checked('#b0342c'), cloth('#c7a266', 0.7)],
    }),
  )
  for (const z of [1.72, 4.45]) {
    mesh.placed({ at: [0.36, 0, z], turn: 90 }, () => sideTable(mesh, frame, [0.44, 0.54, 0.42]))
    lamps.push(...tableLamp(mesh, [0.34, 0.54, z], { foot: brass, height: 0.52, power: 0.75, bright: 2.6 }))
  }
  lamps.push(...candle(mesh, [3.62, 0.45, 1.58], 0.05))
  mesh.placed({ at: [4.1, 1.86, 0.55] }, () => vase(mesh, '#b08a5a', 0.18, 5, 8, '#4c5f45'))
  mesh.placed({ at: [4.62, 1.86, 0.6] }, () => books(mesh, ['#40564a', '#7d2f2a']))
  return {
    mesh,
    lamps,
    room,
    camera: { at: [3.0, 1.5, 5.65], to: [2.75, 1.28, 0], angle: 66 },
    sky: () => [0.2, 0.2, 0.35],
    skyLight: () => [0.55, 0.55, 0.95],
    ambient: [0.06, 0.04, 0.025],
    finish: { exposure: 1.55, bloom: 0.15, contrast: 1.05, saturation: 1.02 },
  }
}

export async function stube(): Promise<Scene> {
  const mesh = new Mesh()
  const room = shell(mesh, {
    size: [6.6, 2.7, 7],
    ...old,
    floor: boards('#8d623c', 0.22, 'z', 'x', 0.06),
    thick: 0.45,
    back: [0.7, 2.75, 4.8].map((x) => ({ x, y: 0.95, width: 1.1, height: 1.15 })),
  })
  const frame = timber('#6b4526', 'x')
  for (const x of [0.7, 2.75, 4.8])
    mesh.placed({ at: [x, 0.95, -0.28] }, () => casement(mesh, frame, [1.1, 1.15], [2, 2], 0.055))
  backdrop(mesh, await viewOutside('view/alpine-dusk', 0.8), [3.3, 1.6, 5], 0, 14, 17)
  for (let z = 0.8; z < 7; z += 1.5) mesh.box(timber('#6f4828', 'x'), [3.3, 2.62, z], [6.6, 0.2, 0.22], 0.02)
  // The bench along the walls.
  mesh.box(frame, [3.3, 0.45, 0.24], [6.6, 0.05, 0.46], 0.012)
  mesh.box(old.walls, [3.3, 0.22, 0.44], [6.6, 0.42, 0.04], 0.004)
  mesh.box(checked('#8c2f2a', 0.05), [3.3, 0.5, 0.25], [6.5, 0.06, 0.42], 0.028)
  // The tiled stove in its corner.
  const green: Material = {
    colour: (at, out) => {
      const [u, v] = [(Math.atan2(at.z - 0.75, at.x - 5.75) * 0.62) / 0.2, at.y / 0.22]
      const joint = Math.min(u - Math.floor(u), v - Math.floor(v)) < 0.06
      out.set(joint ? rgb('#2c3a2f') : rgb('#41705a', 0.8 + 0.35 * hash3(Math.floor(u), Math.floor(v), 6)))
    },
    gloss: { share: 0.06, blur: 0.15 },
    relief: (x, y, z) => {
      const [u, v] = [(Math.atan2(z - 0.75, x - 5.75) * 0.62) / 0.2, y / 0.22]
      return 0.02 * Math.sin((u - Math.floor(u)) * Math.PI) * Math.sin((v - Math.floor(v)) * Math.PI)
    },
  }
  mesh.turned(
    green,
    [5.75, 0, 0.75],
    [
      [0.72, 0],
      [0.72, 0.5],
      [0.6, 0.52],
      [0.6, 1.75],
      [0.66, 1.78],
      [0.66, 1.9],
      [0.5, 2.1],
      [0.2, 2.2],
      [0.2, 2.7],
    ],
    36,
  )
  const lamps: Lamp[] = []
  const table = (x: number, z: number, long: number, cloths: Material) =>
    mesh.placed({ at: [x, 0, z] }, () => {
      mesh.box(timber('#a3743f', 'x'), [0, 0.73, 0], [long, 0.05, 0.8], 0.012)
      for (const s of [-1, 1]) mesh.box(frame, [s * (long / 2 - 0.18), 0.36, 0], [0.09, 0.72, 0.6], 0.012)
      mesh.box(cloths, [0, 0.76, 0], [0.42, 0.006, 0.84], 0.002)
      for (const s of [-1, 1])
        for (const px of [-long / 2 + 0.42, long / 2 - 0.42]) {
          plate(mesh, [px, 0.758, s * 0.24], 0.13)
          mesh.box(cloth('#f3efe6', 0.4), [px - 0.2, 0.77, s * 0.24], [0.09, 0.02, 0.17], 0.008)
          wineGlass(mesh, [px + 0.17, 0.758, s * 0.1], s > 0 ? '#6d1528' : '#d9b85c')
        }
      bread(mesh, [0.05, 0.765, 0.02])
      bottle(mesh, [-0.22, 0.758, -0.05], '#26331f')
    })
  const at: Vec[] = [
    [1.75, 0, 1.05],
    [4.05, 0, 1.15],
    [2.1, 0, 3.15],
  ]
  at.forEach(([x, , z], i) => {
    table(x, z, 1.5, i === 1 ? checked('#3f5c4a', 0.05) : checked('#8c2f2a', 0.05))
    lamps.push(...candle(mesh, [x + 0.22, 0.758, z - 0.12], 0.06))
    lamps.push(...pendant(mesh, [x, 2.55, z], 0.62, iron, '#ffb765', 0.85))
  })
  const seat = (x: number, z: number, turn: number) =>
    mesh.placed({ at: [x, 0, z], turn }, () => {
      // A farmhouse chair: splayed legs, a back cut out as a heart would be.
      for (const [lx, lz] of [
        [-0.17, -0.16],
        [0.17, -0.16],
        [-0.17, 0.16],
        [0.17, 0.16],
      ] as const)
        mesh.rod(frame, [lx * 0.75, 0.44, lz * 0.75], [lx * 1.2, 0, lz * 1.2], 0.02, 0.016)
      mesh.box(frame, [0, 0.45, 0], [0.42, 0.035, 0.4], 0.015)
      mesh.placed({ at: [0, 0.68, -0.2], tilt: -12 }, () => mesh.box(larch, [0, 0, 0], [0.36, 0.46, 0.03], 0.014))
    })
  for (const [x, z] of [
    [1.4, 1.85],
    [2.1, 1.85],
    [3.7, 1.95],
    [4.4, 1.95],
    [1.75, 3.95],
    [2.45, 3.95],
  ] as const)
    seat(x, z, 180)
  for (const [x, z] of [
    [1.75, 2.4],
    [2.45, 2.4],
  ] as const)
    seat(x, z, 0)
  mesh.placed({ at: [3.1, 0.53, 0.2], tilt: -14 }, () =>
    mesh.box(cloth('#c7a266', 0.7), [0, 0.2, 0], [0.42, 0.38, 0.13], 0.06),
  )
  mesh.placed({ at: [0.55, 0.53, 0.2], tilt: -14 }, () =>
    mesh.box(checked('#8c2f2a'), [0, 0.2, 0], [0.42, 0.38, 0.13], 0.06),
  )
  mesh.box(frame, [0.14, 1.86, 3.2], [0.22, 0.04, 3.4], 0.006)
  for (let i = 0; i < 9; i++)
    plate(mesh, [0.14, 1.9 + 0.02, 1.7 + i * 0.36], 0.09, ceramic(i % 2 ? '#d9d2c0' : '#4d6f8a'))
  return {
    mesh,
    lamps,
    room,
    camera: { at: [4.6, 1.5, 6.5], to: [2.75, 1.22, 0.4], angle: 62 },
    sky: () => [0.1, 0.12, 0.25],
    skyLight: () => [0.3, 0.33, 0.6],
    ambient: [0.07, 0.045, 0.025],
    finish: { exposure: 1.5, bloom: 0.15, contrast: 1.05, saturation: 1 },
  }
}
