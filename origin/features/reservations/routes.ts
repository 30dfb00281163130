import { cancelReservation, createReservation, getReservation } from '../../../shared/routes/reservations.ts'
import { Answer, type Bind } from '../../platform/bind.ts'
import type { Reservations } from './service.ts'

export function bindReservations(bind: Bind, reservations: Reservations): void {
  bind(createReservation, async ({ params, body, ...call }) => {
    const booked = await reservations.book(params.property, body, call)
    return new Answer(booked, { 'x-ari-version': String(booked.ariVersion) })
  })
  bind(getReservation, ({ params, query, actor }) => reservations.view(params.reference, query.lastName, actor))
  bind(cancelReservation, async ({ params, ...call }) => {
    const cancelled = await reservations.cancel(params.reference, call)
    return new Answer(cancelled, { 'x-ari-version': String(cancelled.ariVersion) })
  })
}
