import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Profile } from '@latchkey/contracts/ids'
import type { Deps } from './ports.ts'

export async function getUser(
  { users }: Deps,
  { userId }: { userId: string }
): Promise<Result<Profile, 'user_not_found'>> {
  const user = await users.findById(userId)
  return user === undefined ? fail('user_not_found') : ok(user.profile)
}
