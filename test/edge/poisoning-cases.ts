/**
 * What is tried to have the edge keep, or give out, what it must not: a table, so that a new trick is a new line. Where a
 * case names a photo, it is one that nobody has asked for yet, so the cache is cold and would take the bait.
 */

export interface Target {
  host: string
  /** Path of a photo that no other case asks for. */
  photo: string
  /** Query of an availability question. */
  question: string
  /** Somebody’s reservation. */
  reference: string
}

/** The line of a request, its headers and body. */
export interface Attack {
  line?: string
  headers?: (readonly [string, string])[]
  body?: string
  /** All of the bytes, in place of the above. */
  raw?: string
}

export interface Case {
  kind: string
  what: string
  attack: (target: Target) => Attack
  /** Must be refused, also where the caller may see what it is after. */
  isRefused?: boolean
}

const EVIL = 'evil.example'
const SESSION = '/api/v1/auth/session'
const LIST = '/api/v1/properties'
const HOTEL = `${LIST}/harbour-house`

const get = (path: string, ...headers: (readonly [string, string])[]): Attack => ({ line: `GET ${path}`, headers })
const cases = (kind: string, table: Record<string, (target: Target) => Attack>): Case[] =>
  Object.entries(table).map(([what, attack]) => ({ kind, what, attack }))

/** On a cold photo: whatever of them counted would be kept with it. */
const unkeyedHeaders: [string, string][] = [
  ['X-Forwarded-Host', EVIL],
  ['X-Forwarded-Proto', 'http'],
  ['X-Forwarded-Scheme', 'nothttps'],
  ['X-Forwarded-Port', '1'],
  ['X-Forwarded-Prefix', `//${EVIL}`],
  ['X-Forwarded-For', '127.0.0.1'],
  ['Forwarded', `host=${EVIL};proto=http;for=127.0.0.1`],
  ['X-Host', EVIL],
  ['X-Original-Host', EVIL],
  ['X-Original-URL', SESSION],
  ['X-Rewrite-URL', SESSION],
  ['X-Request-Id', EVIL],
  ['X-Client-Address', '127.0.0.1'],
  ['X-Stayzr-Signature', 'v1 test 1 00'],
  ['True-Client-IP', '127.0.0.1'],
  ['CF-Worker', EVIL],
  ['Origin', `https://${EVIL}`],
  ['Accept', 'text/html'],
  ['Accept', 'application/xml;q=1'],
  ['Accept-Language', EVIL],
  ['X-Ari-Min-Version', '7'],
  ['User-Agent', `<script src=//${EVIL}>`],
  ['Cache-Control', 'only-if-cached, max-stale'],
  ['Pragma', 'x-get-cache-key'],
  ['Upgrade', 'h2c'],
  ['Surrogate-Capability', 'x="ESI/1.0"'],
  ['X-Middleware-Prefetch', '1'],
]

/** What the syntax of addresses itself resolves: another spelling of an address, and the same to everybody in between. */
const RESOLVED = [
  'a step back',
  'an encoded step back',
  'a step back with a backslash',
  'a dot segment',
  'a number sign',
]
const isRefused = (what: string) => !RESOLVED.includes(what)

const paths: Record<string, string> = {
  'a doubled slash': '/api/v1//auth/session',
  'a doubled slash in front': '//api/v1/auth/session',
  'a step back': '/assets/../api/v1/auth/session',
  'an encoded step back': '/assets/%2e%2e/api/v1/auth/session',
  'a step back, encoded twice': '/assets/%252e%252e/api/v1/auth/session',
  'a step back with an encoded slash': '/assets/..%2fapi/v1/auth/session',
  'a step back with a parameter': '/assets/..;/api/v1/auth/session',
  'a step back with a backslash': '/assets/..\\api\\v1\\auth\\session',
  'an encoded backslash': '/assets/..%5capi/v1/auth/session',
  'a dot segment': '/api/v1/./auth/./session',
  'an encoded letter': '/api/v1/auth/%73ession',
  'a null byte': `${SESSION}%00.css`,
  'an encoded line break': `${SESSION}%0a.css`,
  'an encoded header': `${SESSION}%0d%0aSet-Cookie:%20a=b`,
  'a trailing dot': `${SESSION}.`,
  'a trailing slash': `${SESSION}/`,
  'a trailing space': `${SESSION}%20`,
  'capital letters': '/API/V1/AUTH/SESSION',
  'letters that fold': `${SESSION}%C5%BF`,
  'an internal path': '/internal/ari/harbour-house/head',
  'an internal path, encoded': '/%69nternal/ari/harbour-house/head',
  'an internal path behind a public one': `${LIST}/..%2f..%2f..%2finternal/ari/harbour-house/head`,
  'another hotel’s photo by a step back': `${HOTEL}/photos/..%2f..%2fhill-house%2fphotos%2fown.webp`,
}

