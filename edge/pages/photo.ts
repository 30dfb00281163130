import { html } from 'hono/html'
import type { Photo } from '../../shared/domain/property.ts'
import { getPhoto } from '../../shared/routes/properties.ts'
import { pathFor } from '../../shared/routes/route.ts'
import type { Html } from './layout.ts'

/** A hotel's photo. Its size is said, so that nothing jumps when it arrives; `first` is what the page opens with. */
export function photoImage(property: string, photo: Photo, place: 'first' | 'below' = 'below'): Html {
  const source = pathFor(getPhoto.path, { property, photo: photo.photo })
  return html`<img src="${source}" alt="${photo.alt}" width="${photo.width}" height="${photo.height}"${
    place === 'first' ? html` fetchpriority="high"` : html` loading="lazy" decoding="async"`
  }>`
}
