/** The product describing itself. */
import * as z from 'zod/mini'
import { anyone, route } from './route.ts'

export const openapiDocument = route({
  method: 'get',
  path: '/api/v1/openapi.json',
  summary: 'This API as an OpenAPI 3.1 document',
  access: anyone,
  cache: { kind: 'edge-cached', seconds: 60 },
  rateLimit: 'guest-read',
  query: z.strictObject({}),
  responses: { 200: z.looseObject({ openapi: z.string() }) },
  problems: [],
})
