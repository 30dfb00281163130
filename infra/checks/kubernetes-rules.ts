/** What holds for the objects of an overlay together, beyond what each kind's schema says. */
import type { KubernetesObject } from './kubernetes-schemas.ts'
import { unknownSettings } from './settings.ts'

type Container = {
  name: string
  image?: string
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
  securityContext?: Record<string, unknown> & { capabilities?: { drop?: string[]; add?: string[] } }
  readinessProbe?: unknown
  livenessProbe?: unknown
  args?: string[]
  env?: { name: string; value?: string }[]
  envFrom?: { configMapRef?: { name: string } }[]
}
type PodSpec = {
  containers: Container[]
  initContainers?: Container[]
  automountServiceAccountToken?: boolean
  serviceAccountName?: string
  securityContext?: { runAsNonRoot?: boolean; seccompProfile?: { type?: string } }
  volumes?: {
    name: string
    secret?: { secretName: string }
    configMap?: { name: string }
    projected?: { sources: never[] }
  }[]
}
type Labels = Record<string, string>
type Workload = { name: string; kind: string; labels: Labels; pod: PodSpec }

/** Every break of a rule, in a sentence that begins with the object's kind and name. */
export function kubernetesRuleBreaks(objects: readonly KubernetesObject[]): string[] {
  const workloads = objects.flatMap(workloadOf)
  return [
    ...workloads.flatMap(podBreaks),
    ...selectorBreaks(objects, workloads),
    ...referenceBreaks(objects, workloads),
    ...networkBreaks(objects),
    ...secretBreaks(objects),
    ...settingBreaks(objects, workloads),
  ]
}

function workloadOf(object: KubernetesObject): Workload[] {
  const template =
    object.kind === 'CronJob' ? object.spec.jobTemplate.spec.template : (object.spec?.template as KubernetesObject)
  if (!['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'].includes(object.kind)) return []
  return [
    {
      name: object.metadata.name,
      kind: object.kind,
      labels: template.metadata?.labels ?? {},
      pod: template.spec as PodSpec,
    },
  ]
}

/** The restricted pod security standard, and what it does not ask for: a root that is not written to, and limits. */
function podBreaks({ kind, name, pod }: Workload): string[] {
  const breaks: string[] = []
  const add = (sentence: string): void => void breaks.push(`${kind} ${name}: ${sentence}`)
  if (pod.securityContext?.runAsNonRoot !== true) add('may run as root (runAsNonRoot)')
  if (pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault') add('says no seccomp profile (RuntimeDefault)')
  if (pod.automountServiceAccountToken !== false && pod.serviceAccountName === undefined)
    add('is given the default account’s token (automountServiceAccountToken: false)')
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    const about = `container ${container.name}`
    const context = container.securityContext ?? {}
    if (context.allowPrivilegeEscalation !== false) add(`${about} may gain privileges`)
    if (context.readOnlyRootFilesystem !== true) add(`${about} can write to its root`)
    if (!context.capabilities?.drop?.includes('ALL') || context.capabilities.add !== undefined)
      add(`${about} keeps capabilities`)
    if (container.resources?.limits?.memory === undefined) add(`${about} has no memory limit`)
    if (container.resources?.requests?.cpu === undefined || container.resources.requests.memory === undefined)
      add(`${about} requests no CPU or memory`)
    if (!/[:@][^/]+$/.test(container.image ?? '') || /:latest$/.test(container.image ?? ''))
      add(`${about}: image ${container.image} is not pinned`)
  }
  if (kind === 'Deployment' || kind === 'StatefulSet') {
    for (const container of pod.containers) {
      if (container.readinessProbe === undefined) add(`container ${container.name} has no readiness probe`)
      if (container.livenessProbe === undefined) add(`container ${container.name} has no liveness probe`)
    }
  }
  return breaks
}

const matches = (selector: Labels | undefined, labels: Labels): boolean =>
  Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value)

/** The pods of a StatefulSet, which have their own names as labels. */
function numberedPods(objects: readonly KubernetesObject[]): Labels[] {
  return objects
    .filter(({ kind }) => kind === 'StatefulSet')
    .flatMap(({ metadata, spec }) =>
      Array.from({ length: spec.replicas }, (_, number) => ({
        ...(spec.template.metadata.labels as Labels),
        'statefulset.kubernetes.io/pod-name': `${metadata.name}-${number}`,
      })),
    )
}

/** Pods that an operator makes, by the labels it gives them. */
function operatorPods(objects: readonly KubernetesObject[]): Labels[] {
  return objects.flatMap((object): Labels[] => {
    if (object.kind === 'Cluster') return [{ 'cnpg.io/cluster': object.metadata.name, 'cnpg.io/podRole': 'instance' }]
    if (object.kind === 'Pooler')
      return [{ 'cnpg.io/poolerName': object.metadata.name, ...(object.spec.template?.metadata?.labels as Labels) }]
    return []
  })
}

