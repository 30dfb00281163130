/** What a dashboard is made of, and the questions that several ask. */

export type Unit = 's' | 'reqps' | 'ops' | 'percentunit' | 'bytes' | 'Bps' | 'short' | 'dateTimeFromNow'

export interface Query {
  expr: string
  legend: string
}

export interface Panel {
  title: string
  /** Shown at the panel: what it means, or what is normal. */
  why: string
  unit: Unit
  queries: Query[]
  /** One number instead of a course. */
  stat?: boolean
  /** Above this it is red. */
  redAbove?: number
}

export interface Dashboard {
  uid: string
  title: string
  panels: Panel[]
}

export const graph = (title: string, unit: Unit, why: string, ...queries: [expr: string, legend: string][]): Panel => ({
  title,
  unit,
  why,
  queries: queries.map(([expr, legend]) => ({ expr, legend })),
})

export const number = (title: string, unit: Unit, why: string, expr: string, redAbove?: number): Panel => ({
  ...graph(title, unit, why, [expr, '']),
  stat: true,
  ...(redAbove === undefined ? {} : { redAbove }),
})

export const requests = 'stayzr_http_request_seconds'
export const matched = 'route!~"unmatched|/metrics|/health.*"'
export const quantile = (share: number, bucket: string, by = 'le') =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${bucket}[$__rate_interval])))`
export const share = (part: string, whole: string) => `${part} / (${whole} > 0)`
export const DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs"'
