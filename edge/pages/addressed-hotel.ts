import type { Context } from 'hono'
import { parseParams } from '../../shared/routes/parse.ts'
import { getProperty, type PropertyAnswer } from '../../shared/routes/properties.ts'
import type { ParamsOf } from '../../shared/routes/route.ts'
import { ariFloor } from './guest-cookies.ts'
import type { Site } from './layout.ts'

/** The hotel that the page's address names, no older than what this guest has seen. Throws `property-not-found`. */
export async function addressedHotel(site: Site, c: Context): Promise<PropertyAnswer> {
  const named = { property: c.req.param('property') ?? '' }
  const { property } = parseParams(getProperty, named) as ParamsOf<typeof getProperty>
  return await site.services.property(c, property, ariFloor(c, property))
}
