/** Sets the replay's property up through the API, as a hotel would. */
import { randomUUID } from 'node:crypto'
import type { Client } from './http.ts'
import type { ReplayPlan } from './plan.ts'

export const BASE_PATH = '/api/v1/properties'

/** As many as one call takes. */
const CHANGES_EACH = 2_000

/** Creates the property and sets its rates; returns the ARI version after that. Throws with the answer of a refused call. */
export async function setUpHotel(client: Client, apiKey: string, plan: ReplayPlan): Promise<number> {
  const call = async (method: 'POST' | 'PUT', path: string, body: unknown): Promise<number> => {
    const answer = await client.send({ method, path, body, token: apiKey, idempotencyKey: randomUUID() })
    if (answer.status >= 300)
      throw new Error(`Setting up the property: ${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return (answer.body as { ariVersion: number }).ariVersion
  }
  let version = await call('POST', BASE_PATH, plan.definition)
  const path = `${BASE_PATH}/${plan.definition.content.property}/ari`
  for (let i = 0; i < plan.changes.length; i += CHANGES_EACH)
    version = await call('PUT', path, { changes: plan.changes.slice(i, i + CHANGES_EACH) })
  return version
}
