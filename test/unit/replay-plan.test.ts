import { describe, expect, it } from 'vitest'
import { contradictions, PropertyDefinition } from '../../shared/domain/property.ts'
import { AriChange } from '../../shared/routes/ari.ts'
import { readBookings, UnusableFile, weeksAhead } from '../bench/replay/bookings-file.ts'
import { planReplay } from '../bench/replay/plan.ts'
import { percentile } from '../bench/replay/tally.ts'

const HEADER =
  'hotel,lead_time,arrival_date_year,arrival_date_month,arrival_date_day_of_month,stays_in_weekend_nights,' +
  'stays_in_week_nights,adults,children,babies,reserved_room_type,deposit_type,adr,reservation_status,reservation_status_date'

interface Row {
  hotel?: string
  lead?: number
  /** `July 4`, in 2015. */
  arrival?: string
  nights?: number
  party?: [adults: number, children: number | 'NA', babies: number]
  type?: string
  deposit?: string
  adr?: number
  status?: string
  statusDate?: string
}

function line(row: Row): string {
  const [month = '', day = ''] = (row.arrival ?? 'July 4').split(' ')
  return [
    row.hotel ?? 'Resort Hotel',
    row.lead ?? 10,
    2015,
    month,
    day,
    Math.min(1, row.nights ?? 2),
    Math.max(0, (row.nights ?? 2) - 1),
    ...(row.party ?? [2, 0, 0]),
    row.type ?? 'A',
    row.deposit ?? 'No Deposit',
    row.adr ?? 100,
    row.status ?? 'Check-Out',
    row.statusDate ?? '7/10/2015',
  ].join(',')
}

function aFile(...rows: Row[]): string {
  return [HEADER, ...rows.map(line), ''].join('\n')
}

function aPlan(rows: Row[], over: Partial<Parameters<typeof planReplay>[1]> = {}) {
  const { bookings } = readBookings(aFile(...rows))
  const usual = { property: 'replay-test', today: '2027-02-01', capacityShare: 0.8, seed: 1, restrictions: false }
  return planReplay(bookings, { ...usual, ...over })
}

describe('readBookings()', () => {
  it('reads dates, party, rate, and when it was booked and cancelled', () => {
    const row: Row = { lead: 5, party: [2, 1, 1], adr: 101.5, status: 'Canceled', statusDate: '7/2/2015' }
    expect(readBookings(aFile({ ...row, deposit: 'Non Refund' })).bookings).toEqual([
      {
        line: 2,
        hotel: 'Resort Hotel',
        roomType: 'A',
        arrival: '2015-07-04',
        nights: 2,
        adults: 2,
        children: 1,
        babies: 1,
        rateMinor: 10_150,
        bookedOn: '2015-06-29',
        cancelledOn: '2015-07-02',
        nonRefundable: true,
      },
    ])
  })

  it('takes a guest who does not show for one who does not cancel', () => {
    const [booking] = readBookings(aFile({ status: 'No-Show', statusDate: '7/4/2015' })).bookings
    expect(booking?.cancelledOn).toBeNull()
  })

  it('never cancels before the booking, and reads the date as it was first published', () => {
    const statuses = ['6/1/2015', '2015-07-01'].map((statusDate) => ({ status: 'Canceled', statusDate }))
    const { bookings } = readBookings(aFile(...statuses))
    expect(bookings.map(({ cancelledOn }) => cancelledOn)).toEqual(['2015-06-24', '2015-07-01'])
  })

  it('names the rows that nobody could book, and why', () => {
    const { bookings, skipped, rows } = readBookings(
      aFile(
        { party: [0, 2, 0] },
        { nights: 0 },
        { nights: 90 },
        { nights: 91 },
        { arrival: 'June 31' },
        { party: [2, 'NA', 0] },
        { nights: 0 },
      ),
    )
    expect(rows).toBe(7)
    expect(bookings.map((it) => it.line)).toEqual([4, 7])
    expect(Object.fromEntries(skipped)).toEqual({
      'no adult': [2],
      'no night': [3, 8],
      'more than 90 nights': [5],
      unreadable: [6],
    })
  })

  it('stops after so many rows', () => {
    expect(readBookings(aFile({}, { nights: 0 }, {}), 2)).toMatchObject({ rows: 2, bookings: [{ line: 2 }] })
  })

  it('reads quoted fields with commas, and lines that end in CR LF', () => {
    const text = aFile({ hotel: '"Resort, ""by the sea"""' }).replaceAll('\n', '\r\n')
    expect(readBookings(text).bookings[0]?.hotel).toBe('Resort, "by the sea"')
  })

  it('says in a sentence that a file is not one of bookings, or holds nothing to book', () => {
    expect(() => readBookings('a,b\n1,2\n')).toThrow(UnusableFile)
    expect(() => readBookings(aFile({ nights: 0 }))).toThrow(/no row that could be booked/)
  })
})

