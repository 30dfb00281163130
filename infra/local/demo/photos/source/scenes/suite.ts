/** Mirante Suite at dusk: lamps lit, a bath at the window, the river and the bridge outside. */
import { pictureTexture, readPicture } from '../film.ts'
import { armchair, bed, books, sideTable, tableLamp, vase } from '../furniture.ts'
import { boards, brass, ceramic, cloth, iron, painted, plaster, timber } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { tilePattern } from '../paintings.ts'
import { backdrop, casement, curtain, shell } from '../room-parts.ts'
import type { Scene } from '../scene.ts'
import { bathtub, bottle, candle, wineGlass } from '../table-things.ts'
import { rgb } from '../vectors.ts'
import { viewOutside } from '../workshop.ts'

export async function suite(): Promise<Scene> {
  const mesh = new Mesh()
  const walnut = timber('#5f402a', 'x')
  const joinery = painted('#e9e3d6')
  const gaps = [0.55, 2.3, 4.05].map((x) => ({ x, y: 0.35, width: 1.35, height: 2.4 }))
  const tiles = {
    colour: pictureTexture(await readPicture(tilePattern()), 0.92, 1 / 0.34, 1 / 0.34),
    gloss: { share: 0.045, blur: 0.22 },
  }
  const room = shell(mesh, {
    size: [6, 3.15, 5.6],
    walls: plaster('#d9d2c4'),
    floor: boards('#7d5636', 0.18, 'x', 'z', 0.05),
    thick: 0.38,
    back: gaps,
    coat: { material: tiles, upTo: 1.05 },
  })
  mesh.box(joinery, [5.985, 1.07, 2.8], [0.03, 0.05, 5.6], 0.006)
  for (const { x, y, width, height } of gaps)
    mesh.placed({ at: [x, y, -0.25] }, () => casement(mesh, joinery, [width, height], [2, 3], 0.05))
  for (const x of [0.1, 5.46])
    mesh.placed({ at: [x, 2.98, 0.14] }, () => curtain(mesh, cloth('#8a4f3f', 0.4), [0.45, 2.95], 4))
  mesh.rod(brass, [0.05, 3.0, 0.14], [5.95, 3.0, 0.14], 0.016)
  backdrop(mesh, await viewOutside('view/lisbon-dusk', 1.0), [2.4, 1.25, 5.2], 0, 14, 19)

  mesh.placed({ at: [5.88, 0, 2.5], turn: -90 }, () =>
    bed(mesh, {
      width: 2,
      length: 2.1,
      frame: walnut,
      headboard: { material: cloth('#7b4a3c', 0.3), height: 1.25 },
      linen: cloth('#f1ebe0'),
      throwOver: cloth('#32506e', 0.7),
      cushions: [cloth('#b98447', 0.7), cloth('#32506e', 0.7), cloth('#b98447', 0.7)],
    }),
  )
  const lamps = [1.2, 3.8].flatMap((z) => {
    mesh.placed({ at: [5.62, 0, z], turn: -90 }, () => sideTable(mesh, walnut, [0.46, 0.55, 0.42]))
    return tableLamp(mesh, [5.64, 0.55, z], { foot: brass, height: 0.54, power: 0.75, bright: 2.6 })
  })
  mesh.placed({ at: [1.28, 0, 0.95], turn: 6 }, () => bathtub(mesh, ceramic('#f2efe8'), brass))
  lamps.push(...candle(mesh, [0.52, 0.42, 0.03], 0.05), ...candle(mesh, [0.68, 0.42, 0.08], 0.05))
  mesh.placed({ at: [2.9, 0, 1.3], turn: -152 + 180 }, () => armchair(mesh, cloth('#3f5a52', 0.5), walnut))
  mesh.placed({ at: [2.25, 0, 1.72] }, () => sideTable(mesh, walnut, [0.46, 0.48, 0.46]))
  bottle(mesh, [2.16, 0.48, 1.62], '#26331f')
  wineGlass(mesh, [2.32, 0.48, 1.72], '#6d1528')
  lamps.push(...tableLamp(mesh, [3.75, 0.75, 0.25], { foot: ceramic('#32506e'), height: 0.5, power: 0.6, bright: 2.6 }))
  mesh.box(walnut, [3.83, 0.73, 0.22], [0.72, 0.035, 0.36], 0.006)
  for (const x of [3.5, 4.16]) for (const z of [0.08, 0.36]) mesh.rod(walnut, [x, 0.73, z], [x, 0, z], 0.018, 0.012)
  mesh.placed({ at: [3.98, 0.75, 0.22] }, () => vase(mesh, '#b98447', 0.2, 5, 41, '#6c7a4e'))
  mesh.placed({ at: [2.3, 0.48, 1.88], turn: 40 }, () => books(mesh, ['#7d2f2a']))
  mesh.box(
    {
      ...cloth('#8f4c3a', 0.6),
      colour: (at, out) => {
        const edge = Math.max(Math.abs(at.x - 2.9) / 1.7, Math.abs(at.z - 2.7) / 1.25)
        const figure = Math.sin(at.x * 14) * Math.sin(at.z * 14) > 0.4
        out.set(rgb(edge > 0.86 ? '#c7a06a' : figure ? '#a8694a' : '#7c3b30'))
      },
    },
    [2.9, 0.009, 2.7],
    [3.4, 0.018, 2.5],
    0.008,
  )
  mesh.rod(iron, [0.3, 0, 2.6], [0.3, 1.5, 2.6], 0.012)
  lamps.push(...tableLamp(mesh, [0.3, 1.3, 2.6], { foot: iron, height: 0.42, power: 0.7, bright: 2.6 }))

  return {
    mesh,
    lamps,
    room,
    camera: { at: [1.3, 1.5, 5.5], to: [3.05, 1.14, 0.3], angle: 66 },
    sky: () => [0.3, 0.25, 0.35],
    skyLight: (way) => (way[1] > 0 ? [0.75, 0.6, 0.85] : [0.5, 0.35, 0.3]),
    ambient: [0.05, 0.035, 0.025],
    finish: { exposure: 1.5, bloom: 0.14, tint: [1, 1, 1], contrast: 1.06, saturation: 1.06 },
  }
}
