import type { FieldError } from '@latchkey/contracts/errors'
import type { Profile } from '@latchkey/contracts/ids'
import { countCodePoints, isPlainText } from './text.ts'

const MAX_NAME_LENGTH = 100

/** The name a user goes by, if they gave any. */
export function findName({ firstName, username }: Profile): string | undefined {
  return firstName ?? username ?? undefined
}

/** What is wrong with a first or last name; `null` is none and always right. */
export function findNameFault(field: 'firstName' | 'lastName', name: string | null): FieldError | undefined {
  if (name === null) return undefined
  if (name === '') return { field, code: 'too_short', message: 'must have at least 1 character' }
  if (!isPlainText(name)) return { field, code: 'malformed', message: 'must be text without control characters' }
  if (countCodePoints(name) <= MAX_NAME_LENGTH) return undefined
  return { field, code: 'too_long', message: `must have at most ${MAX_NAME_LENGTH} characters` }
}
