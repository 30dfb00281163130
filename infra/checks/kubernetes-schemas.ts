/**
 * Kubernetes objects against the schemas of their kinds, offline: the compiled validators of the `kubernetes-models`
 * packages, which are generated from the API's own definitions and from those of each operator.
 */
import { parseAllDocuments } from 'yaml'

export type KubernetesObject = {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  // biome-ignore lint/suspicious/noExplicitAny: rules reach into many kinds, whose shape the schemas have checked
  [field: string]: any
}

/** Groups that are not Kubernetes' own, with the package that knows their kinds. */
const packages: Readonly<Record<string, string>> = {
  'cert-manager.io': '@kubernetes-models/cert-manager',
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'postgresql.cnpg.io': '@kubernetes-models/cloudnative-pg',
}

/**
 * The backup plugin's only kind has no package. Its `configuration` is the operator's own type, which a Cluster may have
 * too; these are the fields around it, from the plugin's API reference.
 */
const objectStore = {
  apiVersion: 'barmancloud.cnpg.io/v1',
  fields: ['configuration', 'retentionPolicy', 'instanceSidecarConfiguration'],
}

/** The objects of a stream of YAML documents. Throws where it is not YAML. */
export function parseObjects(yaml: string): KubernetesObject[] {
  return parseAllDocuments(yaml)
    .filter((document) => document.contents !== null)
    .map((document) => {
      const [error] = document.errors
      if (error !== undefined) throw error
      return document.toJS() as KubernetesObject
    })
}

/** Everything about the object that its kind's schema does not allow, unknown fields among it; a line each. */
export async function schemaComplaints(object: KubernetesObject): Promise<string[]> {
  const name = `${object.kind} ${object.metadata?.name ?? '(without a name)'}`
  if (object.apiVersion === objectStore.apiVersion) return objectStoreComplaints(name, object)
  const specifier = modelOf(object)
  let model: { prototype: { validate(): void } }
  try {
    model = ((await import(specifier)) as Record<string, typeof model>)[object.kind] as typeof model
  } catch {
    return [`${name}: there is no schema for ${object.apiVersion} ${object.kind} (${specifier})`]
  }
  return validated(name, object, (watched) => model.prototype.validate.call(watched))
}

function modelOf({ apiVersion, kind }: KubernetesObject): string {
  const [group = '', version] = apiVersion.split('/')
  const from = version === undefined ? 'kubernetes-models' : (packages[group] ?? 'kubernetes-models')
  return `${from}/${apiVersion}/${kind}`
}

async function objectStoreComplaints(name: string, object: KubernetesObject): Promise<string[]> {
  const unknown = Object.keys(object.spec ?? {}).filter((field) => !objectStore.fields.includes(field))
  const inCluster = await schemaComplaints({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: object.metadata,
    spec: { instances: 1, storage: {}, backup: { barmanObjectStore: object.spec?.configuration } },
  })
  return [
    ...unknown.map((field) => `${name}: spec.${field} is not a field of this kind`),
    ...inCluster.map((line) =>
      line.replace(/^Cluster/, object.kind).replace('backup.barmanObjectStore', 'configuration'),
    ),
  ]
}

type SchemaError = { instancePath: string; message?: string; keyword: string; params: Record<string, unknown> }

function validated(name: string, data: unknown, validate: (watched: unknown) => void): string[] {
  const unread: string[] = []
  try {
    const { watched, unknownFields } = watchReads(data)
    validate(watched)
    unread.push(...unknownFields())
  } catch (error) {
    const { errors } = error as { errors?: readonly SchemaError[] }
    if (errors === undefined) throw error
    return errors.map(
      ({ instancePath, message, keyword, params }) =>
        `${name}: ${instancePath.replaceAll('/', '.').slice(1)} ${message ?? keyword} ${JSON.stringify(params)}`,
    )
  }
  return unread.map((field) => `${name}: ${field} is not a field of this kind`)
}

type Reads = { path: string; raw: object; read: Set<PropertyKey> }

/**
 * The generated validators let unknown fields pass, as the API's definitions do, and a server would drop them without a
 * word. A validator reads every field it knows, there or not, so what it never reads is unknown. An object it reads
 * nothing of is free in form.
 */
function watchReads(data: unknown): { watched: unknown; unknownFields(): string[] } {
  const all: Reads[] = []
  const wrap = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null) return value
    const reads: Reads = { path, raw: value, read: new Set() }
    all.push(reads)
    const children = new Map<PropertyKey, unknown>()
    return new Proxy(value, {
      get(target, key, receiver) {
        reads.read.add(key)
        if (!children.has(key)) {
          const child: unknown = Reflect.get(target, key, receiver)
          children.set(key, wrap(child, path === '' ? String(key) : `${path}.${String(key)}`))
        }
        return children.get(key)
      },
    })
  }
  return {
    watched: wrap(data, ''),
    unknownFields: () =>
      all

        .filter(({ read }) => read.size > 0)
        .flatMap(({ path, raw, read }) =>
          Object.keys(raw)
            .filter((key) => !read.has(key))
            .map((key) => (path === '' ? key : `${path}.${key}`)),
        ),
  }
}
