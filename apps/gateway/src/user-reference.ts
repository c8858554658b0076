import { fail } from '@latchkey/contracts/errors'
import { UserId } from '@latchkey/contracts/ids'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { CallError } from './errors.ts'

const userIds = Compile(UserId)

/** The address of a user; any text may stand there. */
export const UserReference = Type.Object({ userId: Type.String({ maxLength: 128, description: 'Id of a user' }) })

/** The id in an address; throws `user_not_found` for text that is nobody's id. */
export function readUserId({ userId }: { readonly userId: string }): string {
  if (!userIds.Check(userId)) throw new CallError(fail('user_not_found'))
  return userId
}
