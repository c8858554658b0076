import { isIPv6 } from 'node:net'

const GROUPS = 8
const PREFIX_GROUPS = 4

/** One customer of a network: an IPv4 address, the /64 of an IPv6 address (in canonical text), or all without any. */
export function getSource(ipAddress: string): string {
  if (!isIPv6(ipAddress)) return ipAddress
  const [head = '', tail] = ipAddress.split('::')
  const before = listGroups(head)
  const after = listGroups(tail ?? '')
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length)
  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, PREFIX_GROUPS).join(':')
}

function listGroups(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
