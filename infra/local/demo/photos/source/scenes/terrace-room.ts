/** Terrace Double: from the bed through open doors to the terrace, its lemon tree and the sky. */
import { bed, books, foliage, pottedTree, roundTable } from '../furniture.ts'
import { boards, ceramic, cloth, iron, leaf, mottled, painted, plaster, timber, voile } from '../materials.ts'
import { Mesh } from '../mesh.ts'
import { backdrop, curtain, shell } from '../room-parts.ts'
import type { Material, Scene } from '../scene.ts'
import { bistroChair, cup, fruitBowl, tarts, tumbler } from '../table-things.ts'
import { rgb, towards } from '../vectors.ts'
import { viewOutside } from '../workshop.ts'

export async function terraceRoom(): Promise<Scene> {
  const mesh = new Mesh()
  const joinery = painted('#3f5f5a')
  const white = plaster('#f3efe6')
  const room = shell(mesh, {
    size: [4.6, 2.9, 5.8],
    walls: white,
    floor: boards('#b08455', 0.15, 'z', 'x', 0.05),
    thick: 0.3,
    back: [{ x: 0.95, y: 0, width: 2.7, height: 2.5 }],
  })
  // The doors, folded out on to the terrace.
  for (const [x, turn] of [
    [0.97, 112],
    [3.63, 68],
  ] as const)
    mesh.placed({ at: [x, 0, -0.28], turn }, () => {
      for (const [px, w] of [
        [0.05, 0.1],
        [1.05, 0.1],
      ] as const)
        mesh.box(joinery, [px, 1.22, 0], [w, 2.42, 0.045], 0.006)
      for (const y of [0.18, 0.85, 1.62, 2.38])
        mesh.box(joinery, [0.55, y, 0], [1.0, y < 0.3 ? 0.34 : 0.09, 0.045], 0.006)
    })
  for (const x of [0.52, 3.64]) mesh.placed({ at: [x, 2.72, 0.1] }, () => curtain(mesh, voile, [0.42, 2.68], 4))
  mesh.rod(iron, [0.5, 2.74, 0.1], [3.95, 2.74, 0.1], 0.012)

  // The terrace: clay tiles, a low wall, pots.
  const clay: Material = {
    colour: (at, out) => {
      const [i, j] = [at.x / 0.3, at.z / 0.3]
      const joint = Math.min(i - Math.floor(i), j - Math.floor(j)) < 0.04
      const k = 0.85 + 0.3 * Math.abs(Math.sin(Math.floor(i) * 12.9 + Math.floor(j) * 78.2))
      out.set(joint ? rgb('#b49c84') : rgb('#b9714a', k))
    },
  }
  mesh.quad(clay, [-2, -0.02, 0], [9, 0, 0], [0, 0, -3.6])
  const lime: Material = { colour: mottled(rgb('#f4f0e6'), 0.06, 2) }
  mesh.box(lime, [2.2, 0.4, -3.4], [9, 0.8, 0.24], 0.02)
  mesh.box({ colour: rgb('#c08a66') }, [2.2, 0.82, -3.4], [9.1, 0.06, 0.34], 0.01)
  backdrop(mesh, await viewOutside('view/lisbon-afternoon', 1.8), [2.3, 1.55, 4], 0, 20, 25)
  mesh.placed({ at: [3.15, -0.02, -2.35] }, () =>
    pottedTree(mesh, {
      pot: { colour: mottled(rgb('#b5653c'), 0.2, 6) },
      height: 1.75,
      crown: 0.55,
      leaves: 900,
      seed: 5,
      fruit: ceramic('#f2c72e'),
      green: '#4c7a33',
    }),
  )
  mesh.placed({ at: [1.95, -0.02, -2.0] }, () => roundTable(mesh, painted('#e8e6df'), iron, 0.36, 0.72))
  cup(mesh, [1.85, 0.7, -1.9])
  fruitBowl(mesh, [2.06, 0.7, -2.1], '#3d6a92', ['#e88b2a', '#efb13a'], 0.12)
  mesh.placed({ at: [1.32, -0.02, -1.95], turn: 68 }, () => bistroChair(mesh, iron, cloth('#d3a047', 0.4)))
  mesh.placed({ at: [2.42, -0.02, -2.62], turn: -28 }, () => bistroChair(mesh, iron, cloth('#d3a047', 0.4)))
  for (const [x, hex, seed] of [
    [0.6, '#a9407a', 3],
    [1.1, '#5d7f43', 4],
    [0.1, '#a9407a', 8],
  ] as const)
    foliage(mesh, leaf(hex), [x, 0.95, -3.3], [0.42, 0.36, 0.25], 380, seed, 0.07)

  mesh.placed({ at: [2.45, 0, 5.0], turn: 180 }, () =>
    bed(mesh, {
      width: 1.82,
      frame: timber('#7d5738', 'x'),
      throwOver: cloth('#c9784f', 0.7),
      linen: cloth('#f5f2ec'),
      height: 0.5,
    }),
  )
  // Breakfast in bed.
  mesh.placed({ at: [2.66, 0.64, 3.36], turn: 14 }, () => {
    mesh.box(timber('#8f6740', 'x'), [0, 0, 0], [0.56, 0.02, 0.36], 0.008)
    cup(mesh, [-0.14, 0.01, 0.06])
    tumbler(mesh, [0.2, 0.01, -0.08], '#f0a33a')
    tarts(mesh, [0.07, 0.01, 0.03], 4)
  })
  mesh.placed({ at: [1.95, 0.63, 3.3], turn: -20 }, () => books(mesh, ['#2f5d73']))
  mesh.box(cloth('#dccfb6', 0.6), [2.3, 0.009, 1.5], [3, 0.018, 1.5], 0.008)

  return {
    mesh,
    room,
    camera: { at: [2.15, 1.5, 5.3], to: [2.3, 1.5, -1], angle: 58, rise: -0.14 },
    sky: () => [1.6, 1.9, 2.3],
    skyLight: (way) => (way[1] > 0 ? [1.9, 2.3, 2.9] : [0.9, 0.8, 0.7]),
    sun: { towards: towards(-38, 40), colour: [5.2, 4.4, 3.4], blur: 0.012 },
    ambient: [0.4, 0.38, 0.36],
    finish: { exposure: 1.25, bloom: 0.1, tint: [1.01, 1, 0.98], contrast: 1.05, saturation: 1.08 },
  }
}
