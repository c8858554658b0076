import type { authContract, IdentifierKind } from '@latchkey/contracts/auth'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { type FieldError, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Profile } from '@latchkey/contracts/ids'
import { callWithin } from './calls.ts'
import { isFreshSignIn } from './fresh-sign-in.ts'
import { type OwnedIdentifier, readIdentifier } from './identifiers.ts'
import { findNameFault } from './names.ts'
import { SETTLE_TIMEOUT_MS, settleProfile } from './pending.ts'
import type { Deps, ProfileChange, User } from './ports.ts'

type Request = RequestOf<typeof authContract.updateProfile>
type Changes = Request['changes']
type Errors = 'invalid_request' | 'identifier_taken' | 'user_not_found' | 'reauthentication_required' | 'unavailable'

const NAMES = ['firstName', 'lastName'] as const
const KINDS = ['email', 'username', 'mobile'] as const

/**
 * Answers once whoever asks "who am I" sees the change. Values that are as they were count as not given. An address that
 * is to replace another one does so once a link that is mailed to it was followed; until then the profile stays.
 */
export async function updateProfile(
  deps: Deps,
  { userId, authenticatedAt, changes: requested }: Request,
  context: CallContext
): Promise<Result<Profile, Errors>> {
  const user = await deps.users.findById(userId)
  if (user === undefined) return fail('user_not_found')
  const fields = listChangedFields(requested, user.profile)
  // Also for what is so already: whoever changed it before may have crashed before everybody knew.
  if (fields.length === 0) return await answerSettled(deps, user, context)
  const identifiers = readChanges(requested, fields)
  if (!identifiers.ok) return identifiers
  const isFresh = isFreshSignIn(authenticatedAt, deps.now())
  if (!isFresh && KINDS.some((kind) => fields.includes(kind))) return fail('reauthentication_required')

  const newEmail = user.profile.email === null ? undefined : identifiers.value.get('email')
  const changed = newEmail === undefined ? fields : fields.filter((field) => field !== 'email')
  const selected = selectChanges({ userId, requested, identifiers: identifiers.value, fields: changed })
  const change = newEmail === undefined ? selected : { ...selected, newEmail }
  const updated = await deps.users.updateProfile(change, (version) => ({
    id: `${userId}:profile:${version}`,
    version: 1,
    name: 'profileChanged',
    userId,
    occurredAt: deps.now().toISOString(),
    payload: { fields: changed }
  }))
  if (!updated.ok) return updated
  if (changed.length === 0) return ok(updated.value.profile)
  return await answerSettled(deps, updated.value, context)
}

async function answerSettled(deps: Deps, user: User, context: CallContext): Promise<Result<Profile, 'unavailable'>> {
  const settled = await settleProfile(deps, user, callWithin(context, SETTLE_TIMEOUT_MS))
  return settled ? ok(user.profile) : fail('unavailable')
}

/** The new identifiers in canonical form, or every fault at once. */
function readChanges(
  changes: Changes,
  fields: readonly (keyof Changes)[]
): Result<Map<IdentifierKind, OwnedIdentifier>, 'invalid_request'> {
  const errors: FieldError[] = []
  const identifiers = new Map<IdentifierKind, OwnedIdentifier>()
  for (const kind of KINDS) {
    const value = changes[kind]
    if (value === undefined || value === null || !fields.includes(kind)) continue
    const reading = readIdentifier({ kind, value }, 'platform')
    if (reading.ok) identifiers.set(kind, reading.value)
    else errors.push(...reading.details.errors)
  }
  for (const field of NAMES) {
    const fault = findNameFault(field, changes[field] ?? null)
    if (fault !== undefined) errors.push(fault)
  }
  return errors.length > 0 ? fail('invalid_request', { errors }) : ok(identifiers)
}

function listChangedFields(changes: Changes, profile: Profile): (keyof Changes)[] {
  return [...KINDS, ...NAMES].filter((field) => changes[field] !== undefined && changes[field] !== profile[field])
}

interface Selection {
  readonly userId: string
  readonly requested: Changes
  readonly identifiers: ReadonlyMap<IdentifierKind, OwnedIdentifier>
  readonly fields: readonly (keyof Changes)[]
}

function selectChanges({ userId, requested, identifiers, fields }: Selection): ProfileChange {
  const names = NAMES.filter((name) => fields.includes(name)).map((name) => [name, requested[name]])
  const kinds = KINDS.filter((kind) => fields.includes(kind)).map((kind) => [kind, identifiers.get(kind) ?? null])
  return { userId, ...Object.fromEntries(names), identifiers: Object.fromEntries(kinds) }
}
