/** Snug Single: white under the eaves, a desk at the window, a narrow bed. */

import { pictureTexture, readPicture } from '../film.ts'
import { bed, books, chair, framed, tableLamp, vase } from '../furniture.ts'
import { boards, ceramic, cloth, painted, plaster, timber } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { sailingShip } from '../paintings.ts'
import { backdrop, casement, shell } from '../room-parts.ts'
import type { Scene } from '../scene.ts'
import { cup } from '../table-things.ts'
import { rgb, towards } from '../vectors.ts'
import { viewOutside } from '../workshop.ts'

export async function snug(): Promise<Scene> {
  const mesh = new Mesh()
  const white = plaster('#f4f1ea')
  const joinery = painted('#5f7f83')
  const oak = timber('#9a7048', 'x')
  const room = shell(mesh, {
    size: [3, 3, 4.2],
    walls: white,
    floor: boards('#a77c50', 0.13, 'z', 'x', 0.05),
    thick: 0.34,
    back: [{ x: 0.72, y: 0.95, width: 1.15, height: 1.25 }],
  })
  // The slope of the roof over the bed, with two beams.
  mesh.face(white, [3, 1.35, 4.2], [3, 1.35, 0], [1.5, 3, 0], [1.5, 3, 4.2])
  for (const z of [0.75, 2.2, 3.65])
    mesh.face(oak, [2.97, 1.32, z], [2.97, 1.32, z - 0.13], [1.46, 2.98, z - 0.13], [1.46, 2.98, z])
  for (const z of [0.75, 2.2, 3.65]) mesh.face(oak, [2.97, 1.32, z], [1.46, 2.98, z], [1.52, 3.05, z], [3.03, 1.39, z])
  mesh.placed({ at: [0.72, 0.95, -0.22] }, () => casement(mesh, joinery, [1.15, 1.25], [2, 2]))
  backdrop(mesh, await viewOutside('view/lisbon-afternoon', 2.2), [1.4, 1.35, 3], 0, 9, 14)

  mesh.box(oak, [1.2, 0.74, 0.3], [1.5, 0.035, 0.55], 0.008)
  for (const x of [0.52, 1.88]) for (const z of [0.08, 0.52]) mesh.rod(oak, [x, 0.73, z], [x, 0, z], 0.022, 0.016)
  mesh.placed({ at: [1.05, 0, 0.95], turn: 172 }, () => chair(mesh, painted('#5f7f83'), cloth('#d9a441', 0.4)))
  const lamps = tableLamp(mesh, [0.66, 0.757, 0.26], {
    foot: ceramic('#d9a441'),
    height: 0.4,
    power: 0.14,
    bright: 1.2,
  })
  mesh.placed({ at: [1.62, 0.757, 0.24], turn: 10 }, () => books(mesh, ['#365a6d', '#c7b78f', '#8c3f34']))
  mesh.placed({ at: [1.3, 0.757, 0.2] }, () => vase(mesh, '#e4dfd2', 0.15, 4, 22, '#6f8a4a'))
  cup(mesh, [1.02, 0.757, 0.4])
  mesh.placed({ at: [2.42, 0, 0.75] }, () =>
    bed(mesh, {
      width: 1.02,
      length: 2,
      frame: oak,
      headboard: { material: oak, height: 0.95 },
      throwOver: cloth('#6d9196', 0.7),
      cushions: [cloth('#d9a441', 0.7)],
    }),
  )
  const ship = { colour: pictureTexture(await readPicture(sailingShip())) }
  mesh.placed({ at: [0.015, 1.62, 1.35], turn: 90 }, () => framed(mesh, oak, ship, [0.5, 0.62]))
  mesh.box(cloth('#e5dcc8', 0.6), [1.1, 0.009, 1.9], [1.1, 0.018, 1.9], 0.008)

  return {
    mesh,
    lamps,
    room,
    camera: { at: [0.85, 1.5, 4.1], to: [1.68, 1.02, 0.2], angle: 63 },
    sky: () => [1.6, 1.9, 2.3],
    skyLight: (way) => (way[1] > 0 ? [7, 8.2, 9.6] : [4, 3.6, 3.2]),
    sun: { towards: towards(-20, 33), colour: [10, 8.4, 6.2], blur: 0.012 },
    ambient: [0.25, 0.24, 0.22],
    finish: { exposure: 1.25, bloom: 0.1, tint: [1.01, 1, 0.98], contrast: 1.05, saturation: 1.08 },
  }
}
