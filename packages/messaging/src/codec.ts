const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** Far above what any procedure needs, far below what a bus takes: a larger message is a fault. */
export const MAX_MESSAGE_BYTES = 512 * 1024

export class UnreadableMessage extends Error {
  override readonly name = 'UnreadableMessage'
}

export function encode(value: unknown): Uint8Array {
  const bytes = encoder.encode(JSON.stringify(value))
  if (bytes.length > MAX_MESSAGE_BYTES) throw new UnreadableMessage(`message of ${bytes.length} bytes is over the cap`)
  return bytes
}

/** Objects lose `__proto__` keys on the way in, so that no payload can reach a prototype. */
export function decode(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new UnreadableMessage(`message of ${bytes.length} bytes is over the cap`)
  try {
    return JSON.parse(decoder.decode(bytes), (key, value) => (key === '__proto__' ? undefined : value))
  } catch (cause) {
    throw new UnreadableMessage('message is not JSON in UTF-8', { cause })
  }
}
