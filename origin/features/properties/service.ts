import { createHash, randomUUID } from 'node:crypto'
import { productsOf } from '../../../shared/ari/snapshot.ts'
import { dayNumber } from '../../../shared/domain/nights.ts'
import { contradictions, type PropertyContent, type PropertyDefinition } from '../../../shared/domain/property.ts'
import { invalidRequest } from '../../../shared/domain/stay.ts'
import { Problem } from '../../../shared/problems.ts'
import type { listProperties, putPhoto } from '../../../shared/routes/properties.ts'
import type { AnswerOf } from '../../../shared/routes/route.ts'
import type { StaffActor } from '../../platform/actors.ts'
import { appendAudit } from '../../platform/audit.ts'
import type { UploadedFile } from '../../platform/bind.ts'
import type { Database, Tx } from '../../platform/database.ts'
import { once, writeIdentity } from '../../platform/receipts.ts'
import type { Storage } from '../../platform/storage.ts'
import { verifiedPicture } from '../../platform/uploads.ts'
import {
  findProperty,
  insertProperty,
  listedProperties,
  type PropertyKey,
  type PropertyRow,
  readContent,
  readProperty,
} from './sql.ts'

export type { PropertyKey } from './sql.ts'

/** The most hotels one public list shows; a platform of thousands searches by destination instead. */
const LISTED_MAX = 200
/** Room nights one property may put on sale at once. */
const INVENTORY_NIGHTS_MAX = 2_500
/** Product nights of one property: 100 room types × 12 plans × 730 nights, far within what an edge may hold in memory. */
const INVENTORY_CELLS_MAX = 1_000_000
/** Properties whose content one process remembers. */
const REMEMBERED_MAX = 2_000

export interface CurrentProperty extends PropertyRow {
  key: PropertyKey
  content: PropertyContent
}

export interface Properties {
  /** The property behind a public code. Throws `property-not-found`. */
  locate(code: string): Promise<PropertyKey>
  /** Versions, horizon and content as this transaction sees them. Content is remembered by its version. */
  current(tx: Tx, key: PropertyKey): Promise<CurrentProperty>
  list(): Promise<AnswerOf<typeof listProperties>>
  /** Sets up a property with every night of its inventory; nothing is priced yet. */
  create(
    actor: StaffActor,
    definition: PropertyDefinition,
    call: { idempotencyKey: string; requestId: string },
  ): Promise<{ property: string; ariVersion: number }>
  /** A photo's bytes. Throws `photo-not-found`. */
  photo(code: string, photo: string): Promise<Uint8Array>
  /**
   * Stores a photo as it arrives. The same file again changes nothing. Throws `property-not-found` for another
   * organisation's, `photo-exists` where another picture has the name, `not-a-photo`, `content-digest-mismatch`.
   */
  storePhoto(
    actor: StaffActor,
    named: { property: string; photo: string; mediaType: string },
    file: UploadedFile,
    requestId: string,
  ): Promise<AnswerOf<typeof putPhoto>>
}

/** Where a property's photo is kept. */
export function photoKey(property: string, photo: string): string {
  return `properties/${property}/photos/${photo}`
}

export function openProperties(database: Database, storage: Storage): Properties {
  // A code is never given to another property, so what was found stays true; what was not found is asked again.
  const located = new Map<string, PropertyKey>()
  const remembered = new Map<string, { version: number; content: PropertyContent }>()

  return {
    async locate(code) {
      const known = located.get(code)
      if (known) return known
      const found = await findProperty(database, code)
      if (!found) throw new Problem('property-not-found', { detail: `There is no property with the code ${code}.` })
      if (located.size >= REMEMBERED_MAX) located.clear()
      located.set(code, found)
      return found
    },

    async current(tx, key) {
      const row = await readProperty(tx, key)
      if (!row) throw new Problem('property-not-found')
      const known = remembered.get(key.id)
      if (known?.version === row.contentVersion) return { ...row, key, content: known.content }
      const content = await readContent(tx, key)
      if (remembered.size >= REMEMBERED_MAX) remembered.clear()
      remembered.set(key.id, { version: row.contentVersion, content })
      return { ...row, key, content }
    },

    async list() {
      const rows = await listedProperties(database, LISTED_MAX)
      return {
        properties: rows.map(({ code, content }) => ({
          property: code,
          name: content.name,
          tagline: content.tagline,
          address: content.address,
          photo: content.photos[0] ?? null,
        })),
      }
    },

    async create(actor, definition, call) {
      const errors = contradictions(definition)
      const nights = dayNumber(definition.inventory.to) - dayNumber(definition.inventory.from) + 1
      if (nights > INVENTORY_NIGHTS_MAX)
        errors.push({ pointer: '/inventory/to', detail: `at most ${INVENTORY_NIGHTS_MAX} nights` })
      if (nights * productsOf(definition.content).length > INVENTORY_CELLS_MAX)
        errors.push({ pointer: '/inventory/to', detail: 'too many nights for so many room types and rate plans' })
      if (errors.length > 0) throw invalidRequest(errors)
      const identity = writeIdentity({
        organisation: actor.organisation,
        route: 'createProperty',
        actor: actor.name,
        idempotencyKey: call.idempotencyKey,
        request: definition,
      })
      const property = definition.content.property
      return await once(database, identity, {
        read: async () => undefined,
        async work(tx, _facts, keep) {
          if (!(await insertProperty(tx, { organisation: actor.organisation, id: randomUUID() }, definition)))
            throw new Problem('property-exists', { detail: `The code ${property} is taken.` })
          const answer = { property, ariVersion: 1 }
          await Promise.all([
            appendAudit(tx, {
              organisation: actor.organisation,
              actor: actor.name,
              action: 'property.created',
              subject: property,
              requestId: call.requestId,
              details: { roomTypes: definition.content.roomTypes.length, nights },
            }),
            keep(answer),
          ])
          return answer
        },
      })
    },

    async storePhoto(actor, { property, photo, mediaType }, file, requestId) {
      const { organisation } = await this.locate(property)
      if (organisation !== actor.organisation) throw new Problem('property-not-found')
      if (file.mediaType !== mediaType) throw new Problem('not-a-photo')
      const key = photoKey(property, photo)
      const answer = { property, photo, bytes: file.length }
      const stored = await storage.get(key)
      if (stored) {
        if (createHash('sha256').update(stored).digest('base64') !== file.sha256) throw new Problem('photo-exists')
        return answer
      }
      await storage.putStream(key, verifiedPicture(file, mediaType), file.length, mediaType)
      await database.inOrganisation(organisation, (tx) =>
        appendAudit(tx, {
          organisation,
          actor: actor.name,
          action: 'photo.stored',
          subject: property,
          requestId,
          details: { photo, bytes: file.length, sha256: file.sha256 },
        }),
      )
      return answer
    },

    async photo(code, photo) {
      await this.locate(code)
      const bytes = await storage.get(photoKey(code, photo))
      if (!bytes) throw new Problem('photo-not-found')
      return bytes
    },
  }
}