const suffixes: Record<string, string> = {
  'a folder that looks like a file': '/x.css',
  'a script behind it': '/a.js',
  'a parameter that looks like a file': ';x.css',
  'a parameter that looks like a script': ';a.js',
  'an ending': '.css',
  'an ending of pictures': '.webp',
  'a query that looks like a file': '?x=.css',
  'a query behind a slash': '/?x.css',
  'an encoded question mark': '%3fx.css',
  'an encoded number sign': '%23x.css',
  'an encoded semicolon': '%3bx.css',
  'a number sign': '#/x.css',
  'a tilde': '~x.css',
  'a comma': ',x.css',
  'an exclamation mark': '!x.css',
}

const queries: Record<string, (target: Target) => string> = {
  'a parameter twice': ({ question }) => `${HOTEL}/availability?${question}&adults=9`,
  'a parameter twice, once encoded': ({ question }) => `${HOTEL}/availability?${question}&%61dults=9`,
  'a parameter in capitals': ({ question }) => `${HOTEL}/availability?${question}&ADULTS=9`,
  'a parameter as a list': ({ question }) => `${HOTEL}/availability?${question}&adults[]=9`,
  'a parameter behind a semicolon': ({ question }) => `${HOTEL}/availability?${question};adults=9`,
  'a parameter that is not known': ({ photo }) => `${photo}?utm_content=${EVIL}`,
  'a callback': () => `${LIST}?callback=alert`,
  'a prototype': () => `${LIST}?__proto__[x]=1`,
  'nothing but separators': ({ photo }) => `${photo}?&&&`,
  'an empty name': () => `${LIST}?=${EVIL}`,
  'a null byte in the query': () => `${LIST}?x=%00`,
  'a line break in the query': () => `${LIST}?x=%0d%0aSet-Cookie:a=b`,
  'an endless query': () => `${LIST}?x=${'y'.repeat(5_000)}`,
  'a parameter with a second question mark': () => `${LIST}?x?y=1`,
  'a method in the query': () => `${LIST}?_method=DELETE`,
}

