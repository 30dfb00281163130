/**
 * The work's result, or undefined once `ms` have passed; the work goes on. Rejects as the work does. Each waits with a
 * timer of their own: in workerd a promise may be awaited by other requests than the one that made it, but when that one
 * is cut off it never settles.
 */
export async function withPatience<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([work, patience])
  } finally {
    clearTimeout(timer)
  }
}
