import type { Identifier, IdentifierKind } from '@latchkey/contracts/auth'
import { failField, ok, type Result } from '@latchkey/contracts/errors'
import { canonicalizeEmail } from './email.ts'
import { countCodePoints, isPlainText } from './text.ts'

/** `platform`: what the platform promises. `legacy`: the wider rules of the older contracts. */
export type Rules = 'platform' | 'legacy'

/** The form by which an identifier is known: two people cannot have the same one. */
export interface CanonicalIdentifier {
  readonly kind: IdentifierKind
  readonly canonical: string
}

export interface OwnedIdentifier extends CanonicalIdentifier {
  /** As the person wrote it, for display. */
  readonly entered: string
}

type Reading = Result<OwnedIdentifier, 'invalid_request'>

const MAX_USERNAME_LENGTH = 50
const MIN_USERNAME_LENGTH = 3
const USERNAME = /^[\p{L}\p{M}\p{Nd}._-]+$/u
const MOBILE = /^\+?[0-9]{7,15}$/

/** Checks an identifier that somebody wants to own, and makes its canonical form. */
export function readIdentifier({ kind, value }: Identifier, rules: Rules): Reading {
  if (value === '') return failField(kind, 'required', 'must not be empty')
  if (!isPlainText(value)) return failField(kind, 'malformed', 'must be text without control characters')
  switch (kind) {
    case 'email':
      return readEmail(value)
    case 'mobile':
      return readMobile(value)
    case 'username':
      return rules === 'legacy' ? readLegacyUsername(value) : readUsername(value)
  }
}

function readEmail(value: string): Reading {
  const canonical = canonicalizeEmail(value)
  if (canonical === undefined) return failField('email', 'invalid_format', 'must be an e-mail address')
  return ok({ kind: 'email', canonical, entered: value })
}

function readMobile(value: string): Reading {
  if (!MOBILE.test(value)) {
    return failField('mobile', 'invalid_format', 'must be 7 to 15 digits, with or without a leading +')
  }
  return ok({ kind: 'mobile', canonical: canonicalizeMobile(value), entered: value })
}

function readUsername(value: string): Reading {
  if (countCodePoints(value) < MIN_USERNAME_LENGTH) {
    return failField('username', 'too_short', `must have at least ${MIN_USERNAME_LENGTH} characters`)
  }
  const canonical = canonicalizeUsername(value)
  if (countCodePoints(canonical) > MAX_USERNAME_LENGTH) return failUsernameTooLong()
  const legacy = readLegacyUsername(value)
  if (!legacy.ok) return legacy
  if (!USERNAME.test(value) || !USERNAME.test(canonical)) {
    return failField(
      'username',
      'invalid_format',
      'must consist of letters, digits, full stops, underscores and hyphens'
    )
  }
  if (MOBILE.test(canonical)) {
    return failField('username', 'invalid_format', 'must not look like a mobile number')
  }
  return legacy
}

function readLegacyUsername(value: string): Reading {
  if (countCodePoints(value) > MAX_USERNAME_LENGTH) return failUsernameTooLong()
  return ok({ kind: 'username', canonical: canonicalizeUsername(value), entered: value })
}

function failUsernameTooLong(): Reading {
  return failField('username', 'too_long', `must have at most ${MAX_USERNAME_LENGTH} characters`)
}

/** Case and compatibility forms do not tell two usernames apart. */
function canonicalizeUsername(value: string): string {
  return value.normalize('NFKC').toLowerCase().normalize('NFKC')
}

function canonicalizeMobile(value: string): string {
  return value.replace('+', '')
}

/**
 * Whom a person may mean who signs in with this text, the most specific first. Wider than what may be registered now:
 * a name that was taken under other rules stays good.
 */
export function listCandidates(identifier: { kind: IdentifierKind | null; value: string }): CanonicalIdentifier[] {
  const { kind, value } = identifier
  const kinds: readonly IdentifierKind[] = kind === null ? ['email', 'mobile', 'username'] : [kind]
  return kinds.flatMap((candidate) => {
    const reading = readIdentifier({ kind: candidate, value }, 'legacy')
    return reading.ok ? [{ kind: reading.value.kind, canonical: reading.value.canonical }] : []
  })
}