const post = (target: Target, headers: [string, string][], body: string): Attack => ({
  raw: `POST ${SESSION} HTTP/1.1\r\nHost: ${target.host}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
})
/** What would be taken for the next request of whoever shares the connection. */
const smuggled = ({ host }: Target) => `GET ${SESSION} HTTP/1.1\r\nHost: ${host}\r\nX-Smuggled: `

export const CASES: Case[] = [
  ...unkeyedHeaders.map(([name, value]) => ({
    kind: 'a header that is in no key',
    what: `${name}: ${value}`,
    attack: ({ photo }: Target) => get(photo, [name, value]),
  })),
  ...cases('Host', {
    'another host': ({ photo }) => get(photo, ['Host', EVIL]),
    'another port': ({ photo, host }) => get(photo, ['Host', host.replace(/\d+$/, '1')]),
    'a path in the host': ({ host, photo }) => get(photo, ['Host', `${host}${SESSION}?`]),
    'a name before the host': ({ host, photo }) => get(photo, ['Host', `${EVIL}@${host}`]),
    'two hosts': ({ host, photo }) => get(photo, ['Host', host], ['Host', EVIL]),
    'another host in the address': ({ photo }) => get(`http://${EVIL}${photo}`),
    'a host in capitals with a dot': ({ photo }) => get(photo, ['Host', 'LOCALHOST.']),
  }).map((it) => ({ ...it, isRefused: /path|name before|two/.test(it.what) })),
  ...cases('method', {
    'HEAD, before anybody has asked by GET': ({ photo }) => ({ line: `HEAD ${photo}` }),
    OPTIONS: ({ photo }) => ({ line: `OPTIONS ${photo}` }),
    TRACE: ({ photo }) => ({ line: `TRACE ${photo}` }),
    PURGE: ({ photo }) => ({ line: `PURGE ${photo}` }),
    'DELETE by override': ({ photo }) => get(photo, ['X-HTTP-Method-Override', 'DELETE']),
    'HEAD by override': ({ photo }) => get(photo, ['X-HTTP-Method', 'HEAD'], ['X-Method-Override', 'HEAD']),
    'POST to what is read': ({ photo }) => ({ line: `POST ${photo}`, headers: [['Content-Length', '0']] }),
    'a reading request with a body': ({ photo }) => ({
      line: `GET ${photo}`,
      headers: [['Content-Length', '5']],
      body: 'x=.js',
    }),
  }),
  ...Object.entries(paths).map(([what, path]) => ({
    kind: 'path',
    what,
    attack: () => get(path),
    isRefused: isRefused(what),
  })),
  ...Object.entries(suffixes).flatMap(([what, suffix]) => [
    {
      kind: 'deception by the session’s address',
      what,
      attack: () => get(SESSION + suffix),
      isRefused: isRefused(what),
    },
    {
      kind: 'deception by a reservation’s address',
      what,
      attack: ({ reference }: Target) => get(`/api/v1/reservations/${reference}${suffix}`),
      isRefused: isRefused(what),
    },
    {
      kind: 'deception by a booking’s page',
      what,
      attack: ({ reference }: Target) => get(`/bookings/${reference}${suffix}`),
    },
  ]),
  ...Object.entries(queries).map(([what, query]) => ({
    kind: 'query',
    what,
    attack: (target: Target) => get(query(target)),
  })),
  ...cases('size', {
    'a header of 20 KB': ({ photo }) => get(photo, ['X-Large', 'x'.repeat(20_000)]),
    'a cookie of 12 KB': ({ photo }) => get(photo, ['X-Cookie', 'a'], ['Cookie', `a=${'x'.repeat(12_000)}`]),
    'a credential of 8 KB': ({ photo }) => get(photo, ['Authorization', `Bearer ${'x'.repeat(8_000)}`]),
    'two hundred headers': ({ photo }) =>
      get(photo, ...Array.from({ length: 200 }, (_, i) => [`X-${i}`, 'x'] as const)),
    'a header with a character that ends texts': ({ photo }) => get(photo, ['X-Meta', '\x01\x7f']),
  }),
  ...cases('credentials on what is public', {
    'a credential that is not valid': ({ photo }) => get(photo, ['Authorization', 'Bearer gt_0123456789_forged']),
    'a credential of another kind': ({ photo }) => get(photo, ['Authorization', 'Basic YTpi']),
    'a session that is not valid': ({ photo }) => get(photo, ['Cookie', '__Host-stayzr-session=ss_forged']),
    'a tossed session': () =>
      get(SESSION, ['Cookie', '__Host-stayzr-session=ss_forged; __Host-stayzr-session=ss_other']),
    'a guest’s cookies': ({ photo }) => get(photo, ['Cookie', '__Host-stayzr-ari=harbour-house.999']),
    'a guest’s cookies on a page': () => get('/hotels/harbour-house', ['Cookie', '__Host-stayzr-ari=harbour-house.1']),
  }),
  ...cases('conditions and parts', {
    'a range': ({ photo }) => get(photo, ['Range', 'bytes=0-3']),
    'ranges that overlap': ({ photo }) => get(photo, ['Range', `bytes=${'0-,'.repeat(200)}0-`]),
    'whatever there is': ({ photo }) => get(photo, ['If-None-Match', '*']),
    'a tag that never was': ({ photo }) => get(photo, ['If-None-Match', '"never"']),
    'an endless list of tags': ({ photo }) => get(photo, ['If-None-Match', '"a",'.repeat(2_000)]),
    'a broken list of tags': ({ photo }) => get(photo, ['If-None-Match', 'W/"a, "b", W/']),
    'a date': ({ photo }) => get(photo, ['If-Modified-Since', 'Fri, 01 Jan 2100 00:00:00 GMT']),
    'only if it is another': ({ photo }) => get(photo, ['If-Match', '"never"']),
    'an encoding that nobody has': ({ photo }) => get(photo, ['Accept-Encoding', `${EVIL}, *;q=0`]),
    'whatever there is of a question': ({ question }) =>
      get(`${HOTEL}/availability?${question}`, ['If-None-Match', '*']),
  }),
  ...cases('smuggling', {
    'length and chunks': (target) =>
      post(
        target,
        [
          ['Content-Length', '4'],
          ['Transfer-Encoding', 'chunked'],
        ],
        `0\r\n\r\n${smuggled(target)}`,
      ),
    'chunks and length': (target) =>
      post(
        target,
        [
          ['Transfer-Encoding', 'chunked'],
          ['Content-Length', '4'],
        ],
        `5c\r\n${smuggled(target)}\r\n0\r\n\r\n`,
      ),
    'two lengths': (target) =>
      post(
        target,
        [
          ['Content-Length', '0'],
          ['Content-Length', '90'],
        ],
        smuggled(target),
      ),
    'chunks in disguise': (target) =>
      post(
        target,
        [
          ['Content-Length', '4'],
          ['Transfer-Encoding', 'xchunked'],
        ],
        `0\r\n\r\n${smuggled(target)}`,
      ),
    'chunks twice': (target) =>
      post(
        target,
        [
          ['Transfer-Encoding', 'chunked'],
          ['Transfer-Encoding', 'identity'],
        ],
        `0\r\n\r\n${smuggled(target)}`,
      ),
    'chunks behind a space': (target) =>
      post(
        target,
        [
          ['Content-Length', '4'],
          ['Transfer-Encoding ', 'chunked'],
        ],
        `0\r\n\r\n${smuggled(target)}`,
      ),
    'a length with a sign': (target) => post(target, [['Content-Length', '+0']], smuggled(target)),
    'a line that ends too early': ({ host, photo }) => ({
      raw: `GET ${photo} HTTP/1.1\nHost: ${host}\nX: y\n\n${smuggled({ host } as Target)}`,
    }),
    'a folded header': ({ host, photo }) => ({
      raw: `GET ${photo} HTTP/1.1\r\nHost: ${host}\r\nX: y\r\n Cookie: a=b\r\nConnection: close\r\n\r\n`,
    }),
  }),
]
