/**
 * The dashboards of service-dashboards.ts and store-dashboards.ts as Grafana reads them. `node infra/grafana/make-dashboards.ts`
 * writes the JSON (then `npx biome check --write infra/grafana`); a test keeps the two in step, and asks every query of promtool.
 */
import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Dashboard, Panel } from './panels.ts'
import { serviceDashboards } from './service-dashboards.ts'
import { storeDashboards } from './store-dashboards.ts'

export const dashboards: readonly Dashboard[] = [...serviceDashboards, ...storeDashboards]

const prometheus = { type: 'prometheus', uid: 'prometheus' }
const COLUMNS = 24
const WIDTHS = { stat: 6, graph: 12 }
const HEIGHTS = { stat: 4, graph: 8 }

/** Grafana's own form, panels in rows from the upper left. */
export function dashboardJson({ uid, title, panels }: Dashboard): object {
  let [x, y, rowHeight] = [0, 0, 0]
  return {
    uid,
    title,
    tags: ['stayzr'],
    timezone: 'utc',
    editable: false,
    refresh: '30s',
    schemaVersion: 39,
    time: { from: 'now-3h', to: 'now' },
    links: [{ type: 'dashboards', tags: ['stayzr'], title: 'Stayzr', asDropdown: true, keepTime: true }],
    annotations: {
      list: [
        {
          name: 'Alerts',
          datasource: prometheus,
          enable: true,
          iconColor: 'red',
          expr: 'ALERTS{alertstate="firing", severity="critical"}',
          titleFormat: '{{alertname}}',
        },
      ],
    },
    panels: panels.map((panel, index) => {
      const [w, h] = panel.stat ? [WIDTHS.stat, HEIGHTS.stat] : [WIDTHS.graph, HEIGHTS.graph]
      if (x + w > COLUMNS || (rowHeight !== 0 && h !== rowHeight)) [x, y, rowHeight] = [0, y + rowHeight, 0]
      const gridPos = { x, y, w, h }
      x += w
      rowHeight = h
      return panelJson(panel, index + 1, gridPos)
    }),
  }
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const steps = [
    { color: 'green', value: null },
    ...(panel.redAbove === undefined ? [] : [{ color: 'red', value: panel.redAbove }]),
  ]
  return {
    id,
    type: panel.stat ? 'stat' : 'timeseries',
    title: panel.title,
    description: panel.why,
    datasource: prometheus,
    gridPos,
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        ...(panel.stat ? {} : { min: 0 }),
        thresholds: { mode: 'absolute', steps },
        color: { mode: panel.stat ? 'thresholds' : 'palette-classic' },
      },
      overrides: [],
    },
    options: panel.stat
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value' }
      : { tooltip: { mode: 'multi', sort: 'desc' }, legend: { displayMode: 'list', placement: 'bottom' } },
    targets: panel.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: prometheus,
      expr,
      legendFormat: legend,
      ...(panel.stat ? { instant: true } : {}),
    })),
  }
}

/** What the file of a dashboard holds, by its name. */
export function dashboardFiles(): Map<string, object> {
  return new Map(dashboards.map((it) => [`${it.uid}.json`, dashboardJson(it)]))
}

if (import.meta.main)
  for (const [name, dashboard] of dashboardFiles())
    fs.writeFileSync(path.join(import.meta.dirname, 'dashboards', name), `${JSON.stringify(dashboard, null, 2)}\n`)
