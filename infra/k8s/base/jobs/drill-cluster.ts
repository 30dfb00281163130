/** What the drill asks the operator for. Pure. */
import type { ApiObject } from './cluster-api.ts'

export const drillName = 'stayzr-drill'

/**
 * One server, restored from the live cluster's backups to `target`, with the live one's version, settings and disk. It
 * archives nothing: its WAL would end up between the live one's.
 */
export function drillCluster(live: ApiObject, target: Date): ApiObject {
  const archiver = live.spec.plugins.find((plugin: { isWALArchiver?: boolean }) => plugin.isWALArchiver)
  const { shared_preload_libraries: _, ...parameters } = live.spec.postgresql.parameters
  return {
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata: {
      name: drillName,
      labels: { 'app.kubernetes.io/name': drillName, 'app.kubernetes.io/part-of': 'stayzr' },
    },
    spec: {
      instances: 1,
      imageName: live.spec.imageName,
      // To count over all organisations; made for this cluster and gone with it.
      enableSuperuserAccess: true,
      storage: { size: live.spec.storage.size },
      ...(live.spec.walStorage === undefined ? {} : { walStorage: { size: live.spec.walStorage.size } }),
      resources: live.spec.resources,
      postgresql: { parameters },
      bootstrap: {
        recovery: {
          source: live.metadata.name,
          database: live.spec.bootstrap.initdb.database,
          owner: live.spec.bootstrap.initdb.owner,
          recoveryTarget: { targetTime: target.toISOString() },
        },
      },
      externalClusters: [
        {
          name: live.metadata.name,
          plugin: { name: archiver.name, parameters: { ...archiver.parameters, serverName: live.metadata.name } },
        },
      ],
    },
  }
}

/** Of all backups, the finished monthlies that began more than twelve months before `now`. The newest is always kept. */
export function outdatedMonthlies(backups: readonly ApiObject[], now: Date): string[] {
  const oldest = new Date(now)
  oldest.setUTCMonth(oldest.getUTCMonth() - 12)
  return backups
    .filter(({ spec, status }) => spec.method === 'volumeSnapshot' && status?.phase === 'completed')
    .map(({ metadata }) => ({ name: metadata.name, made: new Date(metadata.creationTimestamp ?? now) }))
    .sort((a, b) => b.made.getTime() - a.made.getTime())
    .slice(1)
    .filter(({ made }) => made < oldest)
    .map(({ name }) => name)
}
