/** Every picture: what it is for, how large, and the scene it shows. */
import type { Scene } from './scene.ts'
import { grat, kammer, stube } from './scenes/alpine-evening.ts'
import { alpineDay, alpineDusk, alpineHero, maiensaess, morning } from './scenes/alpine-outside.ts'
import { arve, balkon, familie } from './scenes/alpine-rooms.ts'
import { azulejo } from './scenes/azulejo.ts'
import { family } from './scenes/family.ts'
import { courtyard, lisbonHero, roofTerrace } from './scenes/lisbon-outside.ts'
import { lisbonAfternoon, lisbonDusk } from './scenes/lisbon-views.ts'
import { river } from './scenes/river.ts'
import { snug } from './scenes/snug.ts'
import { suite } from './scenes/suite.ts'
import { terraceRoom } from './scenes/terrace-room.ts'

export interface PicturePlan {
  /** The hotel that shows it; none for a view that only stands outside another picture's window. */
  property?: string
  width: number
  height: number
  /** Light paths for each coarse pixel; 64 where left out. */
  paths?: number
  /** Fine pixels to a coarse one, each way; 2 where left out. */
  coarse?: number
  /** Samples for each pixel; 9 where left out. */
  samples?: number
  make(): Promise<Scene>
}

const room = { width: 960, height: 640 }
const hero = { width: 1600, height: 1000, paths: 24, coarse: 3, samples: 4 }

const view = { width: 1500, height: 1000, paths: 20, coarse: 3, samples: 4 }

export const PICTURES = {
  'view/lisbon-afternoon': { ...view, make: lisbonAfternoon },
  'view/lisbon-dusk': { ...view, make: lisbonDusk },
  'view/alpine-day': { ...view, make: alpineDay },
  'view/alpine-dusk': { ...view, make: alpineDusk },
  'casa-do-tejo/hero': { property: 'casa-do-tejo', ...hero, make: lisbonHero },
  'casa-do-tejo/courtyard': { property: 'casa-do-tejo', ...room, make: courtyard },
  'casa-do-tejo/roof-terrace': { property: 'casa-do-tejo', ...room, make: roofTerrace },
  'casa-do-tejo/snug': { property: 'casa-do-tejo', ...room, make: snug },
  'casa-do-tejo/azulejo': { property: 'casa-do-tejo', ...room, make: azulejo },
  'casa-do-tejo/river': { property: 'casa-do-tejo', ...room, make: river },
  'casa-do-tejo/terrace-room': { property: 'casa-do-tejo', ...room, make: terraceRoom },
  'casa-do-tejo/family': { property: 'casa-do-tejo', ...room, make: family },
  'casa-do-tejo/suite': { property: 'casa-do-tejo', ...room, make: suite },
  'berghaus-silvretta/hero': { property: 'berghaus-silvretta', ...hero, make: alpineHero },
  'berghaus-silvretta/stube': { property: 'berghaus-silvretta', ...room, make: stube },
  'berghaus-silvretta/morning': { property: 'berghaus-silvretta', ...room, make: morning },
  'berghaus-silvretta/kammer': { property: 'berghaus-silvretta', ...room, make: kammer },
  'berghaus-silvretta/arve': { property: 'berghaus-silvretta', ...room, make: arve },
  'berghaus-silvretta/balkon': { property: 'berghaus-silvretta', ...room, make: balkon },
  'berghaus-silvretta/familie': { property: 'berghaus-silvretta', ...room, make: familie },
  'berghaus-silvretta/grat': { property: 'berghaus-silvretta', ...room, make: grat },
  'berghaus-silvretta/maiensaess': { property: 'berghaus-silvretta', ...room, make: maiensaess },
} satisfies Record<string, PicturePlan>

export type PictureName = keyof typeof PICTURES

/** The scene of a picture, made anew. */
export async function makeScene(name: PictureName): Promise<Scene> {
  return await PICTURES[name].make()
}
