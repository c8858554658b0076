import { BlockList, isIP, isIPv6 } from 'node:net'
import type { ClientInfo } from '@latchkey/contracts/ids'
import type { Opening } from '@latchkey/contracts/session'
import type { FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'

/** Says of an address whether it belongs to one of the trusted networks. `undefined` where nobody is trusted. */
export function createProxyTrust(networks: readonly string[]): ((address: string) => boolean) | undefined {
  if (networks.length === 0) return undefined
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(prefix), family)
  }
  return (address) => {
    const family = isIP(address)
    return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/**
 * The address the request came from, in canonical text: IPv4 also where it arrived mapped into IPv6. What a proxy
 * forwarded counts only if it is an address; otherwise the nearest one that is.
 */
function readClientAddress(request: FastifyRequest): string {
  const candidates = [request.ip, ...(request.ips ?? []).toReversed(), request.socket.remoteAddress ?? '']
  const address = candidates.find((candidate) => isIP(candidate) !== 0)
  return address === undefined ? '' : ipaddr.process(address.replace(/%.*$/, '')).toString()
}

const CUSTOMER_PREFIX_BITS = 64

/** Whom a request is counted by: its address, or the part of an IPv6 address that one customer has. */
export function readSource(request: FastifyRequest): string {
  const address = readClientAddress(request)
  if (!isIPv6(address)) return address
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/${CUSTOMER_PREFIX_BITS}`).toString()
}

const USER_AGENT_LENGTH = 512

/** The agent as printable text of bounded length: it is stored, listed and logged. */
function readUserAgent(request: FastifyRequest): string {
  const text = (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_LENGTH)
  return text.replace(/[^\x20-\x7e]/g, '?')
}

/** What is recorded about the other end of a sign-in. */
export function readClient(request: FastifyRequest): ClientInfo {
  return { ipAddress: readClientAddress(request), userAgent: readUserAgent(request) }
}

/** How a sign-in through `/v1` opens its session. */
export function readOpening(
  request: FastifyRequest,
  { deviceId }: { readonly deviceId?: string | undefined }
): Opening {
  return { client: readClient(request), deviceId: deviceId ?? null, tokens: 'pair', policy: null }
}
