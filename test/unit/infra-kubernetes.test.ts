import { describe, expect, it } from 'vitest'
import { kubernetesRuleBreaks } from '../../infra/checks/kubernetes-rules.ts'
import { type KubernetesObject, parseObjects, schemaComplaints } from '../../infra/checks/kubernetes-schemas.ts'
import { drillCluster, outdatedMonthlies } from '../../infra/k8s/base/jobs/drill-cluster.ts'

const denyAll = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'nobody' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
}

function aDeployment(change: (deployment: KubernetesObject) => void = () => {}): KubernetesObject {
  const deployment: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app' },
    spec: {
      selector: { matchLabels: { name: 'app' } },
      template: {
        metadata: { labels: { name: 'app' } },
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'app',
              image: 'stayzr/app:1.0.0',
              readinessProbe: { httpGet: { path: '/health/ready', port: 3000 } },
              livenessProbe: { httpGet: { path: '/health', port: 3000 } },
              resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '4Gi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  }
  change(deployment)
  return deployment
}

describe('schemaComplaints()', () => {
  it('has nothing to say about a right object', async () => {
    expect(await schemaComplaints(aDeployment())).toEqual([])
  })

  it('names a field of the wrong type', async () => {
    const wrong = aDeployment((deployment) => Object.assign(deployment.spec, { replicas: 'three' }))
    expect(await schemaComplaints(wrong)).toEqual([expect.stringContaining('spec.replicas must be integer')])
  })

  it('names fields that no server would read, wherever they stand', async () => {
    const wrong = aDeployment((deployment) => {
      Object.assign(deployment, { specs: {} })
      Object.assign(deployment.spec.template.spec.containers[0], { readynessProbe: {} })
    })
    expect(await schemaComplaints(wrong)).toEqual([
      'Deployment app: specs is not a field of this kind',
      'Deployment app: spec.template.spec.containers.0.readynessProbe is not a field of this kind',
    ])
  })

  it('lets labels and other free maps have any keys', async () => {
    const labelled = aDeployment((deployment) => Object.assign(deployment.metadata, { labels: { anything: 'goes' } }))
    expect(await schemaComplaints(labelled)).toEqual([])
  })

  it('lets what is free in form have any shape', async () => {
    const [definition] = parseObjects(`
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: { name: hotels.example.test }
      spec:
        group: example.test
        scope: Namespaced
        names: { kind: Hotel, plural: hotels }
        versions:
          - name: v1
            served: true
            storage: true
            schema: { openAPIV3Schema: { type: object, default: { any: { thing: [1] } } } }`)
    expect(await schemaComplaints(definition as KubernetesObject)).toEqual([])
  })

  it('refuses a kind it has no schema of', async () => {
    const [strange] = parseObjects('apiVersion: v1\nkind: Secrt\nmetadata: { name: a }')
    expect(await schemaComplaints(strange as KubernetesObject)).toEqual([expect.stringContaining('there is no schema')])
  })

  it('checks an object store by the type that a cluster has for it', async () => {
    const store = {
      apiVersion: 'barmancloud.cnpg.io/v1',
      kind: 'ObjectStore',
      metadata: { name: 'store' },
      spec: { retention: '30d', configuration: { destinationPath: 's3://backups', wal: { compresion: 'gzip' } } },
    }
    expect(await schemaComplaints(store)).toEqual([
      'ObjectStore store: spec.retention is not a field of this kind',
      'ObjectStore store: spec.configuration.wal.compresion is not a field of this kind',
    ])
  })
})

describe('kubernetesRuleBreaks()', () => {
  it('has nothing to say about a locked-down deployment', () => {
    expect(kubernetesRuleBreaks([denyAll, aDeployment()])).toEqual([])
  })

  type Change = (pod: { securityContext: object; containers: [Record<string, never>] }) => void
  const remove =
    (key: string): Change =>
    ({ containers: [container] }) =>
      Object.assign(container, { [key]: undefined })
  it.each<[string, Change, string]>([
    ['root', (pod) => Object.assign(pod, { securityContext: {} }), 'may run as root'],
    ['no read-only root', ({ containers: [c] }) => Object.assign(c, { securityContext: {} }), 'can write to its root'],
    ['no limit', remove('resources'), 'has no memory limit'],
    ['no readiness probe', remove('readinessProbe'), 'no readiness probe'],
    ['no liveness probe', remove('livenessProbe'), 'no liveness probe'],
    ['latest', ({ containers: [c] }) => Object.assign(c, { image: 'stayzr/app:latest' }), 'is not pinned'],
    [
      'a secret in the environment',
      ({ containers: [c] }) => Object.assign(c, { env: [{ name: 'REDIS_PASSWORD', value: 'x' }] }),
      'is a secret in the environment',
    ],
    [
      'a setting that the origin does not know',
      ({ containers: [c] }) => Object.assign(c, { env: [{ name: 'REQUEST_MAX', value: '1' }] }),
      'the origin knows no setting REQUEST_MAX',
    ],
    [
      'a secret nobody makes',
      (pod) => Object.assign(pod, { volumes: [{ name: 'a', projected: { sources: [{ secret: { name: 'gone' } }] } }] }),
      'nothing makes the secret gone',
    ],
    [
      'a map that is not there',
      (pod) => Object.assign(pod, { volumes: [{ name: 'a', configMap: { name: 'gone' } }] }),
      'there is no ConfigMap gone',
    ],
  ])('names %s', (_, change, sentence) => {
    const deployment = aDeployment(({ spec }) => change(spec.template.spec))
    expect(kubernetesRuleBreaks([denyAll, deployment]).join('\n')).toContain(sentence)
  })

  it('names a service whose selector matches no pod', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { selector: { name: 'typo' } } }
    expect(kubernetesRuleBreaks([denyAll, aDeployment(), service])).toEqual([
      'Service s: no pod has the labels {"name":"typo"}',
    ])
  })

  it('names a route to a port that its service does not have', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { selector: { name: 'app' }, ports: [{ port: 3000 }] },
    }
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'r' },
      spec: { rules: [{ backendRefs: [{ name: 's', port: 3001 }] }] },
    }
    expect(kubernetesRuleBreaks([denyAll, aDeployment(), service, route])).toEqual([
      'HTTPRoute r: no service s has port 3001',
    ])
  })

  it('asks for a policy that denies everything by default', () => {
    const open = { ...denyAll, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}] } }
    expect(kubernetesRuleBreaks([open])).toEqual([expect.stringContaining('denies everything')])
  })

  it('refuses a secret in a file', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } }
    expect(kubernetesRuleBreaks([denyAll, secret])).toEqual(['Secret s: secrets do not stand in git'])
  })
})

