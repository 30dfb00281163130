/** Hotels as guests read them, and as staff set them up. */
import * as z from 'zod/mini'
import { Address, Photo, PropertyContent, PropertyDefinition } from '../domain/property.ts'
import { InstantText, PropertyCode } from '../domain/values.ts'
import { anyone, route, staff } from './route.ts'

export const PropertyParams = z.strictObject({ property: PropertyCode })

export const PropertyAnswer = z.extend(PropertyContent, {
  ariVersion: z.int(),
  asOf: InstantText,
  stale: z.boolean(),
})
export type PropertyAnswer = z.infer<typeof PropertyAnswer>

export const listProperties = route({
  method: 'get',
  path: '/api/v1/properties',
  summary: 'The hotels this installation shows to the public',
  access: anyone,
  cache: { kind: 'edge-cached', seconds: 30 },
  rateLimit: 'guest-read',
  query: z.strictObject({}),
  responses: {
    200: z.object({
      properties: z.array(
        z.object({
          property: PropertyCode,
          name: z.string(),
          tagline: z.string(),
          address: Address,
          photo: z.nullable(Photo),
        }),
      ),
    }),
  },
  problems: [],
})

export const getProperty = route({
  method: 'get',
  path: '/api/v1/properties/:property',
  summary: 'One hotel: address, rooms, rate plans, policies, photos',
  access: anyone,
  cache: 'edge-answered',
  rateLimit: 'guest-read',
  params: PropertyParams,
  query: z.strictObject({}),
  responses: { 200: PropertyAnswer },
  problems: ['property-not-found'],
})

export const getPhoto = route({
  method: 'get',
  path: '/api/v1/properties/:property/photos/:photo',
  summary: 'A photo of a hotel; its name changes with its content',
  access: anyone,
  cache: { kind: 'edge-cached', seconds: 31_536_000, immutable: true },
  rateLimit: 'guest-read',
  params: z.strictObject({ property: PropertyCode, photo: Photo.shape.photo }),
  query: z.strictObject({}),
  responses: { 200: null },
  problems: ['property-not-found', 'photo-not-found'],
})

/** By the ending of a photo's name. */
export const PHOTO_TYPES: Readonly<Record<string, string>> = {
  webp: 'image/webp',
  jpg: 'image/jpeg',
  png: 'image/png',
  avif: 'image/avif',
}

export const putPhoto = route({
  method: 'put',
  path: '/api/v1/properties/:property/photos/:photo',
  summary: 'Store a photo of a hotel under a name that is its own for ever',
  access: staff('properties.manage'),
  cache: 'never',
  rateLimit: 'staff',
  params: getPhoto.params,
  // A picture of 4,000 × 3,000 in good quality is half of that.
  upload: { types: Object.values(PHOTO_TYPES), bytesMax: 10_485_760 },
  responses: { 200: z.object({ property: PropertyCode, photo: Photo.shape.photo, bytes: z.int() }) },
  problems: ['property-not-found', 'photo-exists'],
})

export const createProperty = route({
  method: 'post',
  path: '/api/v1/properties',
  summary: 'Set up a hotel: content, rooms, rate plans and the nights on sale',
  access: staff('properties.manage'),
  cache: 'never',
  rateLimit: 'staff',
  idempotencyKey: 'required',
  body: PropertyDefinition,
  responses: { 201: z.object({ property: PropertyCode, ariVersion: z.int() }) },
  problems: ['property-exists'],
})
