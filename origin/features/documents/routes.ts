import { openapiDocument as document } from '../../../shared/openapi.ts'
import { openapiDocument } from '../../../shared/routes/documents.ts'
import { type Bind, Bytes } from '../../platform/bind.ts'

export function bindDocuments(bind: Bind): void {
  // The same for everybody and for the life of the process. Relative, so that it holds wherever the edge is reached.
  const text = JSON.stringify(document('/'))
  bind(
    openapiDocument,
    async () => new Bytes(text, { 'content-type': 'application/json', 'cache-control': 'public, max-age=60' }),
  )
}
