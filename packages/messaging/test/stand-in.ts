import { defineContract, type Handlers } from '@latchkey/contracts/define'
import Type from 'typebox'
import type { Log } from '../src/client.ts'

/** A small contract of its own, so that these tests do not change with the platform's. */
export const doorContract = defineContract({
  unlock: {
    subject: 'door.unlock',
    request: Type.Object({ key: Type.String({ maxLength: 100 }) }),
    reply: Type.Object({ opened: Type.Boolean() }),
    errors: ['forbidden', 'identifier_taken']
  },
  lock: { subject: 'door.lock', request: Type.Object({}), reply: Type.Object({}), errors: [] }
})

export type DoorHandlers = Handlers<typeof doorContract>

/** A log that keeps its lines. */
export function createLog(): Log & { lines: { level: string; fields: object; text: string }[] } {
  const lines: { level: string; fields: object; text: string }[] = []
  const write = (level: string) => (fields: object, text: string) => void lines.push({ level, fields, text })
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
