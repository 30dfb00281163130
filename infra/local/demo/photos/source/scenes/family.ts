/** Family Loft: parents below, two beds on a gallery, timber above. */
import { bed, books, chair, pottedTree, roundTable, sideTable, tableLamp } from '../furniture.ts'
import { boards, ceramic, cloth, iron, painted, plaster, timber } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { casement, shell } from '../room-parts.ts'
import type { Scene } from '../scene.ts'
import { fruitBowl } from '../table-things.ts'
import { towards, type Vec } from '../vectors.ts'

export async function family(): Promise<Scene> {
  const mesh = new Mesh()
  const white = plaster('#f1ece1')
  const oak = timber('#8f6742', 'x')
  const beam = timber('#6f4e32', 'z')
  const joinery = painted('#dfe3dc')
  const room = shell(mesh, {
    size: [5.6, 4.6, 7.2],
    walls: white,
    floor: boards('#a87c50', 0.18, 'z', 'x', 0.05),
    thick: 0.4,
    left: [
      { x: 2.75, y: 0.5, width: 1.2, height: 2.7 },
      { x: 0.5, y: 2.95, width: 1.0, height: 0.95 },
    ],
  })
  mesh.placed({ at: [-0.28, 0.5, 3.95], turn: 90 }, () => casement(mesh, joinery, [1.2, 2.7], [2, 4]))
  mesh.placed({ at: [-0.28, 2.95, 1.5], turn: 90 }, () => casement(mesh, joinery, [1.0, 0.95], [2, 2]))
  // Rafters.
  for (let z = 0.4; z < 7.2; z += 1.15) mesh.box(oak, [2.8, 4.56, z], [5.6, 0.24, 0.18], 0.012)
  // The gallery on two posts, with a rail and a ladder stair.
  const deck = 2.22
  mesh.box(oak, [2.8, deck - 0.03, 1.2], [5.6, 0.06, 2.4], 0.006)
  for (let x = 0.25; x < 5.6; x += 0.85) mesh.box(beam, [x, deck - 0.14, 1.2], [0.12, 0.16, 2.4], 0.008)
  mesh.box(oak, [2.8, deck - 0.15, 2.36], [5.6, 0.26, 0.14], 0.012)
  for (const x of [0.2, 4.35]) mesh.box(beam, [x, deck / 2, 2.34], [0.15, deck, 0.15], 0.014)
  mesh.box(joinery, [2.25, deck + 0.98, 2.36], [4.4, 0.05, 0.07], 0.012)
  mesh.box(joinery, [2.25, deck + 0.12, 2.36], [4.4, 0.04, 0.05], 0.008)
  for (let x = 0.1; x < 4.45; x += 0.125)
    mesh.rod(joinery, [x, deck + 0.12, 2.36], [x, deck + 0.96, 2.36], 0.011, 0.011, 6)
  for (let i = 0; i < 10; i++) {
    const t = (i + 0.5) / 10
    mesh.box(oak, [4.98, deck * t, 3.95 - 1.55 * t], [0.86, 0.045, 0.24], 0.008)
  }
  for (const x of [4.53, 5.43]) {
    const foot: Vec = [x, 0.02, 4.0]
    const head: Vec = [x, deck, 2.36]
    mesh.rod(oak, foot, head, 0.045, 0.045, 6)
  }
  // Two beds above, side by side.
  for (const [x, hex] of [
    [1.2, '#d08a4e'],
    [2.9, '#4f7f86'],
  ] as const)
    mesh.placed({ at: [x, deck, 0.1] }, () =>
      bed(mesh, {
        width: 0.95,
        length: 1.95,
        frame: joinery,
        headboard: { material: joinery, height: 1.05 },
        throwOver: cloth(hex, 0.7),
        cushions: [cloth(hex, 0.7)],
      }),
    )
  mesh.placed({ at: [2.45, 0, 0.35] }, () =>
    bed(mesh, {
      width: 1.82,
      length: 2.1,
      frame: oak,
      headboard: { material: cloth('#7f958a', 0.3), height: 1.1 },
      throwOver: cloth('#c2693f', 0.7),
      cushions: [cloth('#e2c38a', 0.7), cloth('#7f958a', 0.7)],
    }),
  )
  const lamps = [1.18, 3.72].flatMap((x) => {
    mesh.placed({ at: [x, 0, 0.55] }, () => sideTable(mesh, oak, [0.44, 0.54, 0.4]))
    return tableLamp(mesh, [x, 0.54, 0.5], { foot: ceramic('#d8cdb4'), power: 0.45, bright: 1.9 })
  })
  lamps.push(
    ...tableLamp(mesh, [2.05, deck + 0.46, 0.4], { foot: ceramic('#c2693f'), height: 0.38, power: 0.4, bright: 1.9 }),
  )
  mesh.placed({ at: [2.05, deck, 0.4] }, () => sideTable(mesh, joinery, [0.4, 0.46, 0.36]))
  // A table for four by the window.
  mesh.placed({ at: [1.25, 0, 3.75] }, () => roundTable(mesh, oak, iron, 0.5, 0.74))
  for (const [x, z, turn] of [
    [0.6, 3.95, 70],
    [1.85, 4.0, -70],
    [1.3, 3.08, 4],
  ] as const)
    mesh.placed({ at: [x, 0, z], turn }, () => chair(mesh, painted('#dfe3dc'), cloth('#7f958a', 0.4)))
  fruitBowl(mesh, [1.2, 0.74, 3.72], '#e9e2d2', ['#e88b2a', '#c8452f', '#9bb34a'], 0.16)
  mesh.placed({ at: [1.52, 0.74, 3.9], turn: 30 }, () => books(mesh, ['#c2693f', '#4f7f86']))
  mesh.box(cloth('#dcd0b7', 0.6), [3.0, 0.009, 2.9], [3.0, 0.018, 1.7], 0.008)
  mesh.placed({ at: [5.1, 0, 0.5] }, () =>
    pottedTree(mesh, { pot: ceramic('#e5dfd1'), height: 1.7, crown: 0.42, leaves: 420, seed: 14 }),
  )

  return {
    mesh,
    lamps,
    room,
    camera: { at: [3.5, 1.8, 7.05], to: [2.55, 1.8, 0.4], angle: 62, rise: 0.06 },
    sky: () => [2.4, 2.7, 3],
    skyLight: () => [11, 12, 13],
    sun: { towards: towards(-116, 35), colour: [10, 8, 5.6], blur: 0.012 },
    ambient: [0.22, 0.2, 0.17],
    finish: { exposure: 1.35, bloom: 0.1, tint: [1.02, 1, 0.97], contrast: 1.05, saturation: 1.08 },
  }
}