describe('drillCluster()', () => {
  const live = {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: 'live' },
    spec: {
      imageName: 'postgres:17',
      storage: { size: '100Gi', resizeInUseVolumes: true },
      resources: {},
      plugins: [{ name: 'barman', isWALArchiver: true, parameters: { barmanObjectName: 'store' } }],
      bootstrap: { initdb: { database: 'stayzr', owner: 'stayzr_owner' } },
      postgresql: { parameters: { max_connections: '100' }, synchronous: { method: 'any', number: 1 } },
    },
  }
  const drill = drillCluster(live, new Date('2027-03-01T03:20:00Z'))

  it('restores the live cluster’s archive to the moment asked for', () => {
    expect(drill.spec.bootstrap.recovery.recoveryTarget.targetTime).toBe('2027-03-01T03:20:00.000Z')
    expect(drill.spec.externalClusters).toEqual([
      { name: 'live', plugin: { name: 'barman', parameters: { barmanObjectName: 'store', serverName: 'live' } } },
    ])
  })

  it('archives nothing, and waits for no follower it does not have', () => {
    expect(drill.spec.plugins).toBeUndefined()
    expect(drill.spec.postgresql).toEqual({ parameters: { max_connections: '100' } })
  })

  it('is a cluster that the operator takes', async () => {
    expect(await schemaComplaints(drill as KubernetesObject)).toEqual([])
  })
})

describe('outdatedMonthlies()', () => {
  const now = new Date('2027-03-01T05:00:00Z')
  const backup = (name: string, made: string, method = 'volumeSnapshot', phase = 'completed') => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Backup',
    metadata: { name, creationTimestamp: made },
    spec: { method },
    status: { phase },
  })

  it('names what is older than twelve months, and not what is just twelve months old', () => {
    const backups = [
      backup('newest', '2027-02-01T03:00:00Z'),
      backup('a-year', '2026-03-01T05:00:00Z'),
      backup('older', '2026-03-01T04:59:59Z'),
    ]
    expect(outdatedMonthlies(backups, now)).toEqual(['older'])
  })

  it('leaves dailies and unfinished ones alone', () => {
    const backups = [
      backup('newest', '2027-02-01T03:00:00Z'),
      backup('daily', '2025-01-01T03:00:00Z', 'plugin'),
      backup('failed', '2025-01-01T03:00:00Z', 'volumeSnapshot', 'failed'),
    ]
    expect(outdatedMonthlies(backups, now)).toEqual([])
  })

  it('keeps the newest, however old it is', () => {
    expect(outdatedMonthlies([backup('only', '2024-01-01T03:00:00Z')], now)).toEqual([])
  })
})
