/** Where pictures are put on the way to others. */

import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { pictureTexture, readPicture } from './film.ts'
import { glowing } from './materials.ts'
import type { Material } from './scene.ts'

export const workshop = path.join(tmpdir(), 'stayzr-demo-photos')

/** The file of a picture, finished or a draft, without publishing it. */
export function workshopFile(name: string, draft = false): string {
  return path.join(workshop, `${name.replace('/', '-')}${draft ? '-draft' : ''}.png`)
}

/** A view that was drawn before, glowing as bright as `k` says, to stand outside a window. */
export async function viewOutside(name: string, k: number): Promise<Material> {
  return glowing(pictureTexture(await readPicture(workshopFile(name)), k))
}
