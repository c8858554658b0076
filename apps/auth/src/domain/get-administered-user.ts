import type { AdministeredUser } from '@latchkey/contracts/admin'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import { isUserId, presentAdministeredUser } from './administered-user.ts'
import type { Deps } from './ports.ts'

export async function getAdministeredUser(
  { users }: Pick<Deps, 'users'>,
  { userId }: { readonly userId: string }
): Promise<Result<AdministeredUser, 'user_not_found'>> {
  const user = isUserId(userId) ? await users.findById(userId) : undefined
  return user === undefined ? fail('user_not_found') : ok(presentAdministeredUser(user))
}