describe('weeksAhead()', () => {
  const { bookings } = readBookings(aFile({ arrival: 'July 9' }, { arrival: 'July 4' }))
  it.each([
    ['2015-07-03', 0],
    ['2015-07-04', 1],
    ['2015-07-10', 1],
    ['2015-07-11', 2],
    ['2015-06-26', -1],
  ])('brings the first arrival, 4 July 2015, after %s by %i weeks', (today, weeks) => {
    expect(weeksAhead(bookings, today)).toBe(weeks)
  })
})

describe('planReplay()', () => {
  it('moves stays by whole weeks and keeps them on their weekdays', () => {
    const plan = aPlan([{ arrival: 'July 4' }, { arrival: 'August 1', nights: 3 }])
    expect(plan.bookings.map(({ stay }) => [stay.arrival, stay.departure])).toEqual([
      ['2027-02-06', '2027-02-08'],
      ['2027-03-06', '2027-03-09'],
    ])
    expect(plan.definition.inventory).toEqual({ from: '2027-02-06', to: '2027-03-09' })
  })

  it('keeps the order of bookings and cancellations, and of the file within a day', () => {
    const { events } = aPlan([
      { lead: 1, status: 'Canceled', statusDate: '7/3/2015' },
      { lead: 20 },
      { lead: 1 },
      { lead: 5, status: 'Canceled', statusDate: '7/1/2015' },
    ])
    expect(events.map(({ kind, booking }) => `${kind} ${booking}`)).toEqual([
      'book 1',
      'book 3',
      'cancel 3',
      'book 0',
      'cancel 0',
      'book 2',
    ])
  })

  it('sets capacity to a share of the most that would be on the books at once', () => {
    // Five stays meet on 5 July, but one of them is cancelled before the last is booked: four at once.
    const plan = aPlan([
      { lead: 30, status: 'Canceled', statusDate: '6/20/2015' },
      { lead: 20 },
      { lead: 20 },
      { arrival: 'July 5', lead: 20 },
      { arrival: 'July 5', lead: 1 },
      { arrival: 'July 6', lead: 1, type: 'B' },
    ])
    expect([...plan.capacity]).toEqual([
      ['RA', 3],
      ['RB', 1],
    ])
    expect(plan.definition.rooms).toEqual({ RA: ['RA-1', 'RA-2', 'RA-3'], RB: ['RB-1'] })
  })

  it('keeps the room types of two hotels apart, even of two with one initial', () => {
    const { bookings } = aPlan([{}, { hotel: 'City Hotel' }, { hotel: 'Coast Hotel' }])
    expect(bookings.map(({ stay }) => stay.roomType)).toEqual(['RA', 'CA', 'C2A'])
  })

  it('prices a night at the median of what was paid for it, and other nights at the median of the type', () => {
    const { changes } = aPlan([
      { adr: 0, nights: 1 },
      { adr: 80, nights: 2 },
      { adr: 120, arrival: 'July 5', nights: 1 },
      { adr: 90, arrival: 'July 8', nights: 3 },
    ])
    expect(changes.map(({ from, to, amount }) => [from, to, amount])).toEqual([
      ['2027-02-06', '2027-02-06', 0],
      ['2027-02-07', '2027-02-07', 8_000],
      ['2027-02-08', '2027-02-13', 9_000],
    ])
  })

  it('sends a guest with a deposit that is not given back to the derived plan', () => {
    const { bookings } = aPlan([{ deposit: 'Non Refund' }, { deposit: 'Refundable' }])
    expect(bookings.map(({ stay }) => stay.ratePlan)).toEqual(['NRF', 'FLEX'])
  })

  it('makes rooms wide enough for every party sent to them', () => {
    const { bookings, definition } = aPlan([{ party: [26, 0, 0] }, { party: [2, 3, 2] }, { type: 'B' }])
    const [wide, narrow] = definition.content.roomTypes
    expect(wide?.occupancy).toMatchObject({ max: 26, maxAdults: 26 })
    expect(bookings[1]?.stay.childAges).toHaveLength(5)
    expect(narrow?.occupancy).toMatchObject({ max: 2, maxAdults: 2, maxChildren: 0 })
  })

  it('plans what the API accepts, with restrictions too, the same each time', () => {
    const rows: Row[] = [{ party: [1, 2, 1] }, { hotel: 'City Hotel', arrival: 'October 9', nights: 60 }]
    const plan = aPlan(rows, { restrictions: true })
    expect(PropertyDefinition.safeParse(plan.definition).success).toBe(true)
    expect(contradictions(plan.definition)).toEqual([])
    for (const change of plan.changes) {
      expect(AriChange.safeParse(change).success).toBe(true)
      expect(change.from >= plan.definition.inventory.from && change.to <= plan.definition.inventory.to).toBe(true)
    }
    expect(plan.changes.some(({ amount }) => amount === undefined)).toBe(true)
    expect(aPlan(rows, { restrictions: true })).toEqual(plan)
    expect(aPlan(rows, { restrictions: true, seed: 2 })).not.toEqual(plan)
  })
})

describe('percentile()', () => {
  it.each([
    [[5], 0.99, 5],
    [[4, 1, 3, 2], 0.5, 2],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9],
    [[], 0.5, 0],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected)
  })
})
