import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

const NOWHERE = 'none'

/**
 * What an address is counted by, in one text for all ways to write it: an IPv4 address, also where it is mapped into IPv6,
 * or the network of an IPv6 address, of so many bits. All that is no address is one source.
 */
export function createSourceOf(ipv6PrefixBits: number): (ipAddress: string) => string {
  return (ipAddress) => {
    if (isIP(ipAddress) === 0) return NOWHERE
    const address = ipaddr.process(ipAddress.replace(/%.*$/, ''))
    if (address.kind() === 'ipv4') return address.toString()
    return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/${ipv6PrefixBits}`)}/${ipv6PrefixBits}`
  }
}
