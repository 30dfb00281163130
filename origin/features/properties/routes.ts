import { createProperty, getPhoto, listProperties } from '../../../shared/routes/properties.ts'
import { asStaff } from '../../platform/actors.ts'
import { type Bind, Bytes } from '../../platform/bind.ts'
import type { Properties } from './service.ts'

const MEDIA_TYPES: Record<string, string> = {
  webp: 'image/webp',
  jpg: 'image/jpeg',
  png: 'image/png',
  avif: 'image/avif',
}

export function bindProperties(bind: Bind, properties: Properties): void {
  bind(listProperties, () => properties.list())
  bind(createProperty, (call) => properties.create(asStaff(call.actor), call.body, call))
  bind(getPhoto, async ({ params }) => {
    const bytes = await properties.photo(params.property, params.photo)
    const extension = params.photo.slice(params.photo.lastIndexOf('.') + 1)
    return new Bytes(bytes, {
      'content-type': MEDIA_TYPES[extension] ?? 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
  })
}
