import type { accountsContract, LineFault, PortableUser } from '@latchkey/contracts/accounts'
import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { type FieldError, ok, type Result } from '@latchkey/contracts/errors'
import type { AccountDeps, ImportedUser } from './account-ports.ts'
import { type OwnedIdentifier, readIdentifier } from './identifiers.ts'
import { findNameFault } from './names.ts'

type Deps = Pick<AccountDeps, 'accounts' | 'findVerifierFault' | 'now' | 'newId'>
type Line = RequestOf<typeof accountsContract.import>['users'][number]

const KINDS = ['email', 'username', 'mobile'] as const
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

const verifierFaults = {
  unsupported: 'is of no form that can be checked here',
  too_costly: 'would cost too much to check'
} as const

/** Adds whoever can be added; a bad line keeps no other one out. */
export async function importAccounts(
  deps: Deps,
  { adminId, users }: RequestOf<typeof accountsContract.import>
): Promise<Result<ReplyOf<typeof accountsContract.import>>> {
  const readings = users.map((line) => readLine(deps, line))
  const accepted = readings.flatMap(({ user, faults }) => (faults.length === 0 ? [user] : []))
  const occurredAt = deps.now().toISOString()
  const refused = await deps.accounts.insertMany(accepted, (userId) => ({
    id: `${userId}:imported`,
    version: 1,
    name: 'userImported',
    userId,
    occurredAt,
    payload: { actor: { kind: 'admin', id: adminId } }
  }))
  const faults = [...readings.flatMap((reading) => reading.faults), ...refused]
  return ok({ imported: users.length - new Set(faults.map(({ line }) => line)).size, faults })
}

interface Reading {
  readonly user: ImportedUser
  readonly faults: readonly LineFault[]
}

/** With every fault of the line, in the order of the fields. */
function readLine({ findVerifierFault, now, newId }: Deps, { line, user }: Line): Reading {
  const { identifiers, faults } = readIdentifiers(user)
  const createdAt = readTime(user.createdAt ?? undefined, now())
  if (createdAt === undefined) faults.push(fault('createdAt', 'invalid_format', 'must be a time in the past, ISO 8601'))
  for (const field of ['firstName', 'lastName'] as const) {
    const found = findNameFault(field, user[field] ?? null)
    if (found !== undefined) faults.push(found)
  }
  const verifier = user.passwordHash ?? undefined
  const verifierFault = verifier === undefined ? undefined : findVerifierFault(verifier)
  if (verifierFault !== undefined) faults.push(fault('passwordHash', verifierFault, verifierFaults[verifierFault]))
  return {
    user: {
      line,
      id: user.id ?? newId(),
      isIdGiven: typeof user.id === 'string',
      identifiers,
      emailVerified: user.emailVerified ?? false,
      firstName: user.firstName ?? null,
      lastName: user.lastName ?? null,
      role: user.role ?? 'user',
      createdAt: createdAt ?? '',
      verifier
    },
    faults: faults.map((found) => ({ line, ...found }))
  }
}

/** By the wider rules: a name that was taken under other rules stays good. */
function readIdentifiers(user: PortableUser): { identifiers: OwnedIdentifier[]; faults: FieldError[] } {
  const identifiers: OwnedIdentifier[] = []
  const faults: FieldError[] = []
  for (const kind of KINDS) {
    const value = user[kind] ?? undefined
    if (value === undefined) continue
    const reading = readIdentifier({ kind, value }, 'legacy')
    if (reading.ok) identifiers.push(reading.value)
    else faults.push(...reading.details.errors)
  }
  if (identifiers.length === 0 && faults.length === 0) {
    faults.push(fault('email', 'one_required', 'or a username or a mobile number must be there'))
  }
  return { identifiers, faults }
}

function readTime(text: string | undefined, now: Date): string | undefined {
  if (text === undefined) return now.toISOString()
  const ms = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN
  return ms >= 0 && ms <= now.getTime() ? new Date(ms).toISOString() : undefined
}

function fault(field: string, code: string, message: string): FieldError {
  return { field, code, message }
}
