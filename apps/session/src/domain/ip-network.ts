import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { NetworkPart } from './admin-ports.ts'

/** Reads an address, `192.0.2.7`, or a network, `10.0.0.0/8` or `2001:db8::/32`; `undefined` for what is neither. */
export function readNetwork(text: string): readonly NetworkPart[] | undefined {
  const [address = '', length, ...rest] = text.split('/')
  // `%` would name a zone of the machine that the client was on.
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return undefined
  const parsed = ipaddr.parse(address)
  const isIpv4 = parsed instanceof ipaddr.IPv4
  const parts = isIpv4 ? parsed.octets : parsed.parts
  const bitsOfPart = isIpv4 ? 8 : 16
  const bits = parts.length * bitsOfPart
  if (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= bits)) return undefined
  const given = length === undefined ? bits : Number(length)
  // Sessions have addresses of the older kind without the prefix that maps them into the newer.
  const isMapped = !isIpv4 && parsed.isIPv4MappedAddress() && given >= 96
  return isMapped ? cut(parsed.toIPv4Address().octets, 8, given - 96) : cut(parts, bitsOfPart, given)
}

function cut(parts: readonly number[], bitsOfPart: number, length: number): NetworkPart[] {
  return parts.map((part, index) => {
    const counting = Math.min(bitsOfPart, Math.max(0, length - index * bitsOfPart))
    const mask = 2 ** bitsOfPart - 2 ** (bitsOfPart - counting)
    return [part & mask, mask]
  })
}
