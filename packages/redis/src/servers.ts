import { Cluster } from 'ioredis'

const SLOTS = 16_384
const POLYNOMIAL = 0x1021

/** The server that a key lies on, by a name; the same for all keys where there is one server, or none is known yet. */
export type FindServer = (key: string) => string

/** `client` may be anything that runs commands; only of a cluster's it is asked where the slots are. */
export function createServerFinder(client: object): FindServer {
  if (!(client instanceof Cluster)) return () => ''
  return (key) => client.slots[slotOf(key)]?.[0] ?? ''
}

/** The slot of a key: the CRC16 (XMODEM) of its hash tag, or of all of it where it has none. */
export function slotOf(key: string): number {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key
  let crc = 0
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : POLYNOMIAL)
    crc &= 0xffff
  }
  return crc % SLOTS
}
