import type { FieldError } from '@latchkey/contracts/errors'
import type { Rules } from './identifiers.ts'
import type { PasswordPolicy } from './ports.ts'
import { countCodePoints } from './text.ts'

const MAX_PASSWORD_LENGTH = 256
const MAX_PASSWORD_BYTES = 1024
const LEGACY_MIN_LENGTH = 6
const PRODUCT_NAME = 'latchkey'
/** A shorter word occurs in many a good password; as the whole password it is refused all the same. */
const MIN_WORD_LENGTH = 3

/** Both ways of writing an accented letter are the same password, in every path. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC')
}

/** Two different ill-formed texts would be the same password, and NUL ends a text elsewhere. */
export function isMalformedPassword(password: string): boolean {
  return !password.isWellFormed() || password.includes('\0')
}

/** Nobody can have a password so long, hence none is hashed. */
export function isOverlongPassword(password: string): boolean {
  const normalized = normalizePassword(password)
  return countCodePoints(normalized) > MAX_PASSWORD_LENGTH || Buffer.byteLength(normalized) > MAX_PASSWORD_BYTES
}

export interface NewPassword {
  /** The request's field, to be named in the fault. */
  readonly field: string
  readonly password: string
  readonly rules: Rules
  /** Identifiers of the user as entered. */
  readonly identifiers: readonly string[]
}

/** What is wrong with a password that is to be set. No rule about its composition. */
export function findPasswordFault(candidate: NewPassword, policy: PasswordPolicy): FieldError | undefined {
  const { field, password, rules, identifiers } = candidate
  const minLength = rules === 'legacy' ? LEGACY_MIN_LENGTH : policy.minLength
  const normalized = normalizePassword(password)

  if (password === '') return { field, code: 'required', message: 'must not be empty' }
  if (isMalformedPassword(password))
    return { field, code: 'malformed', message: 'must be well-formed text without NUL' }
  if (isOverlongPassword(password)) {
    return { field, code: 'too_long', message: `must have at most ${MAX_PASSWORD_LENGTH} characters` }
  }
  if (countCodePoints(normalized) < minLength) {
    return { field, code: 'too_short', message: `must have at least ${minLength} characters` }
  }
  if (rules === 'legacy') return undefined
  if (policy.isCommon(normalized)) return { field, code: 'too_common', message: 'is one of the most common passwords' }
  const words = identifiers.flatMap(listWords).concat(PRODUCT_NAME)
  if (!words.some((word) => decorates(normalized, word))) return undefined
  return { field, code: 'contains_identifier', message: 'must not be made of your own identifier or our name' }
}

function listWords(identifier: string): string[] {
  const at = identifier.lastIndexOf('@')
  return at < 1 ? [identifier] : [identifier, identifier.slice(0, at)]
}

/** Whether the password is the word, give or take letter case, digits and signs. */
function decorates(password: string, word: string): boolean {
  const folded = fold(password)
  const bare = fold(normalizePassword(word))
  if (bare === '') return false
  if (bare.length < MIN_WORD_LENGTH) return folded === bare
  const rest = folded.replaceAll(bare, '')
  return rest.length < folded.length && !/\p{L}/u.test(rest)
}

function fold(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
