/** Who an address stands for, where attempts are counted. */

/**
 * An IPv6 subscriber has a /64 to choose addresses from, so that is what counts; IPv4 and anything else stand for
 * themselves, however they are written.
 */
export function networkOf(address: string): string {
  const inside = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1]
  if (inside !== undefined) return inside
  if (!address.includes(':')) return address
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').toLowerCase().split('::', 2)
  const groups = head.split(':').filter((group) => group !== '')
  const rest = tail.split(':').filter((group) => group !== '')
  const filled = [...groups, ...Array(Math.max(0, 8 - groups.length - rest.length)).fill('0'), ...rest]
  return filled
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

/** Whether an address is one that networks give out among themselves (RFC 1918, 4193, 3927), or this machine's own. */
export function isPrivate(address: string): boolean {
  const inside = networkOf(address)
  if (inside.includes(':')) return isLoopback(address) || /^(?:f[cd]|fe[89ab])[0-9a-f]{0,2}:/i.test(inside)
  return isLoopback(address) || /^(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./.test(inside)
}

/** Whether an address is this machine's own: whoever it is was let in by something here. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./i.test(address)
}
