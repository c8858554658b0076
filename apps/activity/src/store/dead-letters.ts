import type { DeadLetter, DeadLetters } from '../domain/webhook-ports.ts'
import { deadLettersKeyOf } from './keys.ts'
import type { createScriptRunner } from './run-script.ts'

/** Of one endpoint. */
const MAX_LETTERS = 10_000

export interface DeadLettersOptions {
  /** For how long the stream keeps what the letters are about. */
  readonly retentionMs: number
}

export function createDeadLetters(
  scripts: ReturnType<typeof createScriptRunner>,
  { retentionMs }: DeadLettersOptions
): DeadLetters {
  const keep = scripts.load('keep-letter')
  const list = scripts.load('list-letters')
  const drop = scripts.load('drop-letter')
  const count = scripts.load('count-letters')

  return {
    keep: async (endpoint, letter) => {
      const args = [letter.sequence, JSON.stringify(letter), MAX_LETTERS, retentionMs]
      await keep([deadLettersKeyOf(endpoint)], args)
    },
    list: async (endpoint) => {
      const letters = (await list([deadLettersKeyOf(endpoint)], [])) as string[]
      return letters.map((text): DeadLetter => JSON.parse(text))
    },
    drop: async (endpoint, sequence) => {
      await drop([deadLettersKeyOf(endpoint)], [sequence])
    },
    count: async (endpoint) => Number(await count([deadLettersKeyOf(endpoint)], []))
  }
}
