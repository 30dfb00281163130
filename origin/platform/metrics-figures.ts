/** The recount and the business figures. Told by the one origin that counts; the others tell nothing of them. */
import { Counter, Gauge, type Registry } from 'prom-client'

/** As features/figures gives them. */
interface Published {
  properties: readonly {
    code: string
    currency: string
    drift: number
    oversold: number
    roomsSold: number
    roomsSellable: number
    arrivals: number
    departures: number
    revenueMinor: number
  }[]
  outbox: { rows: number; lagSeconds: number }
  completedAt: number
}

export interface FiguresMetrics {
  publish(figures: Published, seconds: number): void
  /** From now on another origin tells them. */
  withdraw(): void
  passesFailed: Counter
}

/** Each property is a handful of series; beyond these they are told together, as `other`. */
const PROPERTIES_MAX = 50
const OTHER = 'other'

export function figuresMetrics(registry: Registry): FiguresMetrics {
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) => {
    const made = new Gauge({ name, help, labelNames, registers: [registry] })
    // A gauge without labels begins at 0, which would be a claim.
    if (labelNames.length === 0) made.remove()
    return made
  }
  const drift = gauge(
    'stayzr_recount_drift_nights',
    'Nights whose count of rooms sold is not their reservations; must be 0',
  )
  const oversold = gauge('stayzr_recount_oversold_nights', 'Nights with more rooms sold than may be; must be 0')
  const counted = gauge('stayzr_recount_properties', 'Properties in the latest recount')
  const completed = gauge('stayzr_recount_completed_seconds', 'Unix time at which every property had been recounted')
  const seconds = gauge(
    'stayzr_recount_pass_seconds',
    'How long the last pass took; it is cut off and goes on next time',
  )
  const unsent = gauge('stayzr_outbox_unsent', 'Events that wait to be sent, up to 1000 for each organisation')
  const lag = gauge('stayzr_outbox_lag_seconds', 'How long the oldest of them has waited')
  const rooms = gauge('stayzr_rooms_sold', 'Rooms sold tonight', ['property'])
  const sellable = gauge('stayzr_rooms_sellable', 'Rooms there are tonight, without those out of order', ['property'])
  const arrivals = gauge('stayzr_arrivals', 'Reservations that arrive today', ['property'])
  const departures = gauge('stayzr_departures', 'Reservations that depart today', ['property'])
  const revenue = gauge('stayzr_room_revenue_minor', "Room revenue tonight, in the currency's minor units", [
    'property',
    'currency',
  ])
  const single = [drift, oversold, counted, completed, seconds, unsent, lag]
  const byProperty = [rooms, sellable, arrivals, departures, revenue]

  return {
    publish({ properties, outbox, completedAt }, passSeconds) {
      for (const it of byProperty) it.reset()
      const sorted = properties.toSorted((a, b) => (a.code < b.code ? -1 : 1))
      for (const [index, it] of sorted.entries()) {
        const property = index < PROPERTIES_MAX ? it.code : OTHER
        rooms.inc({ property }, it.roomsSold)
        sellable.inc({ property }, it.roomsSellable)
        arrivals.inc({ property }, it.arrivals)
        departures.inc({ property }, it.departures)
        revenue.inc({ property, currency: it.currency }, it.revenueMinor)
      }
      drift.set(properties.reduce((sum, it) => sum + it.drift, 0))
      oversold.set(properties.reduce((sum, it) => sum + it.oversold, 0))
      counted.set(properties.length)
      completed.set(completedAt / 1_000)
      seconds.set(passSeconds)
      unsent.set(outbox.rows)
      lag.set(outbox.lagSeconds)
    },
    withdraw() {
      for (const it of single) it.remove()
      for (const it of byProperty) it.reset()
    },
    passesFailed: new Counter({
      name: 'stayzr_recount_passes_failed_total',
      help: 'Passes that could not be made, as the database could not be reached',
      registers: [registry],
    }),
  }
}
