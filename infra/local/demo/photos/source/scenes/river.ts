/** River Double: two tall windows on the roofs and the river, the sun coming in over the water. */
import { armchair, bed, books, sideTable, tableLamp, vase } from '../furniture.ts'
import { boards, ceramic, cloth, painted, plaster, timber, voile } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { backdrop, casement, curtain, shell, skirting } from '../room-parts.ts'
import type { Scene } from '../scene.ts'
import { cup } from '../table-things.ts'
import { towards } from '../vectors.ts'
import { viewOutside } from '../workshop.ts'

export async function river(): Promise<Scene> {
  const mesh = new Mesh()
  const joinery = painted('#f1efe8')
  const oak = timber('#8a6240', 'x')
  const gaps = [0.7, 2.6].map((x) => ({ x, y: 0.3, width: 1.25, height: 2.5 }))
  const room = shell(mesh, {
    size: [5, 3.2, 5.4],
    walls: plaster('#f2eee4'),
    floor: boards('#b58a5c', 0.16, 'z', 'x', 0.05),
    thick: 0.42,
    back: gaps,
  })
  for (const { x, y, width, height } of gaps) {
    mesh.placed({ at: [x, y, -0.3] }, () => casement(mesh, joinery, [width, height], [2, 3], 0.055))
    // A seat in the depth of the wall.
    mesh.box(cloth('#4d6f8f', 0.5), [x + width / 2, y + 0.05, -0.12], [width - 0.02, 0.1, 0.34], 0.04)
    for (const side of [-1, 1])
      mesh.placed({ at: [x + width / 2 + side * 0.78 - 0.19, 3.02, 0.1] }, () => curtain(mesh, voile, [0.38, 2.98], 4))
    mesh.rod(timber('#5b3f28', 'x'), [x - 0.42, 3.04, 0.1], [x + width + 0.42, 3.04, 0.1], 0.014)
  }
  skirting(mesh, joinery, [4.988, 0, 0], [4.988, 0, 5.4])
  skirting(mesh, joinery, [0.012, 0, 0], [0.012, 0, 5.4])
  backdrop(mesh, await viewOutside('view/lisbon-afternoon', 1.6), [1.6, 1.2, 4], 0, 12, 15.5)

  mesh.placed({ at: [4.9, 0, 1.9], turn: -90 }, () =>
    bed(mesh, {
      width: 1.82,
      frame: oak,
      headboard: { material: cloth('#9fb2b8', 0.3), height: 1.15 },
      throwOver: cloth('#5f86a0', 0.7),
      cushions: [cloth('#d9b27c', 0.7), cloth('#7da0b3', 0.7)],
    }),
  )
  const lamps = [0.62].flatMap((z) => {
    mesh.placed({ at: [4.66, 0, z], turn: -90 }, () => sideTable(mesh, oak, [0.44, 0.55, 0.4]))
    return tableLamp(mesh, [4.68, 0.55, z], { foot: ceramic('#6f93a3'), power: 0.2, bright: 1.2 })
  })
  mesh.placed({ at: [0.95, 0, 1.9], turn: 118, scale: 1.06 }, () => armchair(mesh, cloth('#cdb892', 0.5), oak))
  mesh.placed({ at: [0.62, 0, 1.02] }, () => sideTable(mesh, oak, [0.42, 0.5, 0.42]))
  mesh.placed({ at: [0.55, 0.5, 0.95] }, () => vase(mesh, '#e9e4d8', 0.2, 6, 12, '#6a8253'))
  cup(mesh, [0.73, 0.5, 1.1])
  mesh.box(cloth('#e3dccd', 0.6), [2.3, 0.009, 2.3], [2.1, 0.018, 2.5], 0.008)
  mesh.placed({ at: [1.1, 0.018, 2.62], turn: 25 }, () => books(mesh, ['#2f4d63', '#e0d4b8', '#9c4f35']))

  return {
    mesh,
    lamps,
    room,
    camera: { at: [1.55, 1.42, 5.2], to: [2.35, 1.2, 0], angle: 64 },
    sky: () => [1.5, 1.7, 2],
    skyLight: (way) => (way[1] > 0 ? [5.2, 6.2, 7.6] : [2.6, 2.2, 1.8]),
    sun: { towards: towards(-24, 34), colour: [10, 8.2, 5.9], blur: 0.012 },
    ambient: [0.2, 0.18, 0.16],
    finish: { exposure: 0.98, bloom: 0.12, tint: [1.01, 1, 0.98], contrast: 1.05, saturation: 1.08 },
  }
}
