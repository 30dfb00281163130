import { createProperty, getPhoto, listProperties, PHOTO_TYPES, putPhoto } from '../../../shared/routes/properties.ts'
import { asStaff } from '../../platform/actors.ts'
import { type Bind, Bytes } from '../../platform/bind.ts'
import type { Properties } from './service.ts'

export function bindProperties(bind: Bind, properties: Properties): void {
  bind(listProperties, () => properties.list())
  bind(createProperty, (call) => properties.create(asStaff(call.actor), call.body, call))
  bind(getPhoto, async ({ params }) => {
    const bytes = await properties.photo(params.property, params.photo)
    return new Bytes(bytes, {
      'content-type': photoType(params.photo),
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
  })
  bind(putPhoto, ({ actor, params, file, requestId }) =>
    properties.storePhoto(asStaff(actor), { ...params, mediaType: photoType(params.photo) }, file, requestId),
  )
}

/** A photo's media type, which the ending of its name says. */
function photoType(photo: string): string {
  return PHOTO_TYPES[photo.slice(photo.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
}
