import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { ClientInfo } from '@latchkey/contracts/ids'
import type { AdminDeps } from './admin-ports.ts'
import { type OwnedIdentifier, readIdentifier } from './identifiers.ts'
import { findPasswordFault, normalizePassword } from './password-policy.ts'
import type { Credentials, Deadline, Deps } from './ports.ts'
import { describeRole } from './set-role.ts'

export interface CreateAdminDeps extends Pick<Deps, 'users' | 'passwords' | 'policy' | 'now' | 'newId'> {
  readonly admins: Pick<AdminDeps['admins'], 'setRole'>
}

export interface NewAdmin {
  readonly email: string
  /** Makes an existing user admin without their password. */
  readonly promote: boolean
  /** Asked only when it is needed. */
  readonly readPassword: () => Promise<string>
  readonly client: ClientInfo
}

type Outcome = 'created' | 'promoted' | 'unchanged'
type Errors =
  | 'invalid_request'
  | 'identifier_taken'
  | 'wrong_password'
  | 'user_not_found'
  | 'last_admin'
  | 'unavailable'

/** Whoever works on the database itself is no user of the platform. */
const operator = { kind: 'system', id: null } as const

/**
 * Makes an admin from outside the platform: a new user, or one who exists already. The latter only with their password,
 * or where it is said that they are to be promoted: anybody may have registered the address. Sessions that they have
 * become an admin's as soon as a running auth service sees what is pending.
 */
export async function createAdmin(
  deps: CreateAdminDeps,
  admin: NewAdmin,
  deadline: Deadline
): Promise<Result<Outcome, Errors>> {
  const identifier = readIdentifier({ kind: 'email', value: admin.email }, 'platform')
  if (!identifier.ok) return identifier
  const found = await deps.users.findByIdentifier([identifier.value])
  if (found?.profile.role === 'admin') return ok('unchanged')

  const user = found === undefined ? await insert(deps, identifier.value, admin, deadline) : ok(found.profile.id)
  if (!user.ok) return user
  const proved = found === undefined || admin.promote ? ok(true) : await prove(deps, found, admin, deadline)
  if (!proved.ok) return proved
  if (!proved.value) return fail('wrong_password')
  const change = { userId: user.value, role: 'admin' } as const
  const changed = await deps.admins.setRole({ ...change, adminId: null }, (version) =>
    describeRole(deps, { ...change, actor: operator }, version)
  )
  if (!changed.ok) return changed
  return ok(found === undefined ? 'created' : 'promoted')
}

async function prove(
  { passwords }: CreateAdminDeps,
  { verifier }: Credentials,
  { readPassword }: NewAdmin,
  deadline: Deadline
): Promise<Result<boolean, 'unavailable'>> {
  const verified = await passwords.verify(normalizePassword(await readPassword()), verifier, deadline)
  return verified.ok ? ok(verified.value.matches) : verified
}

/** The id of a new user, who is an ordinary one at first. */
async function insert(
  { users, passwords, policy, now, newId }: CreateAdminDeps,
  identifier: OwnedIdentifier,
  { readPassword, client }: NewAdmin,
  deadline: Deadline
): Promise<Result<string, Errors>> {
  const password = await readPassword()
  const candidate = { field: 'password', password, rules: 'platform', identifiers: [identifier.entered] } as const
  const fault = findPasswordFault(candidate, policy)
  if (fault !== undefined) return fail('invalid_request', { errors: [fault] })
  const verifier = await passwords.hash(normalizePassword(password), deadline)
  if (!verifier.ok) return verifier
  const id = newId()
  const user = { id, firstName: null, lastName: null, identifiers: [identifier], verifier: verifier.value }
  const inserted = await users.insert(user, {
    id: `${id}:registered`,
    version: 1,
    name: 'userRegistered',
    userId: id,
    occurredAt: now().toISOString(),
    payload: { identifiers: ['email'], client }
  })
  return inserted.ok ? ok(id) : inserted
}
