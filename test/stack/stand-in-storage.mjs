/**
 * Stands in for `weed server -s3` where SeaweedFS's image cannot be pulled: the S3 emulator of the tests behind the
 * same flags, the same file of keys, TLS on the same port and data in the same folder. It knows no versions of objects
 * and no lifecycle rules, as SeaweedFS does.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const S3rver = require('@20minutes/s3rver')
const Account = require('@20minutes/s3rver/lib/models/account.js')
const signatures = require('@20minutes/s3rver/lib/signature/v4.js')

// Clients sign a bucket's path with the slash they send at its end; the emulator checks it without.
const checked = signatures.getStringToSign
signatures.getStringToSign = (request, signature) =>
  checked(
    { ...request, uri: request.headers['path-sent'].endsWith('/') ? request.uri.replace(/\/?$/, '/') : request.uri },
    signature,
  )

const flags = new Map(
  process.argv
    .filter((argument) => argument.startsWith('-') && argument.includes('='))
    .map((argument) => [argument.slice(1, argument.indexOf('=')), argument.slice(argument.indexOf('=') + 1)]),
)

for (const { name, credentials } of JSON.parse(readFileSync(flags.get('s3.config'), 'utf8')).identities) {
  const account = new Account(name, name)
  for (const { accessKey, secretKey } of credentials) account.createKeyPair(accessKey, secretKey)
}
// The emulator's own pair, which everybody knows, would open the door.
Account.registry.delete('S3RVER')

const directory = flags.get('dir')
mkdirSync(directory, { recursive: true })
const server = new S3rver({
  port: Number(flags.get('s3.port') ?? 8333),
  address: '0.0.0.0',
  silent: true,
  directory,
  // A host name without a dot would be read as a bucket's.
  vhostBuckets: false,
  key: readFileSync(flags.get('s3.key.file')),
  cert: readFileSync(flags.get('s3.cert.file')),
})
server.middleware.unshift((context, next) => {
  context.headers['path-sent'] = context.path
  return next()
})
await server.run()
console.log(`storage stand-in listens on ${flags.get('s3.port')}`)
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0))
