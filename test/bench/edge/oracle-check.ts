/** Every answer of the load against the independent oracle, at the version it says it is from. */
import { Oracle } from '../../support/oracle.ts'
import { differences } from '../replay/differences.ts'
import { oracleHotel } from '../replay/verify.ts'
import type { Hotel } from './hotels.ts'
import type { Booking, Search } from './load.ts'

export type Checked = {
  compared: number
  /** By the system that gave the answer. */
  wrong: Map<string, number>
  /** The first few, in words. */
  report: string[]
}

const REPORTED_MAX = 10

/** Answers with the name of the system they came from. `hotelOf` gives a property as it was set up. */
export function checkAnswers(
  answers: readonly (Search & { system: string })[],
  bookings: readonly Booking[],
  hotelOf: (property: string) => Hotel,
): Checked {
  const checked: Checked = { compared: 0, wrong: new Map(), report: [] }
  const sold = Map.groupBy(bookings, ({ property }) => property)
  for (const [property, theirs] of Map.groupBy(answers, (answer) => answer.property)) {
    const oracle = oracleOf(hotelOf(property))
    const queue = (sold.get(property) ?? []).toSorted((a, b) => a.version - b.version)
    for (const answer of theirs.toSorted((a, b) => a.version - b.version)) {
      const today = oracle.today(answer.at)
      while (queue[0] && queue[0].version <= answer.version) {
        const { stay, total } = queue.shift() as Booking
        const { outcome } = oracle.book(stay, total, today)
        if (outcome !== 'booked') note(answer.system, `${property}: sold, and the oracle says ${outcome}`)
      }
      checked.compared += 1
      const got: unknown = answer.status === 200 ? JSON.parse(answer.found) : { status: answer.status }
      const found = differences(got, oracle.availability(answer.stay, today))
      if (found.length === 0) continue
      note(answer.system, `${property} at ${answer.version}, ${JSON.stringify(answer.stay)}: ${found.join('; ')}`)
    }
  }
  return checked

  function note(system: string, what: string): void {
    checked.wrong.set(system, (checked.wrong.get(system) ?? 0) + 1)
    if (checked.report.length < REPORTED_MAX) checked.report.push(`${system}: ${what}`)
  }
}

function oracleOf({ definition, changes, rooms }: Hotel): Oracle {
  const capacity = new Map(definition.content.roomTypes.map(({ roomType }) => [roomType, rooms]))
  return new Oracle(oracleHotel({ definition, changes, capacity }))
}
