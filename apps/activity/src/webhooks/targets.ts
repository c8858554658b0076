import { BlockList, isIP, isIPv6 } from 'node:net'

/** Whether a webhook may be sent to an IP address. */
export type AllowsTarget = (address: string) => boolean

/** What no public service has (IANA's special-purpose registries), or leads back into a network. */
const NOT_PUBLIC = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']
]
/** All that is public of IPv6 is in here. */
const PUBLIC_IPV6 = ['2000::/3']
const MAPPED_IPV4 = /^::ffff:/i

/** Public addresses, and those in the networks (`10.1.0.0/16`) that are allowed by name. */
export function createTargetRule(networks: readonly string[]): AllowsTarget {
  const [allowed, notPublic, publicIpv6] = [networks, NOT_PUBLIC, PUBLIC_IPV6].map(createBlockList)
  return (address) => {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0) return false
    if (allowed?.check(address, family) === true) return true
    // The list sees an IPv4 address that is written as one of IPv6 as what it is.
    const isReachable = family === 'ipv4' || MAPPED_IPV4.test(address) || publicIpv6?.check(address, family) === true
    return isReachable && notPublic?.check(address, family) === false
  }
}

function createBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

export function isNetwork(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest
}
