import type { OrganisationId, Tx } from './database.ts'

export interface AuditEntry {
  organisation: OrganisationId
  /** guest, guest:<reference>, staff:<id> or api-key:<name> */
  actor: string
  /** noun.verb, such as reservation.cancelled */
  action: string
  /** The public code of what it happened to. */
  subject: string
  requestId: string
  details: Record<string, unknown>
}

/** Records who did what, in the transaction that does it. */
export async function appendAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx`
    insert into audit (org_id, actor, action, subject, request_id, details)
    values (${entry.organisation}, ${entry.actor}, ${entry.action}, ${entry.subject}, ${entry.requestId},
      ${tx.json(entry.details as never)})`
}
