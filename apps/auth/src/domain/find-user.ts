import type { Identifier } from '@latchkey/contracts/auth'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Profile } from '@latchkey/contracts/ids'
import { listCandidates } from './identifiers.ts'
import type { Deps } from './ports.ts'

/** Who has that identifier; what cannot be one, nobody has. */
export async function findUser(
  { users }: Pick<Deps, 'users'>,
  { identifier }: { readonly identifier: Identifier }
): Promise<Result<Profile, 'user_not_found'>> {
  const user = await users.findByIdentifier(listCandidates(identifier))
  return user === undefined ? fail('user_not_found') : ok(user.profile)
}
