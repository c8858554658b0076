import { Acknowledgement, Announcement, TouchBatch } from '@latchkey/contracts/verdict'
import { decode, encode } from '@latchkey/messaging/codec'
import type { Message } from '@latchkey/messaging/transport'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

export const readAnnouncement = createReader(Announcement)
export const readAcknowledgement = createReader(Acknowledgement)
export const readTouchBatch = createReader(TouchBatch)

export function toMessage(payload: Announcement | Acknowledgement | TouchBatch): Message {
  return { data: encode(payload), headers: {} }
}

/** `undefined` for bytes that are not what the schema says. */
function createReader<const S extends TSchema>(schema: S): (message: Message) => Static<S> | undefined {
  const validator = Compile(schema)
  return ({ data }) => {
    try {
      const value = decode(data)
      return validator.Check(value) ? value : undefined
    } catch {
      return undefined
    }
  }
}
