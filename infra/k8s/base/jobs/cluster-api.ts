/** The cluster's own API, asked with the pod's own account. Node trusts its authority by NODE_EXTRA_CA_CERTS. */
import { readFileSync } from 'node:fs'
import process from 'node:process'

const account = '/var/run/secrets/kubernetes.io/serviceaccount'

/** An object as the API gives and takes it. Its kind says what is in it. */
export type ApiObject = {
  apiVersion: string
  kind: string
  metadata: { name: string; creationTimestamp?: string; labels?: Record<string, string> }
  // biome-ignore lint/suspicious/noExplicitAny: the kinds' shapes are the cluster's to know
  [field: string]: any
}

export const namespace = (): string => readFileSync(`${account}/namespace`, 'utf8').trim()

/** Where a custom kind of PostgreSQL's operator is in this namespace. */
export const cnpgPath = (plural: string, name?: string): string =>
  `/apis/postgresql.cnpg.io/v1/namespaces/${namespace()}/${plural}${name === undefined ? '' : `/${name}`}`

/** Resolves to the answer's object, or to undefined for 404. Throws for any other refusal, with the API's own words. */
export async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: ApiObject,
): Promise<ApiObject | undefined> {
  const host = `${process.env.KUBERNETES_SERVICE_HOST}:${process.env.KUBERNETES_SERVICE_PORT_HTTPS}`
  const answer = await fetch(`https://${host}${path}`, {
    method,
    // Read each time: it is exchanged every hour.
    headers: {
      authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  if (answer.status === 404) return undefined
  const said = (await answer.json()) as ApiObject
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said.message}`)
  return said
}

/** One JSON line, as all logs are. */
export function say(fields: Record<string, unknown>): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), ...fields }))
}
