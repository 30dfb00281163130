/** Azulejo Double: a bed against the old tiles, sun through the shutters. */
import { pictureTexture, readPicture } from '../film.ts'
import { bed, books, sideTable, tableLamp, vase } from '../furniture.ts'
import { boards, ceramic, cloth, painted, plaster, timber } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { borderPattern, tilePattern } from '../paintings.ts'
import { casement, curtain, skirting, wall } from '../room-parts.ts'
import type { Material, Scene } from '../scene.ts'
import { rgb, towards } from '../vectors.ts'

export async function azulejo(): Promise<Scene> {
  const mesh = new Mesh()
  const white = plaster('#efe9dd')
  const wood = timber('#7a5234', 'x')
  const joinery = painted('#e9e6dc')
  const tiled: Material = {
    colour: pictureTexture(await readPicture(tilePattern()), 1, 1 / 0.3, 1 / 0.3),
    gloss: { share: 0.045, blur: 0.22 },
  }
  const border: Material = {
    ...tiled,
    colour: pictureTexture(await readPicture(borderPattern()), 1, 1 / 0.15, 1 / 0.15),
  }

  // The room: 4.4 m broad, 5 m deep, 3.1 m high.
  mesh.quad(boards('#a9794c', 0.14, 'z', 'x'), [0, 0, 5], [4.4, 0, 0], [0, 0, -5])
  mesh.quad(white, [0, 3.1, 0], [4.4, 0, 0], [0, 0, 5])
  wall(mesh, white, [0, 0, 0], 0, [4.4, 3.1, 0.3], [], { material: tiled, upTo: 1.5 })
  mesh.quad(border, [0, 1.5, 0.004], [4.4, 0, 0], [0, 0.15, 0], true)
  mesh.box(joinery, [2.2, 1.665, 0.015], [4.4, 0.03, 0.03], 0.006)
  wall(mesh, white, [0, 0, 5], 90, [5, 3.1, 0.45], [{ x: 3.2, y: 0.35, width: 1.15, height: 2.35 }])
  wall(mesh, white, [4.4, 0, 0], -90, [5, 3.1, 0.3])
  wall(mesh, white, [4.4, 0, 5], 180, [4.4, 3.1, 0.3])
  skirting(mesh, joinery, [4.388, 0, 0], [4.388, 0, 5])
  // The window, its inner shutters folded back.
  mesh.placed({ at: [-0.3, 0.35, 1.8], turn: 90 }, () => casement(mesh, joinery, [1.15, 2.35], [2, 4]))
  for (const [z, turn] of [
    [0.65, 52],
    [1.8, -74],
  ] as const)
    mesh.placed({ at: [0.02, 0.35, z], turn }, () => {
      mesh.box(joinery, [0.27, 1.175, 0], [0.54, 2.33, 0.03], 0.008)
      for (const y of [0.6, 1.72]) mesh.box(joinery, [0.27, y, 0], [0.38, 0.9, 0.045], 0.012)
    })

  mesh.placed({ at: [2.35, 0, 0.08] }, () =>
    bed(mesh, {
      width: 1.62,
      frame: wood,
      headboard: { material: timber('#6b4529', 'x'), height: 1.02 },
      throwOver: cloth('#c7a25a', 0.7),
      cushions: [cloth('#2f4f86', 0.7), cloth('#d8c9a8', 0.7)],
    }),
  )
  const lamps = [3.52, 1.2].flatMap((x) => {
    mesh.placed({ at: [x, 0, 0.3] }, () => sideTable(mesh, wood, [0.46, 0.56, 0.4]))
    return tableLamp(mesh, [x, 0.56, 0.26], { foot: ceramic('#e8e3d4'), power: 0.32, bright: 1.6 })
  })
  mesh.placed({ at: [3.66, 0.56, 0.4], turn: 20 }, () => books(mesh, ['#7d2f2a', '#d9cdb1']))
  mesh.placed({ at: [1.08, 0.56, 0.4] }, () => vase(mesh, '#3c5f96', 0.15, 4, 4))
  // A woven rug, half under the bed.
  mesh.box(
    {
      ...cloth('#e4dac4', 0.5),
      colour: (at, out) => {
        const band = Math.abs(((at.z * 4.2) % 1) - 0.5) < 0.12 && at.z > 2.2
        out.set(rgb(band ? '#4a6796' : '#ded3bb'))
      },
    },
    [2.35, 0.008, 2.05],
    [2.7, 0.016, 1.5],
    0.006,
  )

  return {
    mesh,
    lamps,
    camera: { at: [3.6, 1.4, 4.85], to: [1.9, 1.06, 0.2], angle: 60, rise: 0 },
    sky: () => [3.2, 3.3, 3.4],
    skyLight: () => [7, 7.6, 8.4],
    sun: { towards: towards(-93, 29), colour: [11, 8.6, 5.8], blur: 0.012 },
    room: {
      openings: [{ corner: [-0.2, 0.35, 1.8], side: [0, 0, -1.15], up: [0, 2.35, 0] }],
      from: [-0.05, -0.1, -0.1],
      to: [4.5, 3.2, 5.1],
    },
    ambient: [0.12, 0.1, 0.08],
    finish: { exposure: 1.12, bloom: 0.1, tint: [1.02, 1, 0.97], contrast: 1.04, saturation: 1.06 },
  }
}
