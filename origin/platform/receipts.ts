/**
 * Writes that are done once however often they are asked for. The receipt of an Idempotency-Key is stored in the
 * transaction that does the work; asking again reads it back.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../shared/problems.ts'
import type { Database, OrganisationId, Tx } from './database.ts'
import { isConnectionLost } from './database.ts'

/** How long a second request waits, holding no connection, for the first one with the same key. */
const IN_PROGRESS_WAIT_MS = 5_000
const IN_PROGRESS_POLL_MS = 40
/** A lost connection is settled by its receipt within this, or the caller is told to ask again. */
const SETTLE_MS = 6_000

/** Identifies one write: where it goes, who asks, under which key, and what is asked. */
export interface WriteIdentity {
  organisation: OrganisationId
  keyHash: Buffer
  requestHash: Buffer
}

/** Derives the identity of a write. `request` is the validated request; the same request in another spelling is the same. */
export function writeIdentity(parts: {
  organisation: OrganisationId
  route: string
  actor: string
  idempotencyKey: string
  request: unknown
}): WriteIdentity {
  return {
    organisation: parts.organisation,
    keyHash: createHash('sha256').update(`${parts.route}\n${parts.actor}\n${parts.idempotencyKey}`).digest(),
    requestHash: createHash('sha256').update(canonical(parts.request)).digest(),
  }
}

/** Stores the answer under the request's key. Start it after the statement that raises the ARI version, and await it. */
export type KeepReceipt = (answer: object, property?: { organisation: string; id: string }) => Promise<void>

/** A write in two parts: what it reads, which is sent together with the claim of its key, and what it does. */
export interface Write<Facts, Answer> {
  read(tx: Tx): Promise<Facts>
  /** Ends by calling `keep` once, with what it answers but the ARI version. */
  work(tx: Tx, facts: Facts, keep: KeepReceipt): Promise<Answer>
}

/**
 * Does a write once for its key and returns its answer, now or from the receipt. Fifty at once: one works, the rest wait
 * for its receipt. Refusals leave no receipt: nothing was done, so asking again asks again.
 */
export async function once<Facts, Answer extends object>(
  database: Database,
  identity: WriteIdentity,
  write: Write<Facts, Answer>,
): Promise<Answer> {
  const began = Date.now()
  for (;;) {
    try {
      const outcome = await database.inOrganisation(identity.organisation, async (tx) => {
        // Sent together and run in this order: the look comes after the lock, with a fresh view of what is committed.
        const [locked, receipt, facts] = await Promise.all([
          claim(tx, identity),
          findReceipt(tx, identity),
          settle(write.read(tx)),
        ])
        if (!locked) return { waiting: true as const }
        if (receipt) return { waiting: false as const, answer: sameRequest<Answer>(receipt, identity) }
        if ('error' in facts) throw facts.error
        const keep: KeepReceipt = (answer, property) => storeReceipt(tx, identity, answer, property)
        return { waiting: false as const, answer: await write.work(tx, facts.value, keep) }
      })
      if (!outcome.waiting) return outcome.answer
      if (Date.now() - began > IN_PROGRESS_WAIT_MS)
        throw new Problem('idempotency-in-progress', { retryAfterSeconds: 1 })
      await sleep(IN_PROGRESS_POLL_MS * (0.5 + Math.random()))
    } catch (error) {
      // Lost somewhere between BEGIN and the answer to COMMIT: the old backend holds the key's lock until it is through,
      // so the next round either finds its receipt or finds that nothing happened.
      if (!isConnectionLost(error)) throw error
      if (Date.now() - began > SETTLE_MS)
        throw new Problem('service-unavailable', {
          detail: 'The database cannot be reached. Send the same request with the same Idempotency-Key again.',
          retryAfterSeconds: 2,
        })
      await sleep(20 + Math.random() * 80)
    }
  }
}

/** A refusal while reading counts only where there is no receipt: what was done is answered as it was. */
async function settle<T>(reading: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await reading }
  } catch (error) {
    if (error instanceof Problem) return { error }
    throw error
  }
}

interface ReceiptRow {
  requestHash: Buffer
  answer: object
  ariVersion: number | null
}

/** Takes the key for this transaction; false where another transaction holds it. */
async function claim(tx: Tx, identity: WriteIdentity): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(${identity.keyHash.readBigInt64BE(0).toString()}::bigint) as locked`
  return row?.locked === true
}

async function findReceipt(tx: Tx, identity: WriteIdentity): Promise<ReceiptRow | undefined> {
  const [row] = await tx<ReceiptRow[]>`
    select request_hash as "requestHash", answer, ari_version as "ariVersion"
    from receipt
    where org_id = ${identity.organisation} and key_hash = ${identity.keyHash}`
  return row
}

/** The version is read where it stands: raised by this transaction, it can be sent without waiting for its number. */
async function storeReceipt(
  tx: Tx,
  identity: WriteIdentity,
  answer: object,
  property: { organisation: string; id: string } | undefined,
): Promise<void> {
  await tx`
    insert into receipt (org_id, key_hash, request_hash, answer, ari_version)
    values (${identity.organisation}, ${identity.keyHash}, ${identity.requestHash}, ${JSON.stringify(answer)}::text::json,
      (select ari_version
       from property
       where org_id = ${identity.organisation} and property_id = ${property?.id ?? null}::uuid))`
}

function sameRequest<Answer>(receipt: ReceiptRow, identity: WriteIdentity): Answer {
  if (!receipt.requestHash.equals(identity.requestHash)) throw new Problem('idempotency-key-reused')
  const { answer, ariVersion } = receipt
  return (ariVersion === null ? answer : { ...answer, ariVersion }) as Answer
}

/** JSON with sorted keys, so that the order of a body's fields does not make it another request. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
