/** The demo hotels' photos as files. Their names end in a hash of what they show, as photos are cached for good. */
import { readFileSync } from 'node:fs'
import * as path from 'node:path'
import type { Photo } from '../../../shared/domain/property.ts'

const folder = path.join(import.meta.dirname, 'photos')

/** By property code, then by what the photo shows. */
type PhotoList = Readonly<Record<string, Readonly<Record<string, Omit<Photo, 'alt'>>>>>
const photos = JSON.parse(readFileSync(path.join(folder, 'photos.json'), 'utf8')) as PhotoList

/** A photo of a property with the words for those who do not see it. Throws where there is none of that name. */
export function photoOf(property: string, shows: string, alt: string): Photo {
  const found = photos[property]?.[shows]
  if (!found) throw new Error(`there is no photo of ${property} that shows ${shows}`)
  return { ...found, alt }
}

/** Where the file of a photo lies. */
export function photoFile(property: string, photo: string): string {
  return path.join(folder, property, photo)
}