/** A selector that selects nothing is a service without an answer, or a policy that protects nobody. */
function selectorBreaks(objects: readonly KubernetesObject[], workloads: readonly Workload[]): string[] {
  const pods = [...workloads.map(({ labels }) => labels), ...numberedPods(objects), ...operatorPods(objects)]
  const breaks: string[] = []
  for (const { kind, metadata, spec } of objects) {
    const selectors: (Labels | undefined)[] = []
    if (kind === 'Service') selectors.push(spec.selector)
    if (kind === 'PodDisruptionBudget') selectors.push(spec.selector?.matchLabels)
    if (kind === 'NetworkPolicy') {
      selectors.push(spec.podSelector?.matchLabels)
      const peers = [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap((rule) => [
        ...(rule.from ?? []),
        ...(rule.to ?? []),
      ])
      for (const peer of peers) if (peer.namespaceSelector === undefined) selectors.push(peer.podSelector?.matchLabels)
    }
    for (const selector of selectors) {
      if (selector !== undefined && !pods.some((labels) => matches(selector, labels)))
        breaks.push(`${kind} ${metadata.name}: no pod has the labels ${JSON.stringify(selector)}`)
    }
    if (kind === 'ServiceMonitor') {
      const services = objects.filter((object) => object.kind === 'Service')
      if (!services.some((service) => matches(spec.selector.matchLabels, service.metadata.labels ?? {})))
        breaks.push(`${kind} ${metadata.name}: no service has the labels ${JSON.stringify(spec.selector.matchLabels)}`)
    }
  }
  return breaks
}

/** What is named has to be there: made here, or by an operator from something that is here. */
function referenceBreaks(objects: readonly KubernetesObject[], workloads: readonly Workload[]): string[] {
  const named = (...kinds: string[]): Set<string> =>
    new Set(objects.filter(({ kind }) => kinds.includes(kind)).map(({ metadata }) => metadata.name))
  const maps = named('ConfigMap')
  const accounts = named('ServiceAccount')
  const secrets = new Set([
    ...objects.flatMap(({ kind, metadata, spec }) => {
      if (kind === 'ExternalSecret') return [spec.target?.name ?? metadata.name]
      if (kind === 'Certificate') return [spec.secretName]
      if (kind === 'Cluster') return [`${metadata.name}-ca`]
      return []
    }),
  ])
  const breaks: string[] = []
  for (const { kind, name, pod } of workloads) {
    const text = JSON.stringify(pod)
    for (const [, secret = ''] of text.matchAll(/"secret(?:Name|KeyRef)":(?:\{[^}]*"name":)?"([^"]+)"/g)) {
      if (!secrets.has(secret)) breaks.push(`${kind} ${name}: nothing makes the secret ${secret}`)
    }
    for (const [, source = ''] of text.matchAll(/"secret":\{[^{}]*"name":"([^"]+)"/g)) {
      if (!secrets.has(source)) breaks.push(`${kind} ${name}: nothing makes the secret ${source}`)
    }
    for (const [, map = ''] of text.matchAll(/"configMap(?:KeyRef|Ref)?":\{[^{}]*"name":"([^"]+)"/g)) {
      if (!maps.has(map)) breaks.push(`${kind} ${name}: there is no ConfigMap ${map}`)
    }
    if (pod.serviceAccountName !== undefined && !accounts.has(pod.serviceAccountName))
      breaks.push(`${kind} ${name}: there is no ServiceAccount ${pod.serviceAccountName}`)
  }
  for (const { kind, metadata, spec } of objects) {
    const target = spec?.scaleTargetRef
    if (
      target !== undefined &&
      !objects.some((o) => o.kind === (target.kind ?? 'Deployment') && o.metadata.name === target.name)
    )
      breaks.push(`${kind} ${metadata.name}: there is no ${target.kind ?? 'Deployment'} ${target.name} to scale`)
    if (kind === 'HTTPRoute') {
      for (const rule of spec.rules ?? []) {
        for (const { name, port } of rule.backendRefs ?? []) {
          const service = objects.find((o) => o.kind === 'Service' && o.metadata.name === name)
          if (!service?.spec.ports.some((each: { port: number }) => each.port === port))
            breaks.push(`HTTPRoute ${metadata.name}: no service ${name} has port ${port}`)
        }
      }
    }
  }
  return breaks
}

/** Who is not named by a policy may not talk or be talked to. */
function networkBreaks(objects: readonly KubernetesObject[]): string[] {
  const denied = objects.some(
    ({ kind, spec }) =>
      kind === 'NetworkPolicy' &&
      Object.keys(spec.podSelector ?? {}).length === 0 &&
      spec.policyTypes?.length === 2 &&
      spec.ingress === undefined &&
      spec.egress === undefined,
  )
  return denied ? [] : ['there is no NetworkPolicy that denies everything both ways by default']
}

/** Secrets are made in the cluster from a store, and stand in no file and in no environment. */
function secretBreaks(objects: readonly KubernetesObject[]): string[] {
  const breaks = objects
    .filter(({ kind, data, stringData }) => kind === 'Secret' && (data !== undefined || stringData !== undefined))
    .map(({ metadata }) => `Secret ${metadata.name}: secrets do not stand in git`)
  for (const { kind, name, pod } of objects.flatMap(workloadOf)) {
    for (const { name: container, env } of pod.containers) {
      for (const { name: key, value } of env ?? []) {
        if (value !== undefined && /PASSWORD|SECRET|TOKEN|_KEYS?$/.test(key) && !key.endsWith('_FILE'))
          breaks.push(`${kind} ${name}: container ${container}: ${key} is a secret in the environment; mount a file`)
      }
    }
  }
  return breaks
}

/** The origin and its migrations, by what they run: no words are the image's own, which is the origin. */
function settingBreaks(objects: readonly KubernetesObject[], workloads: readonly Workload[]): string[] {
  return workloads.flatMap(({ kind, name, pod }) =>
    pod.containers
      .filter(
        ({ image, args }) => /(?:^|\/)app[:@]/.test(image ?? '') && (args?.join(' ') ?? 'origin/').includes('origin/'),
      )
      .flatMap(({ env, envFrom }) => {
        const maps = objects.filter(
          (object) =>
            object.kind === 'ConfigMap' && envFrom?.some((from) => from.configMapRef?.name === object.metadata.name),
        )
        const names = [...(env ?? []).map((each) => each.name), ...maps.flatMap(({ data }) => Object.keys(data ?? {}))]
        return unknownSettings(names).map((setting) => `${kind} ${name}: the origin knows no setting ${setting}`)
      }),
  )
}
