/** What the pool of connections is doing: the first place to look when everything is slow. */
import { Gauge, Histogram, type Registry } from 'prom-client'

export interface PoolMetrics {
  /** Transactions that have a connection. */
  inUse: Gauge
  /** Transactions that want one. */
  waiting: Gauge
  waitSeconds: Histogram
}

export function poolMetrics(registry: Registry, connectionsMax: number): PoolMetrics {
  new Gauge({
    name: 'stayzr_db_pool_connections_max',
    help: 'Connections this process may hold for transactions (DATABASE_POOL_MAX)',
    registers: [registry],
  }).set(connectionsMax)
  return {
    inUse: new Gauge({
      name: 'stayzr_db_pool_in_use',
      help: 'Connections that a transaction is running on',
      registers: [registry],
    }),
    waiting: new Gauge({
      name: 'stayzr_db_pool_waiting',
      help: 'Transactions waiting for a connection, or for the server to begin',
      registers: [registry],
    }),
    waitSeconds: new Histogram({
      name: 'stayzr_db_pool_wait_seconds',
      help: 'From asking for a connection until the transaction has begun on it; one that never did counts as well',
      // One round trip to PostgreSQL at the least; at a second guests notice, at five the driver gives up connecting.
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
  }
}
