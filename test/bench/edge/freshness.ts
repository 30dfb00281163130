/** How old an answer was when it was given. */

/** Commit times in epoch milliseconds by `property version`. A property's versions have no gaps. */
export type Commits = ReadonlyMap<string, number>

export type DatedAnswer = {
  property: string
  version: number
  /** When the guest had it, in epoch milliseconds. */
  at: number
}

/**
 * For how many milliseconds something that the answer does not know had been committed when it was given; 0 where it
 * knew everything. The first version it lacks is the one that counts.
 */
export function lackedFor({ property, version, at }: DatedAnswer, commits: Commits): number {
  const committedAt = commits.get(`${property} ${version + 1}`)
  return committedAt === undefined ? 0 : Math.max(0, at - committedAt)
}
